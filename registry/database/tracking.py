from collections.abc import Callable
from typing import TypeVar

import pghistory
from django.db.models import Model

M = TypeVar("M", bound=type[Model])

FRESH_PLANS = "DISCARD PLANS"
"""Runs before a statement that changes many rows, and discards the plans of the session.

The triggers of the history join old and new rows by a plan that PostgreSQL keeps from their first call in the session.
A plan made for one row, or none, compares every row with every row: 20,000 rows would take minutes.
"""


def tracked(*derived: str) -> Callable[[M], M]:
    """Record every insert, update and delete of a model by database triggers, for every way of writing.

    `derived` names columns that are computed from others (keys, counters, time stamps): a change of these alone makes
    no event. The triggers work per statement, because row triggers cost three times as much on bulk writes. Each model
    needs a new tracker, because a shared one breaks makemigrations.
    """
    return pghistory.track(
        pghistory.InsertEvent(level=pghistory.Statement),
        pghistory.UpdateEvent(level=pghistory.Statement),
        pghistory.DeleteEvent(level=pghistory.Statement),
        exclude=list(derived),
        append_only=True,
        meta={"default_permissions": ()},
    )
