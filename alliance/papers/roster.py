"""Writes the roster (会员名录) to hand out: a workbook that prints on A4 without further work.

Its columns are `ROSTER_COLUMNS` and `INTERNAL_ROSTER_COLUMNS` in `alliance/members/columns.py`.
"""

import datetime
import tempfile
from collections.abc import Iterator

import xlsxwriter
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from alliance.members.names import label_on
from alliance.models import Alliance
from registry.api.lists.files import Table
from registry.api.lists.renderers import XLSXRenderer
from registry.disclosure.receipts import properties
from registry.spreadsheet import write_cell
from registry.spreadsheet.styles import DAY, HEADER_FILL

_EDGE = "#B8C4D6"


def roster_title(alliance: Alliance, on: datetime.date, internal: bool) -> str:
    """Return the title of the sheet and the name of the file; they tell the internal edition from the public one."""
    said = {"alliance": label_on(alliance, on), "day": date_format(on, _("Y-m-d"))}
    if internal:
        return _("%(alliance)s: roster of members (as of %(day)s), internal edition") % said
    return _("%(alliance)s: roster of members (as of %(day)s)") % said


class RosterRenderer(XLSXRenderer):
    """Writes one sheet: title, numbered rows, header repeated on every page, page numbers.

    It is complete before it is sent.
    """

    def __init__(self, exported_by: str = "") -> None:
        """Take the name of the person who exports the internal edition; it is printed on the confidential sheet."""
        self.exported_by = exported_by

    def stream(self, table: Table) -> Iterator[bytes]:
        with tempfile.TemporaryFile() as file:
            with xlsxwriter.Workbook(file, {"constant_memory": True}) as book:
                _write(book, table, self.exported_by)
            file.seek(0)
            while piece := file.read(64 * 1024):
                yield piece


def _write(book: xlsxwriter.Workbook, table: Table, exported_by: str) -> None:
    book.set_properties(properties(table.receipt))
    font = {"font_name": "宋体", "font_size": 10, "valign": "vcenter"}
    box = font | {"border": 1, "border_color": _EDGE, "text_wrap": True}
    title = book.add_format(font | {"font_size": 16, "bold": True, "align": "center"})
    header = book.add_format(box | {"bold": True, "align": "center", "bg_color": HEADER_FILL})
    cell, centred = book.add_format(box), book.add_format(box | {"align": "center"})
    day = book.add_format(box | {"num_format": DAY, "align": "center"})
    labels = [_("No."), *(str(column.label) for column in table.columns)]
    sheet = book.add_worksheet(_("Roster"))
    top = 1 if exported_by else 0  # the row above the title
    _set_up_page(sheet, top, exported_by)
    sheet.set_column(0, 0, 6)
    for position, column in enumerate(table.columns, 1):
        sheet.set_column(position, position, column.width)
    sheet.set_default_row(21)
    if exported_by:
        sheet.write_string(0, 0, _("Internal: keep confidential"), book.add_format(font | {"bold": True}))
    sheet.set_row(top, 34)
    sheet.merge_range(top, 0, top, len(labels) - 1, table.title, title)
    sheet.set_row(top + 1, 24)
    for position, label in enumerate(labels):
        sheet.write_string(top + 1, position, label, header)
    for number, row in enumerate(table.cells(), 1):
        line = top + 1 + number
        sheet.write_number(line, 0, number, centred)
        for position, value in enumerate(row, 1):
            short = table.columns[position - 1].width <= 16
            write_cell(sheet, line, position, value, day, centred if short else cell)


def _set_up_page(sheet: xlsxwriter.worksheet.Worksheet, top: int, exported_by: str) -> None:
    sheet.set_landscape()
    sheet.set_paper(9)  # A4
    sheet.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(top + 1)
    sheet.freeze_panes(top + 2, 0)
    sheet.center_horizontally()
    footer = "&C" + _("Page &P of &N")
    if exported_by:
        params = {"person": exported_by.replace("&", "&&"), "time": localtime().strftime("%Y-%m-%d %H:%M")}
        footer += "&R" + _("Exported by %(person)s, %(time)s") % params
    sheet.set_footer(footer)
