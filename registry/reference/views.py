from typing import Any, ClassVar

from django.db.models import Model, QuerySet
from rest_framework.viewsets import GenericViewSet

from registry.api.lists.mixins import CreateMixin, RetrieveMixin, UpdateMixin
from registry.api.lists.pagination import Orderings
from registry.columns import RenderContext
from registry.reference.columns import GRADING_COLUMNS, PLAN_COLUMNS, SECTOR_COLUMNS, TOWNSHIP_COLUMNS, ZONE_COLUMNS
from registry.reference.filtersets import (
    GradingFilterSet,
    PlanFilterSet,
    SectorFilterSet,
    TownshipFilterSet,
    ZoneFilterSet,
)
from registry.reference.models import Grading, Plan, Sector, Township, Zone
from registry.reference.serializers import (
    GradingSerializer,
    PlanSerializer,
    SectorSerializer,
    TownshipSerializer,
    ZoneSerializer,
)


class ReferenceViewSet(RetrieveMixin, CreateMixin, UpdateMixin, GenericViewSet[Model]):
    """Reference data are disabled or ended, never deleted."""

    action_descriptions: ClassVar[dict[str, str]] = {
        "list": "Lists the records that the parameters choose, page by page. "
        "What is no longer valid is disabled or ended and never removed."
    }
    lookup_field = location_field = "code"
    lookup_value_regex = "[-a-zA-Z0-9_]+"
    orderings: ClassVar[Orderings] = {"code": ("code",)}

    def said(self, context: RenderContext) -> dict[str, Any]:
        return {}


class PlanViewSet(ReferenceViewSet):
    queryset: QuerySet[Model] = Plan.objects.all()
    serializer_class = PlanSerializer
    columns = PLAN_COLUMNS
    filterset_class = PlanFilterSet
    orderings = {"starts_on": ("starts_on", "code"), "code": ("code",)}


class SectorViewSet(ReferenceViewSet):
    """The sectors of one plan: the current one unless `plan` names another."""

    action_descriptions: ClassVar[dict[str, str]] = {
        "list": "Lists the sectors of one plan: the current one unless `plan` names another."
    }
    queryset: QuerySet[Model] = Sector.objects.all()
    serializer_class = SectorSerializer
    lookup_value_regex = "[-a-z0-9.]+"
    columns = SECTOR_COLUMNS
    detail_parameters = ("plan",)
    filterset_class = SectorFilterSet
    orderings = {"position": ("position", "code"), "code": ("code",)}

    def said(self, context: RenderContext) -> dict[str, Any]:
        return {"plan": context.plan.code if context.plan else None}

    def get_location(self, shown: dict[str, Any]) -> str:
        current = self.get_render_context().plan
        address = super().get_location(shown)
        return address if current and shown["plan"] == current.code else f"{address}?plan={shown['plan']}"

    def get_lookup(self) -> dict[str, Any]:
        return super().get_lookup() | {"plan": self.filterset.sector_plan}


class TownshipViewSet(ReferenceViewSet):
    queryset: QuerySet[Model] = Township.objects.all()
    serializer_class = TownshipSerializer
    columns = TOWNSHIP_COLUMNS
    filterset_class = TownshipFilterSet


class ZoneViewSet(ReferenceViewSet):
    queryset: QuerySet[Model] = Zone.objects.all()
    serializer_class = ZoneSerializer
    columns = ZONE_COLUMNS
    filterset_class = ZoneFilterSet


class GradingViewSet(ReferenceViewSet):
    queryset: QuerySet[Model] = Grading.objects.all()
    serializer_class = GradingSerializer
    columns = GRADING_COLUMNS
    filterset_class = GradingFilterSet
