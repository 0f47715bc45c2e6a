"""Lists of terms, groups, seats and office holders of one alliance. The pages of the staff write them."""

from typing import Any, ClassVar

from django.db.models import Model, QuerySet
from django.utils.translation import gettext_lazy
from rest_framework.viewsets import GenericViewSet

from alliance.council import columns, filtersets
from alliance.models import Alliance, Group, OfficeHolder, Seat, Term
from registry.api.lists.list_mixin import RowListMixin
from registry.api.lists.pagination import Orderings
from registry.columns import RenderContext
from registry.organizations.models.organizations import Organization

from .alliances import BelowAlliance


class _CouncilList(BelowAlliance, RowListMixin, GenericViewSet[Model]):
    parent_models: ClassVar[tuple[type[Model], ...]] = (Alliance,)

    def said(self, context: RenderContext) -> dict[str, Any]:
        return {}


class TermViewSet(_CouncilList):
    action_descriptions: ClassVar[dict[str, str]] = {"list": "The terms of the council, the earliest first."}
    queryset: QuerySet[Model] = Term.objects.all()
    columns = columns.TERM_COLUMNS
    filterset_class = filtersets.TermFilterSet
    orderings: ClassVar[Orderings] = {"begins_on": ("begins_on", "id")}
    export_title = gettext_lazy("Terms")


class GroupViewSet(_CouncilList):
    action_descriptions: ClassVar[dict[str, str]] = {"list": "The groups of one alliance."}
    queryset: QuerySet[Model] = Group.objects.all()
    columns = columns.GROUP_COLUMNS
    filterset_class = filtersets.GroupFilterSet
    orderings: ClassVar[Orderings] = {"kind": ("kind", "name_zh", "id")}
    export_title = gettext_lazy("Groups of the alliance")


class SeatViewSet(_CouncilList):
    action_descriptions: ClassVar[dict[str, str]] = {
        "list": "Seats of members in the groups of one alliance. Who sits in the council itself follows from the tier."
    }
    parent_models = (Organization, Alliance, Group)
    queryset: QuerySet[Model] = Seat.objects.all()
    columns = columns.SEAT_COLUMNS
    filterset_class = filtersets.SeatFilterSet
    orderings: ClassVar[Orderings] = {"group": ("group__kind", "group__name_zh", "begins_on", "id")}
    export_title = gettext_lazy("Seats")


class OfficeHolderViewSet(_CouncilList):
    action_descriptions: ClassVar[dict[str, str]] = {
        "list": "The persons who hold an office in one alliance: personal information."
    }
    parent_models = (Organization, Alliance)
    queryset: QuerySet[Model] = OfficeHolder.objects.all()
    columns = columns.OFFICE_HOLDER_COLUMNS
    filterset_class = filtersets.OfficeHolderFilterSet
    orderings: ClassVar[Orderings] = {"office": ("office", "begins_on", "id")}
    export_title = gettext_lazy("Office holders")
