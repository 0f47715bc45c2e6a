"""A plain Django REST framework viewset for the same list: nested serializers, pages by number, exact counts."""

import os
from typing import Any

import django_filters
from django.urls import path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

from django.conf import settings
from django.core.wsgi import get_wsgi_application

settings.ROOT_URLCONF = __name__
application = get_wsgi_application()

from django_filters.rest_framework import DjangoFilterBackend  # noqa: E402
from rest_framework import filters, pagination, permissions, renderers, serializers, viewsets  # noqa: E402
from rest_framework.negotiation import DefaultContentNegotiation  # noqa: E402

from registry.api.access.authentication import BearerAuthentication  # noqa: E402
from registry.models import Identifier, Name, Organization, Qualification, Sector, SectorTag, Township  # noqa: E402

__all__ = ["application", "urlpatterns"]


def _serializer(of: Any, *names: str, **nested: Any) -> Any:
    meta = type("Meta", (), {"model": of, "fields": (*names, *nested)})
    return type(f"{of.__name__}Serializer", (serializers.ModelSerializer,), {"Meta": meta, **nested})


_TAG = _serializer(SectorTag, "is_primary", sector=_serializer(Sector, "code", "name_zh")())
_SERIALIZER = _serializer(
    Organization,
    *("registry_no", "kind", "category", "uscc", "name_zh", "name_en", "short_name", "registration_status"),
    *("registration_type", "registered_address", "business_address", "country", "website", "founded_on", "zone"),
    *("registered_capital", "capital_currency", "industry", "main_products", "source", "published"),
    *("verified_on", "verified_from", "introduced_on", "updated_at"),
    township=_serializer(Township, "code", "name_zh")(),
    sector_tags=_TAG(many=True),
    names=_serializer(Name, "name", "kind")(many=True),
    identifiers=_serializer(Identifier, "scheme", "value")(many=True),
    qualifications=_serializer(Qualification, "grading", "level", "granted_on", "valid_to")(many=True),
)


class _Filters(django_filters.FilterSet):
    sector = django_filters.ModelMultipleChoiceFilter(
        field_name="sector_tags__sector", queryset=Sector.objects.all(), method="below"
    )

    def below(self, queryset: Any, name: str, value: Any) -> Any:
        both = [*value, *Sector.objects.filter(parent__in=value)]
        return queryset.filter(sector_tags__sector__in=both).distinct() if value else queryset


class _Pages(pagination.PageNumberPagination):
    page_size = 50


class _Organizations(viewsets.ReadOnlyModelViewSet[Any]):
    queryset = (
        Organization.objects.exclude(registration_status="merged")
        .select_related("township")
        .prefetch_related("sector_tags__sector", "names", "identifiers", "qualifications")
        .order_by("sort_key", "id")
    )
    serializer_class = _SERIALIZER
    authentication_classes = (BearerAuthentication,)
    permission_classes = (permissions.IsAuthenticated,)
    renderer_classes = (renderers.JSONRenderer,)
    content_negotiation_class = DefaultContentNegotiation
    pagination_class = _Pages
    filter_backends = (DjangoFilterBackend, filters.SearchFilter)
    filterset_class = _Filters
    search_fields = ("name_zh", "name_en", "short_name", "names__name", "uscc", "registry_no")
    schema = None


urlpatterns = [path("plain/", _Organizations.as_view({"get": "list"}))]
