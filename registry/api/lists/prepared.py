"""Queries that are the same for every request but for one value.

The ORM builds such a query once and each connection plans it once: for what is in every request, both take longer than
running it.
"""

from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Any

import psycopg
from django.db import connection
from django.db.models import BooleanField, Expression, F, Func, Model, QuerySet, Value
from psycopg.adapt import Dumper
from psycopg.types.datetime import TimestamptzLoader

_MOST_PREPARED = 30
"""Clients choose columns as they like and each choice is a query: each connection keeps the latest of them prepared."""


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
    """The field has one of the values with which the query is run."""

    template = "(%(expressions)s))"
    arg_joiner = " = ANY("


class PreparedQuery:
    """The `values_list()` of a queryset that one `EqualsParameter` or `AnyOfParameter` filters."""

    def __init__(self, queryset: QuerySet[Model]) -> None:
        self._compiler = queryset.query.get_compiler(connection=connection)
        self._sql, self._parameters = self._compiler.as_sql()

    def rows(self, value: Any) -> Sequence[Any]:
        """Run the query; psycopg prepares it when it has run a few times (`prepare_threshold` in the settings)."""
        connection.close_if_health_check_failed()  # as for every cursor of Django
        connection.ensure_connection()
        session = connection.connection
        session.prepared_max = _MOST_PREPARED
        # Django's cursors write values into the statement: nothing is prepared, but a log shows it whole.
        logged = connection.queries_logged
        binding: Any = psycopg.Cursor(session)
        with connection.cursor() if logged else connection.make_cursor(binding) as cursor:
            # Django's own loader, in Python, gives the same: moments in the time zone of the session, which is UTC.
            cursor.adapters.register_loader("timestamptz", TimestamptzLoader)
            cursor.execute(self._statement, [value])
            rows = cursor.fetchall()
        return list(self._compiler.apply_converters(rows, self._converters)) if self._converters else rows

    @cached_property
    def _statement(self) -> str:
        """Return the statement with all values in it but the parameter."""
        writer = psycopg.ClientCursor(connection.connection)
        writer.adapters.register_dumper(Parameter, _ParameterDumper)
        return writer.mogrify(self._sql, self._parameters).replace("%", "%%").replace("\0", "%s")

    @cached_property
    def _converters(self) -> dict[int, tuple[list[Callable[..., object]], Expression]]:
        return self._compiler.get_converters([expression for expression, _sql, _alias in self._compiler.select])
