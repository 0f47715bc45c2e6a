"""Memberships among the tables that files can be imported into."""

from typing import Any

from django import forms
from django.contrib.auth.models import AbstractUser
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from alliance.imports.memberships import MembershipImport
from alliance.models import Alliance, EndReason, Tier
from registry.imports.hints import DATE, NEW, ORGANIZATION, Hint, Hints, current_sectors
from registry.imports.tables import ImportTable


def make(*, user: AbstractUser | None = None, alliance: str = "", **options: Any) -> MembershipImport:
    """Raises ValidationError where there is no alliance of that slug."""
    if not alliance:
        raise ValidationError({"alliance": _("Choose the alliance.")})
    return MembershipImport(user=user, slug=alliance, **options)


def _tiers() -> list[str]:
    """Of all alliances: tiers of one name are alike to whoever fills in a list."""
    tiers = Tier.objects.filter(disabled_on=None).order_by("alliance_id", "rank")
    return list(dict.fromkeys(tier.label() for tier in tiers))


def option_fields() -> dict[str, forms.Field]:
    choices = [(alliance.slug, alliance.label()) for alliance in Alliance.objects.order_by("slug")]
    initial = choices[0][0] if len(choices) == 1 else None
    return {"alliance": forms.ChoiceField(label=_("alliance"), choices=choices, initial=initial)}


HINTS: Hints = {
    "member_no": Hint(_("Leave it empty for a new member: it is given one."), "M0001"),
    **ORGANIZATION,
    "tier": Hint(_("Of the alliance."), values=_tiers, required=NEW),
    "admitted_on": Hint(_("The first day of this membership at this tier."), DATE, True),
    "ended_on": Hint(_("The first day on which it is no longer a member, or no longer at this tier."), "2022-09-01"),
    "end_reason": Hint(_("Needs the end date."), values=lambda: EndReason.labels),
    "sectors": Hint(
        _("In which the member takes part. Several are separated by a semicolon (;)."),
        values=current_sectors,
        several=True,
    ),
    "remarks": Hint(_("No personal data.")),
}

MEMBERSHIPS = ImportTable(
    "memberships",
    _("Memberships"),
    make,
    ("alliance.add_membership", "alliance.change_membership"),
    "import_memberships",
    option_fields,
    HINTS,
    about=_("Admissions, changes of tier and ends of the members of an alliance"),
)
