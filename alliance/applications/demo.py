"""Creates the applications of the demonstration data: one in each state that an office has on its desk."""

from typing import Any

from alliance.applications.models import Application
from alliance.models import Alliance, Decision, Membership
from registry.organizations.models.organizations import Organization


def create_applications(
    alliance: Alliance, documents: list[dict[str, Any]], organizations: dict[str, Organization]
) -> None:
    """Tiers are named by code, organizations by registry number, decisions by their subject."""
    for document in documents:
        fields = dict(document)
        organization = organizations[fields.pop("organization")]
        if tier := fields.pop("tier", ""):
            fields["tier"] = alliance.tiers.get(code=tier)
        if subject := fields.pop("decided", ""):
            fields["decision"] = Decision.objects.get(alliance=alliance, subject=subject)
        if begun := fields.get("effective_on"):
            held = Membership.objects.filter(member__organization=organization, alliance=alliance, admitted_on=begun)
            fields["membership"] = held.get()
        Application.objects.create(alliance=alliance, organization=organization, **fields)
