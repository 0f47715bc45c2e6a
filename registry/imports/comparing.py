"""SQL for what a staged row `r` changes in its organization `o`, and for what the organization will be then."""

from collections.abc import Callable, Collection

from django.db import models

from registry.imports import sql
from registry.imports.choices import Stored
from registry.models import Organization

# How a stored text reads after a way through a file; other values compare as they are.
_CLEAN: dict[str, Callable[[str], str]] = {
    **dict.fromkeys(["name_zh", "name_en", "short_name", "registration_type", "source"], sql.clean_line),
    **dict.fromkeys(["registered_address", "business_address"], sql.clean_line),
    **dict.fromkeys(["main_products", "scope", "introduction", "remarks"], sql.clean_text),
    # A township that has ended is read as its successor.
    "township": lambda stored: f"(SELECT final FROM import_township t WHERE t.id = {stored})",  # noqa: S608
}
_PLAIN = [
    "kind", "category", "uscc", "registration_status", "zone", "country", "website", "founded_on",
    "registered_capital", "capital_currency", "industry", "introduced_on", "verified_on",
]  # fmt: skip
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


def changes(present: Collection[str], stored_values: str = Stored.OVERWRITE) -> dict[str, str]:
    """Column of the file -> condition that its cell changes the record. Blank cells change nothing."""
    names = [name for name in [*_PLAIN, *_CLEAN] if name in present]
    if "registered_capital" in present and "capital_currency" not in names:
        names.append("capital_currency")
    conditions = {}
    for name in names:
        column = f"o.{stored(name)}"
        condition = f"r.{name} IS NOT NULL AND r.{name} IS DISTINCT FROM {column}"
        if name in _CLEAN:
            condition += f" AND r.{name} IS DISTINCT FROM {_CLEAN[name](column)}"
        condition += unprotected(f"coalesce({column}::text, '') = ''", stored_values)
        conditions[name] = f"({condition})"
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
