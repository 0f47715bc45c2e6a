"""Imports other names of organizations: former ones, the present names that a file replaces, aliases, acronyms.

A file adds them and never removes one.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from registry.columns import RenderContext
from registry.imports.pipeline.report import Message
from registry.imports.tables.nested import ChildTable
from registry.organizations.models.details import Name
from registry.spreadsheet import SIGNED_SQL

# --- Former names

_RENAMED = _("Renamed: the old name %(old)s is kept as a former name; the new one is valid from %(day)s.")


class FormerNames(ChildTable):
    """Former names, which a file adds and never removes: the ones it states, and the present names it replaces."""

    columns = ("former_names", "name_zh", "name_en")
    table = "import_former"
    VALUE = "x.name"
    FIND = """
        SELECT t.n, t.organization_id, given.name, '', NULL::date
        FROM import_row r JOIN import_target t ON t.n = r.n
        CROSS JOIN LATERAL unnest(r.former_names) AS given (name)
        WHERE r.former_names IS NOT NULL AND NOT EXISTS (
            SELECT 1 FROM registry_name x
            WHERE x.organization_id = t.organization_id AND x.kind = 'former'
              AND x.name_key = registry_fold_name(given.name)
        )
    """
    INSERT = """
        INSERT INTO registry_name (organization_id, kind, name, language, valid_to)
        SELECT organization_id, 'former', name, language, valid_to FROM import_former ORDER BY n
    """

    def examine(self) -> None:
        super().examine()
        self._keep_replaced()
        message = _("Former names are only added by a file: write the name without a sign.")
        signed = f"SELECT n, name FROM import_former WHERE name ~ {SIGNED_SQL} ORDER BY n"
        self.run.refuse_all(signed, "former_names", message)

    def _keep_replaced(self) -> None:
        """Keep each replaced name as a former name until the day in the file or today; a new spelling replaces
        nothing.
        """
        today = f"DATE '{timezone.localdate()}'"
        day = f"coalesce(r.renamed_on, {today})"
        for name, language, key in (
            ("name_zh", "zh", "o.name_zh_key <> registry_fold_name(f.name_zh)"),
            (
                "name_en",
                "en",
                "registry_coarse_name(o.name_en_key) <> registry_coarse_name(registry_fold_name(f.name_en))",
            ),
        ):
            # A former name that the file states too, without its day.
            self.run.execute(
                f"""
                DELETE FROM import_former x USING registry_organization o, import_final f
                WHERE x.n = f.n AND o.id = f.id AND f.{name} <> o.{name} AND x.name = o.{name}
                """
            )
            self.run.execute(
                f"""
                INSERT INTO import_former
                SELECT f.n, o.id, o.{name}, '{language}', {day}
                FROM import_final f JOIN registry_organization o ON o.id = f.id JOIN import_row r ON r.n = f.n
                WHERE NOT f.is_new AND f.{name} <> o.{name} AND o.{name} <> '' AND {key} AND NOT EXISTS (
                    SELECT 1 FROM registry_name x
                    WHERE x.organization_id = o.id AND x.kind = 'former' AND x.name = o.{name}
                )
                """
            )

        replaced = "SELECT n, name, valid_to FROM import_former WHERE valid_to IS NOT NULL ORDER BY n"
        for n, name, until in list(self.run.query(replaced)):
            self.run.note(n, ("name_zh", "name_en"), name, Message(_RENAMED, {"old": name, "day": until}))

    def shown(self, stored: Any, row: Sequence[Any], context: RenderContext) -> Iterator[tuple[str, object, object]]:
        yield "former_names", stored, [*stored, *row[0]]


# --- Aliases and acronyms

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
