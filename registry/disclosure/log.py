"""Writes the log of looks at personal data, and says who a request comes from."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext as _

from registry.disclosure.models import Channel, Disclosure, Receipt
from registry.security.events import record
from registry.security.models import EventKind

LONGEST = 200
HANDOVER = ("purpose", "recipient")
"""The parameters that say what a file with full numbers is for, and who is given it."""
Subject = tuple[str, str, str]
"""Registry number and name of an organization, and the member number or an empty text."""


def by_whom(request: HttpRequest) -> dict[str, Any]:
    """Return the fields of both logs that say from whom a request comes, and in which way."""
    user = request.user if isinstance(request.user, User) else None
    token = getattr(getattr(request, "auth", None), "key_start", "")
    return {
        "user": user,
        "channel": Channel.API if token else Channel.PAGE if user else Channel.COMMAND,
        "token": token,
        "request_id": request.META.get("REQUEST_ID", ""),
    }


def handed_over(parameters: Mapping[str, str]) -> tuple[str, str]:
    """Return purpose and recipient of a file; empty texts where it has numbers masked.

    Raises ValidationError, by parameter, where one of them is missing or too long.
    """
    purpose, recipient = given = tuple(parameters.get(name, "").strip() for name in HANDOVER)
    if wrong := [name for name, text in zip(HANDOVER, given, strict=True) if len(text) > LONGEST]:
        raise ValidationError({key: [_("At most %(most)d characters.") % {"most": LONGEST}] for key in wrong})
    if any(given) and not all(given):
        said = _("A file with full numbers needs both: what it is for, and who is given it.")
        raise ValidationError({name: [said] for name, text in zip(HANDOVER, given, strict=True) if not text})
    return purpose, recipient


def log_looks(who: dict[str, Any], what: str, subjects: Iterable[Subject], reason: str) -> None:
    """Log that the numbers of these records were shown in full."""
    rows = Disclosure.objects.bulk_create(
        Disclosure(what=what, registry_no=number, name=name, member_no=member_no, reason=reason, **who)
        for number, name, member_no in subjects
    )
    if rows:
        seen = rows[0].registry_no if len(rows) == 1 else ""
        record(EventKind.REVEAL, seen, by=who["user"], what=what, records=len(rows), reason=reason)


def log_file(who: dict[str, Any], what: str, receipt: Receipt) -> None:
    """Log that a file was made with the numbers of all its records in full."""
    Disclosure.objects.create(what=what, reason=receipt.purpose, receipt=receipt, **who)
