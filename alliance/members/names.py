"""Names as they were on a day: of organizations, alliances and tiers.

What was renamed keeps its former names with their last days. Lists of today and later read the present names alone.
"""

import datetime
from collections.abc import Iterable
from copy import copy
from typing import TypeVar

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import F, OuterRef, Q, QuerySet, Subquery
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce, JSONObject
from django.utils.timezone import localdate

from alliance.models import Alliance, FormerName, Tier
from registry.organizations.models.details import Name
from registry.organizations.models.organizations import Organization

Named = TypeVar("Named", Alliance, Tier)
FIELDS = ("name_zh", "name_en")
_CHINESE = Q(name__regex="[\u3400-\u9fff]")
LANGUAGES = {
    # A former name that says no language has the one of its characters.
    "name_zh": Q(language__startswith="zh") | Q(language="") & _CHINESE,
    "name_en": Q(language__startswith="en") | Q(language="") & ~_CHINESE,
}


def is_past(on: datetime.date) -> bool:
    """Return whether names of the day may differ from the present ones; nothing is renamed from a later day on."""
    return on < localdate()


def _former(field: str, on: datetime.date) -> QuerySet[Name]:
    """Return the former names of organizations that were in use on the day, the ones that ended first in front."""
    begun = Q(valid_from=None) | Q(valid_from__lte=on)
    named = Name.objects.filter(LANGUAGES[field], begun, kind=Name.Kind.FORMER, valid_to__gt=on)
    return named.order_by("valid_to", "id")


def organization_name(field: str, on: datetime.date, path: str = "") -> Combinable:
    """Return the expression of `name_zh` or `name_en` on the day; `path` leads to the organization."""
    present = F(f"{path}{field}")
    return Coalesce(former_name(field, on, path), present) if is_past(on) else present


def former_name(field: str, on: datetime.date, path: str = "") -> Subquery:
    """Return the expression of the name that was in use on a past day and is no more; null if there is none."""
    former = _former(field, on).filter(organization=OuterRef(f"{path}id"))
    return Subquery(former.values("name")[:1])


def rename_back(organizations: Iterable[Organization], on: datetime.date) -> None:
    """Set the names of the day on organizations that are only shown, by one query for each language."""
    if not is_past(on):
        return
    by_id: dict[int, list[Organization]] = {}
    for organization in organizations:
        by_id.setdefault(organization.pk, []).append(organization)
    for field in FIELDS:
        former = _former(field, on).filter(organization__in=by_id).order_by("-valid_to", "-id")
        for pk, name in former.values_list("organization", "name"):
            for organization in by_id[pk]:
                setattr(organization, field, name)


def on_day(rows: Iterable[Named], on: datetime.date) -> list[Named]:
    """Return alliances or tiers that are only shown, with the names of the day: one more query for a past day."""
    found = list(rows)
    if found and is_past(on):
        found = [copy(row) for row in found]
        tiers = isinstance(found[0], Tier)
        by_id = {row.pk: row for row in found}
        former = FormerName.objects.filter(replaced_on__gt=on, tier__isnull=not tiers).order_by("-replaced_on")
        for name in former:
            renamed = name.tier_id if tiers and name.tier_id else name.alliance_id
            if row := by_id.get(renamed):
                row.name_zh, row.name_en = name.name_zh, name.name_en
    return found


def label_on(row: Alliance | Tier, on: datetime.date) -> str:
    """Return the name of an alliance or tier on the day, in the active language."""
    of = {"tier": row} if isinstance(row, Tier) else {"alliance": row, "tier": None}
    former = None
    if is_past(on):
        former = FormerName.objects.filter(replaced_on__gt=on, **of).order_by("replaced_on").first()
    return (former or row).label()


def former_names(of: str) -> ArraySubquery:
    """Return the expression of all former names of an alliance (`of="alliance"`) or a tier, the latest first."""
    own = FormerName.objects.filter(**{of: OuterRef("pk")}, tier__isnull=of == "alliance").order_by("-replaced_on")
    return ArraySubquery(own.values_list(JSONObject(name_zh="name_zh", name_en="name_en", replaced_on="replaced_on")))
