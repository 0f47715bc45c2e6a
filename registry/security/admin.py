"""The page 安全日志, for auditors."""

from collections.abc import Iterator
from typing import Any, ClassVar

from django.contrib import admin
from django.contrib.admin import ModelAdmin
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.text import Truncator
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from registry.disclosure.admin import LogAdmin, PersonFilter, SinceFilter, UntilFilter
from registry.disclosure.models import Channel
from registry.security.filtersets import SecurityEventFilterSet
from registry.security.models import EventKind, SecurityEvent
from registry.security.shown import told
from registry.site.admin_site import Task
from registry.site.base import NOTHING, link
from registry.site.filters import ChoiceFilter, Choices

VIEW_EVENTS = "registry.view_securityevent"
LONG = 120
"""From so many characters on the details of an event are folded."""


class EventKindFilter(ChoiceFilter):
    title = gettext_lazy("event")
    parameter_name = "kind"

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin) -> Choices:
        return list(EventKind.choices)

    def queryset(self, request: HttpRequest, queryset: QuerySet[Model]) -> QuerySet[Model]:
        return queryset.filter(kind=self.value()) if self.value() else queryset


class DoneByFilter(PersonFilter):
    def queryset(self, request: HttpRequest, queryset: QuerySet[Model]) -> QuerySet[Model]:
        return queryset.filter(username=self.value()) if self.value() else queryset


class EventSinceFilter(SinceFilter):
    filterset = SecurityEventFilterSet


class EventUntilFilter(UntilFilter):
    filterset = SecurityEventFilterSet


@admin.register(SecurityEvent)
class SecurityEventAdmin(LogAdmin):
    export_resource = "security-events"
    list_display = ("moment", "what_happened", "who", "subject", "told", "address", "way")
    list_display_links = None
    list_select_related: ClassVar[Any] = ("entry", "receipt")
    list_filter = (EventKindFilter, DoneByFilter, EventSinceFilter, EventUntilFilter)
    search_fields = ("subject",)
    search_help_text = gettext_lazy("Part of an account or record, the beginning of an address, or a request id")

    def get_search_results(self, request: HttpRequest, queryset: QuerySet, search_term: str) -> tuple[Any, bool]:
        return (queryset.filter(SecurityEvent.about(search_term.strip())) if search_term.strip() else queryset), False

    @admin.display(description=gettext_lazy("when"))
    def moment(self, obj: SecurityEvent) -> str:
        return f"{localtime(obj.at):%Y-%m-%d %H:%M:%S}"

    @admin.display(description=gettext_lazy("event"))
    def what_happened(self, obj: SecurityEvent) -> str:
        return obj.get_kind_display()

    @admin.display(description=gettext_lazy("account"))
    def who(self, obj: SecurityEvent) -> str:
        operator = obj.channel == Channel.COMMAND and not obj.username
        return _("the operator of the server") if operator else obj.username or NOTHING

    @admin.display(description=gettext_lazy("details"))
    def told(self, obj: SecurityEvent) -> str:
        if obj.receipt:
            address = reverse("admin:registry_receipt_change", args=[obj.receipt_id])
            return format_html("{} {}", link(address, obj.receipt.number), obj.receipt.title)
        said = told(obj.details, obj.entry.change_message if obj.entry else None) or NOTHING
        if len(said) <= LONG:
            return said
        return format_html("<details><summary>{}</summary>{}</details>", Truncator(said).chars(LONG), said)

    @admin.display(description=gettext_lazy("way"))
    def way(self, obj: SecurityEvent) -> str:
        return f"{obj.get_channel_display()} {obj.token}".strip()

    def tasks(self, request: HttpRequest) -> Iterator[Task]:
        if self.has_view_permission(request):
            yield Task(
                "query",
                _("What happened to log-ins, accounts and keys"),
                reverse("admin:registry_securityevent_changelist"),
            )
