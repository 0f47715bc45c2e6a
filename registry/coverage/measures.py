"""The pages of what is done about a sector."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from registry.coverage.models import SectorMeasures
from registry.site.admin_site import Heading
from registry.site.base import RegistryAdmin


@admin.register(SectorMeasures)
class SectorMeasuresAdmin(RegistryAdmin):
    heading = Heading.ORGANIZATIONS
    after_others = True
    fields = ("sector", "responsible", "targets", "progress")
    autocomplete_fields = ("sector",)
    list_display = ("sector", "responsible", "targets", "progress")
    list_select_related = ("sector",)
    sortable_by = ()

    def get_readonly_fields(self, request: HttpRequest, obj: SectorMeasures | None = None) -> Any:
        """Return the sector as fixed: measures belong to it for good."""
        return ("sector",) if obj else ()
