"""Runs the SQL statements of an import, all on the connection whose transaction it writes in."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from django.db import connection
from django.utils.translation import gettext_lazy as _

from registry.database.db_errors import Conflict
from registry.database.tracking import FRESH_PLANS
from registry.imports.pipeline.temporary_tables import TABLES

FRESH_STATISTICS = 500
"""The number of rows from which a table that was just filled is analysed.

Otherwise the planner takes it for empty and compares every row with every row.
"""


class Database:
    def execute(self, statement: str, params: Sequence[Any] | None = None) -> None:
        with connection.cursor() as cursor:
            cursor.execute(statement, params)

    def make_table(self, name: str, query: str = "", params: Sequence[object] | None = None) -> None:
        """Create one of the `temporary_tables` with the rows of a query."""
        self.execute(f"CREATE TEMP TABLE {name} ({TABLES[name]}) ON COMMIT DROP")
        if query:
            self.execute(f"INSERT INTO {name} {query}", params)
            self.execute(f"ANALYZE {name}")

    def overwrite(self, statement: str, expected: str) -> None:
        """Run an UPDATE that skips rows changed since they were examined (compared by `xmin`).

        `expected` is the number of rows to be updated. Raises Conflict if fewer were updated.
        """
        with connection.cursor() as cursor:
            cursor.execute(FRESH_PLANS)
            cursor.execute(statement)
            written = cursor.rowcount
        if written != self.value(expected):
            message = _("Nothing was imported: somebody else has just changed the same records. Try again.")
            raise Conflict(message, code="conflict")

    def copy_rows(self, table: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
        """Fill a table by COPY. The rows must not come from a query: no query can run on the connection during COPY."""
        quoted = ", ".join(f'"{column}"' for column in columns)
        with connection.cursor() as cursor, cursor.copy(f"COPY {table} ({quoted}) FROM STDIN") as copy:
            for values in rows:
                copy.write_row(values)

    def value(self, query: str, params: Sequence[object] | None = None) -> Any:
        """Return the only value of the only row of a query."""
        return next(self.query(query, params))[0]

    def query(self, query: str, params: Sequence[Any] | None = None) -> Iterator[tuple[Any, ...]]:
        with connection.cursor() as cursor:
            cursor.execute(query, params)
            yield from cursor


def array(numbers: Iterable[int]) -> str:
    """Return a literal of bigint[], which COPY reads faster than a list."""
    return f"{{{','.join(map(str, numbers))}}}"
