"""What an import of organizations changes, as a file would show it: the same columns that write exported files."""

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from registry.columns import Reading
from registry.imports import comparing
from registry.imports.outcomes import Change, Written, change
from registry.models import Organization
from registry.rows import ORGANIZATION_COLUMNS

if TYPE_CHECKING:
    from registry.imports.organizations import OrganizationImport

_COLUMNS = {column.name: column for column in ORGANIZATION_COLUMNS if column.in_file}
_PLACES = {name: place for place, name in enumerate(_COLUMNS)}
_DEFAULTS = {"country": "CN", "registration_status": "active"}
"""What a new record has where the file says nothing; not worth a line."""


def written_organizations(run: "OrganizationImport", touched: Iterable[str]) -> Iterator[Written]:
    """The rows that are new or change something, with all changes of their record and its parts."""
    reading = Reading(run.plan)
    changes: dict[int, list[Change]] = {}
    names = [name for name in _COLUMNS if name in set(touched)]
    columns = [(_COLUMNS[name], None if name in run.present else _DEFAULTS.get(name)) for name in names]
    for n, is_new, old, new in _own_columns(run, names):
        found = changes.setdefault(n, [])
        for (column, default), before, after in zip(columns, old, new, strict=True):
            # Most cells of a list are blank, or as stored: they are passed over without being written.
            if before == after or (is_new and (after == "" or after == default)):
                continue
            _add(found, change(column, before, after, reading, is_new))
    for n, is_new, name, before, after in _parts(run, reading):
        _add(changes.setdefault(n, []), change(_COLUMNS[name], before, after, reading, is_new))
    for n, organization, is_new in run.query("SELECT n, id, is_new FROM import_target ORDER BY n"):
        if is_new or n in changes:
            found = sorted(changes.get(n, []), key=lambda change: _PLACES[change["column"]])
            yield Written(n, is_new, organization, found)


def _add(found: list[Change], one: Change) -> None:
    if one["new"] != one.get("old", ""):
        found.append(one)


def _own_columns(
    run: "OrganizationImport", names: list[str]
) -> Iterator[tuple[int, bool, Sequence[Any], Sequence[Any]]]:
    """Row, whether it is new, stored values and values to be."""
    stored = [comparing.stored(name) for name in names]
    values = [f"{table}.{column}" for table in "of" for column in stored]
    query = f"""
        SELECT f.n, f.is_new, {", ".join(values)} FROM import_final f
        LEFT JOIN registry_organization o ON o.id = f.id AND NOT f.is_new ORDER BY f.n
    """  # noqa: S608
    for n, is_new, *row in run.query(query):
        yield n, is_new, row[: len(names)], row[len(names) :]


def _parts(run: "OrganizationImport", reading: Reading) -> Iterator[tuple[int, bool, str, Any, Any]]:
    """Row, whether it is new, name of a column of a part, stored value and value to be."""
    for part in run.written_parts():
        column = _COLUMNS[part.columns[0]]
        rows = list(run.query(part.CHANGES))
        stored: dict[int, Any] = {}
        if part.several:
            known = [organization for _n, is_new, organization, *_rest in rows if not is_new]
            queryset = Organization.objects.filter(pk__in=known).order_by()
            stored = dict(queryset.values_list("pk", column.selected(reading)))
        for n, is_new, organization, *row in rows:
            for name, before, after in part.shown(stored.get(organization) or [], row, reading):
                yield n, is_new, name, before, after
