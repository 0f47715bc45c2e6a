"""Standards, classes, dues and payments of one alliance, the form of a year, and the proposal of lapses."""

from dataclasses import replace
from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.db.models import Model, QuerySet
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from alliance.dues import columns, filtersets
from alliance.dues.charges import SUMS, Charges, ChargesFile, charges
from alliance.dues.charges_paper import ChargesPDFRenderer
from alliance.dues.lapse import LapseFile, LapseProposal, proposed
from alliance.dues.models import Due, DuesClass, DuesStandard, Payment
from alliance.dues.rules import too_many
from alliance.dues.serializers import (
    DuesClassSerializer,
    DueSerializer,
    DuesStandardSerializer,
    PaymentSerializer,
)
from alliance.meetings.wording import decision_named
from alliance.members.filtersets import read_year
from alliance.models import Alliance, Member, Membership
from alliance.views.alliances import BelowAlliance
from alliance.views.record_changes import RecordChanges
from registry.api.errors import InvalidParameters
from registry.api.json_schema import INTEGER, TEXT, array_schema, component_schema, object_schema
from registry.api.lists.files import Table
from registry.api.lists.filters import StrictFilterSet
from registry.api.lists.list_mixin import RowListMixin
from registry.api.lists.mixins import CreateMixin, DestroyMixin, UpdateMixin
from registry.api.lists.pagination import Orderings
from registry.api.lists.renderers import CSVRenderer, JSONRenderer, XLSXRenderer
from registry.columns import Column, RenderContext, number
from registry.history.recorded import PastPart, RecordedMixin
from registry.organizations.models.organizations import Organization
from registry.organizations.models.reach import reach_of, within

_NUMBER: dict[str, Any] = {"type": ["number", "null"]}


class _DuesViewSet(BelowAlliance, RecordedMixin, GenericViewSet[Model]):
    parent_models: ClassVar[tuple[type[Model], ...]] = (Alliance,)
    lookup_field = lookup_url_kwarg = location_field = "id"
    lookup_value_regex = "[0-9]{1,18}"
    organization: ClassVar[str] = ""
    """The path to the organization that a row is about: a township account sees only rows of its own organizations."""

    def get_queryset(self) -> QuerySet[Model]:
        queryset = super().get_queryset()
        if getattr(self, "swagger_fake_view", False):
            return queryset
        if not self.organization:
            return queryset if reach_of(self.request.user) is None else queryset.none()
        return queryset.filter(within(self.request.user, lambda field: f"{self.organization}__{field}"))

    def said(self, context: RenderContext) -> dict[str, Any]:
        return {}


class DuesStandardViewSet(_DuesViewSet, CreateMixin, UpdateMixin, DestroyMixin):
    action_descriptions: ClassVar[dict[str, str]] = {
        "list": "What the alliance asks of its members, and by which decision; confidential as all that is about dues.",
        "destroy": "Removes a standard that was entered by mistake, with its classes; one by which dues were drawn up "
        "stays.",
    }
    action_permissions: ClassVar[dict[str, tuple[str, ...]]] = {
        "destroy": ("alliance.view_duesstandard", "alliance.change_duesstandard", "alliance.delete_duesclass")
    }
    queryset: QuerySet[Model] = DuesStandard.objects.all()
    serializer_class = DuesStandardSerializer
    past_component = "DuesStandardPast"
    past_parts = (PastPart("classes", DuesClass, columns.CLASS_COLUMNS, path="standard"),)
    columns = columns.STANDARD_COLUMNS
    filterset_class = filtersets.StandardFilterSet
    orderings: ClassVar[Orderings] = {"begins_on": ("begins_on", "id")}
    export_title = gettext_lazy("Dues standards")


_OF_CLASS: dict[str, Any] = {
    "id": "classes__id",
    "standard": "pk",
    "name": "classes__name",
    "amount": "classes__amount",
    "tiers": columns.class_tiers("classes__pk"),
    "decision_named": decision_named("decision"),
}
"""Column of classes -> its expression in a query of standards."""


def _from_standard(column: Column) -> Column:
    """Return a column of classes for a query of standards, which also has a row for a standard without any class."""
    own = str(column.expression).removeprefix("standard__")
    return replace(column, expression=_OF_CLASS.get(column.name, own))


class DuesClassViewSet(_DuesViewSet, CreateMixin, UpdateMixin, DestroyMixin):
    action_descriptions: ClassVar[dict[str, str]] = {
        "list": "The classes of all standards with their amounts in yuan. Files also have a row for each standard that "
        "has no class, so that they can be imported again without loss.",
        "destroy": "Removes a class that was entered by mistake; one by which dues were drawn up stays.",
    }
    parent_models = (Alliance, DuesStandard)
    queryset: QuerySet[Model] = DuesClass.objects.all()
    serializer_class = DuesClassSerializer
    columns = columns.CLASS_COLUMNS
    filterset_class = StrictFilterSet
    orderings: ClassVar[Orderings] = {"standard": ("standard_id", "-amount", "id")}
    export_title = gettext_lazy("Dues classes")

    def get_table(self, ordered: QuerySet[Model], columns: tuple[Column, ...], context: RenderContext) -> Table:
        """Return the classes, and a row for each standard without any."""
        if reach_of(self.request.user) is not None:
            return super().get_table(ordered, columns, context)
        order = []
        for name in map(str, ordered.query.order_by):
            sign, field = "-" * name.startswith("-"), name.removeprefix("-")
            order.append(sign + ("pk" if field == "standard_id" else f"classes__{field}"))
        standards = DuesStandard.objects.filter(alliance=self.alliance).order_by(*order)
        return super().get_table(standards, tuple(map(_from_standard, columns)), context)

    def answer(self, lookup: dict[str, Any], code: int = 200) -> Response:
        """Answer a write with the warning that the pages give."""
        response = super().answer(lookup, code)
        if not self.reads and (told := too_many(DuesStandard.objects.get(classes=lookup["pk"]))):
            response.data = {**response.data, "notices": told}
        return response


class DueViewSet(_DuesViewSet, UpdateMixin):
    action_descriptions: ClassVar[dict[str, str]] = {
        "list": "What each member owes for each year, and what it has paid, in yuan.",
        "partial_update": "Corrects dues, or grants a relief.",
    }
    parent_models = (Organization, Alliance, Member, DuesClass, Payment)
    queryset: QuerySet[Model] = Due.objects.with_balance()
    serializer_class = DueSerializer
    past_component = "DuePast"
    past_parts = (PastPart("payments", Payment, columns.PAYMENT_COLUMNS, path="due"),)
    columns = columns.DUE_COLUMNS
    filterset_class = filtersets.DueFilterSet
    orderings: ClassVar[Orderings] = {"year": ("year", "id")}
    export_title = gettext_lazy("Dues")
    organization = "member__organization"


class PaymentViewSet(_DuesViewSet, CreateMixin, UpdateMixin, DestroyMixin):
    action_descriptions: ClassVar[dict[str, str]] = {
        "list": "What came in for dues, in yuan.",
        "destroy": "Removes a payment that was entered by mistake.",
    }
    parent_models = (Organization, Alliance, Member, Due)
    queryset: QuerySet[Model] = Payment.objects.all()
    serializer_class = PaymentSerializer
    columns = columns.PAYMENT_COLUMNS
    filterset_class = filtersets.PaymentFilterSet
    orderings: ClassVar[Orderings] = {"paid_on": ("paid_on", "id")}
    export_title = gettext_lazy("Payments of dues")
    organization = "due__member__organization"


class DuesStandardChangesViewSet(RecordChanges, of=DuesStandardViewSet, feed="dues_standards"):
    pass


class DuesClassChangesViewSet(RecordChanges, of=DuesClassViewSet, feed="dues_classes"):
    pass


class DueChangesViewSet(RecordChanges, of=DueViewSet, feed="dues"):
    pass


class PaymentChangesViewSet(RecordChanges, of=PaymentViewSet, feed="payments"):
    pass


class _Report(BelowAlliance, RowListMixin, GenericViewSet[Model]):
    """A report computed from all dues of an alliance. A township account does not see it."""

    queryset: QuerySet[Model] = Due.objects.all()
    permission_models: ClassVar[tuple[type[Model], ...]] = (DuesStandard, DuesClass, Due, Payment, Membership)
    parent_models: ClassVar[tuple[type[Model], ...]] = (Organization, Alliance)
    columns: ClassVar[tuple[Column, ...]] = columns.DUE_COLUMNS
    filterset_class = StrictFilterSet
    orderings: ClassVar[Orderings] = {}
    list_actions: ClassVar[frozenset[str]] = frozenset()

    def check_permissions(self, request: Request) -> None:
        super().check_permissions(request)
        if reach_of(request.user) is not None:
            raise PermissionDenied


_SUM: dict[str, Any] = {name: {"type": "number"} for name in SUMS}
_CHARGES = component_schema(
    "Charges",
    year=INTEGER,
    warnings=array_schema(TEXT),
    facts=array_schema(object_schema(label=TEXT, text=TEXT)),
    classes=array_schema(object_schema(name=TEXT, rate=_NUMBER, **_SUM)),
    total=object_schema(**_SUM),
    reliefs=array_schema(
        object_schema(rule=TEXT, reason=TEXT, decision=TEXT, members=INTEGER, amount={"type": "number"})
    ),
)


class ChargesViewSet(_Report):
    list_renderers = (JSONRenderer, CSVRenderer, XLSXRenderer, ChargesPDFRenderer)
    action_descriptions: ClassVar[dict[str, str]] = {
        "list": "The year's form of charges: how the standard was decided, and what each class brought."
    }
    action_parameters: ClassVar[dict[str, dict[str, Any]]] = {"list": {"year": gettext_lazy("By default this year.")}}
    action_answers: ClassVar[dict[str, dict[str, Any]]] = {"list": _CHARGES}

    def list(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponseBase:
        self.refuse_unknown({"year", "lang", "format"})
        found = charges(self.alliance, asked_year(request, timezone.localdate().year))
        return self.export(ChargesFile(found)) if self.streams else Response(_shown(found))


def asked_year(request: Request, default: int) -> int:
    """Return the year that the request names. Raises InvalidParameters."""
    given = request.query_params.getlist("year")
    try:
        return read_year(given[0]) if len(given) == 1 else default
    except ValidationError as error:
        raise InvalidParameters({"year": error.messages[0]}) from None


def _shown(found: Charges) -> dict[str, Any]:
    def sums(one: Any) -> dict[str, Any]:
        return {name: getattr(one, name) if name == "members" else number(getattr(one, name)) for name in SUMS}

    return {
        "year": found.year,
        "warnings": found.warnings,
        "facts": [{"label": label, "text": text} for label, text in found.facts()],
        "classes": [{"name": one.name, "rate": number(one.rate), **sums(one)} for one in found.classes],
        "total": sums(found.total),
        "reliefs": [{**vars(one), "amount": number(one.amount)} for one in found.reliefs],
    }


_LAPSE = component_schema(
    "LapseProposal",
    rule=TEXT,
    first_year=INTEGER,
    last_year=INTEGER,
    results=array_schema(
        object_schema(
            member_no=TEXT,
            registry_no=TEXT,
            name=TEXT,
            tier=TEXT,
            balance={"type": "number"},
            unpaid=array_schema(object_schema(year=INTEGER, balance={"type": "number"})),
            called=INTEGER,
            reasons=TEXT,
        )
    ),
) | {
    "examples": [
        {
            "rule": "连续2年未缴纳会费",
            "first_year": 2024,
            "last_year": 2025,
            "results": [
                {
                    "member_no": "M0019",
                    "registry_no": "ZSAI-000019",
                    "name": "示例某公司",
                    "tier": "会员单位",
                    "balance": 4000,
                    "unpaid": [{"year": 2024, "balance": 2000}, {"year": 2025, "balance": 2000}],
                    "called": 0,
                    "reasons": "2024、2025年度未缴",
                }
            ],
        }
    ]
}


class LapseViewSet(_Report):
    action_descriptions: ClassVar[dict[str, str]] = {
        "list": "For whom the alliance's rule of lapse speaks today. A proposal to the council: nobody is touched."
    }
    action_parameters: ClassVar[dict[str, dict[str, Any]]] = {
        "list": {"years": gettext_lazy("Years in a row unpaid, instead of the number in the rules of the alliance.")}
    }
    action_answers: ClassVar[dict[str, dict[str, Any]]] = {"list": _LAPSE}

    def list(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponseBase:
        self.refuse_unknown({"years", "lang", "format"})
        given = request.query_params.get("years", "")
        if given and given not in YEARS:
            said = _("“%(value)s” is not possible here; there are: %(values)s.")
            raise InvalidParameters({"years": said % {"value": given, "values": ", ".join(YEARS)}})
        found = proposed(self.alliance, timezone.localdate(), int(given) if given else None)
        return self.export(LapseFile(found)) if self.streams else Response(_proposal(found))


YEARS = ("1", "2", "3", "4", "5")


def _proposal(found: LapseProposal) -> dict[str, Any]:
    return {
        "rule": found.said(),
        "first_year": found.first_year,
        "last_year": found.last_year,
        "results": [
            {
                "member_no": row.membership.member.member_no,
                "registry_no": row.membership.member.organization.registry_no,
                "name": str(row.membership.member.organization),
                "tier": row.membership.tier.label(),
                "balance": number(row.balance),
                "unpaid": [{"year": year, "balance": number(balance)} for year, balance in row.unpaid],
                "called": row.called,
                "reasons": row.reasons,
            }
            for row in found.rows
        ],
    }
