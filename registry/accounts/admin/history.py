"""The history of one account or role, read from the log."""

from typing import Any

from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.http import HttpRequest, HttpResponse

from registry.accounts import log
from registry.site.base import RegistryAdmin


class LoggedAdmin(RegistryAdmin):
    """The base of the pages of accounts and roles, whose history is in the log."""

    def history_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        return self.history_page(request, object_id, "admin/registry/account_history.html", extra_context)

    def history_of(self, request: HttpRequest, obj: Any) -> dict[str, Any]:
        kind = ContentType.objects.get_for_model(self.model)
        entries = LogEntry.objects.filter(content_type=kind, object_id=str(obj.pk)).select_related("user")
        return {"entries": [(one.action_time, log.account_name(one.user), log.message(one)) for one in entries]}
