"""`members/compare/`: what differs between the member lists of two days, as JSON, workbook and PDF."""

import datetime
from functools import cached_property
from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.db.models import Model, QuerySet
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from alliance.members.columns import MEMBERSHIP_COLUMNS
from alliance.models import Alliance, Member, Membership
from alliance.papers.comparison import Comparison, ComparisonFile, ListChange, compare
from alliance.papers.comparison_paper import ComparisonPDFRenderer
from registry.api.errors import InvalidParameters
from registry.api.json_schema import INTEGER, NULLABLE_DATE, TEXT, array_schema, component_schema, object_schema
from registry.api.lists.filters import StrictFilterSet, read_date
from registry.api.lists.list_mixin import RowListMixin
from registry.api.lists.pagination import Orderings
from registry.api.lists.renderers import CSVRenderer, JSONRenderer, XLSXRenderer
from registry.columns import Column
from registry.organizations.models.organizations import Organization

from .alliances import BelowAlliance

_FIELDS = ("member_no", "registry_no", "name", "before", "after", "on", "reason", "reason_code", "remarks")
_DIFFERENCE = object_schema(
    change={**TEXT, "enum": ListChange.values},
    **{name: TEXT for name in _FIELDS if name != "on"},
    on={**NULLABLE_DATE, "description": "The day of the change."},
)
_ANSWER = component_schema(
    "Comparison",
    **{"from": {**TEXT, "format": "date"}},
    to={**TEXT, "format": "date"},
    members=object_schema(before=INTEGER, after=INTEGER),
    counts=object_schema(**dict.fromkeys(ListChange.values, INTEGER)),
    renamed_tiers=array_schema(object_schema(before=TEXT, after=TEXT)),
    results=array_schema(_DIFFERENCE),
) | {
    "examples": [
        {
            "from": "2023-12-31",
            "to": "2024-12-31",
            "members": {"before": 44, "after": 43},
            "counts": {"admitted": 1, "ended": 2, "tier_changed": 0, "renamed": 0},
            "renamed_tiers": [],
            "results": [
                {
                    "change": "admitted",
                    "member_no": "M0042",
                    "registry_no": "ZSAI-000040",
                    "name": "中山市虚构运动控制有限公司",
                    "before": "",
                    "after": "会员单位",
                    "on": "2024-05-20",
                    "reason": "再次入会",
                    "reason_code": "again",
                    "remarks": "",
                }
            ],
        }
    ]
}


class ComparisonViewSet(BelowAlliance, RowListMixin, GenericViewSet[Model]):
    queryset: QuerySet[Model] = Membership.objects.all()
    permission_models: ClassVar[tuple[type[Model], ...]] = (Member, Membership)
    parent_models: ClassVar[tuple[type[Model], ...]] = (Organization, Alliance)
    columns: ClassVar[tuple[Column, ...]] = MEMBERSHIP_COLUMNS
    filterset_class = StrictFilterSet
    orderings: ClassVar[Orderings] = {}
    list_actions: ClassVar[frozenset[str]] = frozenset()
    list_renderers = (JSONRenderer, CSVRenderer, XLSXRenderer, ComparisonPDFRenderer)
    action_descriptions: ClassVar[dict[str, str]] = {
        "list": "Who is on the member list of one of two days only, or with another tier or name, and why."
    }
    action_parameters: ClassVar[dict[str, dict[str, Any]]] = {
        "list": {
            "from": gettext_lazy("The earlier day."),
            "to": gettext_lazy("The later day; by default today."),
        }
    }
    action_answers: ClassVar[dict[str, dict[str, Any]]] = {"list": _ANSWER}

    def list(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponseBase:
        self.refuse_unknown({*self.action_parameters["list"], "lang", "format"})
        found = compare(self.alliance, *self.days)
        if self.streams:
            self.filterset.on = found.later  # the day of the receipt and of the file's name
            return self.export(ComparisonFile(found))
        return Response(_shown(found))

    @cached_property
    def days(self) -> tuple[datetime.date, datetime.date]:
        given = {name: self.request.query_params.getlist(name) for name in ("from", "to")}
        wrong = {}
        days = {"to": self.filterset.on}
        for name, texts in given.items():
            try:
                if texts:
                    days[name] = read_date(*texts)
            except (TypeError, ValidationError) as error:
                wrong[name] = error.messages[0] if isinstance(error, ValidationError) else _("Give one value.")
        if "from" not in days and not wrong:
            wrong["from"] = _("Give the earlier day.")
        if not wrong and days["from"] >= days["to"]:
            wrong["to"] = _("The later day must be after the earlier one.")
        if wrong:
            raise InvalidParameters(wrong)
        return days["from"], days["to"]


def _shown(found: Comparison) -> dict[str, Any]:
    return {
        "from": found.earlier,
        "to": found.later,
        "members": {"before": found.before, "after": found.after},
        "counts": {change.value: count for change, count in found.counts().items()},
        "renamed_tiers": [{"before": before, "after": after} for before, after in found.tiers],
        "results": [
            {"change": one.change.value, **{name: getattr(one, name) for name in _FIELDS}} for one in found.differences
        ],
    }
