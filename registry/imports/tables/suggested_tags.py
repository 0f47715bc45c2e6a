"""Suggests sectors for rows that name none, and writes the suggestions that somebody has accepted."""

from collections.abc import Iterator, Sequence
from typing import Any

from registry.columns import RenderContext
from registry.imports.pipeline.engine import Import
from registry.imports.pipeline.outcomes import SuggestedSector
from registry.imports.tables.nested import ChildTable
from registry.reference.models import Plan
from registry.suggestions.engine import FIELDS, Suggester, Suggestion
from registry.suggestions.models import DismissedSuggestion

_ORGANIZATION_COLUMNS = ", ".join(f"coalesce(nullif(r.{name}, ''), o.{name})" for name in FIELDS)


class SuggestedTags(ChildTable):
    """The accepted suggestions: tags with the matching words as evidence; the first tag is the primary one."""

    columns = ("sectors",)
    table = "import_suggested"
    VALUE = "x.sector ORDER BY x.place"
    INSERT = """
        INSERT INTO registry_sectortag (organization_id, plan_id, sector_id, is_primary, evidence, evidence_url)
        SELECT s.organization_id, d.plan_id, s.sector, s.place = 0, s.evidence, ''
        FROM import_suggested s JOIN registry_sector d ON d.id = s.sector ORDER BY s.n, s.place
    """

    def __init__(self, run: Import, plan: Plan | None) -> None:
        super().__init__(run)
        self.plan = plan

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
