"""Finds rows of any table that hold a trace in any of their columns: one pass over each table."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection, transaction
from django.db.models import Model
from psycopg.sql import SQL, Identifier

from registry.erasure.finding.traces import DROPPED, Traces

PIECE = 500


@contextmanager
def without_limit() -> Iterator[None]:
    """Let statements take longer than on other pages: every row of every table is read."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 0")
        yield


def rows_with(model: type[Model], traces: Traces, *fields: str) -> Iterator[dict[str, Any]]:
    """Yield the rows whose text as a whole holds a trace, with their key as `pk` and these fields.

    The whole row is compared: a trace may be in another column, so the caller looks at the fields again.
    """
    query = SQL(
        "SELECT {pk} FROM {table} t, LATERAL (SELECT translate(lower(t::text COLLATE {c}), %s, '') AS plain) x"
        " WHERE x.plain LIKE ANY(%s) ORDER BY 1"
    ).format(pk=_column(model), table=Identifier(model._meta.db_table), c=Identifier("C"))
    with connection.cursor() as cursor:
        cursor.execute(query.as_string(), [DROPPED, [f"%{_escaped(form)}%" for form in sorted(traces.forms)]])
        keys = [pk for (pk,) in cursor.fetchall()]
    for start in range(0, len(keys), PIECE):
        found = model._base_manager.filter(pk__in=keys[start : start + PIECE]).order_by("pk")
        yield from found.values("pk", *fields)


def _column(model: type[Model]) -> Identifier:
    pk = model._meta.pk
    assert pk is not None and pk.column  # noqa: S101, PT018 - every model has a key
    return Identifier(pk.column)


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", r"\%").replace("_", r"\_")
