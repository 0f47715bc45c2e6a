"""Says of a record that the public does not get whether it is only not published, and how that is done."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Model
from django.urls import ResolverMatch, reverse
from django.utils.translation import gettext as _

from registry.database.permission_names import permission
from registry.organizations.admin.uscc import page_url
from registry.organizations.models.choices import RegistrationStatus
from registry.organizations.models.organizations import Organization
from registry.organizations.models.reach import reaches
from registry.values.people import Account


@dataclass
class Unpublished:
    """A record that is not published, of which the previewer may know."""

    record: Model
    url: str = ""
    """The address where the previewer publishes it; empty if others do."""
    shown: bool = False
    """Whether the page shows what the public will see once it is published."""
    hidden: list[tuple[str, int]] = field(default_factory=list)

    @property
    def action(self) -> str:
        """Return what is to be done, and by whom if not by the previewer."""
        if self.url:
            return _("tick “published” and save")
        return _("somebody who may publish it ticks “published” on its page.")


Finding = Callable[[Account, dict[str, Any]], Unpublished | None]
_finding: dict[str, Finding] = {}


def add(name: str, find: Finding) -> None:
    """Tell how the record behind a page of the directory is found, by the words of its address."""
    _finding[name] = find


def unpublished(user: Account, match: ResolverMatch) -> Unpublished | None:
    find = _finding.get(match.url_name or "")
    return find(user, match.kwargs) if find else None


def _organization(user: Account, words: dict[str, Any]) -> Unpublished | None:
    if not user.has_perm(permission("view", Organization)):
        return None
    found = Organization.objects.filter(registry_no=words["registry_no"], published=False).first()
    if found is None or found.registration_status == RegistrationStatus.MERGED:
        return None
    may = user.has_perm("registry.publish_organization") and user.has_perm(permission("change", Organization))
    name = page_url(found).split("/")[-3]
    card = reverse(f"admin:registry_{name}_card", args=[found.pk, "care"]) if may and reaches(user, found) else ""
    return Unpublished(found, card)


add("organization", _organization)
