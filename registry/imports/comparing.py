"""SQL for what a staged row `r` changes in its organization `o`, and for what the organization will be then."""

from collections.abc import Collection

from django.db import models

from registry.imports import sql
from registry.imports.choices import Stored
from registry.imports.columns import field_of
from registry.models import Organization
from registry.rows import ORGANIZATION_COLUMNS

# A township that has ended is read as its successor.
_READ_BACK = {"township": "(SELECT final FROM import_township t WHERE t.id = {stored})"}
_DEFAULTS = {
    "registration_status": "'active'",
    "country": "coalesce(r.country_guess, 'CN')",
    "published": "false",
    "kind": "r.kind_guess",
}
_NOT_WRITTEN = {"id", "registry_no", "created_at", "updated_at"}


def stored(name: str) -> str:
    """The database column behind a column of the file."""
    return sql.column_of(Organization._meta.get_field(name))


def written_fields() -> list[models.Field]:
    """The fields of an organization that an import writes or leaves at their default."""
    return [
        field
        for field in Organization._meta.local_concrete_fields
        if not field.generated and field.name not in _NOT_WRITTEN
    ]


def unprotected(blank: str, stored_values: str) -> str:
    """Condition that a value may be replaced, by what was chosen for stored values. `blank`: that nothing is stored."""
    if stored_values == Stored.FILL_BLANKS:
        return f" AND ({blank})"
    if stored_values == Stored.KEEP_VERIFIED:
        return f" AND (o.verified_on IS NULL OR {blank})"
    return ""


def read_back(field: models.Field, stored: str) -> str | None:
    """SQL for how a stored value reads after a way through a file; None where it reads as it is."""
    if field.name in _READ_BACK:
        return _READ_BACK[field.name].format(stored=stored)
    if isinstance(field, models.TextField):
        return sql.clean_text(stored)
    return sql.clean_line(stored) if isinstance(field, models.CharField) and not field.choices else None


def changes(present: Collection[str], stored_values: str = Stored.OVERWRITE) -> dict[str, str]:
    """Column of the file -> condition that its cell changes the record. Blank cells change nothing."""
    present = {*present, "capital_currency"} if "registered_capital" in present else present
    conditions = {}
    for column in ORGANIZATION_COLUMNS:
        field = field_of(Organization, column.name) if column.in_file and column.name in present else None
        if field is None or field.name in _NOT_WRITTEN:
            continue
        given, stored = f"r.{field.name}", f"o.{sql.column_of(field)}"
        condition = f"{given} IS NOT NULL AND {given} IS DISTINCT FROM {stored}"
        if cleaned := read_back(field, stored):
            condition += f" AND {given} IS DISTINCT FROM {cleaned}"
        condition += unprotected(f"coalesce({stored}::text, '') = ''", stored_values)
        conditions[field.name] = f"({condition})"
    return conditions


def results(changed: dict[str, str]) -> dict[str, str]:
    """Column of the table -> what the record will have; a new one has defaults where the file says nothing."""
    final = {}
    for field in written_fields():
        empty = "''" if isinstance(field, models.CharField | models.TextField) and not field.null else "NULL"
        column = sql.column_of(field)
        final[column] = f"coalesce(o.{column}, {_DEFAULTS.get(field.name, empty)})"
    for name, condition in changed.items():
        final[stored(name)] = f"CASE WHEN {condition} THEN r.{name} ELSE {final[stored(name)]} END"
    if "registered_capital" in changed:
        other = f"({changed['registered_capital']} OR {changed['capital_currency']})"
        final["capital_text"] = f"CASE WHEN {other} THEN coalesce(r.capital_text, '') ELSE {final['capital_text']} END"
        final["capital_currency"] = (
            f"CASE WHEN {other} THEN coalesce(r.capital_currency, nullif(o.capital_currency, ''), 'CNY') "
            f"ELSE coalesce(o.capital_currency, '') END"
        )
    moved = changed.get("registered_address", "false")
    final["township_id"] = f"coalesce({final['township_id']}, CASE WHEN o.id IS NULL OR {moved} THEN r.town_guess END)"
    return final
