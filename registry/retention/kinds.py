"""The kinds of data whose time of keeping ends, each with its period, the reason of it, and what clears it."""

import datetime
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pghistory
from django.db import ProgrammingError, transaction
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from psycopg.errors import InsufficientPrivilege


@dataclass(frozen=True)
class RetentionKind:
    """One kind of data."""

    name: str
    label: Promise
    days: Callable[[], int]
    """How long it is kept; 0 is for ever."""
    reason: Promise
    """Why so long, with the article of the law where one says it."""
    clear: Callable[[datetime.datetime], int]
    """Clears what is older than the moment, and returns how many rows."""
    setting: str = ""
    """The variable of the environment that sets the period; empty where it is fixed."""


_kinds: list[RetentionKind] = []


def add(*kinds: RetentionKind) -> None:
    """Register kinds of data; called by the app's `ready()`."""
    _kinds.extend(kinds)


def everything() -> list[RetentionKind]:
    return list(_kinds)


@dataclass(frozen=True)
class ClearedKind:
    kind: RetentionKind
    count: int
    refused: bool = False
    """Whether the role of the database may not clear it."""


def run(*, apply: bool) -> Iterator[ClearedKind]:
    """Clear what is over, kind by kind; without `apply` everything is done, counted and rolled back."""
    for kind in _kinds:
        if not (days := kind.days()):
            continue
        limit = timezone.now() - datetime.timedelta(days=days)
        try:
            with transaction.atomic(), pghistory.context(operation="retention"):
                count = kind.clear(limit)
                if not apply:
                    transaction.set_rollback(True)
        except ProgrammingError as error:
            if not isinstance(error.__cause__, InsufficientPrivilege):
                raise
            yield ClearedKind(kind, 0, refused=True)
        else:
            yield ClearedKind(kind, count)


def period(days: int) -> str:
    """Return a period in words."""
    if not days:
        return _("for ever")
    return ngettext("%(days)d day", "%(days)d days", days) % {"days": days}
