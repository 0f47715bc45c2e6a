"""Reads the event tables of a record and of its child tables.

Triggers fill these tables for every way of writing. Each model's own table is read, because the view over all tables is
slow.
"""

from collections.abc import Iterable
from typing import Any, NamedTuple

from django.contrib.auth import get_user_model
from django.contrib.auth.models import User
from django.db.models import F, Model

Part = tuple[type[Model], str]
"""A model whose rows belong to a record, and the look-up that finds the events of these rows."""


class RowEvent(NamedTuple):
    """One event of a row, with the values of the row before and after it by column; empty if there was no row."""

    row: dict[str, Any]
    context: dict[str, Any]
    old: dict[str, Any]
    new: dict[str, Any]


def row_events(model: type[Model], lookup: str, pk: int | list[int]) -> list[RowEvent]:
    """Yield the events of the rows of one table that belong to a record, oldest first.

    A row that is inserted again with its old number, for example by undoing an import, had no values before.
    """
    rows = (
        model.pgh_event_model.objects.filter(**{lookup: pk})  # type: ignore[attr-defined]
        .order_by("pgh_id")
        .annotate(context=F("pgh_context__metadata"))
        .values()
    )
    found: list[RowEvent] = []
    stored: dict[int, dict[str, Any]] = {}
    for row in rows:
        before = {} if row["pgh_label"] == "insert" else stored.get(row["pgh_obj_id"], {})
        stored[row["pgh_obj_id"]] = row
        deleted = row["pgh_label"] == "delete"
        found.append(RowEvent(row, row.pop("context") or {}, row if deleted else before, {} if deleted else row))
    return found


def users_of(found: Iterable[RowEvent]) -> dict[int | None, User]:
    """Return the users who made the events, by id."""
    return get_user_model().objects.in_bulk({event.context.get("user") for event in found} - {None})
