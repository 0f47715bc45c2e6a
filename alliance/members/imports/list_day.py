"""Finds the day on which a list of members was correct, in its title or the name of its sheet or file."""

import calendar
import datetime
import re
import unicodedata
from collections.abc import Iterable

from django.core.exceptions import ValidationError

from registry import spreadsheet
from registry.imports.reading.tables import Sheet, TableFile

_AS_OF_RE = re.compile(r"(?:截至|截止到?|统计至|as\s+of|as\s+at)\s*:?\s*(?P<day>[^()\[\];，。]{4,40})", re.IGNORECASE)
_MONTH_RE = re.compile(r"(?P<year>\d{4})\s*[年.-]\s*(?P<month>\d{1,2})\s*月?\s*[底末]?")
_YEAR_END_RE = re.compile(r"(?P<year>\d{4})\s*年?\s*[底末]")


def day_of(text: str) -> datetime.date | None:
    """Return the day after 截至 or `as of` in a text; a month means its last day."""
    for found in _AS_OF_RE.finditer(unicodedata.normalize("NFKC", text)):
        for end in range(len(found["day"]), 3, -1):  # whatever follows the day is no part of it
            if day := _read(found["day"][:end].strip()):
                return day
    return None


def day_of_sheet(table: TableFile, sheet: Sheet, file: str) -> datetime.date | None:
    """Return the day by the rows above the header, else by the name of the sheet, else by the name of the file."""
    texts: Iterable[str] = []
    if sheet.header_rows:
        above = table.raw_rows(sheet, range(sheet.first, sheet.header_rows[0]))
        texts = [cell for _number, cells_of_row in above for cell in cells_of_row if isinstance(cell, str)]
    return next((day for text in (*texts, sheet.name, file.replace("_", " ")) if (day := day_of(text))), None)


def _read(text: str) -> datetime.date | None:
    try:
        return spreadsheet.parse_date(text)
    except ValidationError:
        pass
    if month := _MONTH_RE.fullmatch(text):
        year, number = int(month["year"]), int(month["month"])
        if 1900 < year < 2200 and 1 <= number <= 12:
            return datetime.date(year, number, calendar.monthrange(year, number)[1])
    if year_end := _YEAR_END_RE.fullmatch(text):
        return datetime.date(int(year_end["year"]), 12, 31)
    return None
