"""The numbers of members of each tier beside their list, and what other features add to the page of a member."""

from collections.abc import Callable, Iterator
from typing import Any

from django.db.models import Count, Subquery
from django.http import HttpRequest

from alliance.models import Certificate, Member, MemberSector, Membership, Representative, Suspension
from registry.site.base import RegistryAdmin
from registry.site.history import Part

from .filters import TierFilter, listed

Shown = Callable[[HttpRequest, Member], Iterator[tuple[Any, str]]]
"""Yields what a request may see of a member: panels as heading and HTML, or buttons as label and address."""
MEMBER_PARTS: tuple[Part, ...] = (
    *((Membership, "member"), (Suspension, "member"), (MemberSector, "member"), (Representative, "member")),
    (Certificate, "member"),
)
"""The rows that the history of a member tells of."""
PANELS: list[Shown] = []
TOOLS: list[Shown] = []


def more_panels(request: HttpRequest, member: Member | None) -> Iterator[tuple[Any, str]]:
    return (one for shown in PANELS if member for one in shown(request, member))


def more_tools(request: HttpRequest, member: Member | None) -> Iterator[tuple[Any, str]]:
    return (one for shown in TOOLS if member for one in shown(request, member))


class CountedTiers(RegistryAdmin):
    def get_changelist_instance(self, request: HttpRequest) -> Any:
        """Count the members of each tier in the list as it would be without the filter by tier."""
        changelist: Any = super().get_changelist_instance(request)
        spec = next(spec for spec in changelist.filter_specs if isinstance(spec, TierFilter))
        rows, _several = self.get_search_results(request, spec.others, changelist.query)
        tier = Subquery(listed(request).values("tier__code")[:1])
        counts = dict(rows.order_by().values_list(tier).annotate(number=Count("pk")))
        spec.counts = dict.fromkeys((code for code, _name in spec.lookup_choices), 0) | counts
        spec.counts[""] = sum(counts.values())
        return changelist
