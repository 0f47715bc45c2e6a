"""The log of accounts and roles: its page, and the history of one account or role."""

from typing import Any

from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.contrib.admin.utils import unquote
from django.contrib.auth.models import User
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from registry.accounts import log
from registry.site.base import RegistryAdmin
from registry.site.filters import ChoiceFilter, Choices


class LoggedAccountFilter(ChoiceFilter):
    title = gettext_lazy("account")
    parameter_name = "account"
    field = "object_id"

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


class LoggedAdmin(RegistryAdmin):
    """An account or a role: the log is its history."""

    def history_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        obj = self.get_object(request, unquote(object_id))
        if not self.has_view_or_change_permission(request, obj):
            raise PermissionDenied
        if obj is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)  # type: ignore[attr-defined]
        kind = ContentType.objects.get_for_model(self.model)
        entries = LogEntry.objects.filter(content_type=kind, object_id=str(obj.pk)).select_related("user")
        context = {
            **self.admin_site.each_context(request),
            "title": _("History: %s") % obj,
            "subtitle": None,
            "entries": [(one.action_time, log.account_name(one.user), log.message(one)) for one in entries],
            "opts": self.opts,
            "object": obj,
        }
        return TemplateResponse(request, "admin/registry/account_history.html", context)


@admin.register(LogEntry)
class AccountLogAdmin(RegistryAdmin):
    """What was done to accounts and roles, for auditors and administrators."""

    list_display = ("action_time", "person", "object_repr", "told")
    list_select_related = ("user",)
    list_display_links = None
    list_filter = (LoggedAccountFilter, LoggedPersonFilter)
    search_fields = ("object_repr", "user__username", "user__first_name", "user__last_name")
    sortable_by = ()
    ordering = ("-action_time", "-pk")

    @admin.display(description=gettext_lazy("done by"))
    def person(self, obj: LogEntry) -> str:
        return log.account_name(obj.user)

    @admin.display(description=gettext_lazy("what was done"))
    def told(self, obj: LogEntry) -> str:
        return log.message(obj)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
