"""The public API: the staff's views with GET only, no credentials, published records and explicit lists.

The tuples are the allow-list: a column, parameter or format that they do not name does not exist for the public.
"""

import hashlib
from dataclasses import replace
from typing import Any, ClassVar

from django.db.models import Model, QuerySet
from django.utils.cache import get_conditional_response, patch_cache_control, patch_vary_headers
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from registry.api.access.throttling import AddressThrottle
from registry.api.lists.pagination import Orderings
from registry.api.lists.renderers import CSVRenderer, JSONRenderer
from registry.api.root import IndexView
from registry.columns import Column
from registry.organizations.columns.organizations import ORGANIZATION_COLUMNS
from registry.organizations.filtersets import PublicOrganizationFilterSet
from registry.organizations.views.organizations import EnterpriseViewSet, InstituteViewSet, OrganizationViewSet
from registry.reference.views import PlanViewSet, SectorViewSet
from registry.search.organization_rows import OrganizationListMixin

MAX_AGE = 60
"""Seconds for which a cache may give the same answer again: what was unpublished may be seen as much longer."""


CHANGED_AT = "public_change__changed_at"
"""When the public last saw a change: `updated_at` of the table would tell it of private ones."""
PUBLIC_COLUMNS = tuple(
    replace(one, expression=CHANGED_AT) if one.name == "updated_at" else one for one in ORGANIZATION_COLUMNS
)


class PublicMixin(APIView):
    authentication_classes = ()
    permission_classes = ()
    throttle_classes = (AddressThrottle,)
    http_method_names = ["get", "head", "options"]
    list_renderers: ClassVar[tuple[type[BaseRenderer], ...]] = (JSONRenderer, CSVRenderer)
    detail_columns: ClassVar[tuple[Column, ...] | None] = None
    parameter_names: ClassVar[tuple[str, ...]] = ()

    def known_filters(self) -> list[str]:
        return list(self.parameter_names)

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        """Add the headers that a cache needs; 304 where the client has the same answer already."""
        response = super().finalize_response(request, response, *args, **kwargs)
        if request.method == "OPTIONS":
            return response
        if response.status_code in (200, 304):
            patch_cache_control(response, public=True, max_age=MAX_AGE)
        patch_vary_headers(response, ["Accept", "Accept-Language"])
        if response.status_code == 200 and isinstance(response, Response):
            if "ETag" not in response:
                response["ETag"] = f'"{hashlib.sha256(response.render().content).hexdigest()[:32]}"'
            return get_conditional_response(request._request, response["ETag"], response=response)
        return response


class PublishedMixin(PublicMixin):
    @classmethod
    def shown(cls) -> QuerySet[Model]:
        return super().shown().published()  # type: ignore[misc]

    def get_queryset(self) -> QuerySet[Model]:
        return super().get_queryset().published()  # type: ignore[misc]


class PublishedOrganizationsMixin(PublishedMixin, OrganizationListMixin):
    parameter_names: ClassVar[tuple[str, ...]] = ()
    columns = PUBLIC_COLUMNS
    orderings: ClassVar[Orderings] = {**OrganizationViewSet.orderings, "updated_at": (CHANGED_AT, "id")}
    filterset_class: ClassVar[Any] = PublicOrganizationFilterSet
    # What the office does about its gaps is its own: these actions do not exist for the public.
    coverage: Any = None
    townships: Any = None
    growth: Any = None

    @classmethod
    def scope(cls) -> dict[str, Any]:
        return {**super().scope(), "published": True}


class PublicOrganizationViewSet(PublishedOrganizationsMixin, OrganizationViewSet):
    read_parameters: ClassVar[dict[str, Any]] = {}
    column_names: ClassVar[tuple[str, ...]] = (
        "registry_no",
        "kind",
        "category",
        "uscc",
        "name_zh",
        "name_en",
        "short_name",
        "former_names",
        "registration_status",
        "registration_type",
        "township",
        "zone",
        "registered_address",
        "business_address",
        "country",
        "website",
        "founded_on",
        "registered_capital",
        "capital_currency",
        "industry",
        "sectors",
        "main_products",
        "qualifications",
        "identifiers",
        "scope",
        "introduction",
        "verified_on",
        "public_source",
        "updated_at",
    )
    parameter_names: ClassVar[tuple[str, ...]] = (
        "kind",
        "sector",
        "sector_all",
        "sector_not",
        "sector_primary",
        "plan",
        "township",
        "zone",
        "registration_status",
        "category",
        "grading",
        "country",
        "founded_after",
        "founded_before",
        "updated_since",
        "search",
    )
    dimension_names: ClassVar[tuple[str, ...]] = (
        "sector",
        "township",
        "zone",
        "kind",
        "category",
        "registration_status",
        "grading",
        "layer",
        "founded",
    )


class PublicEnterpriseViewSet(PublishedOrganizationsMixin, EnterpriseViewSet):
    column_names = PublicOrganizationViewSet.column_names
    parameter_names = PublicOrganizationViewSet.parameter_names
    dimension_names = PublicOrganizationViewSet.dimension_names


class PublicInstituteViewSet(PublishedOrganizationsMixin, InstituteViewSet):
    column_names = PublicOrganizationViewSet.column_names
    parameter_names = PublicOrganizationViewSet.parameter_names
    dimension_names = PublicOrganizationViewSet.dimension_names


class PublicPlanViewSet(PublicMixin, PlanViewSet):
    column_names = (
        "code",
        "name_zh",
        "name_en",
        "document_number",
        "issued_on",
        "starts_on",
        "ends_on",
        "source",
        "current",
    )
    parameter_names = ("current", "search")


class PublicSectorViewSet(PublicMixin, SectorViewSet):
    column_names = (
        "plan",
        "code",
        "parent",
        "children",
        "layer",
        "name_zh",
        "name_en",
        "aliases",
        "definition",
        "definition_en",
        "definition_source",
        "position",
        "disabled_on",
    )
    parameter_names = ("plan", "parent", "layer", "search")


class PublicIndexView(PublicMixin, IndexView):
    pass
