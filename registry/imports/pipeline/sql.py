"""Parts of SQL statements that compare staged values with stored ones."""

from collections.abc import Iterable, Set
from typing import Any

from django.db import connection, models

from registry.database.constraints import fields_of
from registry.values.validators import CHINESE, INVISIBLE

# The same characters as in registry.values.validators.clean_line and registry.spreadsheet.base.clean_text.
_SPACE = r"\u0001-\u0020\u007f-\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufffe\uffff"
_INVISIBLE, _CHINESE = (text.encode("ascii", "backslashreplace").decode() for text in (INVISIBLE, CHINESE))
_TRIM = (
    r"U&' \0009\000a\000b\000c\000d\001c\001d\001e\001f\0085\00a0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008"
    r"\2009\200a\2028\2029\202f\205f\3000'"
)

LEFT_BEHIND = """
SELECT relname FROM pg_class WHERE relnamespace = pg_my_temp_schema() AND relkind = 'r' AND relname LIKE 'import\\_%%'
"""
FRESH_STATISTICS = 500
"""The number of rows from which a table that was just filled is analysed.

Otherwise the planner takes it for empty and compares every row with every row.
"""

MASK = "'[*＊∗✱●■█]|某某'"
"""A pattern for values with hidden characters."""


def clean_line(value: str) -> str:
    """Return SQL for the stored text as an import would read it from a file: on one line."""
    broken = rf"'(?<=[{_CHINESE}])[ \t]*[\n-\r\u2028\u2029]+[ \t]*(?=[{_CHINESE}（(])'"
    visible = rf"regexp_replace({value}, '[{_INVISIBLE}]+', '', 'g')"
    unbroken = f"regexp_replace({visible}, {broken}, '', 'g')"
    return f"btrim(regexp_replace({unbroken}, '[{_SPACE}]+', ' ', 'g'))"


def clean_text(value: str) -> str:
    """Return SQL for the stored text as an import would read it from a file: with plain line ends."""
    lines = rf"regexp_replace({value}, '\r\n?|[\u2028\u2029\u0085]', E'\n', 'g')"
    controls = r"'[\u0001-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\ufffe\uffff]'"
    return f"btrim(regexp_replace({lines}, {controls}, ' ', 'g'), {_TRIM})"


def array(numbers: Iterable[int]) -> str:
    """Return a literal of bigint[], which COPY reads faster than a list."""
    return f"{{{','.join(map(str, numbers))}}}"


def column_of(field: Any) -> str:
    """Return the database column of a field that has one."""
    column: str = field.column
    return column


def broken_checks(
    model: type[models.Model], source: str, checked_before: Set[str]
) -> tuple[str, list[models.CheckConstraint]]:
    """Return a query for the rows that break check constraints of the model, and the constraints.

    `source` has an `n` and the model's columns. The query gives pairs of `n` and the position of the constraint in the
    list. Constraints that concern a field of `checked_before` are left out.
    """
    checks = [
        constraint
        for constraint in model._meta.constraints
        if isinstance(constraint, models.CheckConstraint) and checked_before.isdisjoint(fields_of(constraint))
    ]
    editor = connection.schema_editor()
    conditions = [f"({check._get_check_sql(model, editor)})" for check in checks]  # type: ignore[attr-defined]
    values = ", ".join(f"({position}, {condition})" for position, condition in enumerate(conditions))
    # All conditions at once first: hardly any row breaks one, and a row for each condition and row takes its time.
    query = f"""
        SELECT n, position FROM (SELECT * FROM {source} WHERE ({" AND ".join(conditions) or "true"}) IS FALSE) broken
        CROSS JOIN LATERAL (VALUES {values}) AS checked (position, holds)
        WHERE holds IS FALSE ORDER BY n
    """
    return query, checks
