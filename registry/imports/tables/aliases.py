"""Imports aliases and acronyms of organizations: names that a file adds and that replace no other name."""

from collections.abc import Iterator, Sequence
from typing import Any

from registry.columns import RenderContext
from registry.imports.tables.nested import ChildTable
from registry.organizations.models.details import Name

_STATED = """
    SELECT DISTINCT ON (t.n, registry_fold_name(given.name)) t.n, t.organization_id, given.name
    FROM import_row r JOIN import_target t ON t.n = r.n LEFT JOIN registry_organization o ON o.id = t.organization_id
    CROSS JOIN LATERAL unnest(r.{column}) AS given (name)
    WHERE r.{column} IS NOT NULL
      AND registry_fold_name(given.name) NOT IN (
          registry_fold_name(coalesce(r.name_zh, o.name_zh, '')), registry_fold_name(coalesce(r.name_en, o.name_en, ''))
      )
      AND NOT EXISTS (
          SELECT 1 FROM registry_name x
          WHERE x.organization_id = t.organization_id AND x.kind = '{kind}'
            AND x.name_key = registry_fold_name(given.name)
      )
"""
_ADD = """
    INSERT INTO registry_name (organization_id, kind, name, language)
    SELECT organization_id, '{kind}', name, '' FROM {table} ORDER BY n, name
"""


class OtherNames(ChildTable):
    """Names of one kind.

    A name that the organization has already, as its present name or otherwise, is not added again.
    """

    VALUE = "x.name"

    def shown(self, stored: Any, row: Sequence[Any], context: RenderContext) -> Iterator[tuple[str, object, object]]:
        yield self.columns[0], stored, [*stored, *row[0]]


class Aliases(OtherNames):
    columns = ("aliases",)
    table = "import_alias"
    FIND = _STATED.format(column="aliases", kind=Name.Kind.ALIAS.value)
    INSERT = _ADD.format(kind=Name.Kind.ALIAS.value, table=table)


class Acronyms(OtherNames):
    columns = ("acronyms",)
    table = "import_acronym"
    FIND = _STATED.format(column="acronyms", kind=Name.Kind.ACRONYM.value)
    INSERT = _ADD.format(kind=Name.Kind.ACRONYM.value, table=table)
