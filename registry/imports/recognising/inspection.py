"""How a file would be read, for people to look at and correct: nothing is staged, nothing compared."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.functional import Promise

from registry.imports.models import ImportMapping
from registry.imports.pipeline.engine import Import
from registry.imports.pipeline.staging import FileColumn, parser_of
from registry.imports.reading.files import RawFile, Sheet, Table, open_file
from registry.imports.reading.refusals import UnreadableFile
from registry.imports.recognising import content
from registry.imports.recognising.content import CONTACTS, Guess
from registry.imports.recognising.headers import (
    REASON,
    Recogniser,
    column_letter,
    header_label,
    is_running_number,
    label_key,
)
from registry.imports.recognising.layout import Layout, signature
from registry.imports.recognising.sheets import place_label
from registry.spreadsheet import PLAIN, Cell, is_blank, shorten

FIRST_ROWS = 12
SAMPLES = 3
_SAMPLED_ROWS = 60
_MOST_UNKNOWN = 200


@dataclass(frozen=True, slots=True)
class InspectedSheet:
    name: str
    read: bool
    reason: str
    """Why it is not read: `hidden`, `empty`, `no_header`, `other_header`, `not_chosen`; empty where it is."""
    header_rows: list[int]
    rows: list[list[Cell]]
    """The first rows as they stand, among which the header can be chosen."""


@dataclass(frozen=True, slots=True)
class InspectedColumn:
    index: int
    label: str
    label_key: str
    """What a `Layout` calls the column."""
    name: str
    """What it means; empty where nothing takes it."""
    how: str
    """`recognised`, `remembered` or `chosen`; `doubled` where another column says the same better; else empty."""
    samples: list[str]
    stops: bool = False
    """Nothing takes it, and the file is not read before somebody has said what it means, or that it is ignored."""
    guess: Guess | None = None
    """What it looks like, where nothing takes it."""
    passed_over: bool = False
    """It only counts the rows, or is there for people only."""
    withheld: bool = False
    """The account may not see what it holds: there are no samples."""


@dataclass(frozen=True, slots=True)
class Target:
    """What a column of a file can mean."""

    name: str
    label: str
    group: str | Promise


@dataclass(frozen=True, slots=True)
class Unknown:
    """A text that names nothing known, in a column that can hold nothing else."""

    column: str
    label: str
    text: str
    count: int
    nearest: list[str]
    allowed: list[str]


@dataclass(frozen=True)
class Inspection:
    kind: str
    encoding: str
    rows: int
    """Data rows of the sheets that are read."""
    sheets: list[InspectedSheet]
    columns: list[InspectedColumn]
    targets: list[Target]
    unknown: list[Unknown]
    missing: str | Promise | None
    """The key column that is wanting."""
    labels: list[str]
    signature: str
    remembered: ImportMapping | None
    layout: Layout
    """What was given, else what is remembered."""
    permissions: set[str]
    """What seeing the rows asks for."""


def inspect(run: Import, path: Path | str, layout: Layout | None = None) -> Inspection:
    """How the file reads for an import that has not run; without a layout, with what is remembered for such files.

    A file without known labels is inspected too, with the likeliest header. Raises UnreadableFile where it is no table.
    """
    raw = open_file(path, encoding=layout.encoding or None if layout else None)
    try:
        try:
            table = run.recognise(raw, layout)
        except UnreadableFile as refusal:
            if refusal.code != "no_header":
                raise
            layout = replace(layout or Layout(), header_rows=_likeliest_headers(raw))
            table = run.recognise(raw, layout)
        return _Inspector(run, raw, table).inspection()
    finally:
        raw.close()


def _likeliest_headers(raw: RawFile) -> dict[str, list[int]]:
    """Of each sheet the first of the rows with the most texts, unless these are data: then it has no header."""
    found: dict[str, list[int]] = {}
    for about in raw.sheets:
        if about["visible"] and about["rows"]:
            rows = raw.beginning(about)
            counts = [len({*map(header_label, row)} - {""}) for row in rows]
            likeliest = counts.index(max(counts))
            found[about["name"]] = [] if content.is_data(rows[likeliest]) else [likeliest + 1]
    return found


class _Inspector:
    def __init__(self, run: Import, raw: RawFile, table: Table) -> None:
        self.run = run
        self.raw = raw
        self.table = table
        self.allowed = {column.name: column for column in run.allowed_columns()}
        self.cells: dict[str, Counter[Cell]] = {}

    def inspection(self) -> Inspection:
        read = {name for sheet in self.table.sheets for name in sheet.names}
        given = {name for name in self.run.layout.constants if name in self.allowed}
        wanting = [self.run.missing(sheet.names | given) for sheet in self.table.sheets]
        labels = list(dict.fromkeys(filter(None, self.table.sheets[0].header)))
        return Inspection(
            kind=self.table.kind,
            encoding=self.table.encoding,
            rows=self._count_rows(read),
            sheets=list(self._sheets()),
            columns=list(self._columns()),
            targets=[Target(column.name, str(column.labels[0]), column.group) for column in self.allowed.values()],
            unknown=[unknown for name in self.allowed for unknown in self._unknown(self.allowed[name])],
            missing=next((name for name in wanting if name), None),
            labels=labels,
            signature=signature(labels),
            remembered=self.run.mapping,
            layout=self.run.layout,
            permissions={self.allowed[name].permission for name in read | given} - {""},
        )

    def _count_rows(self, read: set[str]) -> int:
        """Go through all rows once: how many they are, and what stands in the columns with a vocabulary."""
        names = [name for name in read if self.allowed[name].vocabulary is not None]
        self.cells = {name: Counter() for name in names}
        count = 0
        for row in self.table.rows():
            count += 1
            for name in names:
                if name in row.values:
                    self.cells[name][row.values[name]] += 1
        return count

    def _sheets(self) -> Iterator[InspectedSheet]:
        reasons = dict(self.table.left_out)
        headers = {sheet.name: sheet.header_rows for sheet in self.table.sheets}
        for about in self.raw.sheets:
            name = about["name"]
            rows = self.raw.beginning(about, FIRST_ROWS) if about["visible"] else []
            yield InspectedSheet(name, name in headers, reasons.get(name, ""), headers.get(name, []), rows)

    def _columns(self) -> Iterator[InspectedColumn]:
        """The columns of all sheets that are read, each label once."""
        told: set[str] = set()
        withheld = self._withheld()
        for sheet in self.table.sheets:
            rows = self._sampled(sheet)
            width = max([len(sheet.header), *map(len, rows)])
            names = {column.index: column.name for column in sheet.columns}
            doubled = {column.index for column in sheet.doubled}
            reasons = self._reasons(sheet)
            guesses = {guess.index: guess for guess in self.run.guesses(self.table, sheet)}
            stopping = {column.index for column in self.run.unread(self.table, sheet)}
            for index in range(width):
                label = sheet.header[index] if index < len(sheet.header) else ""
                key = label_key(label or place_label(index))
                cells = [row[index] for row in rows if index < len(row) and not is_blank(row[index])]
                samples = _samples(cells)
                if key not in told and index not in reasons and (label or samples):
                    told.add(key)
                    name = names.get(index, "")
                    how = "doubled" if index in doubled else self._how(key, name)
                    shown = label or column_letter(index)
                    texts = [*map(sample, cells)]
                    over = not name and (is_running_number(label or "no", texts) or self.run.passes_over(label))
                    hidden = not name and (key in withheld or (CONTACTS in withheld and content.private(cells)))
                    yield InspectedColumn(
                        index, shown, key, name, how, [] if hidden else samples, index in stopping,
                        None if over else guesses.get(index), over, hidden,
                    )  # fmt: skip

    def _withheld(self) -> set[str]:
        """The permissions that the account lacks, and the labels of columns that mean what it may not see."""
        names = {column.name for column in self.run.columns} - self.allowed.keys()
        recognise = Recogniser({column.name: column.labels for column in self.run.columns})
        labels = {label for sheet in self.table.sheets for label in sheet.header if recognise(label) in names}
        lacking = set() if self.run.allows(CONTACTS) else {CONTACTS}
        return lacking | {label_key(label) for label in labels}

    def _reasons(self, sheet: Sheet) -> set[int]:
        """Columns that were added to refused rows."""
        headers = [cells for _number, cells in self.table.raw_rows(sheet, sheet.header_rows)]
        return {index for cells in headers for index, cell in enumerate(cells) if cell == REASON}

    def _how(self, key: str, name: str) -> str:
        if key in self.run.layout.columns:
            return "remembered" if self.run.mapping else "chosen"
        return "recognised" if name else ""

    def _sampled(self, sheet: Sheet) -> list[list[Cell]]:
        first = sheet.header_rows[-1] + 1 if sheet.header_rows else 1
        return [cells for _number, cells in self.table.raw_rows(sheet, range(first, first + _SAMPLED_ROWS))]

    def _unknown(self, column: FileColumn) -> Iterator[Unknown]:
        vocabulary = column.vocabulary
        if vocabulary is None or column.name not in self.cells:
            return
        parse = parser_of(column, self.run.layout)
        counts: Counter[str] = Counter()
        for cell, count in self.cells[column.name].items():
            try:
                parse(cell, PLAIN)
            except ValidationError as error:
                for leaf in error.error_list:
                    if leaf.code in ("unknown", "ambiguous") and leaf.params:
                        counts[leaf.params["value"]] += count
        allowed = vocabulary.offered() if counts else []
        label = next(one.label for sheet in self.table.sheets for one in sheet.columns if one.name == column.name)
        for text, count in counts.most_common(_MOST_UNKNOWN):
            yield Unknown(column.name, label, text, count, vocabulary.nearest(text), allowed)


def _samples(cells: Sequence[Cell]) -> list[str]:
    """The first different values of a column."""
    return list(dict.fromkeys(map(sample, cells)))[:SAMPLES]


def sample(cell: Any) -> str:
    """The content of a cell as people are shown it; numbers in workbooks are floats."""
    return shorten(str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell))
