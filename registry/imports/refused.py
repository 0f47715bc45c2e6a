"""Writes refused rows as a workbook in the layout of their file, so that they can be corrected and imported again."""

import datetime
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

import xlsxwriter
from django.utils.translation import gettext as _
from xlsxwriter.exceptions import OverlappingRange

from registry.imports.reading.files import NOTES_SHEET
from registry.imports.reading.tables import Sheet, TableFile
from registry.imports.recognising.headers import REASON
from registry.spreadsheet import Cell, xlsx_text
from registry.spreadsheet.styles import DAY, HEADER

_AT_ONCE = 5_000
"""The greatest number of rows for which the workbook is made in memory, where cells can be merged."""
_MOST_COMMENTS = 1_000
_NARROW, _WIDE, _REASON_WIDTH = 9, 42, 60
_CODES_RE = re.compile(r"uscc|registry_no|member_no|certificate_no|contact_phone|industry|identifier.*")
"""Matches labels of columns with codes.

Their cells are text even if somebody types digits: as numbers they would lose digits.
"""
_FILL = "#FFE699"


class RowReason(NamedTuple):
    """Says why a row is not taken: the label of the cell (empty for the row as a whole) and the reason in words."""

    column: str
    texts: Sequence[str]
    """The reason in one language, or the same reason in several languages."""


Reasons = Mapping[tuple[str, int], Sequence[RowReason]]
"""Maps sheet and number of a row to the reasons why the row is returned."""


def write_refused(
    target: Path | str | BinaryIO, table: TableFile, reasons: Reasons, notes: Iterable[Sequence[str]] = ()
) -> None:
    """Write the rows that have reasons, sheet by sheet, below the title and header rows of the file.

    Cells keep their content (text, numbers, dates; never formulas), cells with a reason are marked, and an additional
    last column holds all reasons of the row. `notes` become the lines of a sheet of their own. The workbook can be
    imported again: the import ignores the added column and the notes.
    """
    options = {"constant_memory": len(reasons) > _AT_ONCE, "strings_to_formulas": False, "strings_to_urls": False}
    book = xlsxwriter.Workbook(target, options)
    formats = _Formats(book)
    comments = iter(range(_MOST_COMMENTS))
    for sheet in table.sheets:
        own = {
            number: found
            for (name, number), found in reasons.items()
            if name == sheet.name and sheet.first <= number <= sheet.last
        }
        if own:
            _SheetWriter(book, formats, table, sheet, own, comments).write()
    _write_notes(book, formats, [_how_to(), *notes])
    book.close()


def _how_to() -> list[str]:
    return [
        _(
            "Correct the marked cells, save the workbook and import it again. The last column says what is wrong with "
            "each row; it is not read, and need not be removed."
        )
    ]


def _write_notes(book: xlsxwriter.Workbook, formats: "_Formats", notes: Iterable[Sequence[str]]) -> None:
    sheet = book.add_worksheet(NOTES_SHEET)
    sheet.set_column(0, 1, 80, formats.of("note"))
    for line, texts in enumerate(notes):
        for position, text in enumerate(texts):
            sheet.write_string(line, position, xlsx_text(text)[0], formats.of("note"))
    if book.worksheets()[0].get_name() != NOTES_SHEET:
        book.worksheets()[0].activate()


def for_print(sheet: xlsxwriter.worksheet.Worksheet) -> None:
    """Set a sheet up for printing: A4 landscape, as wide as the page."""
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)


class _Formats:
    """Makes the formats of the workbook, by the kind of content and by whether the cell is marked."""

    _KINDS: Mapping[str, dict[str, Any]] = {
        "text": {"num_format": "@", "valign": "top"},
        "number": {"valign": "top"},
        "date": {"num_format": DAY, "valign": "top", "align": "left"},
        "moment": {"num_format": "yyyy-mm-dd hh:mm:ss", "valign": "top", "align": "left"},
        "title": {"bold": True, "font_size": 13, "align": "center", "valign": "vcenter"},
        "header": {**HEADER, "align": "center"},
        "reason": {"text_wrap": True, "valign": "top", "font_color": "#9C0006"},
        "note": {"text_wrap": True, "valign": "top"},
    }

    def __init__(self, book: xlsxwriter.Workbook) -> None:
        self._book = book
        self._made: dict[tuple[str, bool], xlsxwriter.format.Format] = {}

    def of(self, kind: str, marked: bool = False) -> xlsxwriter.format.Format:
        if (kind, marked) not in self._made:
            properties = dict(self._KINDS[kind])
            if marked:
                properties |= {"bg_color": _FILL}
            self._made[kind, marked] = self._book.add_format(properties)
        return self._made[kind, marked]


class _SheetWriter:
    """Writes one sheet of the file with its refused rows."""

    def __init__(
        self,
        book: xlsxwriter.Workbook,
        formats: _Formats,
        table: TableFile,
        sheet: Sheet,
        reasons: Mapping[int, Sequence[RowReason]],
        comments: Iterator[int],
    ) -> None:
        self.source, self.table, self.reasons = sheet, table, reasons
        self.formats, self.comments = formats, comments
        self.out = book.add_worksheet(_sheet_name(book, sheet.name))
        self.merges = not book.constant_memory
        self.head = [cells for _number, cells in table.typed_rows(sheet, range(sheet.first, sheet.first_data))]
        self.header_end = len(self.head)
        self.before = min(sheet.reasons, default=None)
        """The index of the column of reasons that an earlier import added, which is left out; None if there is none."""
        self.widths = self._find_widths()
        self.places = {label: place for place, label in enumerate(sheet.header) if label}
        self.places |= {column.label: column.index for column in sheet.columns}

    def _rows(self) -> Iterator[tuple[int, list[Cell]]]:
        for number, cells in self.table.typed_rows(self.source, self.reasons.keys()):
            yield number, self._without_reasons(cells)

    def _without_reasons(self, cells: list[Cell]) -> list[Cell]:
        return cells if self.before is None else cells[: self.before] + cells[self.before + 1 :]

    def _find_widths(self) -> list[int]:
        """Set the width of each column by the texts of its cells; titles may run over the edge of their cell."""
        widths: list[int] = []
        header = [self._without_reasons(self.head[number - self.source.first]) for number in self.source.header_rows]
        for cells in [*header, *(cells for _number, cells in self._rows())]:
            widths += [_NARROW] * (len(cells) - len(widths))
            for index, cell in enumerate(cells):
                if cell != "":
                    widths[index] = max(widths[index], min(_WIDE, _display_width(cell)))
        return widths

    def write(self) -> None:
        codes = {column.index for column in self.source.columns if _CODES_RE.fullmatch(column.name)}
        for index, width in enumerate(self.widths):
            self.out.set_column(index, index, width + 2, self.formats.of("text") if index in codes else None)
        last = len(self.widths)
        self.out.set_column(last, last, _REASON_WIDTH)
        self.out.ignore_errors({"number_stored_as_text": "A1:XFD1048576"})
        for_print(self.out)
        self._write_head()
        for line, (number, cells) in enumerate(self._rows(), start=self.header_end):
            self._write_row(line, cells, self.reasons[number])
        if self.header_end:
            self.out.freeze_panes(self.header_end, 0)

    def _write_head(self) -> None:
        first = min(self.source.header_rows, default=self.source.first - 1) - self.source.first + 1
        for line, cells in enumerate(map(self._without_reasons, self.head)):
            kind = "title" if line + 1 < first else "header"
            for index, cell in enumerate(cells):
                if cell != "":
                    self._write_cell(line, index, cell, self.formats.of(kind))
            if line + 1 == first:
                self.out.write_string(line, len(self.widths), REASON, self.formats.of("header"))
        if self.merges:
            self._merge(first)

    def _merge(self, first: int) -> None:
        if 0 < first < self.header_end:
            last = len(self.widths)
            self.out.merge_range(first - 1, last, self.header_end - 1, last, REASON, self.formats.of("header"))
        above = self.source.first - 1
        for top, left, bottom, right in self.source.merged_head:
            top, bottom = top - above, bottom - above
            if self.before is not None and right >= self.before:
                continue
            style = self.formats.of("title" if bottom < first else "header")
            cells = self.head[top - 1]
            cell = cells[left] if left < len(cells) else ""
            try:
                self.out.merge_range(top - 1, left, bottom - 1, right, "", style)
            except OverlappingRange:
                continue
            if cell != "":
                self._write_cell(top - 1, left, cell, style)

    def _write_row(self, line: int, cells: list[Cell], reasons: Sequence[RowReason]) -> None:
        marked: dict[int, list[str]] = {}
        for reason in reasons:
            index = self.places.get(reason.column)
            if index is not None:
                marked.setdefault(index, []).append(" / ".join(reason.texts))
        words = _words(reasons)
        self.out.set_row(line, row_height([(words, _REASON_WIDTH)]))
        for index in range(max(len(cells), max(marked, default=0) + 1)):
            cell = cells[index] if index < len(cells) else ""
            style = self.formats.of(_kind(cell), index in marked)
            if cell != "":
                self._write_cell(line, index, cell, style)
            elif index in marked:
                self.out.write_blank(line, index, None, style)
            if index in marked and next(self.comments, None) is not None:
                text = "\n".join(marked[index])
                self.out.write_comment(line, index, text, {"x_scale": 2.2, "y_scale": 1 + len(text) / 120})
        self.out.write_string(line, len(self.widths), xlsx_text(words)[0], self.formats.of("reason"))

    def _write_cell(self, line: int, index: int, cell: Cell, style: xlsxwriter.format.Format) -> None:
        if isinstance(cell, str):
            self.out.write_string(line, index, xlsx_text(cell)[0], style)
        elif isinstance(cell, bool):
            self.out.write_boolean(line, index, cell, style)
        elif isinstance(cell, datetime.date) and cell.year >= 1900:
            self.out.write_datetime(line, index, cell, style)
        elif isinstance(cell, int | float):
            self.out.write_number(line, index, cell, style)
        else:  # a formula without result as an error, so that it is refused again, and not read as blank
            self.out.write_string(line, index, str(cell) or "#N/A", style)


def _kind(cell: Cell) -> str:
    if isinstance(cell, datetime.datetime):
        return "moment"
    if isinstance(cell, datetime.date):
        return "date"
    return "text" if isinstance(cell, str) else "number"


def _words(reasons: Sequence[RowReason]) -> str:
    """Return all reasons, one on each line; reasons in several languages are listed language by language."""
    lines = []
    for texts in zip(*([*reason.texts] for reason in reasons), strict=True):
        for reason, text in zip(reasons, texts, strict=True):
            lines.append(f"{reason.column}: {text}" if reason.column else text)
    return "\n".join(lines)


def row_height(cells: Iterable[tuple[str, int]]) -> float:
    """Return the height of a row by its texts and column widths: not every program adjusts the height itself."""
    lines = [
        sum(max(1, -(-_display_width(line, 10_000) // width)) for line in text.split("\n")) for text, width in cells
    ]
    return min(409, 15 * max(lines, default=1))


def _display_width(cell: Cell, most: int = _WIDE) -> int:
    """Return the width of the longest line in half-width characters; a result above `most` is not exact."""
    text = format(cell, ".15g") if isinstance(cell, float) else str(cell)
    # GBK has one byte for a letter of half width and two for one of full width.
    return max(len(line[:most].encode("gbk", "replace")) for line in text.split("\n"))


def _sheet_name(book: xlsxwriter.Workbook, name: str) -> str:
    """Return the name of the sheet in the file, shortened and changed until a workbook accepts it and it is unique."""
    clean = re.sub(r"[\[\]:*?/\\]", "_", name).strip("'")[:31] or _("Refused rows")
    taken = {sheet.get_name().lower() for sheet in book.worksheets()} | {NOTES_SHEET.lower(), "history"}
    names = [clean, *(f"{clean[:27]} {number}" for number in range(2, 200))]
    return next(free for free in names if free.lower() not in taken)
