"""Refuses member lists with columns of unknown meaning that may hold an end or a key, until somebody decides.

If the ends in a list were ignored, organizations that have left would be stored as members, and nobody would notice.
"""

import re
import unicodedata
from collections.abc import Iterator
from functools import cache

from registry.imports.pipeline.columns import labels_of
from registry.imports.reading.tables import Sheet, SheetColumn, TableFile
from registry.imports.recognising.headers import (
    Recogniser,
    column_letter,
    is_running_number,
    label_key,
    place_label,
)
from registry.imports.recognising.layout import Layout
from registry.organizations.columns.organizations import ORGANIZATION_COLUMNS
from registry.spreadsheet import Cell, is_blank

_LABEL_RE = re.compile(
    r"[期止到退终]|届满|失效|编号|代码|证号|税号|会员号"
    r"|\b(?:ends?|ended|ending|expir\w*|until|till|through|valid\w*|terminat\w*|laps\w*|left|leav\w*|resign\w*"
    r"|withdr\w*|due|dates?|codes?|ids?|uscc)\b|\bnos?\.",
    re.IGNORECASE,
)
_DATE_RE = re.compile(
    r"(?:19|20)\d\d\s*(?:[-/.]\s*\d{1,2}\s*[-/.]\s*\d{1,2}|年\s*\d{1,2}\s*月(?:\s*\d{1,2}\s*日)?)(?:[T ]?[\d:.]+)?"
    r"|(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])"
)
_CODE_RE = re.compile(r"(?=.*\d)[0-9A-Z]{18}|[0-9A-Z]{8}-[0-9X]|\d{15}|[A-Z]{1,6}-?\d{3,}", re.IGNORECASE)


@cache
def _organization_labels() -> Recogniser:
    """Return the recogniser of labels about organizations: such a column says nothing about a membership."""
    return Recogniser({column.name: labels_of(column) for column in ORGANIZATION_COLUMNS if column.in_file})


def unread_columns(table: TableFile, sheet: Sheet, layout: Layout) -> Iterator[SheetColumn]:
    """Yield the columns of the sheet that somebody must give a meaning or mark as ignored."""
    firsts = {column.index: _first(sheet, column) for column in sheet.doubled}
    taken = {column.index for column in sheet.columns}
    values = _values(table, sheet, taken - set(firsts.values()))
    for index in sorted(values.keys() - taken):
        label = sheet.label(index)
        if label_key(label or place_label(index)) in layout.columns:
            continue
        if index in firsts:
            read = values.get(firsts[index], {})
            stops = any(text != read.get(row) for row, text in values[index].items())
        else:
            stops = _looks_like_end_or_key(label, list(values[index].values()))
        if stops:
            yield SheetColumn(index, "", label or column_letter(index))


def _first(sheet: Sheet, double: SheetColumn) -> int:
    """Return the column that is read instead of another one with the same meaning."""
    return next(column.index for column in sheet.columns if column.name == double.name)


def _values(table: TableFile, sheet: Sheet, passed_over: set[int]) -> dict[int, dict[int, str]]:
    """Return the texts of the cells below the header that are not blank: column -> row -> text."""
    found: dict[int, dict[int, str]] = {}
    for number, row in table.raw_rows(sheet, range(sheet.first_data, sheet.last + 1)):
        for index, cell in enumerate(row):
            if index not in passed_over and not is_blank(cell):
                found.setdefault(index, {})[number] = _text(cell)
    return found


def _text(cell: Cell) -> str:
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    return unicodedata.normalize("NFKC", str(cell)).strip()


def _looks_like_end_or_key(label: str, texts: list[str]) -> bool:
    if is_running_number(label, texts):
        return False
    if label and _organization_labels()(label):
        return False
    if label and _LABEL_RE.search(unicodedata.normalize("NFKC", label).replace("_", " ")):
        return True
    alike = sum(bool(_DATE_RE.fullmatch(text) or _CODE_RE.fullmatch(text)) for text in texts)
    return 2 * alike >= len(texts) > 0
