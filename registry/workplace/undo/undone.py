"""Finds out which operations have been taken back as a whole, by whom and when."""

import uuid
from collections.abc import Iterable

from pghistory.models import Context

UNDONE, IN_PART = "undone", "in_part"
"""The words of a history context that name what it took back, and say that it was a part of that."""


def taken_back(operations: Iterable[uuid.UUID]) -> dict[uuid.UUID, Context]:
    """Return the ids of operations that do not hold any more, each with the operation that took it back.

    What took something back may be taken back in turn: then the first one holds again.
    """
    links = _undoing(set(operations))

    def holds(pk: uuid.UUID) -> bool:
        return pk not in links or not holds(links[pk].pk)

    return {pk: last for pk, last in links.items() if holds(last.pk)}


def _undoing(operations: set[uuid.UUID]) -> dict[uuid.UUID, Context]:
    """Return for each operation the latest one that took it back, and so on for these."""
    found: dict[uuid.UUID, Context] = {}
    asked = operations
    while asked:
        # An index holds these few contexts by what they took back.
        rows = Context.objects.filter(metadata__undone__in=[str(pk) for pk in asked]).order_by("created_at")
        whole = [row for row in rows if not row.metadata.get(IN_PART)]
        found |= {uuid.UUID(row.metadata[UNDONE]): row for row in whole}
        asked = {row.pk for row in whole} - found.keys() - operations
    return found
