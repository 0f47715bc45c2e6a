"""The page of failed log-ins, as django-axes counts them; all log-ins are in the log of security events."""

from typing import Any

from axes.models import AccessAttempt
from django.conf import settings
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext, gettext_noop
from django.utils.translation import gettext_lazy as _

from registry.security.events import record
from registry.security.models import EventKind
from registry.site.base import ReadOnlyAdmin
from registry.site.filters import ChoiceFilter, Choices
from registry.site.login import KNOWN, OTHER


class LoginsAdmin(ReadOnlyAdmin):
    """The base of the read-only pages of log-ins; the pages of django-axes itself are in English."""

    words = (
        gettext_noop("access attempt"),
        gettext_noop("access attempts"),
        gettext_noop("Attempt Time"),
        gettext_noop("Failed Logins"),
        gettext_noop("IP Address"),
    )
    search_fields = ("username", "ip_address")
    list_display_links = None
    sortable_by = ()
    ordering = ("-attempt_time",)


def locked() -> QuerySet[AccessAttempt]:
    """Return the failed log-ins for which log-in is closed now."""
    since = timezone.now() - settings.AXES_COOLOFF_TIME
    return AccessAttempt.objects.filter(failures_since_start__gte=settings.AXES_FAILURE_LIMIT, attempt_time__gt=since)


class LockedFilter(ChoiceFilter):
    title = _("log-in")
    parameter_name = "locked"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Choices:
        return [("true", _("closed now"))]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        return queryset.filter(pk__in=locked().values("pk")) if self.value() else queryset


class AccessAttemptAdmin(LoginsAdmin):
    """Lists failed log-ins. Deleting a row allows log-ins to the account from its address again."""

    list_display = ("attempt_time", "username", "ip_address", "failures_since_start", "browser")
    list_filter = (LockedFilter,)
    actions = ("unlock",)

    @admin.display(description=_("browser"))
    def browser(self, obj: AccessAttempt) -> str:
        """Return what the browser called itself, after whether the account had been used in it before."""
        if obj.user_agent.startswith(KNOWN):
            named = obj.user_agent.removeprefix(KNOWN).partition(" ")[2]
            return gettext("%(browser)s, in which the account had been used before") % {"browser": named}
        return obj.user_agent.removeprefix(OTHER).strip()

    @admin.action(description=_("Unlock"), permissions=["delete"])
    def unlock(self, request: HttpRequest, queryset: Any) -> None:
        for attempt in queryset:
            self.delete_model(request, attempt)
        self.message_user(request, _("Unlocked: the chosen accounts can log in again."), messages.SUCCESS)

    def delete_model(self, request: HttpRequest, obj: AccessAttempt) -> None:
        record(EventKind.UNLOCK, obj.username or "", from_address=obj.ip_address)
        obj.delete()

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm("axes.delete_accessattempt")


admin.site.register(AccessAttempt, AccessAttemptAdmin)
