"""Writes values as text for files, in a form from which the parse functions read the same value."""

import datetime
import re
from decimal import Decimal
from typing import TYPE_CHECKING

from registry.spreadsheet.base import EXCEL_CELL_LIMIT
from registry.spreadsheet.numbers import WAN
from registry.values.validators import INVISIBLE

if TYPE_CHECKING:
    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet

FORMULA_SIGNS = "=+-@\t\r\n＝＋－＠"
# What a spreadsheet program may run as a formula: one of these signs, after white space, controls and invisible
# characters at most.
_FORMULA = f"[\\s\x00-\x20\x7f-\xa0{INVISIBLE}]*[{re.escape(FORMULA_SIGNS)}]"
_ESCAPED_RE = re.compile(f"'+{_FORMULA}")
TO_ESCAPE = f"'*{_FORMULA}"
"""A regular expression for texts that get an apostrophe in CSV, by their beginning."""
_TO_ESCAPE_RE = re.compile(TO_ESCAPE)
_NUMBER_RE = re.compile(r"-?\d+(\.\d+)?")
_NOT_XML_RE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")

FIRST_DAY = datetime.date(1900, 3, 1)
"""The first day that is written as a date.

Before it, Excel counts a day that did not exist and other programs do not; before 1900 Excel has no dates.
"""


def csv_text(text: str) -> str:
    """Return the text of a CSV cell, with an apostrophe before a text that a spreadsheet program takes for a formula.

    A text that already looks escaped gets another one, so that `read_text` is the exact inverse. Plain numbers stay.
    """
    return f"'{text}" if _TO_ESCAPE_RE.match(text) and not _NUMBER_RE.fullmatch(text) else text


def read_text(text: str) -> str:
    """Return the original text of a cell of a CSV or XLSX file: the inverse of `csv_text` and of `xlsx_text`."""
    if text.startswith("'") and _ESCAPED_RE.match(text):
        return text[1:]
    return text


def xlsx_text(text: str) -> tuple[str, bool]:
    """The text of an XLSX string cell, and whether something of it could not be kept.

    String cells are no formulas; only a text that looks like an escaped one gets an apostrophe, because workbooks may
    come from a CSV file. Characters that XML cannot hold become spaces; a text longer than a cell is cut.
    """
    if text.startswith("'") and _ESCAPED_RE.match(text):
        text = f"'{text}"
    kept = text if text.isprintable() else _NOT_XML_RE.sub(" ", text)
    short = kept[:EXCEL_CELL_LIMIT]
    return short, short != text


def write_cell(sheet: "Worksheet", line: int, position: int, value: object, day: "Format", plain: "Format") -> None:
    """Write a cell of a decorated XlsxWriter workbook: `day` is the format of dates, `plain` of all other values."""
    if type(value) is datetime.date and value >= FIRST_DAY:
        sheet.write_datetime(line, position, datetime.datetime(value.year, value.month, value.day), day)  # noqa: DTZ001
    elif value is None or value == "":
        sheet.write_blank(line, position, None, plain)
    elif isinstance(value, datetime.date | str):
        text = value if isinstance(value, str) else value.isoformat()
        sheet.write_string(line, position, xlsx_text(text)[0], plain)
    else:
        sheet.write_number(line, position, value, plain)


def date_text(value: datetime.date | None) -> str:
    """Return the date in ISO 8601, which every program and both languages read the same way."""
    return "" if value is None else value.isoformat()


def decimal_text(value: Decimal | None) -> str:
    """Return plain digits, without exponent and without zeros at the end."""
    if value is None:
        return ""
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def wan_text(value: Decimal | None) -> str:
    """Return an amount in yuan as a number of 万元 (10,000 yuan)."""
    return "" if value is None else decimal_text(value / WAN)


def yuan_text(value: Decimal | None) -> str:
    """Return an amount in yuan as people read it: 12,000 or 12,000.50."""
    return "" if value is None else f"{value:,.2f}".removesuffix(".00")
