"""Writes the blank application form as a workbook, which is filled in, printed, signed and read back.

A hidden sheet repeats what is filled in, as a table with the labels of the columns: formulas fetch it from
the cells of the form. The import reads this sheet of a form and nothing else.
"""

import datetime
import io
from collections.abc import Iterator, Mapping
from typing import Any

import xlsxwriter
from django.utils.translation import gettext as _
from xlsxwriter.utility import xl_rowcol_to_cell

from alliance.papers.application.asked import SECTOR_LINES, TALL, ApplicationForm, Question
from registry.imports.reading.files import LISTS_SHEET, NOTES_SHEET
from registry.imports.reading.sandbox.limits import FORM_SHEET
from registry.spreadsheet import xlsx_text
from registry.spreadsheet.styles import BOX, DAY, HEADER_FILL
from registry.values.punctuation import labelled, listed

_WIDTHS = (15, 29, 15, 29)
_LAST = len(_WIDTHS) - 1
_LINE = 21
_MADE = datetime.datetime(2000, 1, 1)  # noqa: DTZ001 - the same form is the same file, whenever it is asked for
"""The day of making in the properties of the file."""


def workbook(form: ApplicationForm) -> bytes:
    file = io.BytesIO()
    _FormWriter(file, form).write()
    return file.getvalue()


class _FormWriter:
    def __init__(self, file: io.BytesIO, form: ApplicationForm) -> None:
        self.form = form
        self.book = xlsxwriter.Workbook(file, {"in_memory": True, "strings_to_formulas": False})
        self.book.set_properties({"created": _MADE, "title": f"{form.alliance} {form.title}"})
        edge = {**BOX, "font_size": 10.5, "text_wrap": True}
        styles: Mapping[str, Mapping[str, Any]] = {
            "alliance": {"font_size": 14, "align": "center", "valign": "vcenter", "text_wrap": True},
            "title": {"bold": True, "font_size": 20, "align": "center", "valign": "vcenter"},
            "quiet": {"font_size": 9, "font_color": "#4B5563", "text_wrap": True, "valign": "vcenter"},
            "part": {**edge, "bold": True, "bg_color": HEADER_FILL},
            "label": {**edge, "align": "center"},
            "text": {**edge, "num_format": "@", "locked": False},
            "tall": {**edge, "num_format": "@", "locked": False, "valign": "top"},
            "day": {**edge, "num_format": DAY, "align": "left", "locked": False},
            "number": {**edge, "align": "left", "locked": False},
            "filled": {**edge, "bg_color": "#F3F6FB"},
            "declared": {**edge, "valign": "top"},
            "wrapped": {"font_size": 10.5, "text_wrap": True, "valign": "top"},
            "strong": {"font_size": 10.5, "bold": True, "text_wrap": True, "valign": "top"},
            "is_day": {"num_format": DAY},
        }
        self.style = {name: self.book.add_format(style) for name, style in styles.items()}
        self.lists: list[list[str]] = []
        self.cells: dict[str, list[str]] = {}
        """Column -> the cells of the form that hold it."""
        self.sheet = self.book.add_worksheet(form.title[:31])

    def write(self) -> None:
        sheet = self.sheet
        for column, width in enumerate(_WIDTHS):
            sheet.set_column(column, column, width)
        sheet.hide_gridlines(2)
        self._merged(0, self.form.alliance, "alliance", 24)
        self._merged(1, self.form.title, "title", 32)
        said = _("* needed. Fill in the white cells, print the sheet, sign and stamp it.")
        line = self._merged(
            2, "　".join([said, *(labelled(label, text) for label, text in self.form.sent_to)]), "quiet", 28
        )
        for part in self.form.parts:
            line = self._merged(line, part.title, "part", _LINE)
            for entries in part.lines():
                line = self._entries(line, entries)
        self._signatures(line)
        # This protects against slips only, hence without a password.
        sheet.protect("", {"format_rows": True, "format_columns": True})
        sheet.set_paper(9)
        sheet.set_margins(left=0.6, right=0.6, top=0.6, bottom=0.6)
        sheet.center_horizontally()
        sheet.fit_to_pages(1, 1)
        self._notes()
        self._table()
        self._choices()
        self.book.close()

    def _merged(self, line: int, text: str, style: str, height: float, first: int = 0) -> int:
        self.sheet.set_row(line, height)
        self.sheet.merge_range(line, first, line, _LAST, xlsx_text(text)[0], self.style[style])
        return line + 1

    def _entries(self, line: int, entries: tuple[Question, ...]) -> int:
        if entries[0].name == "sectors":
            return self._sectors(line, entries[0])
        if len(entries) == 1:
            self.sheet.write_string(line, 0, entries[0].marked, self.style["label"])
            style = self._style(entries[0])
            self._merged(line, entries[0].filled, style, _LINE * TALL.get(entries[0].name, 1), first=1)
            self._asks(entries[0], line, 1)
            return line + 1
        self.sheet.set_row(line, _LINE)
        for at, entry in zip((0, 2), entries, strict=True):
            self.sheet.write_string(line, at, entry.marked, self.style["label"])
            self.sheet.write_string(line, at + 1, xlsx_text(entry.filled)[0], self.style[self._style(entry)])
            self._asks(entry, line, at + 1)
        return line + 1

    def _sectors(self, line: int, entry: Question) -> int:
        self.sheet.merge_range(line, 0, line + SECTOR_LINES - 1, 0, entry.marked, self.style["label"])
        for at in range(SECTOR_LINES):
            self.sheet.set_row(line, _LINE)
            said = _("the primary one") if at == 0 else _("another one")
            self.sheet.write_string(line, _LAST, said, self.style["filled"])
            self.sheet.merge_range(line, 1, line, _LAST - 1, "", self.style["text"])
            self._asks(entry, line, 1)
            line += 1
        return line

    def _style(self, entry: Question) -> str:
        if entry.filled:
            return "filled"
        if entry.name in TALL:
            return "tall"
        if entry.is_day:
            return "day"
        return "number" if entry.name == "registered_capital" else "text"

    def _asks(self, entry: Question, line: int, at: int) -> None:
        """Remember the cell, and offer its values."""
        self.cells.setdefault(entry.name, []).append(xl_rowcol_to_cell(line, at, row_abs=True, col_abs=True))
        if not entry.values:
            return
        if list(entry.values) not in self.lists:
            self.lists.append(list(entry.values))
        letter = xlsxwriter.utility.xl_col_to_name(self.lists.index(list(entry.values)))
        rule = {"validate": "list", "source": f"='{LISTS_SHEET}'!${letter}$1:${letter}${len(entry.values)}"}
        rule |= {"error_type": "warning", "error_message": _("This is not in the list. Keep it all the same?")}
        self.sheet.data_validation(line, at, line, at, rule)

    def _signatures(self, line: int) -> None:
        line = self._merged(line, _("Declaration"), "part", _LINE)
        line = self._merged(line, self.form.declaration, "declared", 50)
        half = _LAST // 2
        signed = _("Legal representative or person in charge (signature):")
        for left, right in (
            (signed, _("Stamp of the organization:")),
            (_("Opinion of the office of the alliance:"), _("Decision of the council:")),
        ):
            self.sheet.set_row(line, 84)
            day = "\n\n\n" + _("Date: ______ / ____ / ____")
            self.sheet.merge_range(line, 0, line, half, left + day, self.style["declared"])
            self.sheet.merge_range(line, half + 1, line, _LAST, right + day, self.style["declared"])
            line += 1

    def _notes(self) -> None:
        """Write the sheet that explains the form, with all sectors, to be printed on the back."""
        sheet = self.book.add_worksheet(NOTES_SHEET)
        sheet.hide_gridlines(2)
        sheet.set_column(0, 0, 20)
        sheet.set_column(1, 1, 68)
        for line, (what, text) in enumerate(_explained(self.form)):
            # A Chinese sign takes the place of two letters.
            rows = sum(1 + sum(1 + (ord(one) > 0x2E7F) for one in part) // 64 for part in text.split("\n"))
            sheet.set_row(line, 17 * rows)
            sheet.write_string(line, 0, xlsx_text(what)[0], self.style["strong"])
            sheet.write_string(line, 1, xlsx_text(text)[0], self.style["wrapped"])
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)

    def _table(self) -> None:
        """Write the hidden table that the import reads."""
        sheet = self.book.add_worksheet(FORM_SHEET)
        name = self.sheet.get_name().replace("'", "''")
        entries = [entry for part in self.form.parts for entry in part.entries]
        for at, entry in enumerate(entries):
            sheet.write_string(0, at, entry.label)
            first, *more = [f"'{name}'!{cell}" for cell in self.cells[entry.name]]
            formula = f'=IF({first}="","",{first})'
            formula += "".join(f'&IF({cell}="","",";"&{cell})' for cell in more)
            style = self.style["is_day"] if entry.is_day else None
            sheet.write_formula(1, at, formula, style, xlsx_text(entry.filled)[0])
        sheet.hide()

    def _choices(self) -> None:
        sheet = self.book.add_worksheet(LISTS_SHEET)
        for at, values in enumerate(self.lists):
            sheet.write_column(0, at, values)
        sheet.hide()


def _explained(form: ApplicationForm) -> Iterator[tuple[str, str]]:
    yield form.alliance, form.title
    if form.admission:
        yield _("How to join"), form.admission
    yield from form.sent_to
    yield _("Sectors"), _("Choose up to three from the list, the most important one first:")
    for group, sectors in form.sectors:
        yield group, listed(sectors)
    yield (
        _("Two ways"),
        _("Send the workbook itself with the scan of the signed sheet: then nobody has to copy what you wrote."),
    )
