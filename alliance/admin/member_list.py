"""The numbers of members of each tier, which the list of members shows beside its rows."""

from typing import Any

from django.db.models import Count, Subquery
from django.http import HttpRequest

from registry.site.base import RegistryAdmin

from .filters import TierFilter, listed


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
