"""`statistics/growth/`: who came and who left in each year, by tier, with the rates of renewal and attrition."""

from typing import Any, ClassVar

from django.db.models import Model, QuerySet
from django.http.response import HttpResponseBase
from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from alliance.members.columns import MEMBERSHIP_COLUMNS
from alliance.models import Alliance, Member, Membership
from alliance.papers.growth import FLOWS, RATES, Flow, Growth, GrowthFile, growth
from registry.api.json_schema import INTEGER, REFERENCE, TEXT, array_schema, component_schema, object_schema
from registry.api.lists.filters import StrictFilterSet
from registry.api.lists.list_mixin import RowListMixin
from registry.api.lists.pagination import Orderings
from registry.columns import Column, number, reference

from .alliances import BelowAlliance

_FLOW: dict[str, Any] = dict.fromkeys((column.name for column in FLOWS), INTEGER)
_RATE = {"type": ["number", "null"], "description": "Percent of the members at the beginning; null without any."}
_NUMBERS = {"start": 40, "admitted": 4, "changed_in": 0, "ended": 1, "changed_out": 0, "net": 3, "end": 43}
_YEAR = {"year": 2022, "until": "2022-12-31", **_NUMBERS, "renewal": 97.5, "attrition": 2.5}
_OF_TIER = {"tier": {"code": "member", "name": "会员单位"}, **_NUMBERS}
_ANSWER = component_schema(
    "Growth",
    as_of={**TEXT, "format": "date"},
    results=array_schema(
        object_schema(
            year=INTEGER,
            until={**TEXT, "format": "date", "description": "The last day of the year, or today."},
            **_FLOW,
            **dict.fromkeys((column.name for column in RATES), _RATE),
            tiers=array_schema(object_schema(tier=REFERENCE, **_FLOW)),
        )
    ),
) | {"examples": [{"as_of": "2026-01-31", "results": [_YEAR | {"tiers": [_OF_TIER]}]}]}


class GrowthViewSet(BelowAlliance, RowListMixin, GenericViewSet[Model]):
    queryset: QuerySet[Model] = Membership.objects.all()
    permission_models: ClassVar[tuple[type[Model], ...]] = (Member, Membership)
    parent_models: ClassVar[tuple[type[Model], ...]] = (Alliance,)
    columns: ClassVar[tuple[Column, ...]] = MEMBERSHIP_COLUMNS
    filterset_class = StrictFilterSet
    orderings: ClassVar[Orderings] = {}
    list_actions: ClassVar[frozenset[str]] = frozenset()
    action_descriptions: ClassVar[dict[str, str]] = {
        "list": "For every year since the first admission: the members at its beginning and end, who was admitted, who "
        "left and who changed tier in between, for each tier and in all, and the rates of renewal and attrition."
    }
    action_parameters: ClassVar[dict[str, dict[str, Any]]] = {"list": {}}
    action_answers: ClassVar[dict[str, dict[str, Any]]] = {"list": _ANSWER}

    def list(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponseBase:
        self.refuse_unknown({"lang", "format"})
        found = growth(self.alliance, timezone.localdate())
        return self.export(GrowthFile(found)) if self.streams else Response(_shown(found))


def _shown(found: Growth) -> dict[str, Any]:
    return {
        "as_of": found.today,
        "results": [
            {
                "year": year.year,
                "until": year.until,
                **_figures(year.total),
                **{column.name: number(getattr(year, column.name)) for column in RATES},
                "tiers": [
                    {"tier": reference(tier), **_figures(year.tiers[tier.pk])}
                    for tier in found.tiers
                    if tier.pk in year.tiers
                ],
            }
            for year in found.years
        ],
    }


def _figures(flow: Flow) -> dict[str, int]:
    return {column.name: getattr(flow, column.name) for column in FLOWS}
