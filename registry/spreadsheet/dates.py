"""Parses dates as people and spreadsheets write them."""

import datetime
import re
import unicodedata
from zoneinfo import ZoneInfo

from django.utils.translation import gettext_lazy as _

from registry.spreadsheet.base import (
    PLAIN,
    Cell,
    Context,
    MissingValue,
    is_blank,
    missing_value_error,
    refuse,
    refuse_signs,
)

_SHANGHAI = ZoneInfo("Asia/Shanghai")
_EPOCH_1900 = datetime.date(1899, 12, 30)
_EPOCH_1904 = datetime.date(1904, 1, 1)
# A serial below 2,300 (before 1906) is rather a year, one above rather yyyymm: neither is guessed at.
_FIRST_SERIAL, _LAST_SERIAL = 2_300, 80_000
_FIRST_YEAR, _LAST_YEAR = 1000, 2200
_OPEN_END = frozenset(["至今", "现在", "长期", "长期有效", "永久", "present", "-至今"])

_CHINESE_DIGITS = str.maketrans("〇○零一二三四五六七八九元", "0001234567891")
_FULL_RE = re.compile(
    r"(?P<y>\d{4})(?:\s*[-/.,、年]\s*)(?P<m>\d{1,2})(?:\s*[-/.,、月]\s*)(?P<d>\d{1,2})\s*[日号]?"
    r"(?:[ T]\s*\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?)?"
)
_TIMESTAMP_RE = re.compile(r"\d{4}-\d\d-\d\d[ t]\d\d:[\d:.,+z -]*")
_COMPACT_RE = re.compile(r"(?P<y>\d{4})(?P<m>\d{2})(?P<d>\d{2})")
_MONTH_RE = re.compile(r"\d{4}\s*(?:年|[-/.])?\s*(?:\d{1,2}\s*月?(?:份)?)?")
_CHINESE_YEAR = "([〇○零一二三四五六七八九]{4})年"
_CHINESE_RE = re.compile(
    f"{_CHINESE_YEAR}([元正一二三四五六七八九十]{{1,3}})月([一二三四五六七八九十廿卅]{{1,4}})[日号]"
)
_CHINESE_MONTH_RE = re.compile(f"{_CHINESE_YEAR}([元正一二三四五六七八九十]+月份?)?")
_ENGLISH_RE = re.compile(
    r"(?:(?P<d1>\d{1,2})(?:st|nd|rd|th)?\s+)?(?P<m>[a-z]{3,9})\.?\s*"
    r"(?(d1)|(?P<d2>\d{1,2})(?:st|nd|rd|th)?)\s*,?\s+(?P<y>\d{4})"
)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")


def parse_date(cell: Cell, context: Context = PLAIN) -> datetime.date | None:
    """A calendar date (Asia/Shanghai).

    Read: date cells, serial numbers of the workbook's date system, 2019-9-1, 2019/9/1, 2019.9.1, 20190901,
    2019年9月1日, 一九九八年七月十五日, 1 September 2019, each also with a time. Refused: a date without its day
    (the day would be an invention), a year of two digits, and orders of day and month that can be read both ways.
    """
    if isinstance(cell, str):
        if len(cell) == 10 and cell[4] == "-" == cell[7] and cell.isascii():
            try:
                return _plausible(datetime.date.fromisoformat(cell), cell)
            except ValueError:
                pass
        return _from_text(cell, context)
    if cell is None:
        return None
    if isinstance(cell, datetime.datetime):
        cell = (cell.astimezone(_SHANGHAI) if cell.tzinfo else cell).date()
    if isinstance(cell, datetime.date):
        return _plausible(cell, cell)
    if isinstance(cell, MissingValue):
        raise missing_value_error(cell)
    if isinstance(cell, bool):
        raise _not_a_date(cell)
    return _from_number(cell, context)


def _from_number(number: int | float, context: Context) -> datetime.date:
    whole = int(number)
    if _FIRST_SERIAL <= whole <= _LAST_SERIAL:
        epoch = _EPOCH_1904 if context.date_1904 else _EPOCH_1900
        return epoch + datetime.timedelta(days=whole)
    return _from_digits(str(whole), number)


def _from_digits(digits: str, cell: Cell) -> datetime.date:
    compact = _COMPACT_RE.fullmatch(digits)
    if compact:
        return _date(int(compact["y"]), int(compact["m"]), int(compact["d"]), cell)
    if len(digits) in (4, 6) and _FIRST_YEAR <= int(digits[:4]) <= _LAST_YEAR:
        raise _without_day(cell)
    raise _not_a_date(cell)


def _from_text(cell: str, context: Context) -> datetime.date | None:
    if is_blank(cell):
        return None
    text = unicodedata.normalize("NFKC", cell).strip().lower()
    if text in _OPEN_END:
        return None
    if text.isdigit() and text.isascii():
        if len(text) == 5:
            return _from_number(int(text), context)
        return _from_digits(text, cell)
    full = _FULL_RE.fullmatch(text.upper())
    if full:
        return _date(int(full["y"]), int(full["m"]), int(full["d"]), cell)
    chinese = _CHINESE_RE.fullmatch(re.sub(r"\s", "", text))
    if chinese:
        year, month, day = chinese.groups()
        return _date(int(year.translate(_CHINESE_DIGITS)), _chinese_number(month), _chinese_number(day), cell)
    if _MONTH_RE.fullmatch(text) or _CHINESE_MONTH_RE.fullmatch(text):
        raise _without_day(cell)
    english = _ENGLISH_RE.fullmatch(text)
    if english and english["m"][:3] in _MONTHS:
        month = _MONTHS.index(english["m"][:3]) + 1
        return _date(int(english["y"]), month, int(english["d1"] or english["d2"]), cell)
    refuse_signs(cell)
    return _from_timestamp(text, cell)


def _from_timestamp(text: str, cell: str) -> datetime.date:
    if not _TIMESTAMP_RE.fullmatch(text):
        raise _not_a_date(cell)
    try:
        moment = datetime.datetime.fromisoformat(text.upper())
    except ValueError:
        raise _not_a_date(cell) from None
    return _plausible((moment.astimezone(_SHANGHAI) if moment.tzinfo else moment).date(), cell)


def _chinese_number(text: str) -> int:
    """Return the number from 1 to 39 of 十二, 二十一, 廿一, 三十, 卅一; 正 and 元 are the first month."""
    text = text.replace("廿", "二十").replace("卅", "三十").replace("正", "一").replace("元", "一")
    tens, ten, ones = text.rpartition("十")
    digits = [int(part.translate(_CHINESE_DIGITS)) if part else 0 for part in (tens, ones)]
    return (digits[0] or 1) * 10 + digits[1] if ten else digits[1]


def _date(year: int, month: int, day: int, cell: Cell) -> datetime.date:
    try:
        return _plausible(datetime.date(year, month, day), cell)
    except ValueError:
        raise _no_such_day(cell) from None


def _plausible(date: datetime.date, cell: Cell) -> datetime.date:
    if _FIRST_YEAR <= date.year <= _LAST_YEAR:
        return date
    raise _not_a_date(cell)


def _without_day(cell: Cell) -> Exception:
    return refuse(_("“%(value)s” is not a full date: add the day."), "date_without_day", cell)


def _no_such_day(cell: Cell) -> Exception:
    return refuse(_("“%(value)s” is not a day of the calendar."), "no_such_day", cell)


def _not_a_date(cell: Cell) -> Exception:
    return refuse(_("“%(value)s” is not a date; write it as 2019-09-01."), "not_a_date", cell)
