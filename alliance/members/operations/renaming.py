"""Renames alliances and tiers for everybody from a day on; lists of earlier days keep the name."""

import datetime
from typing import TypeVar

import pghistory
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.formats import date_format
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from alliance.models import Alliance, FormerName, Tier
from registry.database.db_errors import Conflict, integrity_errors_as_conflicts

Renamed = TypeVar("Renamed", Alliance, Tier)


def rename(row: Renamed, on: datetime.date, name_zh: str, name_en: str | None = None) -> Renamed:
    """Give an alliance or a tier a name that holds from the day `on`; without `name_en` the English one stays.

    The former name of a tier becomes an alias, by which files and programs still find it. Raises ValidationError by
    parameter; Conflict where somebody else was faster.
    """
    alliance_id = row.alliance_id if isinstance(row, Tier) else row.pk
    with integrity_errors_as_conflicts(), transaction.atomic(), pghistory.context(operation="rename"):
        Alliance.objects.select_for_update(no_key=True).get(pk=alliance_id)
        stored = type(row).objects.get(pk=row.pk)
        tier = stored if isinstance(stored, Tier) else None
        former = FormerName(alliance_id=alliance_id, tier=tier, replaced_on=on)
        former.name_zh, former.name_en = stored.name_zh, stored.name_en
        stored.name_zh = name_zh.strip()
        if name_en is not None:
            stored.name_en = name_en.strip()
        _check(former, stored)
        if isinstance(stored, Tier):
            stored.aliases = _aliases(stored, former)
        stored.full_clean()
        former.full_clean(validate_unique=False)
        former.save()
        stored.save()
        return stored


def _check(former: FormerName, renamed: Alliance | Tier) -> None:
    if former.replaced_on > localdate():
        raise ValidationError({"on": _("This day is in the future: enter the new name once it is valid.")})
    if (former.name_zh, former.name_en) == (renamed.name_zh, renamed.name_en):
        raise ValidationError({"name_zh": _("This is its name already.")})
    later = FormerName.objects.filter(
        alliance=former.alliance_id, tier=former.tier_id, replaced_on__gte=former.replaced_on
    ).first()
    if later:
        message = _("It was renamed on %(day)s: choose a later day, or correct the former names.")
        raise Conflict({"on": message % {"day": date_format(later.replaced_on, "DATE_FORMAT")}}, code="conflict")


def _aliases(tier: Tier, former: FormerName) -> list[str]:
    """Return the aliases of the renamed tier: with the former names, unless another tier bears or bore one."""
    others = Tier.objects.filter(alliance=tier.alliance_id).exclude(pk=tier.pk)
    taken = {name for other in others for name in (other.name_zh, other.name_en, other.code, *other.aliases)}
    names = [*tier.aliases, former.name_zh, former.name_en]
    return [
        name for name in dict.fromkeys(names) if name and name not in taken | {tier.name_zh, tier.name_en, tier.code}
    ]
