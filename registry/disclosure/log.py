"""Writes the log of looks at personal data, and says who a request comes from."""

from collections.abc import Iterable
from typing import Any

from django.contrib.auth.models import User

from registry.disclosure.models import Channel, Disclosure, Receipt

Subject = tuple[str, str, str]
"""Registry number and name of an organization, and the member number or an empty text."""


def by_whom(request: Any, channel: Channel = Channel.API) -> dict[str, Any]:
    """Return the fields of both logs that say from whom a request comes, and in which way."""
    user = request.user if isinstance(request.user, User) else None
    return {
        "user": user,
        "channel": channel if user else Channel.COMMAND,
        "token": getattr(getattr(request, "auth", None), "key_start", ""),
        "request_id": request.META.get("REQUEST_ID", ""),
    }


def log_looks(who: dict[str, Any], what: str, subjects: Iterable[Subject], reason: str) -> None:
    """Log that the numbers of these records were shown in full."""
    Disclosure.objects.bulk_create(
        Disclosure(what=what, registry_no=number, name=name, member_no=member_no, reason=reason, **who)
        for number, name, member_no in subjects
    )


def log_file(who: dict[str, Any], what: str, receipt: Receipt) -> None:
    """Log that a file was made with the numbers of all its records in full."""
    Disclosure.objects.create(what=what, reason=receipt.purpose, receipt=receipt, **who)
