"""Queries that are the same for every request but for one value.

The ORM builds such a query once and the database plans it once for each connection: for what is in every request,
both take longer than running it.
"""

from collections.abc import Callable, Hashable, Sequence
from functools import cached_property
from itertools import count
from typing import Any, Generic, TypeVar
from weakref import WeakKeyDictionary

import psycopg
from django.db import connection
from django.db.models import BooleanField, F, Func, QuerySet, Value
from psycopg.types.datetime import TimestamptzLoader

T = TypeVar("T")
_PLACE = "the value stands here"
_number = count(1)
_prepared: WeakKeyDictionary[Any, dict[str, str]] = WeakKeyDictionary()
"""Connection -> names of the statements that are prepared there, the latest used last."""
_MOST_PREPARED = 30


class Remembered(Generic[T]):
    """Keeps what was built for keys before, at most so many; then it begins anew. A key of None is never remembered."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._kept: dict[Hashable, T] = {}

    def __len__(self) -> int:
        return len(self._kept)

    def get(self, key: Hashable | None, build: Callable[[], T]) -> T:
        if key is None:
            return build()
        found = self._kept.get(key)
        if found is None:
            found = build()
            if len(self._kept) >= self._most:
                self.clear()
            self._kept[key] = found
        return found

    def clear(self) -> None:
        self._kept.clear()


class Is(Func):
    """The field has the value with which the statement is run."""

    template = "(%(expressions)s)"
    arg_joiner = " = "
    output_field = BooleanField()

    def __init__(self, field: str) -> None:
        super().__init__(F(field), Value(_PLACE))


class IsAmong(Is):
    """The field has one of the values with which the statement is run."""

    template = "(%(expressions)s))"
    arg_joiner = " = ANY("


class Prepared:
    """A statement with at most one value, which each connection plans only once.

    What may be asked only once is prepared from its second run on.
    """

    def __init__(self, sql: str, parameters: Sequence[Any], *, for_all: bool = False) -> None:
        self._sql, self._parameters = sql, parameters
        self._places = sum(one is _PLACE for one in parameters)
        self._name = f"statement_{next(_number)}"
        self._asked_before = for_all

    def rows(self, value: Any = None) -> list[Any]:
        with connection.cursor() as cursor:
            # Django's own loader, in Python, gives the same: moments in the time zone of the session, which is UTC.
            cursor.adapters.register_loader("timestamptz", TimestamptzLoader)
            # Behind a pool that gives every transaction another session, nothing prepared is found again.
            if self._asked_before and not connection.settings_dict.get("DISABLE_SERVER_SIDE_CURSORS"):
                self._prepare(cursor)
                given = "(%s)" if self._places else ""
                cursor.execute(f"EXECUTE {self._name}{given}", [value][: self._places])
            else:
                cursor.execute(self._sql, [value if one is _PLACE else one for one in self._parameters])
            self._asked_before = True
            return cursor.fetchall()

    def _prepare(self, cursor: Any) -> None:
        session = connection.connection
        known = _prepared.setdefault(session, {})
        if known.pop(self._name, None) is None:
            # Clients choose columns and filters as they like, each choice is a statement: the server keeps the latest.
            if len(known) >= _MOST_PREPARED:
                cursor.execute(f"DEALLOCATE {known.pop(next(iter(known)))}")
            text = psycopg.ClientCursor(session).mogrify(self._sql, self._parameters)
            cursor.execute(f"PREPARE {self._name} AS " + text.replace(f"'{_PLACE}'", "$1"))
        known[self._name] = self._name


class Statement(Prepared):
    """The `values_list()` of a queryset that one `Is` or `IsAmong` filters."""

    def __init__(self, queryset: QuerySet[Any]) -> None:
        self._compiler = queryset.query.get_compiler(connection=connection)
        super().__init__(*self._compiler.as_sql(), for_all=True)

    def rows(self, value: Any = None) -> list[Any]:
        rows = super().rows(value)
        return list(self._compiler.apply_converters(rows, self._converters)) if self._converters else rows

    @cached_property
    def _converters(self) -> Any:
        return self._compiler.get_converters([expression for expression, _sql, _alias in self._compiler.select])
