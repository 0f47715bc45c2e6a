"""Spreadsheets as tables: which sheet, which header, which rows are data."""

import datetime
import json
import re
import signal
import subprocess
import sys
import tempfile
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, NamedTuple, Self

import orjson

from registry.imports.reading import slots
from registry.imports.reading.refusals import UnreadableFile
from registry.imports.reading.sandbox.limits import MEBIBYTE, MEMORY, SECONDS
from registry.imports.recognising.headers import header_label
from registry.spreadsheet import Cell, Unheld, read_text

_CHILD = Path(__file__).parent / "sandbox" / "__main__.py"
_WALL_SECONDS = 60
HEADER_ROWS = 40
"""So many rows are looked through for the header."""

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


NOTES_SHEET, LISTS_SHEET = "填写说明 Notes", "选项 Lists"
"""Sheets beside the table in the workbooks that are handed out; where such a file comes back, they are passed over."""


class Row(NamedTuple):
    """One data row: its sheet, its number as the spreadsheet program shows it, its cells by column name."""

    sheet: str
    number: int
    values: dict[str, Cell]


class Skipped(NamedTuple):
    """A row that is no data: `total`, `note`, `title`, `header`, or `nothing` in the columns that are read."""

    sheet: str
    number: int
    reason: str
    text: str


@dataclass(frozen=True, slots=True)
class Column:
    """A recognised column: its place, the name it stands for, its label in the file."""

    index: int
    name: str
    label: str


@dataclass(slots=True)
class Sheet:
    """One sheet with a recognised header."""

    name: str
    offset: int
    rows: int
    header_rows: list[int]
    header: list[str]
    """The labels of all columns, in their order; empty where a column has none."""
    columns: list[Column]
    ignored: list[str]
    """Labels of the columns that nothing takes."""
    doubled: list[Column]
    """Columns that mean the same as another one, whose label says it better; they are not read."""
    hidden: list[int]
    """Numbers of hidden rows; they are read like the others."""
    merged: list[tuple[int, int, int]]
    """Cells merged downwards: first and last row number, column."""
    titles: set[int]
    """Rows that are one merged cell from the first column on."""
    labels: set[str]
    """The cells of the header as they stand; where pages repeat the header, they are no data."""
    merged_head: list[tuple[int, int, int, int]] = field(default_factory=list)
    """Merged cells down to the header: first row number and column, last row number and column."""
    dates: dict[str, list[list[int]]] = field(default_factory=dict)
    """Column -> runs of rows, first and last number, whose cells are dates; in `rows()` they are text."""

    @property
    def names(self) -> set[str]:
        return {column.name for column in self.columns}


@dataclass
class Table:
    """A file that has been read; close it (or use `with`) to drop the temporary copy of its rows."""

    kind: str
    encoding: str
    delimiter: str
    date_1904: bool
    sheets: list[Sheet]
    left_out: list[tuple[str, str]]
    """Sheets that are not read, each with the reason: `hidden`, `empty`, `no_header`, `other_header`."""
    _spool: IO[bytes]
    skipped: list[Skipped] = field(default_factory=list)
    """Rows that are no data; complete once `rows()` has run through."""
    private: list[tuple[str, int]] = field(default_factory=list)
    """Sheet and number of data rows with private-use characters, which stand for rare ones on one computer only."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def close(self) -> None:
        self._spool.close()

    @property
    def total(self) -> int:
        """How many rows the sheets have, those that are no data included: for a progress bar."""
        return sum(sheet.rows for sheet in self.sheets)

    def rows(self) -> Iterator[Row]:
        """All data rows, one after another; a second call starts again."""
        self.skipped.clear()
        self.private.clear()
        for sheet in self.sheets:
            yield from self._sheet_rows(sheet)

    def raw_rows(self, sheet: Sheet, numbers: Collection[int]) -> Iterator[tuple[int, list[Cell]]]:
        """The rows with these numbers as they stand in the file."""
        self._spool.seek(sheet.offset)
        for number in range(1, sheet.rows + 1):
            line = self._spool.readline()
            if number in numbers:
                yield number, [read_text(cell) if isinstance(cell, str) else cell for cell in _cells(line)]

    def typed_rows(self, sheet: Sheet, numbers: Collection[int]) -> Iterator[tuple[int, list[Cell]]]:
        """The same with dates as dates, and with the values of cells merged downwards in each of their rows."""
        fill = _FillDown(sheet.merged)
        runs = {int(column): iter(found) for column, found in sheet.dates.items()}
        current = {column: next(found) for column, found in runs.items()}
        last = max(numbers, default=0)
        for number, cells in self.raw_rows(sheet, range(1, last + 1)):
            if fill.first_rows:
                fill.apply(number, cells)
            for column, run in list(current.items()):
                if number > run[1]:
                    following = next(runs[column], None)
                    current[column] = run = following or [sheet.rows + 1, sheet.rows + 1]
                if run[0] <= number and column < len(cells):
                    cells[column] = _date(cells[column])
            if number in numbers:
                yield number, cells

    def _sheet_rows(self, sheet: Sheet) -> Iterator[Row]:
        self._spool.seek(sheet.offset)
        places = [(column.name, column.index) for column in sheet.columns]
        width = max((column.index for column in sheet.columns), default=0) + 1
        fill = _FillDown(sheet.merged)
        beginnings = {label[0] for label in sheet.labels}
        first_data = sheet.header_rows[-1] + 1 if sheet.header_rows else 1
        for number in range(1, sheet.rows + 1):
            line = self._spool.readline()
            if number < first_data:
                continue
            cells = _cells(line)
            if b"'" in line:
                cells = [read_text(cell) if isinstance(cell, str) else cell for cell in cells]
            if fill.first_rows:
                fill.apply(number, cells)
            reason = _no_data(cells, number in sheet.titles, sheet.labels, beginnings)
            if reason:
                self._skip(sheet, number, reason, cells)
                continue
            if len(cells) < width:
                cells += [""] * (width - len(cells))
            values = {name: cells[index] for name, index in places}
            if any(not isinstance(value, str) or value.strip() for value in values.values()):
                if b"\xee" in line or _PRIVATE_USE_RE.search(line) or _PRIVATE_PLANES_RE.search(line):
                    self.private.append((sheet.name, number))
                yield Row(sheet.name, number, values)
            elif sum(cell != "" for cell in cells) > 1:  # more than a running number
                self._skip(sheet, number, "nothing", cells)

    def _skip(self, sheet: Sheet, number: int, reason: str, cells: list[Cell]) -> None:
        text = next((str(cell) for cell in cells if cell != ""), "")
        self.skipped.append(Skipped(sheet.name, number, reason, text[:80]))


def _cells(line: bytes) -> list[Cell]:
    """The cells of a row as the child prints it: `[error]` stands for a value that the file does not hold."""
    cells: list[Any] = orjson.loads(line)
    if line.rfind(b"[") > 0:
        return [Unheld(cell[0]) if type(cell) is list else cell for cell in cells]
    return cells


def _date(cell: Cell) -> Cell:
    try:
        moment = datetime.datetime.fromisoformat(str(cell))
    except ValueError:
        return cell
    return moment if moment.time() != datetime.time() else moment.date()


class _FillDown:
    """Gives each row of a cell merged downwards the value of the cell."""

    def __init__(self, merged: list[tuple[int, int, int]]) -> None:
        self.first_rows: dict[int, list[tuple[int, int]]] = {}
        for first, last, column in merged:
            self.first_rows.setdefault(first, []).append((last, column))
        self._open: dict[int, tuple[int, Cell]] = {}

    def apply(self, number: int, cells: list[Cell]) -> None:
        for column, (last, value) in list(self._open.items()):
            if number > last:
                del self._open[column]
            elif column < len(cells) and cells[column] == "" and any(cell != "" for cell in cells):
                cells[column] = value
        for last, column in self.first_rows.get(number, ()):
            if column < len(cells):
                self._open[column] = (last, cells[column])


def _no_data(cells: list[Cell], merged_over: bool, labels: set[str], beginnings: set[str]) -> str | None:
    """Why a row is no data: a total, a note below the table, a title between the rows, the header once more."""
    first = next((cell for cell in cells if cell != ""), "")
    if not isinstance(first, str) or first == "":
        return None
    if len(first) < 60 and ("计" in first or "otal" in first.lower()) and _TOTAL_RE.fullmatch(first):
        return "total"
    if (":" in first or "：" in first) and _NOTE_RE.match(first):
        return "note"
    if merged_over:
        return "title"
    if (
        first.lstrip()[:1] in beginnings
        and header_label(first) in labels
        and all(header_label(cell) in labels for cell in cells if cell != "")
    ):
        return "header"
    return None


# --- Reading -------------------------------------------------------------------------------------------------------


@dataclass
class RawFile:
    """A file as it stands: rows of cells, without a notion of what they mean. The table made of it closes it."""

    kind: str
    encoding: str
    delimiter: str
    date_1904: bool
    sheets: list[dict[str, Any]]
    """What the child says of each sheet: name, visible, offset, rows, merged, hidden."""
    spool: IO[bytes]

    def close(self) -> None:
        self.spool.close()

    def beginning(self, sheet: dict[str, Any], count: int = HEADER_ROWS) -> list[list[Cell]]:
        """The first rows of a sheet."""
        self.spool.seek(sheet["offset"])
        return [_cells(self.spool.readline()) for _row in range(min(count, sheet["rows"]))]


def open_file(path: Path | str, *, encoding: str | None = None, delimiter: str | None = None) -> RawFile:
    """Read a CSV, tab-separated or XLSX file; encoding and delimiter are found out unless given.

    Raises UnreadableFile with a reason for people, OSError for a file that is not there.
    """
    Path(path).open("rb").close()  # a file that is not there is an OSError, whatever the child would say
    spool = tempfile.TemporaryFile()  # noqa: SIM115 - the table closes it
    try:
        report = _run_child(path, spool, encoding, delimiter)
    except BaseException:
        spool.close()
        raise
    kept = {key: report[key] for key in ("kind", "encoding", "delimiter", "date_1904")}
    sheets = [about for about in report["sheets"] if about["name"] not in (NOTES_SHEET, LISTS_SHEET)]
    return RawFile(sheets=sheets, spool=spool, **kept)


def _run_child(path: Path | str, spool: IO[bytes], encoding: str | None, delimiter: str | None) -> dict[str, Any]:
    command = [sys.executable, "-I", str(_CHILD), str(path), encoding or "", delimiter or ""]
    environment = {"RUST_BACKTRACE": "0", "LANG": "C.UTF-8"}
    try:
        with slots.reading() as place:
            done = subprocess.run(
                command, stdin=subprocess.DEVNULL, stdout=spool, stderr=subprocess.PIPE, env=environment,
                timeout=_WALL_SECONDS, check=False, pass_fds=[place],
            )  # fmt: skip
    except subprocess.TimeoutExpired:
        raise UnreadableFile("time", seconds=_WALL_SECONDS) from None
    last_line = done.stderr.rstrip().rpartition(b"\n")[2]
    try:
        report: dict[str, Any] = json.loads(last_line)
    except ValueError:
        raise _broken_off(done.returncode, done.stderr) from None
    code = report.pop("refused", None)
    if code:
        raise UnreadableFile(code, **report)
    return report


def _broken_off(ended: int, told: bytes) -> UnreadableFile:
    """Why a child came to its end that could not say so itself; `ended` is its exit code, or the signal below 0."""
    if ended == -signal.SIGABRT and b"memory allocation" in told:
        return UnreadableFile("memory", limit=MEMORY // MEBIBYTE)
    if ended == -signal.SIGXCPU:
        return UnreadableFile("processor_time", seconds=SECONDS)
    if ended == -signal.SIGKILL:
        return UnreadableFile("killed")
    return UnreadableFile("broke_off", reason=signal.Signals(-ended).name if ended < 0 else f"exit {ended}")
