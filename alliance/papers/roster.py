"""Writes the roster (会员名录) to hand out: a workbook that prints on A4 without further work.

Its columns are `ROSTER_COLUMNS` and `INTERNAL_ROSTER_COLUMNS` in `alliance/papers/columns.py`.
"""

import tempfile
from collections.abc import Iterator

import xlsxwriter
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from alliance.papers import document
from alliance.papers.document import Paper
from alliance.papers.rows import PaperTable
from registry.api.lists.files import Table
from registry.api.lists.renderers import XLSXRenderer
from registry.disclosure.receipts import properties
from registry.spreadsheet import write_cell
from registry.spreadsheet.styles import DAY, HEADER_FILL

_EDGE = "#B8C4D6"


class RosterRenderer(XLSXRenderer):
    """Writes one sheet: title, numbered rows, header repeated on every page, page numbers.

    It is complete before it is sent.
    """

    def __init__(self, paper: Paper) -> None:
        self.paper = paper

    def stream(self, table: Table) -> Iterator[bytes]:
        assert isinstance(table, PaperTable)  # noqa: S101 - the view makes no other for papers
        with tempfile.TemporaryFile() as file:
            with xlsxwriter.Workbook(file, {"constant_memory": True}) as book:
                _write(book, table, self.paper)
            file.seek(0)
            while piece := file.read(64 * 1024):
                yield piece


def _write(book: xlsxwriter.Workbook, table: PaperTable, paper: Paper) -> None:
    book.set_properties(properties(table.receipt))
    font = {"font_name": "宋体", "font_size": 10, "valign": "vcenter"}
    box = font | {"border": 1, "border_color": _EDGE, "text_wrap": True}
    title = book.add_format(font | {"font_size": 16, "bold": True, "align": "center"})
    noted = book.add_format(font | {"align": "center", "text_wrap": True})
    header = book.add_format(box | {"bold": True, "align": "center", "bg_color": HEADER_FILL})
    cell, centred = book.add_format(box), book.add_format(box | {"align": "center"})
    day = book.add_format(box | {"num_format": DAY, "align": "center"})
    groups = table.groups()
    notes = document.notes(paper, all(group.by_pinyin for group in groups))
    labels = [_("No."), *(str(column.label) for column in table.columns)]
    sheet = book.add_worksheet(_("Roster"))
    top = 1 if paper.exported_by else 0  # the row above the title
    head = top + (2 if notes else 1)
    _set_up_page(sheet, head, paper.exported_by)
    sheet.set_column(0, 0, 6)
    for position, column in enumerate(table.columns, 1):
        sheet.set_column(position, position, column.width)
    sheet.set_default_row(21)
    if paper.exported_by:
        sheet.write_string(0, 0, _("Internal: keep confidential"), book.add_format(font | {"bold": True}))
    sheet.set_row(top, 34)
    sheet.merge_range(top, 0, top, len(labels) - 1, table.title, title)
    if notes:
        sheet.merge_range(top + 1, 0, top + 1, len(labels) - 1, " ".join(notes), noted)
    sheet.set_row(head, 24)
    for position, label in enumerate(labels):
        sheet.write_string(head, position, label, header)
    for row in (row for group in groups for row in group.rows):
        line = head + row.number
        sheet.write_number(line, 0, row.number, centred)
        for position, value in enumerate(row.cells, 1):
            short = table.columns[position - 1].width <= 16
            write_cell(sheet, line, position, value, day, centred if short else cell)


def _set_up_page(sheet: xlsxwriter.worksheet.Worksheet, head: int, exported_by: str) -> None:
    sheet.set_landscape()
    sheet.set_paper(9)  # A4
    sheet.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(head)
    sheet.freeze_panes(head + 1, 0)
    sheet.center_horizontally()
    footer = "&C" + _("Page &P of &N")
    if exported_by:
        params = {"person": exported_by.replace("&", "&&"), "time": localtime().strftime("%Y-%m-%d %H:%M")}
        footer += "&R" + _("Exported by %(person)s, %(time)s") % params
    sheet.set_footer(footer)
