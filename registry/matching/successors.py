"""Finds the record that a merged record was merged into."""

from collections.abc import Collection

from django.db import connection

_FOLLOW = """
WITH RECURSIVE chain (id, next) AS (
    SELECT id, successor_id FROM registry_organization WHERE id = ANY (%s)
    UNION
    SELECT c.id, o.successor_id FROM chain c JOIN registry_organization o ON o.id = c.next
    WHERE o.registration_status = 'merged'
)
SELECT c.id, o.id FROM chain c JOIN registry_organization o ON o.id = c.next WHERE o.registration_status <> 'merged'
"""


def successors_of(merged: Collection[int]) -> dict[int, int]:
    """Return for each merged record the one at the end of its chain of mergers, unless the chain ends without one."""
    if not merged:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(_FOLLOW, [sorted(merged)])
        return dict(cursor.fetchall())
