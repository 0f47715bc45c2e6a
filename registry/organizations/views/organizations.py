from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Any, ClassVar

from django.db import connection, transaction
from django.db.models import Model, QuerySet, prefetch_related_objects
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from registry.api.access.idempotency import idempotent
from registry.api.lists.bulk import BulkMixin
from registry.api.lists.mixins import CreateMixin, UpdateMixin, require_match
from registry.api.lists.pagination import Orderings
from registry.api.serializers import StrictSerializer
from registry.columns import Column
from registry.coverage.views import CoverageMixin
from registry.database.permission_names import permission
from registry.database.tracking import FRESH_PLANS
from registry.matching.views import MatchMixin
from registry.organizations.actions import verify
from registry.organizations.columns.details import ORGANIZATION_DETAIL_COLUMNS
from registry.organizations.columns.organizations import ORGANIZATION_COLUMNS
from registry.organizations.filtersets import OrganizationFilterSet
from registry.organizations.models.organizations import Enterprise, Institute, Organization
from registry.organizations.serializers.nested import PartWrites
from registry.organizations.serializers.organizations import (
    NESTED,
    EnterpriseSerializer,
    InstituteSerializer,
    OrganizationSerializer,
    VerificationSerializer,
)
from registry.organizations.serializers.similar import SimilarRecords
from registry.organizations.views.past import PastMixin
from registry.proposals.holding import Held, holding

REGISTRY_NO = "ZSAI-[0-9]{6,15}"


class OrganizationViewSet(
    CoverageMixin, MatchMixin, BulkMixin, PastMixin, CreateMixin, UpdateMixin, GenericViewSet[Model]
):
    queryset: QuerySet[Model] = Organization.objects.all()
    serializer_class: type[OrganizationSerializer] = OrganizationSerializer
    lookup_field = location_field = "registry_no"
    lookup_value_regex = REGISTRY_NO
    shows_all = True
    action_permissions: ClassVar[dict[str, tuple[str, ...]]] = {
        **MatchMixin.match_permissions,
        "verify": (permission("view", Organization), permission("verify", Organization)),
    }
    columns = ORGANIZATION_COLUMNS
    detail_columns: ClassVar[tuple[Column, ...] | None] = ORGANIZATION_DETAIL_COLUMNS
    detail_parameters = ("plan",)
    filterset_class = OrganizationFilterSet
    orderings: ClassVar[Orderings] = {
        "name": ("sort_key", "id"),
        "registry_no": ("registry_no",),
        "updated_at": ("updated_at", "id"),
        "relevance": ("relevance", "sort_key", "id"),
    }
    export_title = _("Organizations")

    def get_serializer_class(self) -> type[StrictSerializer]:
        return VerificationSerializer if self.action == "verify" else self.serializer_class

    @action(detail=True, methods=["post"])
    @idempotent
    def verify(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Somebody has found the whole record right today: sets `verified_on`, `verified_from` and `verified_by`."""
        with transaction.atomic():
            instance = self.lock()
            require_match(request, lambda: self.represent({"pk": instance.pk}), required=False)
            serializer = self.get_serializer(data=request.data)
            serializer.is_valid(raise_exception=True)
            verify(instance.pk, serializer.validated_data["verified_from"], request.user)
        return self.answer({"pk": instance.pk})

    def did_you_mean(self) -> Sequence[str]:
        return self.filterset.did_you_mean(self.get_queryset())

    def writing(self) -> AbstractContextManager[Held]:
        return holding(self.request.user)

    @cached_property
    def similar(self) -> SimilarRecords:
        return SimilarRecords()

    def prepare_new(self, items: list[object]) -> None:
        self.similar.look_up(items)

    def prepare_stored(self, records: list[Model], items: list[object]) -> None:
        named = {name for item in items if isinstance(item, dict) for name in item}
        prefetch_related_objects(records, *(path for name, path in NESTED.items() if name in named))

    @cached_property
    def tag_writes(self) -> PartWrites | None:
        """The tags to write for a request with many records; None where each record is written by itself."""
        return PartWrites() if self.action in ("bulk", "bulk_update") else None

    def write_waiting(self) -> None:
        if self.tag_writes is None:
            return
        # The plans that serve many records shall not serve the next one either.
        with connection.cursor() as cursor:
            cursor.execute(FRESH_PLANS)
            self.tag_writes.write()
            cursor.execute(FRESH_PLANS)

    def get_serializer_context(self) -> dict[str, Any]:
        own = {"plan": self.get_render_context().plan, "similar": self.similar, "tag_writes": self.tag_writes}
        return {**super().get_serializer_context(), **own}


class EnterpriseViewSet(OrganizationViewSet):
    queryset = Enterprise.objects.all()
    serializer_class = EnterpriseSerializer
    export_title = _("Enterprises")


class InstituteViewSet(OrganizationViewSet):
    queryset = Institute.objects.all()
    serializer_class = InstituteSerializer
    export_title = _("Institutes")
