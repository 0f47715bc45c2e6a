"""Registers memberships as a table that files can be imported into."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from alliance.members.imports.memberships import MembershipImport
from alliance.models import Alliance
from registry.imports.import_tables import ImportTable
from registry.values.people import Account


def make(*, user: Account | None = None, alliance: str = "", **options: Any) -> MembershipImport:
    """Return a run of the import. Raises ValidationError if there is no alliance with that slug."""
    if not alliance:
        raise ValidationError({"alliance": _("Choose the alliance.")})
    return MembershipImport(user=user, slug=alliance, **options)


def option_fields() -> dict[str, forms.Field]:
    choices = [(alliance.slug, alliance.label()) for alliance in Alliance.objects.order_by("slug")]
    initial = choices[0][0] if len(choices) == 1 else None
    return {"alliance": forms.ChoiceField(label=_("alliance"), choices=choices, initial=initial)}


MEMBERSHIPS = ImportTable(
    "memberships",
    _("Memberships"),
    make,
    ("alliance.add_membership", "alliance.change_membership"),
    "import_memberships",
    option_fields,
    about=_("Admissions, changes of tier and ends of the members of an alliance"),
)
