"""Statements that are not built anew for each request: the ORM takes longer to build one than the database to run it.

A `PreparedQuery` is the same for every request but for one value: the ORM builds it once, and each connection plans it
once. `RememberedStatements` keeps the compiled statements for the keys of lists. Requests differ in the values of their
conditions far more often than in their shape: which fields are compared, and how. So a statement is compiled once for
each shape; another request of the same shape is the same statement with its own values as parameters.
"""

from collections.abc import Callable, Hashable, Iterable, Sequence
from functools import cached_property
from typing import Any, ClassVar, NamedTuple

import psycopg
from django.db import DEFAULT_DB_ALIAS, connection, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import BooleanField, Expression, F, Func, Model, Q, QuerySet, Value
from django.db.models.sql.compiler import SQLCompiler
from psycopg.adapt import Dumper
from psycopg.types.datetime import TimestamptzLoader

_MOST_PREPARED = 30
"""Clients choose columns as they like and each choice is a query: each connection keeps the latest of them prepared."""
_MOST_REMEMBERED = 1_000
"""The number of shapes that are remembered; when there are more, all are forgotten."""


class Statement(NamedTuple):
    """A statement and its parameters."""

    text: str
    parameters: Sequence[Any]
    one_plan: bool = False
    """Whether one plan of the database is right for all values of the parameters, so that it is worth keeping."""

    def rows(self) -> list[Any]:
        """Run it. With one plan, psycopg prepares it when it has run a few times (`prepare_threshold`)."""
        database = connections[DEFAULT_DB_ALIAS]  # `connection` would look it up for each attribute
        # Django's cursors write values into the statement: nothing is prepared, but a log shows it whole.
        if not self.one_plan or database.queries_logged:
            with database.cursor() as cursor:
                cursor.execute(self.text, self.parameters)
                return cursor.fetchall()
        database.close_if_health_check_failed()  # as for every cursor of Django
        database.ensure_connection()
        session = database.connection
        session.prepared_max = _MOST_PREPARED
        binding: Any = psycopg.Cursor(session)
        with database.make_cursor(binding) as cursor:
            # Django's own loader, in Python, gives the same: moments in the time zone of the session, which is UTC.
            cursor.adapters.register_loader("timestamptz", TimestamptzLoader)
            cursor.execute(self.text, self.parameters)
            return cursor.fetchall()


class Parameter:
    """Stands for the value in the parameters of a query that was built without it."""


class _ParameterDumper(Dumper):
    """Writes a sign that no text of PostgreSQL can hold."""

    def dump(self, obj: Parameter) -> bytes:
        return b"\0"

    quote = dump


class EqualsParameter(Func):
    """The field has the value with which the query is run."""

    template = "(%(expressions)s)"
    arg_joiner = " = "
    output_field = BooleanField()

    def __init__(self, field: str) -> None:
        super().__init__(F(field), Value(Parameter()))


class AnyOfParameter(EqualsParameter):
    """The number in the field is one of those with which the query is run.

    They are in a subquery, which PostgreSQL does not look into: so it finds that one plan serves few and many.
    """

    template = "(%(expressions)s)::bigint[]))"
    arg_joiner = " = ANY((SELECT "


class PreparedQuery:
    """The `values_list()` of a queryset that one `EqualsParameter` or `AnyOfParameter` filters."""

    def __init__(self, queryset: QuerySet[Model]) -> None:
        self._compiler = queryset.query.get_compiler(connection=connection)
        self._sql, self._parameters = self._compiler.as_sql()

    def rows(self, value: object) -> Sequence[Any]:
        """Return the rows for the value."""
        rows = Statement(self._text, [value], one_plan=True).rows()
        return list(self._compiler.apply_converters(rows, self._converters)) if self._converters else rows

    @cached_property
    def _text(self) -> str:
        """Return the statement with all values in it but the parameter."""
        connection.ensure_connection()
        writer = psycopg.ClientCursor(connection.connection)
        writer.adapters.register_dumper(Parameter, _ParameterDumper)
        return writer.mogrify(self._sql, self._parameters).replace("%", "%%").replace("\0", "%s")

    @cached_property
    def _converters(self) -> dict[int, tuple[list[Callable[..., object]], Expression]]:
        return self._compiler.get_converters([expression for expression, _sql, _alias in self._compiler.select])


class WrittenCondition(Func):
    """A condition that writes its SQL itself: one text whatever its values are, which are parameters.

    Django compiles one field, which tells how the query calls the table: each further one would take a tenth of a
    millisecond.
    """

    output_field = BooleanField()

    def __init__(self, field: str) -> None:
        super().__init__(F(field))

    def text(self, table: str) -> str:
        """Return the SQL of the condition, without its parameters."""
        raise NotImplementedError

    def parameters(self) -> list[str]:
        raise NotImplementedError

    def as_sql(
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, *args: Any, **extra: Any
    ) -> tuple[str, Any]:
        (field,) = self.get_source_expressions()
        table, _dot, _column = compiler.compile(field)[0].rpartition(".")
        return self.text(table), self.parameters()


class RememberedStatements:
    """The statements that this process remembers: key and shape -> text, and the types of its parameters.

    A statement is remembered only if the parameters that the ORM gave it are exactly the values of the conditions in
    their order. Where the ORM makes something else of a value, puts it into the text or leaves it out, nothing is
    remembered. Which values are equal is part of the shape: two that the ORM had exchanged would be seen, or make no
    difference.
    """

    _known: ClassVar[dict[Hashable, tuple[str, list[type]]]] = {}

    @classmethod
    def cache_clear(cls) -> None:
        cls._known.clear()

    @classmethod
    def find(cls, key: Hashable, conditions: Iterable[Q], compiled: Callable[[], Statement]) -> Statement:
        """Return the statement with these conditions; `compiled` makes it, and `key` is what else it depends on."""
        values: list[object] = []
        try:
            shapes = [_shape(condition, values) for condition in conditions]
        except _UnknownShape:
            return compiled()
        shape = (key, *shapes, *[values.index(value) for value in values])
        if found := cls._known.get(shape):
            text, types = found
            typed = [one if type(one) is kind else kind(one) for kind, one in zip(types, values, strict=True)]
            return Statement(text, typed)
        statement = compiled()
        if list(statement.parameters) == values:
            if len(cls._known) >= _MOST_REMEMBERED:
                cls.cache_clear()
            cls._known[shape] = statement.text, [*map(type, statement.parameters)]
        return statement


class _UnknownShape(Exception):
    """The condition has a part, such as a subquery, whose statement may depend on more than its shape."""


def _shape(condition: Q, values: list[object]) -> Hashable:
    """Return what the condition is but for its values, and add these to the list."""
    parts: list[Hashable] = [condition.connector, condition.negated]
    for child in condition.children:
        if isinstance(child, Q):
            parts.append(_shape(child, values))
        elif isinstance(child, WrittenCondition):
            parts.append((type(child), child.text("")))
            values += child.parameters()
        elif isinstance(child, tuple):
            path, value = child
            several = path.endswith("__in") and isinstance(value, list | tuple)
            values += value if several else [value]
            parts.append((path, tuple(map(type, value)) if several else type(value)))
        else:
            raise _UnknownShape
    return tuple(parts)
