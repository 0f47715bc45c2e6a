"""Represents a file as tables: which sheets it has, which rows are the header, and which rows are data."""

import datetime
import re
from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from typing import IO, Any, NamedTuple, Self

import orjson

from registry.imports.recognising.headers import header_label
from registry.spreadsheet import Cell, MissingValue, read_text

_TOTAL_RE = re.compile(
    r"\s*(?:本页|全市|全部)?(?:[合小总共累]\s*计|total|sub-?total|grand total)\s*[:：]?[\s\d,.家户个人]*",
    re.IGNORECASE,
)
_NOTE_RE = re.compile(
    r"\s*(?:[*＊※]\s*)?(?:填表|填报|制表|审核|审批|经办|负责|联系|复核|单位负责)人?(?:单位|日期|时间|电话|人)?\s*(?:[(（][^)）]*[)）])?\s*[:：]"
    r"|\s*(?:[*＊※]\s*)?(?:备注|说明|填表说明|注|附注|notes?|remarks?)\s*\d*\s*[:：]",
    re.IGNORECASE,
)

# Private-use characters in UTF-8: U+E000 to U+EFFF begin with EE; those up to U+F8FF; planes 15 and 16.
_PRIVATE_USE_RE = re.compile(rb"\xef[\x80-\xa3]")
_PRIVATE_PLANES_RE = re.compile(rb"[\xf3\xf4][\x80-\x8f\xb0-\xbf]")

LONGER, KEYLESS = "longer", "keyless"
"""The reasons why a whole row cannot be read: it has filled cells beyond the labels; its table lacks a key column."""


class Row(NamedTuple):
    """One data row: its number as the spreadsheet program shows it, and its cells by column name."""

    number: int
    values: dict[str, Cell]
    fault: str = ""
    """LONGER or KEYLESS if the row cannot be read; then it has no values."""


class Skipped(NamedTuple):
    """A row that is not data: `total`, `note`, `title`, `header`, or `nothing` in the columns that are read."""

    sheet: str
    number: int
    reason: str
    text: str


@dataclass(frozen=True, slots=True)
class SheetColumn:
    """A column of a file: its index, the name of the field that takes it (empty if none does), and its label."""

    index: int
    name: str
    label: str


@dataclass(slots=True)
class Sheet:
    """One table with a recognised header: a whole sheet, or one of several tables in it.

    Tables below each other have the name of their sheet, and each has its own rows. Each of several tables beside each
    other is a sheet of its own.
    """

    name: str
    offset: int
    """The position of the first row in the spool file, in bytes."""
    first: int
    """The number of the first row: 1; for a table below another one, the row of its header or of the title above it."""
    rows: int
    header_rows: list[int]
    header: list[str]
    """The labels of all columns in their order; empty for a column without a label."""
    columns: list[SheetColumn]
    doubled: list[SheetColumn]
    """Columns with the same meaning as another column, whose label fits better; they are not read."""
    reasons: frozenset[int]
    """Columns that an import has added to refused rows; they are ignored."""
    hidden: list[int]
    """Numbers of hidden rows; they are read like visible ones."""
    merged: list[tuple[int, int, int]]
    """Cells merged downwards: first and last row number, column."""
    titles: set[int]
    """Rows that are a title, such as one merged cell from the first column on."""
    labels: set[str]
    """The unchanged texts of the header's cells; a row that repeats them on a later page is not data."""
    width: int
    """The number of cells of the header, including cells without a label."""
    span: tuple[int, int] | None = None
    """The first and the last column, if the sheet has tables beside each other."""
    keyless: bool = False
    """Whether no column identifies the record of a row: then all rows are refused."""
    merged_head: list[tuple[int, int, int, int]] = field(default_factory=list)
    """Cells merged down to the header: first row number and column, last row number and column."""
    dates: dict[str, list[list[int]]] = field(default_factory=dict)
    """Column -> runs of rows (first and last number) whose cells are dates; in `TableFile.rows` they are text."""
    filled: Counter[int] = field(default_factory=Counter)
    """Column that no field takes -> number of its filled cells; complete after all rows have been read."""

    @property
    def names(self) -> set[str]:
        return {column.name for column in self.columns}

    @property
    def last(self) -> int:
        """Return the number of the last row."""
        return self.first + self.rows - 1

    @property
    def first_data(self) -> int:
        """Return the number of the first row below the header."""
        return self.header_rows[-1] + 1 if self.header_rows else self.first

    @property
    def key(self) -> tuple[str, int]:
        """Return the name and first row, which identify the table within the file."""
        return self.name, self.first

    def label(self, index: int) -> str:
        """Return the label of a column; empty if it has none."""
        return self.header[index] if index < len(self.header) else ""

    @property
    def taken(self) -> set[int]:
        """Return the columns that are read, columns with the same meaning, and columns that an import has added."""
        return {column.index for column in [*self.columns, *self.doubled]} | self.reasons

    def untaken(self) -> list[SheetColumn]:
        """Return the columns that no field takes and that have a label or filled cells."""
        places = {index for index, label in enumerate(self.header) if label} | set(self.filled)
        return [SheetColumn(index, "", self.label(index)) for index in sorted(places - self.taken)]


@dataclass
class TableFile:
    """A file that has been read; close it (or use `with`) to delete the temporary copy of its rows."""

    kind: str
    encoding: str
    delimiter: str
    date_1904: bool
    sheets: list[Sheet]
    """The tables of the file: sheet after sheet, and within a sheet from top to bottom."""
    left_out: list[tuple[str, str]]
    """Sheets that are not read, each with the reason:

    `hidden`, `empty`, `no_header`, `not_chosen`, `other_header`, `other_table`.
    """
    _spool: IO[bytes]
    skipped: list[Skipped] = field(default_factory=list)
    """Rows that are not data; complete after all rows have been read."""
    private: list[tuple[str, int]] = field(default_factory=list)
    """Sheet and number of data rows with private-use characters, which only one computer shows rightly."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def close(self) -> None:
        self._spool.close()

    @property
    def total(self) -> int:
        """Return the number of rows of the sheets, including rows that are not data; for a progress bar."""
        return sum(sheet.rows for sheet in self.sheets)

    def sheet_of(self, name: str, number: int) -> Sheet:
        """Return the table that contains the row with this number of the sheet."""
        return next(sheet for sheet in self.sheets if sheet.name == name and number <= sheet.last)

    def rows(self) -> Iterator[tuple[Sheet, Row]]:
        """Yield all data rows with their tables; a second call starts from the beginning."""
        self.skipped.clear()
        self.private.clear()
        for sheet in self.sheets:
            sheet.filled.clear()
            for row in self._sheet_rows(sheet):
                yield sheet, row

    def raw_rows(self, sheet: Sheet, numbers: Collection[int]) -> Iterator[tuple[int, list[Cell]]]:
        """Yield the rows with these numbers as the file has them, each with its number."""
        self._spool.seek(sheet.offset)
        for number in range(sheet.first, sheet.last + 1):
            line = self._spool.readline()
            if number in numbers:
                yield number, original_cells(line, sheet.span)

    def typed_rows(self, sheet: Sheet, numbers: Collection[int]) -> Iterator[tuple[int, list[Cell]]]:
        """Yield what `raw_rows` yields, with dates as dates and the values of merged cells in each of their rows."""
        fill = _FillDown(sheet.merged) if sheet.merged else None
        runs = {int(column): iter(found) for column, found in sheet.dates.items()}
        current = {column: next(found) for column, found in runs.items()}
        end = max(numbers, default=0)
        for number, cells in self.raw_rows(sheet, range(sheet.first, end + 1)):
            if fill:
                fill.apply(number, cells)
            for column, run in list(current.items()):
                while number > run[1]:
                    current[column] = run = next(runs[column], [sheet.last + 1, sheet.last + 1])
                if run[0] <= number and column < len(cells):
                    cells[column] = _date(cells[column])
            if number in numbers:
                yield number, cells

    def _sheet_rows(self, sheet: Sheet) -> Iterator[Row]:
        self._spool.seek(sheet.offset)
        places = [(column.name, column.index) for column in sheet.columns]
        width = max((column.index for column in sheet.columns), default=0) + 1
        unread = _Unread(sheet)
        fill = _FillDown(sheet.merged) if sheet.merged else None
        beginnings = {label[0] for label in sheet.labels}
        for number in range(sheet.first, sheet.last + 1):
            line = self._spool.readline()
            if number < sheet.first_data and number not in sheet.titles:
                continue
            cells = original_cells(line, sheet.span)
            if fill:
                fill.apply(number, cells)
            reason = _no_data(cells, number in sheet.titles, sheet.labels, beginnings)
            if reason:
                self._skip(sheet, number, reason, cells)
                continue
            fault = unread.fault(cells)
            if fault:
                yield Row(number, {}, fault)
                continue
            if len(cells) < width:
                cells += [""] * (width - len(cells))
            values = {name: cells[index] for name, index in places}
            if any(not isinstance(value, str) or value.strip() for value in values.values()):
                unread.count(cells)
                if b"\xee" in line or _PRIVATE_USE_RE.search(line) or _PRIVATE_PLANES_RE.search(line):
                    self.private.append((sheet.name, number))
                yield Row(number, values)
            elif sum(cell != "" for cell in cells) > 1:  # more than a running number
                self._skip(sheet, number, "nothing", cells)

    def _skip(self, sheet: Sheet, number: int, reason: str, cells: list[Cell]) -> None:
        text = next((str(cell) for cell in cells if cell != ""), "")
        self.skipped.append(Skipped(sheet.name, number, reason, text[:80]))


class _Unread:
    """Counts filled cells outside the columns that are read, and finds rows that cannot be read."""

    def __init__(self, sheet: Sheet) -> None:
        taken = sheet.taken
        self._untaken = [index for index in range(sheet.width) if index not in taken]
        self._filled = sheet.filled
        self._keyless = sheet.keyless
        self._width = sheet.width
        labelled = [index for index, label in enumerate(sheet.header) if label or index in taken]
        self._labels = len(labelled)
        self._end = labelled[-1] + 1 if labelled and sheet.header_rows else sheet.width
        """The index after the last label."""

    def fault(self, cells: list[Cell]) -> str:
        """Return LONGER or KEYLESS if the row cannot be read, else an empty text."""
        if self._keyless and any(cell != "" for cell in cells):
            return KEYLESS
        if len(cells) > self._end and any(cell != "" for cell in cells[self._end :]):
            beyond = any(cell != "" for cell in cells[self._width :])
            if beyond or sum(cell != "" for cell in cells) > self._labels:
                return LONGER
        return ""

    def count(self, cells: list[Cell]) -> None:
        for index in self._untaken:
            if index < len(cells) and cells[index] != "":
                self._filled[index] += 1


def cells_of(line: bytes, span: tuple[int, int] | None) -> list[Cell]:
    """Return the cells of a row that the child process printed; `[error]` there is a value that the file does not hold.

    With a `span`, only the cells of one of several tables beside each other; cells before it are blank.
    """
    cells: list[Any] = orjson.loads(line)
    if line.rfind(b"[") > 0:
        cells = [MissingValue(cell[0]) if type(cell) is list else cell for cell in cells]
    if span:
        first, last = span
        cells = [""] * min(first, len(cells)) + cells[first : last + 1]
    return cells


def original_cells(line: bytes, span: tuple[int, int] | None) -> list[Cell]:
    """Return the cells of a row without the apostrophes by which a file keeps texts from being formulas."""
    cells = cells_of(line, span)
    if b"'" in line:
        return [read_text(cell) if isinstance(cell, str) else cell for cell in cells]
    return cells


def _date(cell: Cell) -> Cell:
    try:
        moment = datetime.datetime.fromisoformat(str(cell))
    except ValueError:
        return cell
    return moment if moment.time() != datetime.time() else moment.date()


class _FillDown:
    """Gives each row of a cell merged downwards the value of that cell."""

    def __init__(self, merged: list[tuple[int, int, int]]) -> None:
        self._first_rows: dict[int, list[tuple[int, int]]] = {}
        for first, last, column in merged:
            self._first_rows.setdefault(first, []).append((last, column))
        self._open: dict[int, tuple[int, Cell]] = {}

    def apply(self, number: int, cells: list[Cell]) -> None:
        for column, (last, value) in list(self._open.items()):
            if number > last:
                del self._open[column]
            elif column < len(cells) and cells[column] == "" and any(cell != "" for cell in cells):
                cells[column] = value
        for last, column in self._first_rows.get(number, ()):
            if column < len(cells):
                self._open[column] = (last, cells[column])


def _no_data(cells: list[Cell], title: bool, labels: set[str], beginnings: set[str]) -> str | None:
    """Return why a row is not data: a total, a note below the table, a title between rows, or a repeated header."""
    first = next((cell for cell in cells if cell != ""), "")
    if not isinstance(first, str) or first == "":
        return None
    if len(first) < 60 and ("计" in first or "otal" in first.lower()) and _TOTAL_RE.fullmatch(first):
        return "total"
    if (":" in first or "：" in first) and _NOTE_RE.match(first):
        return "note"
    if title:
        return "title"
    if (
        first.lstrip()[:1] in beginnings
        and header_label(first) in labels
        and all(header_label(cell) in labels for cell in cells if cell != "")
    ):
        return "header"
    return None
