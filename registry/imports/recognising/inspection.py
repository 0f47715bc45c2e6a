"""Shows how a file would be read, for people to look at and correct; nothing is staged or compared."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.functional import Promise

from registry.imports.models import ImportMapping
from registry.imports.pipeline.columns import CONTACTS, FileColumn
from registry.imports.pipeline.engine import Import
from registry.imports.reading.files import RawFile, open_file
from registry.imports.reading.refusals import UnreadableFile
from registry.imports.reading.tables import Sheet, TableFile
from registry.imports.recognising import content
from registry.imports.recognising.content import Guess
from registry.imports.recognising.headers import (
    column_letter,
    header_label,
    is_running_number,
    label_key,
    place_label,
)
from registry.imports.recognising.layout import Layout, signature
from registry.imports.recognising.sheets import own_header
from registry.spreadsheet import PLAIN, Cell, is_blank, shown

FIRST_ROWS = 12
SAMPLES = 3
_SAMPLED_ROWS = 60
_MOST_UNKNOWN = 200


@dataclass(frozen=True, slots=True)
class InspectedSheet:
    name: str
    read: bool
    reason: str
    """Why the sheet is not read: `hidden`, `empty`, `no_header`, `other_header`, `not_chosen`; empty if it is read."""
    header_rows: list[int]
    rows: list[list[Cell]]
    """The first rows, unchanged, from which people can choose the header."""


@dataclass(frozen=True, slots=True)
class InspectedColumn:
    index: int
    label: str
    label_key: str
    """The column's key in a `Layout`."""
    name: str
    """The name of the field that takes the column; empty if none does."""
    how: str
    """How the meaning of the column was found: `recognised`, `remembered` or `chosen`. If it is not read:

    `doubled` (another column has the same meaning and fits better), `withheld` (the account may not see it), `closed`
    (confidential, and such lists take no such data); else empty.
    """
    samples: list[str]
    stops: bool = False
    """Whether the file is not read until somebody has given the column a meaning or marked it as ignored."""
    permission: str = ""
    """The permission that its label requires: the column can only mean a field with the same permission, or nothing."""
    guess: Guess | None = None
    """A guess from the content, if no field takes the column."""
    passed_over: bool = False
    """Whether the column only numbers the rows or is for human readers only."""


@dataclass(frozen=True, slots=True)
class Target:
    """A field that a column of a file can mean."""

    name: str
    label: str
    group: str | Promise
    permission: str
    """The permission for seeing its values; empty if everybody may."""


@dataclass(frozen=True, slots=True)
class Unknown:
    """A text that no vocabulary knows, in a column that can hold only known values."""

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
    """The number of data rows of the sheets that are read."""
    sheets: list[InspectedSheet]
    columns: list[InspectedColumn]
    targets: list[Target]
    unknown: list[Unknown]
    missing: str | Promise | None
    """The key column that is missing."""
    labels: list[str]
    signature: str
    remembered: ImportMapping | None
    layout: Layout
    """The given layout, or else the remembered one."""
    permissions: set[str]
    """The permissions for seeing the rows."""


def inspect(run: Import, path: Path | str, layout: Layout | None = None) -> Inspection:
    """Return how an import that has not run would read the file; without a layout, by the remembered mapping.

    A file without known labels is inspected with its likeliest header. Raises UnreadableFile if it is not a table.
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
    """Return for each sheet the first row with the most texts as its header; an empty list if that row is data."""
    found: dict[str, list[int]] = {}
    for about in raw.sheets:
        if about["visible"] and about["rows"]:
            rows = raw.beginning(about)
            counts = [len({*map(header_label, row)} - {""}) for row in rows]
            likeliest = counts.index(max(counts))
            found[about["name"]] = [] if content.is_data(rows[likeliest]) else [likeliest + 1]
    return found


class _Inspector:
    def __init__(self, run: Import, raw: RawFile, table: TableFile) -> None:
        self.run = run
        self.raw = raw
        self.table = table
        self.allowed = {column.name: column for column in run.allowed_columns()}
        self.cells: dict[str, Counter[Cell]] = {}

    def inspection(self) -> Inspection:
        read = {name for sheet in self.table.sheets for name in sheet.names}
        constant = {name for name in self.run.layout.constants if name in self.allowed}
        wanting = [self.run.missing(sheet.names | constant) for sheet in self.table.sheets if not sheet.keyless]
        labels = list(dict.fromkeys(filter(None, self.table.sheets[0].header)))
        return Inspection(
            kind=self.table.kind,
            encoding=self.table.encoding,
            rows=self._count_rows(read),
            sheets=list(self._sheets()),
            columns=list(self._columns()),
            targets=[Target(one.name, str(one), one.group, one.permission) for one in self.allowed.values()],
            unknown=[unknown for name in self.allowed for unknown in self._unknown(self.allowed[name])],
            missing=next((name for name in wanting if name), None),
            labels=labels,
            signature=signature(labels),
            remembered=self.run.mapping,
            layout=self.run.layout,
            permissions=self.run.asked_permissions(read | constant),
        )

    def _count_rows(self, read: set[str]) -> int:
        """Go through all rows once: return how many there are, and count the texts in columns with a vocabulary."""
        names = [name for name in read if self.allowed[name].vocabulary is not None]
        self.cells = {name: Counter() for name in names}
        count = 0
        for _sheet, row in self.table.rows():
            count += 1
            for name in names:
                if name in row.values:
                    self.cells[name][row.values[name]] += 1
        return count

    def _sheets(self) -> Iterator[InspectedSheet]:
        reasons = dict(self.table.left_out)
        headers = {sheet.name: sheet.header_rows for sheet in reversed(self.table.sheets)}
        for about in self.raw.sheets:
            name = about["name"]
            rows = self._first_rows(about) if about["visible"] else []
            yield InspectedSheet(name, name in headers, reasons.get(name, ""), headers.get(name, []), rows)

    def _first_rows(self, about: dict[str, Any]) -> list[list[Cell]]:
        """Return the first rows of a sheet, unchanged except that cells the account may not see are blank."""
        header, labels = own_header(self.raw, about["name"], self.run.recogniser())
        hidden = self._hidden(self.run.confidential.places(labels))
        withheld = dict.fromkeys(range(max(header, default=0) + 1, FIRST_ROWS + 1), hidden)
        for sheet in self.table.sheets:
            if sheet.name == about["name"]:
                own = self._withheld(sheet, self._sampled(sheet)) | (hidden if sheet.first == 1 else set())
                withheld |= dict.fromkeys(range(sheet.first_data, FIRST_ROWS + 1), own)
        return [
            ["" if index in withheld.get(number, ()) else cell for index, cell in enumerate(cells)]
            for number, cells in enumerate(self.raw.beginning(about, FIRST_ROWS), start=1)
        ]

    def _hidden(self, places: Mapping[int, str]) -> set[int]:
        return {index for index, needed in places.items() if not self.run.allows(needed)}

    def _withheld(self, sheet: Sheet, rows: Sequence[Sequence[Cell]]) -> set[int]:
        """Return the columns whose cells the account may not see, by label or, without known label, by content."""
        hidden = self._hidden(self.run.confidential_places[sheet.key])
        if self.run.allows(CONTACTS):
            return hidden
        untaken = set(range(max(map(len, rows), default=0))) - {column.index for column in sheet.columns}
        return hidden | {index for index in untaken if content.private(_cells(rows, index))}

    def _columns(self) -> Iterator[InspectedColumn]:
        """Yield the columns of all sheets that are read, each label once."""
        told: set[str] = set()
        for sheet in self.table.sheets:
            for column in self._sheet_columns(sheet):
                if column.label_key not in told:
                    told.add(column.label_key)
                    yield column

    def _sheet_columns(self, sheet: Sheet) -> Iterator[InspectedColumn]:
        rows = self._sampled(sheet)
        names = {column.index: column.name for column in sheet.columns}
        doubled = {column.index for column in sheet.doubled}
        guesses = {guess.index: guess for guess in self.run.guesses(self.table, sheet)}
        stopping = {column.index for column in self.run.unread(self.table, sheet)}
        places = self.run.confidential_places[sheet.key]
        withheld = self._withheld(sheet, rows)
        for index in range(max([len(sheet.header), *map(len, rows)])):
            label, cells = sheet.label(index), _cells(rows, index)
            if index in sheet.reasons or not (label or cells):
                continue
            name, needed = names.get(index, ""), places.get(index, "")
            key = label_key(label or place_label(index))
            over = not name and (is_running_number(label or "no", [*map(shown, cells)]) or self.run.passes_over(label))
            how = "doubled" if index in doubled else self._how(key, name, needed)
            yield InspectedColumn(
                index,
                label or column_letter(index),
                key,
                name,
                "withheld" if index in withheld else how,
                [] if index in withheld else _samples(cells),
                index in stopping,
                needed,
                None if over or index in withheld else guesses.get(index),
                over,
            )

    def _how(self, key: str, name: str, needed: str) -> str:
        if key in self.run.confidential.followed():
            return "remembered" if self.run.layout.is_remembered("columns", key) else "chosen"
        if needed and needed not in {column.permission for column in self.allowed.values()}:
            return "closed"
        return "recognised" if name else ""

    def _sampled(self, sheet: Sheet) -> list[list[Cell]]:
        sampled = range(sheet.first_data, sheet.first_data + _SAMPLED_ROWS)
        return [cells for _number, cells in self.table.raw_rows(sheet, sampled)]

    def _unknown(self, column: FileColumn) -> Iterator[Unknown]:
        vocabulary = column.vocabulary
        if vocabulary is None or column.name not in self.cells:
            return
        parse = column.parser(self.run.layout.meanings(column.name))
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


def _cells(rows: Sequence[Sequence[Cell]], index: int) -> list[Cell]:
    """Return the cells of a column that are not blank."""
    return [row[index] for row in rows if index < len(row) and not is_blank(row[index])]


def _samples(cells: Sequence[Cell]) -> list[str]:
    """Return the first different values of a column."""
    return list(dict.fromkeys(map(shown, cells)))[:SAMPLES]
