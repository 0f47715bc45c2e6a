from functools import cached_property
from typing import Any, ClassVar

from django.db.models import Model, QuerySet
from django.shortcuts import get_object_or_404
from rest_framework.generics import GenericAPIView
from rest_framework.viewsets import GenericViewSet

from alliance.members.columns import ALLIANCE_COLUMNS, TIER_COLUMNS
from alliance.members.filtersets import AllianceFilterSet
from alliance.members.serializers import AllianceSerializer, TierSerializer
from alliance.models import Alliance, Tier
from registry.api.lists.filters import StrictFilterSet
from registry.api.lists.mixins import CreateMixin, RetrieveMixin, UpdateMixin
from registry.api.lists.pagination import Orderings
from registry.columns import RenderContext

SLUG = "[-a-zA-Z0-9_]+"


class AllianceViewSet(RetrieveMixin, CreateMixin, UpdateMixin, GenericViewSet[Model]):
    queryset: QuerySet[Model] = Alliance.objects.all()
    serializer_class = AllianceSerializer
    lookup_field = location_field = "slug"
    lookup_value_regex = SLUG
    columns = ALLIANCE_COLUMNS
    filterset_class = AllianceFilterSet
    orderings: ClassVar[Orderings] = {"slug": ("slug",)}

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


class TierViewSet(BelowAlliance, RetrieveMixin, CreateMixin, UpdateMixin, GenericViewSet[Model]):
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
