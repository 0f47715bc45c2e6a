"""Locks of imports and of what undoes them: one at a time, organizations before anything else."""

from collections.abc import Collection

from django.db import connection

IMPORTS = 0x5A534149
"""The advisory lock that all imports share: they wait for each other. The project takes no other."""
WAIT_SECONDS = 20
"""So long a page waits for somebody else's import before it says so; commands wait as long as it takes."""


def prepare(*, waiting: bool) -> None:
    """Let the statements of this transaction take their time; `waiting` people are told before they give up."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 0; SET LOCAL work_mem = '32MB'")
        if waiting:
            cursor.execute(f"SET LOCAL lock_timeout = '{WAIT_SECONDS}s'")


def imports() -> None:
    """Wait for the import that runs just now, and keep others waiting until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [IMPORTS])


def organizations(ids: Collection[int]) -> None:
    """Lock organizations in the order of their ids, so that two operations cannot block each other."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM registry_organization WHERE id = ANY(%s) ORDER BY id FOR UPDATE", [sorted(ids)])
