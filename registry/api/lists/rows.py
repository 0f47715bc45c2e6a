"""The rows of a list that a request chooses: the keys of a page and their number, then the columns of these keys.

What differs from request to request is which records a list has, and in what order: a short query of keys. The long
one, with all columns and the lists in them, is the same for everybody. Files take whole records at once.
"""

import dataclasses
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db.models import Model, Q, QuerySet

from registry.api.lists.statements import AnyOfParameter, EqualsParameter, PreparedQuery, Statement
from registry.columns import Column, RenderContext
from registry.database.paths import order_path, own_path

Keys = Sequence[object]
"""The values of one row by which the list is ordered, then its primary key."""


@dataclasses.dataclass(frozen=True)
class KeyRange:
    """The keys that a page asks for: of so many rows in this order, beyond a place."""

    order: tuple[str, ...]
    """The fields of a total order, with "-" before those that descend."""
    rows: int
    place: Sequence[object] = ()
    """The values of these fields in the row before the first; empty at the beginning of the list."""
    cap: int = 0
    """The number up to which the rows are counted too; 0 does not count."""

    @property
    def fields(self) -> tuple[str, ...]:
        """Return the fields without signs, the primary key last."""
        names = tuple(name.removeprefix("-") for name in self.order)
        return names if names[-1] in ("id", "pk") else (*names, "pk")


@dataclasses.dataclass(frozen=True)
class KeyConditions:
    """The condition of the keys of a page, the number of rows to read, and another condition if it counts them."""

    keys: Q
    rows: int
    counted: Q | None = None
    one_plan: bool = False
    """Whether one plan of the database is right for all values in the condition."""


class ListRows:
    """The rows of a queryset."""

    path = staticmethod(own_path)

    def __init__(self, queryset: QuerySet[Model]) -> None:
        self.queryset = queryset

    def in_order(self, order: Sequence[str]) -> QuerySet[Model]:
        """Return all records in this order."""
        return self.queryset.order_by(*order)

    def count(self) -> int:
        return self.queryset.order_by().count()

    def read(self, wanted: KeyRange) -> tuple[list[Keys], int]:
        """Return the keys, and how many rows there are up to the cap of the range (0 without one)."""
        try:
            rows = self.statement(wanted, self.key_conditions(wanted)).rows()
        except EmptyResultSet:
            return [], 0
        if not wanted.cap:
            return rows, 0
        return [row[1:] for row in rows], rows[0][0] if rows else 0

    def key_conditions(self, wanted: KeyRange) -> KeyConditions:
        """Return the conditions by which the keys are found."""
        return KeyConditions(self.beyond(wanted), max(wanted.rows, wanted.cap))

    def statement(self, wanted: KeyRange, conditions: KeyConditions) -> Statement:
        """Return the statement for the keys. Raises EmptyResultSet if there can be none."""
        keys, counted = self.key_queries(wanted, conditions)
        text, parameters = keys.query.sql_with_params()
        return _with_count(text, parameters, counted, wanted.rows) if wanted.cap else Statement(text, parameters)

    def key_queries(
        self, wanted: KeyRange, conditions: KeyConditions
    ) -> tuple[QuerySet[Model], QuerySet[Model] | None]:
        """Return the query for the keys and, where its rows do not tell the count, another whose rows do."""
        keys = self.keys_in_order(self.key_rows(wanted).filter(conditions.keys), wanted)[: conditions.rows]
        if conditions.counted is None:
            return keys, None
        return keys, self.key_rows(wanted).filter(conditions.counted).values_list("pk")[: wanted.cap]

    def key_rows(self, wanted: KeyRange) -> QuerySet[Model]:
        """Return all rows of the table that the keys are read from."""
        return self.queryset

    def keys_in_order(self, queryset: QuerySet[Model], wanted: KeyRange) -> QuerySet[Model]:
        order = [order_path(name, self.path) for name in wanted.order]
        return queryset.order_by(*order).values_list(*map(self.path, wanted.fields))

    def beyond(self, wanted: KeyRange) -> Q:
        """Return the condition of rows after the place; its first field alone bounds the range for an index."""
        if not wanted.place:
            return Q()
        condition, equal = Q(), Q()
        for name, field, value in zip(wanted.order, wanted.fields, wanted.place, strict=False):
            step = "lt" if name.startswith("-") else "gt"
            condition |= equal & Q(**{f"{self.path(field)}__{step}": value})
            equal &= Q(**{self.path(field): value})
        step = "lt" if wanted.order[0].startswith("-") else "gt"
        return Q(**{f"{self.path(wanted.fields[0])}__{step}e": wanted.place[0]}) & condition


def _with_count(sql: str, parameters: Sequence[object], counted: QuerySet[Model] | None, rows: int) -> Statement:
    """Return the statement for the first rows, each after the number of all rows: mostly both from one walk."""
    more, more_parameters = "TABLE found", ()
    if counted is not None:
        more, more_parameters = counted.query.sql_with_params()
    # What is read from `found` comes in its order: nothing sorts it or divides the work on the way.
    read = f"WITH found AS MATERIALIZED ({sql}) SELECT (SELECT count(*) FROM ({more}) counted), found.* FROM found"
    return Statement(f"{read} LIMIT {rows}", (*parameters, *more_parameters))


@dataclasses.dataclass(frozen=True)
class Selection:
    """The columns of a view's records."""

    view: Any
    columns: tuple[Column, ...]
    key: tuple[object, ...]
    """The key of the render context, which changes the query."""
    context: RenderContext = dataclasses.field(compare=False)

    def rows(self, keys: Sequence[object]) -> dict[object, Sequence[object]]:
        """Key -> values of the columns. What is gone meanwhile, or has become none of the view's, is left out."""
        return {row[0]: row[1:] for row in _statement(self, "").rows(list(keys))} if keys else {}

    def row(self, name: str, value: object) -> Sequence[object] | None:
        """Values of the columns of the record whose unique field has the value."""
        return next((row[1:] for row in _statement(self, name).rows(value)), None)


@lru_cache(maxsize=200)
def _statement(selection: Selection, name: str) -> PreparedQuery:
    expressions = [column.selected(selection.context) for column in selection.columns]
    chosen = selection.view.shown().order_by().filter(EqualsParameter(name) if name else AnyOfParameter("pk"))
    return PreparedQuery(chosen.values_list("pk", *expressions))
