"""Finds the events up to an id below which none will appear any more, for who reads on from the last id.

Ids are given when an event is written, and are seen when its transaction ends: a later id may be seen first. Each
transaction that has written an event holds a lock on the table until it ends: once those that held one when the last
id was read are over, all smaller ids are seen, or never will be. Nobody waits for the reader.
"""

import time
from collections.abc import Iterator

from django.db import connection

from registry.security.models import SecurityEvent

_WRITING = """
    SELECT virtualtransaction FROM pg_locks
    WHERE locktype = 'relation' AND relation = 'registry_securityevent'::regclass AND mode = 'RowExclusiveLock'
      AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
      AND pid IS DISTINCT FROM pg_backend_pid()
"""
_PAUSE = 0.1


def settled_events(since: int, wait: float) -> Iterator[SecurityEvent] | None:
    """Return the events after this id, the earliest first; None if acts under way have not ended in `wait` seconds."""
    last = SecurityEvent.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    over = time.monotonic() + wait
    writing = _writing()
    while writing:
        if time.monotonic() > over:
            return None
        time.sleep(_PAUSE)
        writing &= _writing()
    events = SecurityEvent.objects.filter(pk__gt=since, pk__lte=last).select_related("entry", "receipt")
    return events.order_by("pk").iterator()


def _writing() -> set[str]:
    """Return the transactions that have written an event, or may have, and have not ended."""
    with connection.cursor() as cursor:
        cursor.execute(_WRITING)
        return {transaction for (transaction,) in cursor.fetchall()}
