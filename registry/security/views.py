"""The log of security events as a list, for who may read it."""

from typing import ClassVar

from django.db.models import Model, QuerySet

from registry.disclosure.views import LogViewSet
from registry.security.columns import SECURITY_EVENT_COLUMNS
from registry.security.filtersets import SecurityEventFilterSet
from registry.security.models import SecurityEvent


class SecurityEventViewSet(LogViewSet):
    action_descriptions: ClassVar[dict[str, str]] = {
        "list": "Who logged in or failed to, what was done to accounts, roles, second factors and tokens, which files "
        "were exported and whose personal data were seen in full or erased."
    }
    queryset: QuerySet[Model] = SecurityEvent.objects.all()
    columns = SECURITY_EVENT_COLUMNS
    filterset_class = SecurityEventFilterSet
