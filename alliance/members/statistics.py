"""The dimension by which organizations are counted as members."""

from collections.abc import Iterable

from django.db.models import Model, QuerySet
from django.utils.translation import gettext_lazy

from alliance.members.names import on_day
from alliance.models import Membership
from registry.api.lists.filters import StrictFilterSet
from registry.statistics.dimensions import Dimension, Entry, Holding


def _tiers(filterset: StrictFilterSet) -> Iterable[Entry]:
    for tier in on_day(filterset.counted_tiers, filterset.on):
        yield Entry(tier.pk, tier.code, tier.label(), more=(("alliance", tier.alliance.slug),))


def _holders(filterset: StrictFilterSet) -> QuerySet[Model]:
    return Membership.objects.as_of(filterset.on).filter(tier__in=[tier.pk for tier in filterset.counted_tiers])


TIER = Dimension(
    name="tier",
    label=gettext_lazy("tier"),
    entries=_tiers,
    # Memberships of one member do not overlap.
    held=Holding(_holders, "member__organization", "tier", once=True),
    counts_none=False,
    permission="alliance.view_membership",
    chosen=True,
)
