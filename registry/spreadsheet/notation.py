"""Writes the cells of CSV files and of sheets: one value, or many values of one column at a time.

Whole columns are faster, because properties that all their texts share are checked once. `cell` defines the result, and
a test compares the two ways.
"""

import datetime
import re
from abc import ABC, abstractmethod
from collections.abc import Sequence
from decimal import Decimal

from xlsxwriter.utility import xl_col_to_name

from registry.spreadsheet.base import EXCEL_CELL_LIMIT
from registry.spreadsheet.writing import (
    FIRST_DAY,
    FORMULA_SIGNS,
    TO_ESCAPE,
    csv_text,
    date_text,
    decimal_text,
    xlsx_text,
)

_JOINT = "\ufffc"
"""Joins the texts of a column that are checked together; it is printable, and hardly any text holds it."""
_ESCAPED_IN_COLUMN_RE = re.compile(_JOINT + TO_ESCAPE)
_LOOKS_CODED_RE = re.compile("_(?=x[0-9a-fA-F]{4}_)")


class Notation(ABC):
    """Writes values as cells of one kind of file. An empty cell is an empty string."""

    @abstractmethod
    def cell(self, column: int, value: object) -> str:
        """Return the text of the cell that holds the value in the column of this number."""

    @abstractmethod
    def texts(self, column: int, values: Sequence[str]) -> Sequence[str]:
        """Return what `cell` returns for each of the texts."""

    @abstractmethod
    def days(self, column: int, values: Sequence[str]) -> Sequence[str]:
        """Return what `cell` returns for each date, given as ISO 8601 text; an empty text means no date."""


class CSVNotation(Notation):
    def cell(self, column: int, value: object) -> str:
        return _quoted(csv_text(value) if isinstance(value, str) else _plain(value))

    def texts(self, column: int, values: Sequence[str]) -> Sequence[str]:
        joined = _JOINT + _JOINT.join(values)
        if any(sign in joined for sign in FORMULA_SIGNS) and _ESCAPED_IN_COLUMN_RE.search(joined):
            values = [csv_text(value) for value in values]
        return [_quoted(value) for value in values] if _TO_QUOTE_RE.search(joined) else values

    def days(self, column: int, values: Sequence[str]) -> Sequence[str]:
        return values


_TO_QUOTE_RE = re.compile('[,;\t"\r\n]')
"""The signs for which a cell is quoted. Excel may be set up to separate cells by semicolon or TAB."""


def _quoted(text: str) -> str:
    if _TO_QUOTE_RE.search(text):
        return '"' + text.replace('"', '""') + '"'
    return text


def _plain(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime.date):
        return date_text(value)
    return decimal_text(value) if isinstance(value, Decimal) else str(value)


LINE = "\x01"
"""Replaces in a written cell the number of its line; no text of a sheet holds it."""
DAY_STYLE = 1
_DAY_0 = datetime.date(1899, 12, 30).toordinal()


class SheetNotation(Notation):
    """Writes cells of SpreadsheetML. Texts are never formulas, dates are dates, numbers are numbers."""

    def __init__(self, columns: int) -> None:
        self._starts = [f'<c r="{xl_col_to_name(column)}{LINE}"' for column in range(columns)]

    def cell(self, column: int, value: object) -> str:
        start = self._starts[column]
        if value is None or value == "":
            return ""
        if isinstance(value, bool):
            return f'{start} t="b"><v>{value:d}</v></c>'
        if isinstance(value, int | float | Decimal):
            return f"{start}><v>{_plain(value)}</v></c>"
        if type(value) is datetime.date and value >= FIRST_DAY:
            return f'{start} s="{DAY_STYLE}"><v>{value.toordinal() - _DAY_0}</v></c>'
        return f"{start}{inline(value if isinstance(value, str) else _plain(value))}</c>"

    def texts(self, column: int, values: Sequence[str]) -> Sequence[str]:
        joined = _JOINT + _JOINT.join(values) + _JOINT
        if _is_odd(joined) or (len(joined) > EXCEL_CELL_LIMIT and len(max(values, key=len)) > EXCEL_CELL_LIMIT):
            return [self.cell(column, value) for value in values]
        if "&" in joined or "<" in joined or ">" in joined:
            values = [_escaped(value) for value in values]
        start = f'{self._starts[column]} t="inlineStr"><is><t>'
        return [f"{start}{value}</t></is></c>" if value else "" for value in values]

    def days(self, column: int, values: Sequence[str]) -> Sequence[str]:
        days = [datetime.date.fromisoformat(value) if value else None for value in values]
        return [self.cell(column, day) for day in days]


def inline(text: str) -> str:
    """Return the XML that follows the cell reference for a cell with this text."""
    text = _escaped(_LOOKS_CODED_RE.sub("_x005F_", xlsx_text(text)[0])).replace("\r", "_x000D_")
    space = "" if text == text.strip() else ' xml:space="preserve"'
    return f' t="inlineStr"><is><t{space}>{text}</t></is>'


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _is_odd(joined: str) -> bool:
    """Return whether a text among these needs more than escaped markup."""
    return (
        not joined.isprintable()
        or ("'" in joined and f"{_JOINT}'" in joined)
        or (" " in joined and (f"{_JOINT} " in joined or f" {_JOINT}" in joined))
        or ("_" in joined and "_x" in joined)
    )
