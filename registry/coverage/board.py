"""The coverage board 补链强链: how many organizations each sector of the plan has, the sectors with none first."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.db import models
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from registry.api.lists.files import Table
from registry.api.lists.filters import StrictFilterSet
from registry.columns import file_column
from registry.coverage.models import SectorMeasures
from registry.reference.models import Plan, Sector
from registry.search.organization_rows import OrganizationRows
from registry.statistics.dimensions import ORGANIZATION_DIMENSIONS, Dimension, Entry, cross_table

WEAK = 2
"""A sector with so many organizations or fewer is weak."""
_SECTOR = next(one for one in ORGANIZATION_DIMENSIONS if one.name == "sector")


class Strength(models.TextChoices):
    """How well a sector is covered, by the number of its organizations."""

    GAP = "gap", gettext_lazy("gap")
    WEAK = "weak", gettext_lazy("weak")
    COVERED = "covered", gettext_lazy("covered")

    @classmethod
    def of(cls, count: int) -> "Strength":
        if count == 0:
            return cls.GAP
        return cls.WEAK if count <= WEAK else cls.COVERED


@dataclass(frozen=True)
class SectorLine:
    """A sector with its numbers: `counts` by the columns of the board, `count` each organization once."""

    sector: Sector
    group: str
    count: int
    counts: Sequence[int]
    measures: SectorMeasures | None

    @property
    def strength(self) -> Strength:
        return Strength.of(self.count)


@dataclass(frozen=True)
class Board:
    """The lines of the board, and what their numbers are counted by."""

    plan: Plan
    columns: Sequence[Entry]
    label: str
    lines: Sequence[SectorLine]
    organizations: int

    def with_strength(self, strength: Strength) -> int:
        return sum(line.strength == strength for line in self.lines)


def read_board(
    rows: OrganizationRows,
    filterset: StrictFilterSet,
    plan: Plan,
    by: Dimension,
    *,
    gaps_first: bool,
    measured: bool,
) -> Board:
    """Return the board of the rows that a list chooses; `measured` reads what is done about each sector, too.

    The lines are the sectors that no other sector is below, and upper sectors that organizations have directly count
    in the total of the board alone.
    """
    table = cross_table(rows, _SECTOR, by, filterset, empty=True)
    sectors = filterset.references.sectors
    upper = {sector.parent_id for sector in sectors.values()}
    measures = SectorMeasures.objects.in_bulk(field_name="sector_id") if measured else {}
    lines = [
        SectorLine(sectors[entry.key], _group(sectors, entry.key), count, table.line(entry), measures.get(entry.key))
        for entry, count in table.rows
        if entry.key is not None and entry.key not in upper and (sectors[entry.key].disabled_on is None or count)
    ]
    if gaps_first:
        lines.sort(key=lambda line: min(line.count, WEAK + 1))
    columns = [entry for entry, _count in table.columns]
    return Board(plan, columns, capfirst(str(by.label)), lines, table.total)


def _group(sectors: dict[int, Sector], key: int) -> str:
    parent = sectors[key].parent_id
    return sectors[parent].label() if parent else sectors[key].label()


class BoardFile(Table):
    """The board as a file, with the cells of the page."""

    def __init__(self, title: str, board: Board, *, measured: bool, notes: Sequence[str] = ()) -> None:
        """The notes follow below the lines, each in the first cell of a line of its own."""
        self.title, self.board, self.measured, self.notes = title, board, measured, notes
        labels = [(_("Layer"), 12), (_("Group"), 18), (_("Sector"), 22), (_("Coverage"), 10)]
        labels += [(entry.name, 10) for entry in board.columns] + [(_("Total"), 10)]
        if measured:
            labels += [(_("Responsible unit"), 24), (_("To attract or foster"), 30), (_("Progress"), 30)]
        self.columns = [file_column(label, width) for label, width in labels]

    def cells(self) -> Iterator[Sequence[object]]:
        for line in self.board.lines:
            self.count += 1
            cells: list[object] = [
                line.sector.get_layer_display(),
                line.group,
                line.sector.label(),
                line.strength.label,
            ]
            cells += [*line.counts, line.count]
            if self.measured:
                cells += [getattr(line.measures, name, "") for name in MEASURES]
            yield cells
        for note in self.notes:
            yield [note, *[""] * (len(self.columns) - 1)]


MEASURES = ("responsible", "targets", "progress")
