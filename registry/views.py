from typing import Any, ClassVar

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from rest_framework.viewsets import GenericViewSet

from registry.api.lists import RowListMixin
from registry.api.paging import Orderings
from registry.filtersets import OrganizationFilterSet
from registry.models import Enterprise, Institute, Organization
from registry.rows import ORGANIZATION_COLUMNS


class OrganizationViewSet(RowListMixin, GenericViewSet[Any]):
    queryset: QuerySet[Any] = Organization.objects.all()
    lookup_field = "registry_no"
    columns = ORGANIZATION_COLUMNS
    filterset_class = OrganizationFilterSet
    orderings: ClassVar[Orderings] = {
        "name": ("sort_key", "id"),
        "registry_no": ("registry_no",),
        "updated_at": ("updated_at", "id"),
    }
    export_title = _("Organizations")


class EnterpriseViewSet(OrganizationViewSet):
    queryset = Enterprise.objects.all()
    export_title = _("Enterprises")


class InstituteViewSet(OrganizationViewSet):
    queryset = Institute.objects.all()
    export_title = _("Institutes")
