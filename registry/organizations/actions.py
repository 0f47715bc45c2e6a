"""Operations on an organization: renaming and verifying.

Every operation locks the organization first and works in one transaction.
"""

import datetime
from collections.abc import Mapping
from typing import Any

import pghistory
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from registry.organizations.models.choices import RegistrationStatus
from registry.organizations.models.details import Name
from registry.organizations.models.organizations import Organization
from registry.organizations.models.reach import require_reach
from registry.values.people import Account
from registry.values.validators import fold_name

_LANGUAGES = {"name_zh": "zh", "name_en": "en"}
NAMES = tuple(_LANGUAGES)
VERIFICATION = ("verified_on", "verified_from")
"""The fields that only those write who may verify; `verified_by` follows from who writes them."""


class NameChange(models.TextChoices):
    """Says why the name of a stored record changes."""

    CORRECTION = "correction", gettext_lazy("A slip is corrected")
    RENAME = "rename", gettext_lazy("The organization has been renamed")


def verify(pk: int, source: str, user: Account) -> None:
    """Note that somebody has found the record right today, and from what. Raises ValidationError."""
    with transaction.atomic(), pghistory.context(operation="verify"):
        stored = Organization.objects.select_for_update(of=("self",), no_key=True).get(pk=pk)
        require_reach(user, stored)
        if stored.registration_status == RegistrationStatus.MERGED:
            raise ValidationError(_("This record was merged into another one: verify that one."), code="merged")
        Organization.objects.filter(pk=stored.pk).update(**verification(source, user))


def verification(source: str, user: Account) -> dict[str, Any]:
    """Return the values of the fields of an organization that is verified today."""
    return {"verified_on": timezone.localdate(), "verified_from": source, "verified_by": user}


def replaced_names(old: Mapping[str, str], new: Mapping[str, str]) -> dict[str, str]:
    """Return the names of a record that new names replace: field -> old name.

    A name that differs only in its writing (case, width, brackets, spaces) is the same name; a blank is no name.
    """
    return {
        name: old[name]
        for name in NAMES
        if old.get(name) and new.get(name) and fold_name(old[name]) != fold_name(new[name])
    }


def check_name_change(replaced: Mapping[str, str], change: str, renamed_on: datetime.date | None) -> None:
    """Check that a change of names has a reason and, if needed, a day. Raises ValidationError by field."""
    if replaced and not change:
        message = _("The name changes: say whether a slip is corrected or the organization has been renamed.")
        raise ValidationError({"name_change": ValidationError(message, code="required")})
    if renamed_on and change != NameChange.RENAME:
        message = _("Only a renaming has a day.")
        raise ValidationError({"renamed_on": ValidationError(message, code="invalid")})
    if renamed_on and renamed_on > timezone.localdate():
        message = _("This day is in the future: enter the new name once it is valid.")
        raise ValidationError({"renamed_on": ValidationError(message, code="invalid")})


def keep_former_names(organization: Organization, replaced: Mapping[str, str], until: datetime.date | None) -> None:
    """Store the replaced names as former names; `until` is the first day of the new name."""
    with transaction.atomic():
        Organization.objects.select_for_update(of=("self",), no_key=True).get(pk=organization.pk)
        day = until or timezone.localdate()
        for field, name in replaced.items():
            kept, created = Name.objects.get_or_create(
                organization_id=organization.pk,
                kind=Name.Kind.FORMER,
                name=name,
                defaults={"language": _LANGUAGES[field], "valid_to": day},
            )
            if not created and kept.valid_to is None:
                kept.valid_to = day
                kept.full_clean()
                kept.save(update_fields=["valid_to"])
