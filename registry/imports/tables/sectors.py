"""Imports sector tags: those that the file names, and suggested ones that somebody has accepted."""

from collections.abc import Iterator, Sequence
from typing import Any

from registry.columns import RenderContext
from registry.database.tracking import FRESH_PLANS
from registry.imports.options import SectorLists, StoredValues
from registry.imports.pipeline.comparing import unprotected
from registry.imports.pipeline.engine import Import
from registry.imports.pipeline.outcomes import SuggestedSector
from registry.imports.pipeline.statements import array
from registry.imports.tables.nested import ChildTable
from registry.reference.models import Plan
from registry.spreadsheet import ListEdit
from registry.suggestions.engine import FIELDS, Suggester, Suggestion
from registry.suggestions.models import DismissedSuggestion

_ORGANIZATION_COLUMNS = ", ".join(f"coalesce(nullif(r.{name}, ''), o.{name})" for name in FIELDS)


def stage_sectors(values: dict[str, Any]) -> bool:
    """Set the staged columns for the sectors of one row; return whether its cell says what to add and to remove."""
    sectors = values.pop("sectors")
    if isinstance(sectors, ListEdit):
        values["sector_more"], values["sector_less"] = array(sectors.more), array(sectors.less)
        return True
    values["sectors"], values["sector_set"] = array(sectors), array(sorted(sectors))
    return False


class PlanTags(ChildTable):
    """The sector tags of one plan."""

    columns = ("sectors",)

    def __init__(self, run: Import, plan: Plan | None) -> None:
        super().__init__(run)
        self.plan = plan


class SectorTags(PlanTags):
    """The sector tags of one plan: the file's list replaces the stored tags, and its first sector is the primary one.

    A record without a primary tag stays so as long as the file names the same sectors, since a file cannot say "none".
    """

    table = "import_tagged"

    def examine(self) -> None:
        query = self._PLAIN
        choices = self.run.choices
        chosen = (choices.stored, choices.lists) != (StoredValues.OVERWRITE, SectorLists.REPLACE)
        if chosen or getattr(self.run, "signed_sectors", False):
            add = str(self.run.choices.lists == SectorLists.ADD)
            free = unprotected("t.current IS NULL", self.run.choices.stored)
            query = self._CHOSEN.format(add=add, free=f"true{free}")
        self.run.make_table(self.table, query, [self.plan.pk if self.plan else None])

    _PLAIN = """
        SELECT r.n, g.organization_id, g.is_new, r.sectors, r.sectors[1] AS first
        FROM import_row r JOIN import_target g ON g.n = r.n
        LEFT JOIN (
            SELECT organization_id, array_agg(sector_id ORDER BY sector_id) AS sectors,
                   max(sector_id) FILTER (WHERE is_primary) AS first
            FROM registry_sectortag
            WHERE plan_id = %s AND organization_id IN (SELECT organization_id FROM import_target)
            GROUP BY organization_id
        ) t ON t.organization_id = g.organization_id
        WHERE r.sectors IS NOT NULL
          AND (r.sector_set = t.sectors AND r.sectors[1] = coalesce(t.first, r.sectors[1])) IS NOT TRUE
    """
    # Cells with signs act whatever is chosen; others where nothing stored is to be kept. What is added comes behind the
    # sectors that are there, and takes the place of the primary one only where that goes, or where there are none.
    _CHOSEN = """
        SELECT n, organization_id, is_new, sectors, first FROM (
            SELECT r.n, g.organization_id, g.is_new, t.current, t.first AS old,
                   CASE WHEN r.sectors IS NULL THEN kept.sectors || added.sectors
                        WHEN {add} THEN coalesce(t.current, '{{}}') || added.sectors ELSE r.sectors END AS sectors,
                   CASE WHEN r.sectors IS NOT NULL AND NOT {add} THEN r.sectors[1]
                        WHEN t.current IS NULL OR t.first = ANY (r.sector_less) THEN added.sectors[1]
                        ELSE t.first END AS first,
                   r.sectors IS NOT NULL AND NOT {add} AS replaced
            FROM import_row r JOIN import_target g ON g.n = r.n
            LEFT JOIN registry_organization o ON o.id = g.organization_id
            LEFT JOIN (
                SELECT organization_id, array_agg(sector_id ORDER BY is_primary DESC, sector_id) AS current,
                       max(sector_id) FILTER (WHERE is_primary) AS first
                FROM registry_sectortag
                WHERE plan_id = %s AND organization_id IN (SELECT organization_id FROM import_target)
                GROUP BY organization_id
            ) t ON t.organization_id = g.organization_id
            CROSS JOIN LATERAL (
                SELECT ARRAY(SELECT x FROM unnest(t.current) x WHERE x <> ALL (r.sector_less)) AS sectors
            ) kept
            CROSS JOIN LATERAL (
                SELECT ARRAY(
                    SELECT x FROM unnest(coalesce(r.sectors, r.sector_more)) x
                    WHERE x <> ALL (coalesce(t.current, '{{}}'))
                ) AS sectors
            ) added
            WHERE r.sector_more IS NOT NULL OR (r.sectors IS NOT NULL AND {free})
        ) tagged
        WHERE (
            sectors @> coalesce(current, '{{}}') AND sectors <@ coalesce(current, '{{}}')
            AND (first IS NOT DISTINCT FROM old OR (replaced AND old IS NULL))
        ) IS NOT TRUE
    """

    def written_values(self) -> str:
        return "SELECT n, is_new, organization_id, sectors, first FROM import_tagged ORDER BY n"

    def apply(self) -> None:
        plan = self.plan.pk if self.plan else None
        self.run.execute(
            """
            DELETE FROM registry_sectortag t USING import_tagged g
            WHERE t.organization_id = g.organization_id AND NOT g.is_new AND t.plan_id = %s
              AND t.sector_id <> ALL (g.sectors)
            """,
            [plan],
        )
        # The old primary tag goes before the new one comes: there is never more than one.
        for primary in ("false", "true"):
            self.run.execute(FRESH_PLANS)
            self.run.execute(
                f"""
                UPDATE registry_sectortag t SET is_primary = {primary} FROM import_tagged g
                WHERE t.organization_id = g.organization_id AND NOT g.is_new AND t.plan_id = %s
                  AND t.is_primary <> {primary} AND coalesce(t.sector_id = g.first, false) = {primary}
                """,
                [plan],
            )
        self.run.execute(
            """
            INSERT INTO registry_sectortag (organization_id, plan_id, sector_id, is_primary, evidence, evidence_url)
            SELECT g.organization_id, %s, given.sector, coalesce(given.sector = g.first, false), '', ''
            FROM import_tagged g CROSS JOIN LATERAL unnest(g.sectors) WITH ORDINALITY AS given (sector, position)
            WHERE g.is_new OR NOT EXISTS (
                SELECT 1 FROM registry_sectortag t
                WHERE t.organization_id = g.organization_id AND t.sector_id = given.sector
            )
            ORDER BY g.n, given.position
            """,
            [plan],
        )

    def shown(self, stored: object, row: Sequence[Any], context: RenderContext) -> Iterator[tuple[str, object, object]]:
        sectors, first = row
        others = sorted((pk for pk in sectors if pk != first), key=context.references.places.__getitem__)
        yield "sectors", stored, [*([] if first is None else [-first]), *others]


class SuggestedTags(PlanTags):
    """The accepted suggestions: tags with the matching words as evidence; the first tag is the primary one."""

    table = "import_suggested"
    VALUE = "x.sector ORDER BY x.place"
    INSERT = """
        INSERT INTO registry_sectortag (organization_id, plan_id, sector_id, is_primary, evidence, evidence_url)
        SELECT s.organization_id, d.plan_id, s.sector, s.place = 0, s.evidence, ''
        FROM import_suggested s JOIN registry_sector d ON d.id = s.sector ORDER BY s.n, s.place
    """

    @property
    def present(self) -> bool:
        return bool(self.run.accepted) and self.may_tag

    @property
    def may_tag(self) -> bool:
        return self.plan is not None and self.run.allows("registry.add_sectortag")

    def offers(self) -> Iterator[tuple[int, list[Suggestion]]]:
        """Yield the sectors that the texts of a row suggest; for a text that the file lacks, the stored text is used.

        Only rows that name no sectors are used, and only if their record has no sector of the plan. Dismissed
        suggestions are left out.
        """
        if self.plan is None:
            return
        suggester = Suggester.of_plan(self.plan)
        dismissed = set(DismissedSuggestion.objects.values_list("organization", "sector"))
        query = f"""
            SELECT r.n, o.id, {_ORGANIZATION_COLUMNS} FROM import_row r JOIN import_match m ON m.n = r.n
            LEFT JOIN registry_organization o ON o.id = m.id
            WHERE r.sectors IS NULL AND NOT EXISTS (
                SELECT 1 FROM registry_sectortag t WHERE t.organization_id = m.id AND t.plan_id = %s
            ) ORDER BY r.n
        """
        for n, organization, *texts in self.run.query(query, [self.plan.pk]):
            found = suggester.suggest(dict(zip(FIELDS, texts, strict=True)))
            if left := [one for one in found if (organization, one.sector) not in dismissed]:
                yield n, left

    def suggested(self) -> dict[int, list[SuggestedSector]]:
        """Return the suggestions of each row, with the mark whether they have been accepted."""
        if not self.may_tag:
            return {}
        accepted = self.run.accepted
        return {
            n: [
                {
                    "sector": one.sector,
                    "words": [(field, word) for field, words in one.words().items() for word in words],
                    "accepted": one.sector in accepted.get(n, ()),
                }
                for one in suggestions
            ]
            for n, suggestions in self.offers()
            if n not in self.run.bad
        }

    def examine(self) -> None:
        self.run.make_table(self.table)
        targets = {n: row for n, *row in self.run.query("SELECT n, organization_id, is_new FROM import_target")}
        for n, suggestions in list(self.offers()):
            chosen = [one for one in suggestions if one.sector in self.run.accepted.get(n, ())]
            for place, one in enumerate(chosen):
                row = [n, *targets[n], one.sector, place, one.evidence()]
                self.run.execute("INSERT INTO import_suggested VALUES (%s, %s, %s, %s, %s, %s)", row)

    def shown(self, stored: object, row: Sequence[Any], context: RenderContext) -> Iterator[tuple[str, object, object]]:
        first, *others = row[0]
        yield "sectors", stored, [-first, *others]
