"""Pages of dues: the list, the dues of a member for one year with what was paid, and the ways to the other pages."""

from collections.abc import Iterator
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from alliance.admin.filters import AllianceFilter
from alliance.dues.models import Due, DuesClass, DueState, Payment
from alliance.dues.rules import part_of
from alliance.dues.views import DueViewSet
from alliance.models import Decision
from alliance.workplace.recorded import RecordedPages
from registry.imports import import_tables
from registry.organizations.admin.uscc import page_url
from registry.organizations.models.organizations import Organization
from registry.search.conditions import find
from registry.site.admin_site import Heading, Task
from registry.site.base import ChildInline, RegistryAdmin, link
from registry.site.export import ExportMixin
from registry.site.forms import RegistryForm
from registry.values.punctuation import bracketed

from .drawing_up import DrawingUpPages
from .filters import DuesClassFilter, DueStateFilter, DuesYearFilter
from .lapse import LapsePages
from .payments import PaymentAdmin
from .shown import DRAW_UP, IN_YUAN, MAY_READ_ALL, dues_alliance, files_of, own, registered, warn_of_payments, yuan


class PaymentInline(ChildInline):
    model = Payment
    wrapped = True
    fields = ("paid_on", "amount", "receipt_no", "payer", "text", "serial_no")
    ordering = ("paid_on", "id")


class DueForm(RegistryForm):
    def clean(self) -> dict[str, Any] | None:
        """Compute the amount anew where class or months were changed and the amount was not."""
        cleaned = super().clean()
        changed = {*self.changed_data}
        found, months = self.cleaned_data.get("dues_class"), self.cleaned_data.get("months")
        if changed & {"dues_class", "months"} and "amount" not in changed and found and months:
            self.cleaned_data["amount"] = part_of(found.amount, months)
        if "dues_class" in changed:
            self.instance.basis = Due.Basis.CHOSEN
        return cleaned


@admin.register(Due)
class DueAdmin(RecordedPages, DrawingUpPages, LapsePages, ExportMixin, RegistryAdmin):
    recorded_view = DueViewSet
    heading = Heading.ALLIANCES
    after_others = True
    form = DueForm
    inlines = (PaymentInline,)
    parts = ((Payment, "due"),)
    import_table = "dues"
    export_resource = "dues"
    add_label = gettext_lazy("Draw up dues")
    search_fields = ("member__member_no",)
    search_help_text = gettext_lazy("Any part of a name, or the beginning of USCC, registry or member number")
    list_display = (
        "organization_name",
        "member_no",
        "year",
        "dues_class",
        *(f"{name}_in_yuan" for name in IN_YUAN if name != "amount"),
        "state",
    )
    list_display_links = ("organization_name",)
    list_select_related = ("member__organization", "alliance", "dues_class")
    list_filter = (DueStateFilter, AllianceFilter, DuesYearFilter, DuesClassFilter)
    sortable_by = ("organization_name", "year", "balance_in_yuan")
    ordering = ("-year", "member__organization__sort_key", "id")
    readonly_fields = ("organization_link", "alliance", "year", "basis", "state", "paid_so_far")
    fieldsets = (
        (
            None,
            {
                "fields": (
                    ("organization_link", "alliance"),
                    ("year", "state"),
                    ("dues_class", "basis"),
                    ("months", "amount"),
                    "paid_so_far",
                )
            },
        ),
        (
            gettext_lazy("Relief"),
            {"fields": ("relief", "relief_rule", "relief_reason", "relief_decision")},
        ),
        (gettext_lazy("More"), {"fields": ("remarks",)}),
    )

    # --- List

    def get_queryset(self, request: HttpRequest) -> Any:
        queryset: Any = super().get_queryset(request)
        return own(request, queryset.with_balance(), "member__organization").select_related(
            "member__organization", "alliance", "dues_class"
        )

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> tuple[Any, bool]:
        if not search_term.strip():
            return queryset, False
        found = find(Organization.objects.all(), search_term).values("pk")
        number = Q(member__member_no__istartswith=search_term.strip())
        return queryset.filter(Q(member__organization__in=found) | number), False

    @admin.display(description=gettext_lazy("organization"), ordering="member__organization__sort_key")
    def organization_name(self, obj: Due) -> str:
        return str(obj.member.organization)

    @admin.display(description=gettext_lazy("member number"))
    def member_no(self, obj: Due) -> str:
        return obj.member.member_no

    @admin.display(description=gettext_lazy("state of payment"))
    def state(self, obj: Any) -> str:
        return str(DueState.of(obj.owed, obj.paid).label) if hasattr(obj, "paid") else str(obj.state.label)

    relief_in_yuan = yuan("relief", IN_YUAN["relief"])
    owed_in_yuan = yuan("owed", IN_YUAN["owed"])
    paid_in_yuan = yuan("paid", IN_YUAN["paid"])
    balance_in_yuan = yuan("balance", IN_YUAN["balance"], ordering="balance")

    def exports(self, request: HttpRequest, parameters: dict[str, str]) -> list[tuple[str, str]]:
        alliance = dues_alliance(request)
        if alliance is None or "search" in parameters:  # the API has no search here
            return []
        query = "&".join(f"{name}={value}" for name, value in parameters.items())
        return list(files_of(alliance, self.export_resource, query))

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        return super().changelist_view(request, {"list_tools": self.list_tools(request), **(extra_context or {})})

    def list_tools(self, request: HttpRequest) -> Iterator[tuple[Any, str]]:
        alliance = dues_alliance(request)
        query = f"?alliance={alliance.slug}" if alliance else ""
        if request.user.has_perms(MAY_READ_ALL):
            yield _("Dues of the social organization"), reverse("admin:alliance_duesstandard_charges") + query
            yield _("Proposed lapses"), reverse("admin:alliance_due_lapse") + query

    def tasks(self, request: HttpRequest) -> Iterator[Task]:
        table = import_tables.get(PaymentAdmin.import_table)
        if table and table.allows(request.user) and registered().exists():
            start = reverse("admin:registry_importbatch_start")
            yield Task("enter", _("Read payments of dues"), f"{start}?table={table.name}")

    # --- Page

    def has_add_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perms(DRAW_UP)

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        """Redirect to the page that draws dues up, for all members or for those who lack them."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        return HttpResponseRedirect(reverse("admin:alliance_due_draw_up"))

    @admin.display(description=gettext_lazy("organization"))
    def organization_link(self, obj: Due) -> str:
        return link(page_url(obj.member.organization), obj.member.organization)

    @admin.display(description=gettext_lazy("balance"))
    def paid_so_far(self, obj: Any) -> str:
        said = {name: self._text(obj, name) for name in ("owed", "paid", "balance")}
        return _("%(owed)s yuan to be paid, %(paid)s yuan paid: %(balance)s yuan open") % said

    def _text(self, obj: Any, name: str) -> str:
        return str(getattr(self, f"{name}_in_yuan")(obj))

    def page_heading(self, obj: Any) -> tuple[Any, Any]:
        return (obj.member.organization, _("Dues of %(year)s") % {"year": obj.year}) if obj else (obj, "")

    def autocomplete_label(self, obj: Any) -> str:
        return bracketed(f"{obj.member.organization} {obj.year}", self._text(obj, "balance"))

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        due = self._due_of_page(request)
        if db_field.name == "dues_class" and due:
            kwargs["queryset"] = DuesClass.objects.filter(standard=due.dues_class.standard_id)
        if db_field.name == "relief_decision" and due:
            decisions = Decision.objects.filter(alliance=due.alliance_id, passed=True)
            kwargs["queryset"] = decisions.select_related("meeting__term").order_by("-meeting__held_on", "number")
        field = super().formfield_for_foreignkey(db_field, request, **kwargs)
        if isinstance(field, forms.ModelChoiceField) and db_field.name == "dues_class":
            field.empty_label = None
        return field

    def _due_of_page(self, request: HttpRequest) -> Due | None:
        match = request.resolver_match
        pk = match.kwargs.get("object_id", "") if match else ""
        return Due.objects.select_related("dues_class").filter(pk=pk).first() if str(pk).isdecimal() else None

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        if any(formset.model is Payment and formset.has_changed() for formset in formsets):
            warn_of_payments(request, form.instance)

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view
        return [
            path("draw-up/", view(self.draw_up_view), name="alliance_due_draw_up"),
            path("undo/", view(self.undo_view), name="alliance_due_undo"),
            path("lapse/", view(self.lapse_view), name="alliance_due_lapse"),
            *super().get_urls(),
        ]
