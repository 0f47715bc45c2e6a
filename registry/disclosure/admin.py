"""The pages 敏感信息查看记录 and 导出记录."""

import datetime
from collections.abc import Iterator
from typing import Any, ClassVar
from urllib.parse import unquote_plus

from django.contrib import admin
from django.contrib.admin import ModelAdmin
from django.contrib.auth.models import User
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.timezone import localdate, localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from registry.accounts.log import account_name
from registry.database.paths import own_path
from registry.disclosure.filtersets import DisclosureFilterSet, ReceiptFilterSet
from registry.disclosure.models import Disclosure, Reason, Receipt, reason_label, receipt_number
from registry.site.admin_site import Task
from registry.site.base import NOTHING, ReadOnlyAdmin, link
from registry.site.export import ExportMixin
from registry.site.filters import ChoiceFilter, Choices, DayFilter
from registry.values.punctuation import clauses, listed

USUAL_DAYS = 30
VIEW_LOOKS, VIEW_RECEIPTS = "registry.view_disclosure", "registry.view_receipt"


class PersonFilter(ChoiceFilter):
    title = gettext_lazy("account")
    parameter_name = "person"

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin) -> Choices:
        return [(user.username, account_name(user)) for user in User.objects.order_by("username")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Model]) -> QuerySet[Model]:
        return queryset.filter(user__username=self.value()) if self.value() else queryset


class ReasonFilter(ChoiceFilter):
    title = gettext_lazy("reason")
    parameter_name = "reason"

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin) -> Choices:
        own = Disclosure.objects.exclude(reason__in=Reason.values).order_by("reason")
        return [*Reason.choices, *((text, text) for text in own.values_list("reason", flat=True).distinct()[:50])]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Model]) -> QuerySet[Model]:
        return queryset.filter(reason=self.value()) if self.value() else queryset


class SinceFilter(DayFilter):
    """The first day; of the last 30 days where nothing is chosen, and of all time where it is emptied."""

    title = gettext_lazy("from")
    parameter_name = "since"
    filterset: Any = DisclosureFilterSet
    method = "from_day"

    def __init__(
        self, request: HttpRequest, params: dict[str, list[str]], model: type[Model], model_admin: ModelAdmin
    ) -> None:
        super().__init__(request, params, model, model_admin)
        if self.usual_day and self.parameter_name not in request.GET:
            self.day = self.usual_day

    @property
    def usual_day(self) -> datetime.date | None:
        return localdate() - datetime.timedelta(days=USUAL_DAYS)

    def queryset(self, request: HttpRequest, queryset: QuerySet[Model]) -> QuerySet[Model]:
        queryset = super().queryset(request, queryset)
        if self.day is None:
            return queryset
        filters = self.filterset(request.GET.__class__(), queryset, request=request)
        return queryset.filter(getattr(filters, self.method)(self.day, own_path))


class UntilFilter(SinceFilter):
    title = gettext_lazy("to")
    parameter_name = "until"
    method = "to_day"
    usual_day = None


class ExportedSinceFilter(SinceFilter):
    filterset = ReceiptFilterSet


class ExportedUntilFilter(UntilFilter):
    filterset = ReceiptFilterSet


class StateFilter(ChoiceFilter):
    title = gettext_lazy("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin) -> Choices:
        return list(Receipt.State.choices)

    def queryset(self, request: HttpRequest, queryset: QuerySet[Model]) -> QuerySet[Model]:
        return queryset.filter(state=self.value()) if self.value() else queryset


class FullNumbersFilter(ChoiceFilter):
    title = gettext_lazy("full numbers")
    parameter_name = "full_numbers"

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin) -> Choices:
        return [("true", _("Yes")), ("false", _("No"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Model]) -> QuerySet[Model]:
        return queryset.filter(full_numbers=self.value() == "true") if self.value() else queryset


class LogAdmin(ExportMixin, ReadOnlyAdmin):
    list_select_related: ClassVar[Any] = ("user",)
    sortable_by = ()
    ordering = ("-pk",)

    def export_url(self, parameters: dict[str, str]) -> str:
        return super().export_url({"ordering": "-id"} | parameters)  # the latest first, as on the page

    @admin.display(description=gettext_lazy("account"))
    def person(self, obj: Disclosure | Receipt) -> str:
        return account_name(obj.user) if obj.user else _("the operator of the server")


@admin.register(Disclosure)
class DisclosureAdmin(LogAdmin):
    export_resource = "disclosures"
    list_display = ("moment", "person", "organization", "what", "member_no", "why", "channel", "file")
    list_display_links = None
    list_select_related: ClassVar[Any] = ("user", "receipt")
    list_filter = (PersonFilter, ReasonFilter, SinceFilter, UntilFilter)
    search_fields = ("name",)
    search_help_text = gettext_lazy("Part of a name, or a registry number")

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> tuple[Any, bool]:
        return (queryset.filter(Disclosure.about(search_term.strip())) if search_term.strip() else queryset), False

    @admin.display(description=gettext_lazy("seen at"))
    def moment(self, obj: Disclosure) -> str:
        return f"{localtime(obj.at):%Y-%m-%d %H:%M}"

    @admin.display(description=gettext_lazy("organization"))
    def organization(self, obj: Disclosure) -> str:
        if not obj.registry_no:
            return _("all rows of a file")
        url = f"{reverse('admin:registry_organization_changelist')}?q={obj.registry_no}"
        return format_html("{} {}", link(url, obj.registry_no), obj.name)

    @admin.display(description=gettext_lazy("reason"))
    def why(self, obj: Disclosure) -> str:
        said = reason_label(obj.reason)
        return f"{said} → {obj.receipt.recipient}" if obj.receipt else said

    @admin.display(description=gettext_lazy("receipt"))
    def file(self, obj: Disclosure) -> str:
        if obj.receipt_id is None:
            return NOTHING
        return link(reverse("admin:registry_receipt_change", args=[obj.receipt_id]), receipt_number(obj.receipt_id))

    def tasks(self, request: HttpRequest) -> Iterator[Task]:
        if self.has_view_permission(request):
            yield Task("query", _("Who saw which contacts"), reverse("admin:registry_disclosure_changelist"))


@admin.register(Receipt)
class ReceiptAdmin(LogAdmin):
    """The files of everybody for who may see them, and one's own for all others."""

    export_resource = "receipts"
    list_display = ("number", "moment", "person", "title", "format", "rows", "full", "why", "state")
    list_display_links = ("number",)
    list_filter: ClassVar[Any] = (
        PersonFilter,
        StateFilter,
        FullNumbersFilter,
        ExportedSinceFilter,
        ExportedUntilFilter,
    )
    search_fields = ("title",)
    search_help_text = gettext_lazy("Number of a receipt, SHA-256 of a file, or part of a title")
    fields: ClassVar[Any] = (
        ("number", "state"),
        ("moment", "ended_at"),
        ("person", "channel", "token"),
        "title",
        "path",
        "asked",
        "as_of",
        "columns_shown",
        ("format", "rows", "size"),
        ("full", "why"),
        "sha256",
        "request_id",
    )

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return True

    def has_module_permission(self, request: HttpRequest) -> bool:
        return True

    def _sees_all(self, request: HttpRequest) -> bool:
        return request.user.has_perm(VIEW_RECEIPTS)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Receipt]:
        found = super().get_queryset(request)
        return found if self._sees_all(request) else found.filter(user=request.user.pk)

    def get_list_filter(self, request: HttpRequest) -> Any:
        return self.list_filter if self._sees_all(request) else self.list_filter[1:]

    def exports(self, request: HttpRequest, parameters: dict[str, str]) -> list[tuple[str, str]]:
        return super().exports(request, parameters) if self._sees_all(request) else []

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> tuple[Any, bool]:
        return (queryset.filter(Receipt.about(search_term.strip())) if search_term.strip() else queryset), False

    @admin.display(description=gettext_lazy("receipt number"))
    def number(self, obj: Receipt) -> str:
        return obj.number

    @admin.display(description=gettext_lazy("exported at"))
    def moment(self, obj: Receipt) -> str:
        return f"{localtime(obj.started_at):%Y-%m-%d %H:%M}"

    @admin.display(description=gettext_lazy("full numbers"))
    def full(self, obj: Receipt) -> str | Promise:
        return _("Yes") if obj.full_numbers else _("No")

    @admin.display(description=gettext_lazy("purpose → recipient"))
    def why(self, obj: Receipt) -> str:
        return f"{reason_label(obj.purpose)} → {obj.recipient}" if obj.purpose else NOTHING

    @admin.display(description=gettext_lazy("filters"))
    def asked(self, obj: Receipt) -> str:
        return clauses(unquote_plus(obj.query).split("&")) or NOTHING

    @admin.display(description=gettext_lazy("columns"))
    def columns_shown(self, obj: Receipt) -> str:
        return listed(obj.columns) or NOTHING
