"""Pages of payments: the list of what came in, and one payment that is entered by hand."""

from typing import Any

from django.contrib import admin
from django.db.models import Q
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from alliance.admin.filters import AllianceFilter
from alliance.dues.models import Payment
from registry.organizations.models.organizations import Organization
from registry.search.conditions import find
from registry.site.admin_site import Heading
from registry.site.base import RegistryAdmin
from registry.site.export import ExportMixin

from .filters import PaidYearFilter
from .shown import dues_alliance, files_of, own, warn_of_payments, yuan


@admin.register(Payment)
class PaymentAdmin(ExportMixin, RegistryAdmin):
    heading = Heading.ALLIANCES
    after_others = True
    import_table = "payments"
    export_resource = "payments"
    add_label = _("Enter a payment")
    search_fields = ("serial_no",)
    search_help_text = _("Any part of a name, a payer, or the beginning of a serial or receipt number")
    list_display = (
        "paid_on",
        "organization_name",
        "year",
        "amount_in_yuan",
        "payer",
        "text",
        "serial_no",
        "receipt_no",
    )
    list_display_links = ("paid_on", "organization_name")
    list_filter = (AllianceFilter, PaidYearFilter)
    list_select_related = ("due__member__organization", "alliance")
    sortable_by = ("paid_on", "organization_name")
    ordering = ("-paid_on", "-id")
    autocomplete_fields = ("due",)
    fields = ("due", ("paid_on", "amount"), "receipt_no", "payer", "text", "serial_no")
    amount_in_yuan = yuan("amount", _("amount paid (yuan)"))

    def get_queryset(self, request: HttpRequest) -> Any:
        rows = super().get_queryset(request).select_related("due__member__organization", "alliance")
        return own(request, rows, "due__member__organization")

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> tuple[Any, bool]:
        words = search_term.strip()
        if not words:
            return queryset, False
        found = find(Organization.objects.all(), words).values("pk")
        numbers = Q(serial_no__startswith=words) | Q(receipt_no__startswith=words) | Q(payer__icontains=words)
        return queryset.filter(Q(due__member__organization__in=found) | numbers), False

    @admin.display(description=_("organization"), ordering="due__member__organization__sort_key")
    def organization_name(self, obj: Payment) -> str:
        return str(obj.due.member.organization)

    @admin.display(description=_("year of the dues"))
    def year(self, obj: Payment) -> int:
        return obj.due.year

    def page_heading(self, obj: Any) -> tuple[Any, Any]:
        return (obj.due.member.organization, obj.due.year) if obj else (obj, "")

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        warn_of_payments(request, form.instance.due)

    def exports(self, request: HttpRequest, parameters: dict[str, str]) -> list[tuple[str, str]]:
        alliance = dues_alliance(request)
        if alliance is None or "search" in parameters:  # the API has no search here
            return []
        query = "&".join(f"{name}={value}" for name, value in parameters.items())
        return list(files_of(alliance, self.export_resource, query))
