"""Reads the event tables of an organization and its child tables, as values for programs.

Triggers fill these tables for every way of writing. Each model's own table is read, because the view over all tables is
slow.
"""

import datetime
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from typing import Any, NamedTuple

from django.contrib.auth import get_user_model
from django.contrib.auth.models import User
from django.db.models import F, Field, ForeignKey, Model
from django.utils.timezone import localtime

from registry.values.masking import masks_of

Part = tuple[type[Model], str]
"""A model whose rows belong to an organization, and the look-up that finds the events of these rows."""

PUBLIC_KEYS = ("registry_no", "code", "slug", "member_no", "username")


Key = tuple[str, str, int]
"""Moment, table and number of an event, which order all events."""


def events(parts: Sequence[Part], pk: int) -> list[tuple[Key, dict[str, Any]]]:
    """Return all events of the parts with their keys, latest first; `changes` maps a field to [before, after]."""
    told = [event for model, lookup in parts for event in _events_of(model, lookup, pk)]
    return sorted(told, key=lambda event: event[0], reverse=True)


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


def _events_of(model: type[Model], lookup: str, pk: int) -> Iterator[tuple[Key, dict[str, Any]]]:
    table = str(model._meta.model_name)
    found = row_events(model, lookup, pk)
    fields = _fields(model, found[0].row if found else {})
    keys = {column: _public_keys(field, {event.row[column] for event in found}) for column, field in fields.items()}
    users = users_of(found)
    for row, context, old, new in found:
        user = users.get(context.get("user"))
        values = {
            column: [_json(keys[column].get(row.get(column), row.get(column))) for row in (old, new)]
            for column in fields
        }
        changes = {fields[column].name: pair for column, pair in values.items() if pair[0] != pair[1]}
        for name, mask in masks_of(model).items():
            if name in changes:
                changes[name] = [value and mask(str(value)) for value in changes[name]]
        if changes or row["pgh_label"] != "update":
            moment = localtime(row["pgh_created_at"]).isoformat()
            yield (
                (moment, table, row["pgh_id"]),
                {
                    "at": moment,
                    "by": user.get_username() if user else None,
                    "operation": context.get("operation") or context.get("command"),
                    "request_id": context.get("request_id"),
                    "table": table,
                    "id": row["pgh_obj_id"],
                    "event": row["pgh_label"],
                    "changes": changes,
                },
            )


def _fields(model: type[Model], row: Iterable[str]) -> dict[str, Field]:
    """Return the fields of the model by their columns in the event table, without columns of the table's own."""
    by_column = {field.attname: field for field in model._meta.local_concrete_fields}
    return {column: by_column[column] for column in row if column in by_column and column != "id"}


def _public_keys(field: Field, ids: set[object]) -> dict[object, object]:
    """Return for each id of a referenced record the key that the API has for it."""
    if not isinstance(field, ForeignKey):
        return {}
    found = field.related_model._default_manager.in_bulk(ids - {None})
    return {
        pk: next((getattr(record, key) for key in PUBLIC_KEYS if hasattr(record, key)), pk)
        for pk, record in found.items()
    }


def _json(value: object) -> object:
    if isinstance(value, Decimal):
        return str(value)
    return value.isoformat() if isinstance(value, (datetime.date, datetime.datetime)) else value
