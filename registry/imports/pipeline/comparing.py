"""SQL for what a staged row `r` changes in the stored record `x`, and for what the record will be then."""

from collections.abc import Callable, Collection, Mapping
from typing import Any

from django.db import models

from registry.imports.options import Stored
from registry.imports.pipeline import sql

ReadBack = Mapping[str, Callable[[str], str]]
"""Field -> SQL for how a stored value reads after a way through a file, where that does not follow from its type."""


def unprotected(blank: str, stored_values: str, verified: str = "o.verified_on") -> str:
    """Condition that a value may be replaced, by what was chosen for stored values. `blank`: that nothing is stored."""
    if stored_values == Stored.FILL_BLANKS:
        return f" AND ({blank})"
    if stored_values == Stored.KEEP_VERIFIED and verified:
        return f" AND ({verified} IS NULL OR {blank})"
    return ""


def changes(fields: Collection[models.Field], stored_values: str, read_back: ReadBack, verified: str) -> dict[str, str]:
    """Field -> condition that the row changes it. Blank cells change nothing.

    `verified` is SQL for the day on which the record was verified; empty where records of the kind have none.
    """
    conditions = {}
    for field in fields:
        given, stored = f"r.{field.name}", f"x.{field.column}"
        condition = f"{given} IS NOT NULL AND {given} IS DISTINCT FROM {stored}"
        if field.name in read_back:
            condition += f" AND {given} IS DISTINCT FROM {read_back[field.name](stored)}"
        elif isinstance(field, models.TextField):
            condition += f" AND {given} IS DISTINCT FROM {sql.clean_text(stored)}"
        elif isinstance(field, models.CharField) and not field.choices:
            condition += f" AND {given} IS DISTINCT FROM {sql.clean_line(stored)}"
        condition += unprotected(f"coalesce({stored}::text, '') = ''", stored_values, verified)
        conditions[field.name] = f"({condition})"
    return conditions


def results(model: type[models.Model], changed: Mapping[str, str], defaults: Mapping[str, str]) -> dict[str, str]:
    """Column of the table -> what the record will have; a new one has its default where the file says nothing."""
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
