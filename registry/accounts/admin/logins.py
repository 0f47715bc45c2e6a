"""Pages of log-ins, as django-axes stores them."""

from typing import Any

from axes.models import AccessAttempt, AccessLog
from django.contrib import admin, messages
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from registry.site.base import ReadOnlyAdmin


class LoginsAdmin(ReadOnlyAdmin):
    """The base of the read-only pages of log-ins; the pages of django-axes itself are in English."""

    words = (
        gettext_noop("access attempt"),
        gettext_noop("access attempts"),
        gettext_noop("access log"),
        gettext_noop("access logs"),
        gettext_noop("Attempt Time"),
        gettext_noop("Logout Time"),
        gettext_noop("Failed Logins"),
        gettext_noop("IP Address"),
        gettext_noop("User Agent"),
    )
    search_fields = ("username", "ip_address")
    list_display_links = None
    sortable_by = ()
    ordering = ("-attempt_time",)


class AccessAttemptAdmin(LoginsAdmin):
    """Lists failed log-ins. Deleting a row allows log-ins to the account from its address again."""

    list_display = ("attempt_time", "username", "ip_address", "failures_since_start", "user_agent")
    actions = ("unlock",)

    @admin.action(description=_("Unlock"), permissions=["delete"])
    def unlock(self, request: HttpRequest, queryset: Any) -> None:
        queryset.delete()
        self.message_user(request, _("Unlocked: the chosen accounts can log in again."), messages.SUCCESS)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm("axes.delete_accessattempt")


class AccessLogAdmin(LoginsAdmin):
    list_display = ("attempt_time", "logout_time", "username", "ip_address", "user_agent")


admin.site.register(AccessAttempt, AccessAttemptAdmin)
admin.site.register(AccessLog, AccessLogAdmin)
