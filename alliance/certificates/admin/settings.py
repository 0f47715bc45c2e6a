"""The page on which an alliance says how its certificates are numbered and signed."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import path, reverse

from alliance.models import Alliance, CertificateSettings
from registry.site.admin_site import Heading
from registry.site.base import RegistryAdmin


@admin.register(CertificateSettings)
class CertificateSettingsAdmin(RegistryAdmin):
    heading = Heading.ALLIANCES
    after_others = True
    list_display = ("alliance", "number_format", "signature")
    list_display_links = ("alliance",)
    list_select_related = ("alliance",)
    sortable_by = ()
    fields = ("alliance", "number_format", "signature")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return ("alliance",) if obj else ()

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        found = Alliance.objects.filter(slug=request.GET.get("alliance", "")).first()
        return {"alliance": found.pk} if found else {}

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view(self.of_view)
        return [path("of/<slug:slug>/", view, name="alliance_certificatesettings_of"), *super().get_urls()]

    def of_view(self, request: HttpRequest, slug: str) -> HttpResponse:
        """Lead to the settings of an alliance, or to entering them."""
        alliance = get_object_or_404(Alliance, slug=slug)
        found = CertificateSettings.objects.filter(alliance=alliance).first()
        if found:
            return HttpResponseRedirect(reverse("admin:alliance_certificatesettings_change", args=[found.pk]))
        address = reverse("admin:alliance_certificatesettings_add")
        return HttpResponseRedirect(f"{address}?alliance={alliance.slug}")
