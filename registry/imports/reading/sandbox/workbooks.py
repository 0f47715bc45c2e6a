"""Workbooks: their visible sheets, read by calamine."""

import sys
from typing import Any

from registry.imports.reading.sandbox.limits import MAX_COLUMNS, MAX_ROWS, MAX_SHEETS, Refused
from registry.imports.reading.sandbox.output import print_rows
from registry.imports.reading.sandbox.package import Package


def read_workbook(path: str) -> dict[str, Any]:
    """Print the rows of all visible sheets of a workbook."""
    package = Package(path)
    package.check()
    from python_calamine import CalamineError, CalamineWorkbook, PasswordError, SheetVisibleEnum

    sheets: list[dict[str, Any]] = []
    try:
        book = CalamineWorkbook.from_path(path)
        if len(book.sheets_metadata) > MAX_SHEETS:
            raise Refused("too_many_sheets", limit=MAX_SHEETS)
        offset = 0
        for meta in book.sheets_metadata:
            about = {"name": meta.name, "visible": meta.visible == SheetVisibleEnum.Visible, "offset": offset}
            about |= {"rows": 0, "merged": [], "hidden": package.hidden_rows(meta.name), "dates": {}}
            if about["visible"] and "WorkSheet" in str(meta.typ):
                about |= print_sheet(book.get_sheet_by_name(meta.name))
                offset = sys.stdout.buffer.tell()
            sheets.append(about)
    except PasswordError:
        raise Refused("password") from None
    except CalamineError:
        raise Refused("damaged") from None
    return {"kind": "xlsx", "encoding": "", "delimiter": "", "date_1904": package.date_1904(), "sheets": sheets}


def print_sheet(sheet: Any) -> dict[str, Any]:
    """Print one sheet's rows, from the sheet's first row and column on."""
    if sheet.start is None:
        return {}
    if sheet.end[0] >= MAX_ROWS or sheet.end[1] >= MAX_COLUMNS:
        raise Refused("too_many_cells", rows=MAX_ROWS, columns=MAX_COLUMNS)
    merged = [[first, last] for first, last in sheet.merged_cell_ranges or [] if first != last]
    # calamine gives all rows, but not all columns
    rows, dates = print_rows(sheet.iter_rows(), indent=sheet.start[1])
    return {"rows": rows, "merged": merged[:20_000], "dates": dates}
