from functools import cached_property
from typing import Any, ClassVar

from django.db import transaction
from django.db.models import Model, QuerySet
from django.shortcuts import get_object_or_404
from rest_framework.decorators import action
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer
from rest_framework.viewsets import GenericViewSet

from alliance.council.columns import GROUP_COLUMNS, TERM_COLUMNS
from alliance.members.columns import ALLIANCE_COLUMNS, TIER_COLUMNS
from alliance.members.filtersets import AllianceFilterSet
from alliance.members.serializers import AllianceSerializer, RenameSerializer, TierSerializer
from alliance.models import Alliance, Group, Term, Tier
from registry.api.access.idempotency import idempotent
from registry.api.lists.filters import StrictFilterSet
from registry.api.lists.mixins import CreateMixin, UpdateMixin, require_match
from registry.api.lists.pagination import Orderings
from registry.columns import RenderContext
from registry.database.db_errors import integrity_errors_as_conflicts
from registry.history.recorded import PastPart, RecordedMixin

SLUG = "[-a-zA-Z0-9_]+"


class RenameMixin(UpdateMixin):
    """Adds `rename/`, a new name that holds from a day on, to alliances and to tiers."""

    serializer_class: type[Serializer]

    def get_serializer_class(self) -> type[Serializer]:
        return RenameSerializer if getattr(self, "action", None) == "rename" else self.serializer_class

    @action(detail=True, methods=["post"])
    def rename(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """A name that holds from the day `on`; lists of earlier days keep the former one."""
        return self._rename(request)

    @idempotent
    def _rename(self, request: Request) -> Response:
        with integrity_errors_as_conflicts(), transaction.atomic():
            row = self.lock()
            require_match(request, lambda: self.represent({"pk": row.pk}), required=False)
            serializer = RenameSerializer(data=request.data, context={**self.get_serializer_context(), "renamed": row})
            serializer.is_valid(raise_exception=True)
            serializer.save()
        return self.answer({"pk": row.pk})


class AllianceViewSet(RecordedMixin, CreateMixin, RenameMixin, GenericViewSet[Model]):
    action_permissions: ClassVar[dict[str, tuple[str, ...]]] = {
        "rename": ("alliance.change_alliance", "alliance.add_formername")
    }
    queryset: QuerySet[Model] = Alliance.objects.all()
    serializer_class = AllianceSerializer
    lookup_field = location_field = "slug"
    lookup_value_regex = SLUG
    columns = ALLIANCE_COLUMNS
    filterset_class = AllianceFilterSet
    orderings: ClassVar[Orderings] = {"slug": ("slug",)}
    past_component = "AlliancePast"
    past_parts: ClassVar[tuple[PastPart, ...]] = (
        PastPart("tiers", Tier, TIER_COLUMNS, path="alliance"),
        PastPart("terms", Term, TERM_COLUMNS, path="alliance"),
        PastPart("groups", Group, GROUP_COLUMNS, path="alliance"),
    )

    def said(self, context: RenderContext) -> dict[str, Any]:
        return {}


class BelowAlliance(GenericAPIView[Model]):
    # No docstring: the description of the API would show it.
    @cached_property
    def alliance(self) -> Alliance:
        return get_object_or_404(self.known_alliances(), slug=self.kwargs["slug"])

    def known_alliances(self) -> QuerySet[Alliance]:
        return Alliance.objects.all()

    def get_queryset(self) -> QuerySet[Model]:
        queryset = super().get_queryset()
        return queryset if getattr(self, "swagger_fake_view", False) else queryset.filter(alliance=self.alliance)

    def get_serializer_context(self) -> dict[str, Any]:
        context = dict(super().get_serializer_context())
        if not getattr(self, "swagger_fake_view", False):
            context["alliance"] = self.alliance
        return context


class TierViewSet(BelowAlliance, RecordedMixin, CreateMixin, RenameMixin, GenericViewSet[Model]):
    action_permissions: ClassVar[dict[str, tuple[str, ...]]] = {
        "rename": ("alliance.change_tier", "alliance.add_formername")
    }
    action_descriptions: ClassVar[dict[str, str]] = {"list": "The tiers of one alliance, the highest first."}
    queryset: QuerySet[Model] = Tier.objects.all()
    serializer_class = TierSerializer
    parent_models: ClassVar[tuple[type[Model], ...]] = (Alliance,)
    lookup_field = location_field = "code"
    lookup_value_regex = SLUG
    columns = TIER_COLUMNS
    filterset_class = StrictFilterSet
    orderings: ClassVar[Orderings] = {"rank": ("rank", "code"), "code": ("code",)}

    def said(self, context: RenderContext) -> dict[str, Any]:
        return {}
