"""The columns of records whose keys are known.

What differs from request to request is which records a list has, and in what order: a short statement about keys. The
long one, with all columns and the lists in them, is the same for everybody, so the ORM builds it once, and the database
plans it once for each connection.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from itertools import count
from typing import Any
from weakref import WeakKeyDictionary

import psycopg
from django.db import connection
from django.db.models import BooleanField, F, Func, Value

from registry.columns import Column, Reading

_PLACE = "the keys stand here"
_number = count(1)


class _Among(Func):
    template = "(%(expressions)s))"
    arg_joiner = " = ANY("
    output_field = BooleanField()


@dataclass(frozen=True)
class Selection:
    """The columns of a view's records, in rows that begin with the key."""

    view: Any
    columns: tuple[Column, ...]
    key: tuple[Any, ...]
    """What of the reading changes the statement."""
    reading: Reading = field(compare=False)

    def rows(self, keys: Sequence[Any]) -> dict[Any, Sequence[Any]]:
        """Key -> values of the columns. What is gone meanwhile, or has become none of the view's, is left out."""
        return {row[0]: row[1:] for row in _statement(self).run(list(keys))} if keys else {}


class _Statement:
    def __init__(self, selection: Selection) -> None:
        expressions = [column.selected(selection.reading) for column in selection.columns]
        chosen = selection.view.shown().order_by().filter(_Among(F("pk"), Value(_PLACE)))
        self._compiler = chosen.values_list("pk", *expressions).query.get_compiler(connection=connection)
        self._sql, self._parameters = self._compiler.as_sql()
        self._name = f"selection_{next(_number)}"
        self._prepared: WeakKeyDictionary[Any, bool] = WeakKeyDictionary()

    def run(self, keys: list[Any]) -> Sequence[Any]:
        with connection.cursor() as cursor:
            if connection.settings_dict.get("DISABLE_SERVER_SIDE_CURSORS"):
                # Behind a pool that gives every transaction another session, nothing prepared is found again.
                cursor.execute(self._sql, [keys if one is _PLACE else one for one in self._parameters])
            else:
                self._prepare(cursor)
                cursor.execute(f"EXECUTE {self._name}(%s)", [keys])
            rows = cursor.fetchall()
        return list(self._compiler.apply_converters(rows, self._converters)) if self._converters else rows

    def _prepare(self, cursor: Any) -> None:
        session = connection.connection
        if session not in self._prepared:
            text = psycopg.ClientCursor(session).mogrify(self._sql, self._parameters)
            cursor.execute(f"PREPARE {self._name} AS " + text.replace(f"'{_PLACE}'", "$1"))
            self._prepared[session] = True

    @cached_property
    def _converters(self) -> Any:
        return self._compiler.get_converters([expression for expression, _sql, _alias in self._compiler.select])


_statement = lru_cache(maxsize=200)(_Statement)
