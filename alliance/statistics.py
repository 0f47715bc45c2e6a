"""What organizations are counted by as members."""

from collections.abc import Iterable
from typing import Any

from django.db.models import F, FilteredRelation, Q, QuerySet
from django.utils.translation import gettext_lazy

from registry.models.expressions import in_force
from registry.statistics import Dimension, Entry

from .models import Tier

_PATH = "alliance_members__memberships"


def _tiers(filterset: Any) -> Iterable[Entry]:
    tiers = Tier.objects.filter(alliance__in=filterset.counted_alliances()).select_related("alliance")
    for tier in tiers.order_by("alliance__slug", "rank", "code"):
        yield Entry(tier.pk, tier.code, tier.label(), more=(("alliance", tier.alliance.slug),))


def _tier(queryset: QuerySet[Any], alias: str, filterset: Any) -> QuerySet[Any]:
    held = in_force(filterset.on, f"{_PATH}__admitted_on", f"{_PATH}__ended_on") & Q(
        **{f"{_PATH}__alliance__in": filterset.counted_alliances()}
    )
    relation = f"{alias}_held"
    queryset = queryset.annotate(**{relation: FilteredRelation(_PATH, condition=held)})
    return queryset.annotate(**{alias: F(f"{relation}__tier")})


TIER = Dimension(
    name="tier",
    label=gettext_lazy("tier"),
    entries=_tiers,
    levels=(_tier,),
    several=True,
    # Members of two alliances who have left one of them would count as none too.
    counts_none=False,
    permission="alliance.view_membership",
)
