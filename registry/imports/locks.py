"""Locks that let one import or undoing run at a time. Organizations are locked before any other rows."""

from collections.abc import Collection

from django.db import connection

IMPORTS = 0x5A534149
"""The advisory lock that all imports share, so that they run one after another.

No other part of the project has one.
"""
WAIT_SECONDS = 20
"""The time for which a page waits for another import before it gives up, in seconds; commands wait without limit."""


def prepare(*, waiting: bool) -> None:
    """Lift the time limits of statements in this transaction; a page (`waiting`) gives up after `WAIT_SECONDS`."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 0; SET LOCAL work_mem = '32MB'")
        if waiting:
            cursor.execute(f"SET LOCAL lock_timeout = '{WAIT_SECONDS}s'")


def imports() -> None:
    """Wait until no other import runs, and keep other imports waiting until this transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [IMPORTS])


def organizations(ids: Collection[int]) -> None:
    """Lock organizations in the order of their ids, so that two operations cannot block each other."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM registry_organization WHERE id = ANY(%s) ORDER BY id FOR UPDATE", [sorted(ids)])
