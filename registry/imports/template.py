"""Makes an empty workbook for a table, with labels, notes, formats and drop-down lists.

The import reads it unchanged.
"""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, BinaryIO

import xlsxwriter
from django.utils.translation import gettext as _

from registry.columns import Hint
from registry.imports.import_tables import ImportTable
from registry.imports.pipeline.columns import FileColumn
from registry.imports.pipeline.engine import Import
from registry.imports.reading.files import LISTS_SHEET, NOTES_SHEET
from registry.imports.refused import for_print, row_height
from registry.spreadsheet import write_cell, xlsx_text
from registry.spreadsheet.styles import DAY, HEADER, HEADER_FILL

ROWS = 5_000
"""The number of rows that have formats and drop-down lists."""
_NUMBERS = ("numeric", "integer", "smallint", "bigint")
_FORMATS = {"text": "@", "date": DAY, "number": "General"}
_NOTE_WIDTHS = (30, 16, 56, 44)
_SHOWN = 8
_WIDE = frozenset(["name_zh", "name_en", "registered_address", "business_address", "scope", "introduction", "sectors"])


def template_columns(run: Import) -> list[tuple[FileColumn, Hint]]:
    """Return the columns of the template that the account of the run may fill in, each with its explanation."""
    return [(column, column.hint) for column in run.allowed_columns() if column.hint]


def write_template(
    target: Path | str | BinaryIO, table: ImportTable, run: Import, rows: Iterable[Mapping[str, Any]] = ()
) -> None:
    """Write the template in the active language; `rows` (values by column name) are filled in already."""
    columns = template_columns(run)
    book = xlsxwriter.Workbook(target, {"strings_to_formulas": False, "strings_to_urls": False})
    lists = _Lists(book, columns)
    _write_table(book, str(table.label), columns, rows, lists)
    _write_notes(book, str(table.label), columns)
    lists.write()
    book.close()


class _Lists:
    """Collects the values of the drop-down lists on a hidden sheet."""

    def __init__(self, book: xlsxwriter.Workbook, columns: Sequence[tuple[FileColumn, Hint]]) -> None:
        self._book = book
        self._values = {column.name: [str(value) for value in hint.values()] for column, hint in columns if hint.values}

    def source(self, name: str) -> str | None:
        """Return the range of cells that hold the values of a column; None if the column has no list."""
        values = self._values.get(name)
        if not values:
            return None
        letter = xlsxwriter.utility.xl_col_to_name(list(self._values).index(name))
        return f"='{LISTS_SHEET}'!${letter}$1:${letter}${len(values)}"

    def write(self) -> None:
        if not self._values:
            return
        sheet = self._book.add_worksheet(LISTS_SHEET)
        for place, values in enumerate(self._values.values()):
            for line, value in enumerate(values):
                sheet.write_string(line, place, value)
        sheet.hide()


def _kind(column: FileColumn, hint: Hint) -> str:
    if hint.values or column.sql_type not in (*_NUMBERS, "date"):
        return "text"
    return "date" if column.sql_type == "date" else "number"


def _write_table(
    book: xlsxwriter.Workbook,
    title: str,
    columns: Sequence[tuple[FileColumn, Hint]],
    rows: Iterable[Mapping[str, Any]],
    lists: _Lists,
) -> None:
    sheet = book.add_worksheet(title[:31])
    plain = book.add_format(HEADER)
    required = book.add_format({**HEADER, "bg_color": "#F8D9B0"})
    formats = {kind: book.add_format({"num_format": code}) for kind, code in _FORMATS.items()}
    for_print(sheet)
    sheet.set_row(0, 32)
    sheet.freeze_panes(1, 0)
    for index, (column, hint) in enumerate(columns):
        label = str(column)
        width = 34 if column.name in _WIDE else max(12, min(24, 2 * len(label)))
        sheet.set_column(index, index, width, formats[_kind(column, hint)])
        sheet.write_string(
            0, index, f"{label} *" if hint.required is True else label, required if hint.required else plain
        )
        sheet.write_comment(0, index, _comment(label, hint), {"x_scale": 2, "y_scale": 1.2})
        source = lists.source(column.name)
        if source:
            rule = {"validate": "list", "source": source, "show_error": not hint.several, "error_type": "warning"}
            rule |= {"error_title": label[:32], "error_message": _("This is not in the list. Keep it all the same?")}
            sheet.data_validation(1, index, ROWS, index, rule)
    for line, row in enumerate(rows, start=1):
        for index, (column, hint) in enumerate(columns):
            kind = _kind(column, hint)
            write_cell(sheet, line, index, row.get(column.name), formats["date"], formats[kind])


def _comment(label: str, hint: Hint) -> str:
    parts = [label, _need(hint), str(hint.note)]
    if hint.values:
        parts.append(_("Choose from the list."))
    if hint.example:
        parts.append(_("For example: %(example)s") % {"example": hint.example})
    return "\n".join(filter(None, parts))


def _need(hint: Hint) -> str:
    if hint.required is True:
        return _("required")
    return str(hint.required or _("optional"))


def _write_notes(book: xlsxwriter.Workbook, title: str, columns: Sequence[tuple[FileColumn, Hint]]) -> None:
    sheet = book.add_worksheet(NOTES_SHEET)
    for_print(sheet)
    wrap = book.add_format({"text_wrap": True, "valign": "top"})
    bold = book.add_format({"bold": True, "bg_color": HEADER_FILL, "valign": "top"})
    large = book.add_format({"bold": True, "font_size": 14})
    for index, width in enumerate(_NOTE_WIDTHS):
        sheet.set_column(index, index, width, wrap)
    sheet.write_string(0, 0, title, large)
    advice = (
        _("One row for each record, below the labels. Columns may be left out or moved; do not change their labels."),
        _("What is empty changes nothing in the registry."),
        _("Dates are written as 2019-09-01, codes as text. Several values of a cell are separated by a semicolon (;)."),
        _(
            "Fill in the workbook and import it; this sheet is not read. Errors are reported row by row before "
            "anything is written."
        ),
    )
    for line, text in enumerate(advice, start=1):
        sheet.merge_range(line, 0, line, 3, text, wrap)
    first = len(advice) + 2
    for index, text in enumerate((_("Column"), _("Needed"), _("What it means"), _("Example or choice"))):
        sheet.write_string(first, index, text, bold)
    for line, (column, hint) in enumerate(columns, start=first + 1):
        texts = (str(column), _need(hint), str(hint.note), _choice(hint))
        sheet.set_row(line, row_height(zip(texts, _NOTE_WIDTHS, strict=True)))
        for index, text in enumerate(texts):
            sheet.write_string(line, index, xlsx_text(text)[0], wrap)


def _choice(hint: Hint) -> str:
    if not hint.values:
        return hint.example
    values = [str(value) for value in hint.values()]
    return " / ".join(values[:_SHOWN]) + (" …" if len(values) > _SHOWN else "")
