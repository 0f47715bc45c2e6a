"""Makes the SQL that compares a staged row `r` with the stored record `x`, and the SQL for the record afterwards."""

from collections.abc import Callable, Collection, Mapping
from typing import Any

from django.db import models

from registry.imports.options import StoredValues
from registry.imports.pipeline import sql

ReadBack = Mapping[str, Callable[[str], str]]
"""Field -> SQL for the stored value as it would be read from a file, if the field's type does not determine that."""


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
            condition += f" AND {value} IS DISTINCT FROM {sql.clean_text(stored)}"
        elif isinstance(field, models.CharField) and not field.choices:
            condition += f" AND {value} IS DISTINCT FROM {sql.clean_line(stored)}"
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
