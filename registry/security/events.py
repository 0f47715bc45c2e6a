"""Writes the log of security events: a row for each, and a line of JSON where the deployment has a place for lines.

Every event is recorded by `record()`, in the transaction of what it tells of: what is undone did not happen. The line
follows when that transaction has ended well. Roles and rights that a command, the shell or SQL changes are told by
triggers (migration 0023), as rows alone, which `print_security_events` has as lines, too.
"""

import json
import logging
from typing import Any

from django.contrib.admin.models import LogEntry
from django.db import transaction
from django.http import HttpRequest

from registry.api.access.clients import client_address
from registry.disclosure.models import Channel, Receipt
from registry.security.current import current_request
from registry.security.models import EventKind, SecurityEvent
from registry.values.people import Account

lines = logging.getLogger("registry.security.lines")
_UNPRINTABLE = "\ufffd"


def record(
    kind: EventKind,
    subject: object = "",
    *,
    by: Any = None,
    username: str | None = None,
    entry: LogEntry | None = None,
    receipt: Receipt | None = None,
    **details: object,
) -> SecurityEvent:
    """Add an event, done by the account of the current request unless `by` or `username` says otherwise.

    `subject` is the account or record that it concerns. `details` are shown as they are: no secret, and no values of
    personal data, belong there. Details without a value are left out.
    """
    request = current_request()
    event = SecurityEvent.objects.create(
        kind=kind,
        username=_cut(_name(by, request) if username is None else username, 150),
        subject=_cut(str(subject), 200),
        entry=entry,
        receipt=receipt,
        details={name: _detail(value) for name, value in details.items() if value not in (None, "", [], ())},
        **_where(request),
    )
    transaction.on_commit(lambda: lines.info(line(event)))
    return event


def line(event: SecurityEvent) -> str:
    """Return the event as one line of JSON in ASCII: no sign that somebody typed can end the line."""
    told: dict[str, Any] = {
        "id": event.pk,
        "at": event.at.isoformat(timespec="milliseconds"),
        "event": event.kind,
        "user": event.username,
        "concerning": event.subject,
        "address": event.address,
        "way": event.channel,
        "token": event.token,
        "request_id": event.request_id,
        "details": event.details or _told_by(event),
    }
    return json.dumps({name: value for name, value in told.items() if value}, ensure_ascii=True)


def _told_by(event: SecurityEvent) -> dict[str, Any]:
    """Return what the entry or receipt says that the event names."""
    if event.entry:
        told: dict[str, Any] = json.loads(event.entry.change_message)
        return told
    if receipt := event.receipt:
        full = {"full_numbers": True, "purpose": receipt.purpose, "recipient": receipt.recipient}
        return {"receipt": receipt.number, "path": receipt.path, **(full if receipt.full_numbers else {})}
    return {}


def _detail(value: object) -> object:
    if isinstance(value, list | tuple | set):
        return [_detail(one) for one in value]
    return _cut(value, 500) if isinstance(value, str) else value


def _where(request: HttpRequest | None) -> dict[str, str]:
    """Return from where the request comes and in which way; without one, a command on the server."""
    if request is None:
        return {"channel": Channel.COMMAND}
    token = getattr(request, "token_start", "")
    by_program = token or request.path_info.startswith("/api/")
    return {
        "channel": Channel.API if by_program else Channel.PAGE,
        "token": token,
        "address": client_address(request)[:45],
        "request_id": request.META.get("REQUEST_ID", ""),
    }


def _name(by: Account, request: HttpRequest | None) -> str:
    user = by or getattr(request, "user", None)
    return user.get_username() if user and user.is_authenticated else ""


def _cut(text: str, most: int) -> str:
    """Return the text as a row can hold it; a sign that no page shows, such as the end of a line, is replaced."""
    return "".join(sign if sign.isprintable() else _UNPRINTABLE for sign in text[:most])
