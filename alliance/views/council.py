"""Terms, groups, seats and office holders of one alliance: lists, and records to write by the rules of the forms."""

from typing import Any, ClassVar

from django.db.models import Model, QuerySet
from django.utils.translation import gettext_lazy
from rest_framework.viewsets import GenericViewSet

from alliance.council import columns, filtersets, serializers
from alliance.models import Alliance, Group, OfficeHolder, Seat, Term
from registry.api.lists.mixins import CreateMixin, DestroyMixin, UpdateMixin, locked
from registry.api.lists.pagination import Orderings
from registry.columns import RenderContext
from registry.history.recorded import PastPart, RecordedMixin
from registry.organizations.models.organizations import Organization

from .alliances import BelowAlliance


class _CouncilViewSet(BelowAlliance, RecordedMixin, CreateMixin, UpdateMixin, GenericViewSet[Model]):
    parent_models: ClassVar[tuple[type[Model], ...]] = (Alliance,)
    lookup_field = lookup_url_kwarg = location_field = "id"
    lookup_value_regex = "[0-9]{1,18}"

    def said(self, context: RenderContext) -> dict[str, Any]:
        return {}


class TermViewSet(_CouncilViewSet):
    action_descriptions: ClassVar[dict[str, str]] = {
        "list": "The terms of the council, the earliest first.",
        "create": "Enters a term; a change of council, which also changes tiers, is made on its page.",
    }
    queryset: QuerySet[Model] = Term.objects.all()
    serializer_class = serializers.TermSerializer
    lookup_field = lookup_url_kwarg = location_field = "number"
    lookup_value_regex = "[0-9]{1,4}"
    columns = columns.TERM_COLUMNS
    filterset_class = filtersets.TermFilterSet
    orderings: ClassVar[Orderings] = {"begins_on": ("begins_on", "id")}
    export_title = gettext_lazy("Terms")


class GroupViewSet(_CouncilViewSet):
    action_descriptions: ClassVar[dict[str, str]] = {"list": "The groups of one alliance."}
    queryset: QuerySet[Model] = Group.objects.all()
    serializer_class = serializers.GroupSerializer
    past_component = "GroupPast"
    past_parts = (PastPart("seats", Seat, columns.SEAT_COLUMNS, path="group"),)
    columns = columns.GROUP_COLUMNS
    filterset_class = filtersets.GroupFilterSet
    orderings: ClassVar[Orderings] = {"kind": ("kind", "name_zh", "id")}
    export_title = gettext_lazy("Groups of the alliance")


class _SeatedViewSet(_CouncilViewSet, DestroyMixin):
    """Locks the organization first, as every operation on memberships does: these write to seats, too."""

    def lock(self) -> Model:
        found: Any = self.get_object()
        if found.member_id:
            locked(Organization.objects.all(), alliance_members=found.member_id)
        return super().lock()


class SeatViewSet(_SeatedViewSet):
    action_descriptions: ClassVar[dict[str, str]] = {
        "list": "Seats of members in the groups of one alliance. Who sits in the council itself follows from the tier.",
        "destroy": "Removes a seat that was entered by mistake; of one that is over, give `ends_on`.",
    }
    parent_models = (Organization, Alliance, Group)
    queryset: QuerySet[Model] = Seat.objects.all()
    serializer_class = serializers.SeatSerializer
    columns = columns.SEAT_COLUMNS
    filterset_class = filtersets.SeatFilterSet
    orderings: ClassVar[Orderings] = {"group": ("group__kind", "group__name_zh", "begins_on", "id")}
    export_title = gettext_lazy("Seats")


class OfficeHolderViewSet(_SeatedViewSet):
    action_descriptions: ClassVar[dict[str, str]] = {
        "list": "The persons who hold an office in one alliance: personal information.",
        "destroy": "Removes an office holder who was entered by mistake; of one whose time is over, give `ends_on`.",
    }
    parent_models = (Organization, Alliance)
    action_permissions: ClassVar[dict[str, tuple[str, ...]]] = {
        "create": ("alliance.view_officeholder", "alliance.add_officeholder")
    }
    queryset: QuerySet[Model] = OfficeHolder.objects.all()
    serializer_class = serializers.OfficeHolderSerializer
    columns = columns.OFFICE_HOLDER_COLUMNS
    filterset_class = filtersets.OfficeHolderFilterSet
    orderings: ClassVar[Orderings] = {"office": ("office", "begins_on", "id")}
    export_title = gettext_lazy("Office holders")
