"""The page of the log of accounts and roles."""

from typing import Any

from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import User
from django.contrib.contenttypes.models import ContentType
from django.http import HttpRequest
from django.utils.translation import gettext_lazy

from registry.accounts import log
from registry.site.base import ReadOnlyAdmin
from registry.site.filters import ChoiceFilter, Choices


class LoggedAccountFilter(ChoiceFilter):
    title = gettext_lazy("account")
    parameter_name = "account"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Choices:
        return [(str(user.pk), log.account_name(user)) for user in User.objects.order_by("username")]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        kind = ContentType.objects.get_for_model(User)
        return queryset.filter(object_id=self.value(), content_type=kind) if self.value() else queryset


class LoggedPersonFilter(LoggedAccountFilter):
    title = gettext_lazy("done by")
    parameter_name = "person"

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        return queryset.filter(user=self.value()) if self.value() else queryset


@admin.register(LogEntry)
class AccountLogAdmin(ReadOnlyAdmin):
    """The page that lists what was done to accounts and roles, for auditors and administrators."""

    list_display = ("action_time", "person", "whom", "told")
    list_select_related = ("user",)
    list_display_links = None
    list_filter = (LoggedAccountFilter, LoggedPersonFilter)
    search_fields = ("object_repr", "user__username", "user__first_name", "user__last_name")
    sortable_by = ()
    ordering = ("-action_time", "-pk")

    @admin.display(description=gettext_lazy("done by"))
    def person(self, obj: LogEntry) -> str:
        return log.account_name(obj.user)

    @admin.display(description=gettext_lazy("account or role"))
    def whom(self, obj: LogEntry) -> str:
        return obj.object_repr

    @admin.display(description=gettext_lazy("what was done"))
    def told(self, obj: LogEntry) -> str:
        return log.message(obj)
