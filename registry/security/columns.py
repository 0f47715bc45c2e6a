"""The columns of the log of security events."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from registry.api.json_schema import NULLABLE_TEXT
from registry.columns import Column, RenderContext, field_column, text_column
from registry.disclosure.columns import moment, receipt_column
from registry.security.models import SecurityEvent
from registry.security.shown import told

OBJECT = {"type": "object", "additionalProperties": True}


def _change(message: str | None, context: RenderContext) -> str | None:
    return told({}, message) if message else None


def _details(details: dict[str, Any], context: RenderContext) -> str:
    return told(details)


SECURITY_EVENT_COLUMNS: tuple[Column, ...] = (
    field_column(SecurityEvent, "id", in_file=False),
    field_column(SecurityEvent, "at", write=moment, width=20),
    field_column(SecurityEvent, "kind", width=18),
    field_column(SecurityEvent, "username", width=16),
    field_column(SecurityEvent, "subject", width=24),
    field_column(SecurityEvent, "details", schema=OBJECT, write=_details, width=40),
    text_column(
        "change",
        _("change of the account or role"),
        expression="entry__change_message",
        present=_change,
        write=_change,
        schema=NULLABLE_TEXT,
        width=40,
    ),
    receipt_column("receipt", "receipt_id"),
    text_column("file", _("title"), expression="receipt__title", schema=NULLABLE_TEXT, width=30),
    field_column(SecurityEvent, "address", width=18),
    field_column(SecurityEvent, "channel"),
    field_column(SecurityEvent, "token"),
    field_column(SecurityEvent, "request_id", width=34),
)
