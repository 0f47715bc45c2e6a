"""Makes the SQL that compares a staged row `r` with the stored record `x`, and the SQL for the record afterwards."""

from collections.abc import Callable, Collection, Mapping
from typing import Any

from django.db import models

from registry.imports.options import StoredValues
from registry.values.validators import CHINESE, INVISIBLE

# The same characters as in registry.values.validators.clean_line and registry.spreadsheet.base.clean_text.
_SPACE = r"\u0001-\u0020\u007f-\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufffe\uffff"
_INVISIBLE, _CHINESE = (text.encode("ascii", "backslashreplace").decode() for text in (INVISIBLE, CHINESE))
_TRIM = (
    r"U&' \0009\000a\000b\000c\000d\001c\001d\001e\001f\0085\00a0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008"
    r"\2009\200a\2028\2029\202f\205f\3000'"
)

MASK = "'[*＊∗✱●■█]|某某'"
"""A pattern for values with hidden characters."""

ReadBack = Mapping[str, Callable[[str], str]]
"""Field -> SQL for the stored value as it would be read from a file, if the field's type does not determine that."""


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


def unprotected(blank: str, stored_values: str, verified: str = "o.verified_on") -> str:
    """Return SQL to append (` AND ...`, or nothing) that lets a row replace only the stored values it may.

    `stored_values` is the user's choice: overwrite, fill blanks, keep verified. `blank` is SQL that is true if nothing
    is stored.
    """
    if stored_values == StoredValues.FILL_BLANKS:
        return f" AND ({blank})"
    if stored_values == StoredValues.KEEP_VERIFIED and verified:
        return f" AND ({verified} IS NULL OR {blank})"
    return ""


def changes(fields: Collection[models.Field], stored_values: str, read_back: ReadBack, verified: str) -> dict[str, str]:
    """Return for each field the condition that the row changes it. Blank cells change nothing.

    `verified` is SQL for the day on which the record was verified; it is empty for records that nobody verifies.
    """
    conditions = {}
    for field in fields:
        value, stored = f"r.{field.name}", f"x.{field.column}"
        condition = f"{value} IS NOT NULL AND {value} IS DISTINCT FROM {stored}"
        if field.name in read_back:
            condition += f" AND {value} IS DISTINCT FROM {read_back[field.name](stored)}"
        elif isinstance(field, models.TextField):
            condition += f" AND {value} IS DISTINCT FROM {clean_text(stored)}"
        elif isinstance(field, models.CharField) and not field.choices:
            condition += f" AND {value} IS DISTINCT FROM {clean_line(stored)}"
        condition += unprotected(f"coalesce({stored}::text, '') = ''", stored_values, verified)
        conditions[field.name] = f"({condition})"
    return conditions


def results(model: type[models.Model], changed: Mapping[str, str], defaults: Mapping[str, str]) -> dict[str, str]:
    """Return the value of each database column after the import; a new record has the default for a missing value."""
    final: dict[str, str] = {}
    field: Any
    for field in model._meta.local_concrete_fields:
        if field.generated or field.has_db_default() or field.name in ("id", "organization"):
            continue
        empty = "''" if isinstance(field, models.CharField | models.TextField) and not field.null else "NULL"
        column = field.column
        final[column] = f"coalesce(x.{column}, {defaults.get(field.name, empty)})"
        if condition := changed.get(field.name):
            final[column] = f"CASE WHEN {condition} THEN r.{field.name} ELSE {final[column]} END"
    return final
