"""Reads the visible sheets of a workbook with calamine."""

import sys
from collections.abc import Iterator
from typing import Any

from registry.imports.reading.sandbox.limits import FORM_SHEET, MAX_COLUMNS, MAX_ROWS, MAX_SHEETS, Refused
from registry.imports.reading.sandbox.output import print_rows
from registry.imports.reading.sandbox.package import Package
from registry.imports.reading.sandbox.sheet_xml import MissingValues


def read_workbook(path: str) -> dict[str, Any]:
    """Print the rows of all visible sheets of a workbook, and of the hidden one of a form."""
    package = Package(path)
    package.check()
    from python_calamine import CalamineError, CalamineWorkbook, PasswordError, SheetVisibleEnum

    sheets: list[dict[str, Any]] = []
    try:
        copy = package.readable_copy()
        book = CalamineWorkbook.from_filelike(copy) if copy else CalamineWorkbook.from_path(path)
        if len(book.sheets_metadata) > MAX_SHEETS:
            raise Refused("too_many_sheets", limit=MAX_SHEETS)
        if len(book.sheets_metadata) != len(package.sheets):
            raise Refused("damaged")
        offset = 0
        for index, (meta, walk) in enumerate(zip(book.sheets_metadata, package.sheets, strict=True)):
            visible = meta.visible == SheetVisibleEnum.Visible or meta.name == FORM_SHEET
            about = {"name": meta.name, "visible": visible, "offset": offset}
            about |= {"rows": 0, "merged": [], "hidden": walk.hidden, "dates": {}}
            if about["visible"] and "WorkSheet" in str(meta.typ):
                about |= print_sheet(book.get_sheet_by_index(index), walk.missing_values)
                offset = sys.stdout.buffer.tell()
            sheets.append(about)
    except PasswordError:
        raise Refused("password") from None
    except CalamineError:
        raise Refused("damaged") from None
    return {"kind": "xlsx", "encoding": "", "delimiter": "", "date_1904": package.date_1904, "sheets": sheets}


def print_sheet(sheet: Any, missing_values: MissingValues) -> dict[str, Any]:
    """Print the rows of one sheet, from its first row and column on."""
    rows: Iterator[list[object]] = iter(())
    if sheet.start is not None:
        if sheet.end[0] >= MAX_ROWS or sheet.end[1] >= MAX_COLUMNS:
            raise Refused("too_many_cells", rows=MAX_ROWS, columns=MAX_COLUMNS)
        rows = sheet.iter_rows()
        if sheet.start[1]:  # calamine gives all rows, but not all columns
            margin = [""] * sheet.start[1]
            rows = (margin + row for row in sheet.iter_rows())
    merged = [[first, last] for first, last in sheet.merged_cell_ranges or [] if first != last]
    count, dates = print_rows(missing_values.put_into(rows) if missing_values else rows)
    return {"rows": count, "merged": merged[:20_000], "dates": dates}
