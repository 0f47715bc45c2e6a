"""Reads numbers, counts, money and registered capital, with the units given in the header or in the cell."""

import math
import re
import unicodedata
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_EVEN, Decimal
from functools import lru_cache

from django.utils.translation import gettext_lazy as _

from registry.spreadsheet.base import PLAIN, Cell, Context, Unit, cell_text, is_blank, refuse

FEN = Decimal("0.01")
WAN = Decimal(10_000)

_FACTORS = {
    "": 1, "十": 10, "百": 100, "千": 1_000, "万": 10_000, "萬": 10_000, "十万": 100_000, "百万": 1_000_000,
    "千万": 10_000_000, "亿": 100_000_000, "億": 100_000_000, "万亿": 10**12, "thousand": 1_000, "million": 1_000_000,
    "mln": 1_000_000, "billion": 10**9, "bn": 10**9,
}  # fmt: skip
CURRENCIES: dict[str, tuple[str, ...]] = {
    "CNY": ("人民币元", "元人民币", "圆人民币", "人民币", "人民币圆", "rmb", "￥", "¥", "yuan", "元"),
    "USD": ("美元", "美金", "元美金", "us$", "$", "us dollars", "us dollar"),
    "HKD": ("香港元", "港元", "港币", "元港币", "港幣", "hk$"),
    "MOP": ("澳门元", "澳门币", "葡币", "mop$"),
    "TWD": ("新台币", "台币", "台湾元", "元新台币", "nt$"),
    "EUR": ("欧元", "€", "euro", "euros"),
    "JPY": ("日元", "日圆", "日本元", "日币", "yen"),
    "GBP": ("英镑", "£"),
    "KRW": ("韩元", "韩圆", "韩国元"),
    "SGD": ("新加坡元", "新加坡币", "新元", "s$"),
    "AUD": ("澳元", "澳大利亚元", "a$"),
    "CAD": ("加元", "加拿大元", "加币", "c$"),
    "CHF": ("瑞士法郎",),
    "SEK": ("瑞典克朗",),
    "DKK": ("丹麦克朗",),
    "NOK": ("挪威克朗",),
    "NZD": ("新西兰元",),
    "THB": ("泰铢",),
    "MYR": ("马来西亚林吉特", "林吉特"),
    "INR": ("印度卢比",),
    "RUB": ("卢布", "俄罗斯卢布"),
}
"""ISO 4217 codes of currencies -> their names on licences and in lists."""

CURRENCY_OF = {name: code for code, names in CURRENCIES.items() for name in (code.lower(), *names)}
_YUAN = ("元", "圆", "yuan")  # 万元 says the unit, not yet the currency: a column of its own may say USD
_COUNTED = frozenset(["人", "名", "件", "项", "个", "家", "位", "people", "persons"])
_NUMBER = r"[+-]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?"
_AMOUNT_RE = re.compile(rf"(?P<before>[^\d+\-.]*)(?P<number>{_NUMBER})(?P<after>\D*)", re.DOTALL)


def parse_unit(text: str) -> Unit | None:
    """Return the unit that the whole text names (万元, 万美元, (万元人民币), 单位：亿元, USD million, 人), or None."""
    text = re.sub(r"[\s()\[\]【】〔〕:]+", "", unicodedata.normalize("NFKC", text)).lower()
    text = re.sub(r"^(单位|unit)|整$", "", text)
    multiple = re.match(r"10(?:,?000)+(?=\D)", text)  # 10,000 yuan
    if multiple:
        unit = _unit_of(text[multiple.end() :])
        return unit and replace(unit, factor=unit.factor * int(multiple[0].replace(",", "")))
    return _unit_of(text)


@lru_cache(maxsize=1024)
def _unit_of(text: str) -> Unit | None:
    if not text:
        return None
    for end in range(len(text), -1, -1):
        first, second = text[:end], text[end:]
        if first in _FACTORS:
            factor = Decimal(_FACTORS[first])
            if second in _COUNTED:
                return Unit(factor, "count")
            if second in _YUAN:
                return Unit(factor, "money")
            if second in CURRENCY_OF:
                return Unit(factor, "money", CURRENCY_OF[second])
            if not second:
                return Unit(factor)
        if first in CURRENCY_OF and first not in _YUAN and second.rstrip("元圆") in _FACTORS:
            return Unit(Decimal(_FACTORS[second.rstrip("元圆")]), "money", CURRENCY_OF[first])
    return None


_ABOUT_RE = re.compile(
    r"(?:约|大约|近|超过?|逾|不足|至少|approx|about|over|[<>≤≥~≈])\D{0,3}\d.*"
    r"|.*\d\s*[万亿]?[元人家件]*(?:余|多|左右|上下|以上|以下|以内).*"
    r"|[\d.,]+[万亿]?\+[万亿元人家件]*"
    r"|\D*\d[\d,.]*\s*[万亿]?[元人]?\s*[-~—–至到]\s*\d.*"
)
"""Matches texts such as about 300, more than 300, 100 to 200."""


def _not_a_number(cell: Cell) -> Exception:
    return refuse(_("“%(value)s” is not a number."), "not_a_number", cell)


def _split_number(cell: Cell) -> tuple[Decimal, str] | None:
    """Return the number in a cell and the text around it (its unit); None for a blank cell."""
    if isinstance(cell, int | float) and not isinstance(cell, bool):
        if not math.isfinite(cell):
            raise _not_a_number(cell)
        return Decimal(format(cell, ".15g")) if isinstance(cell, float) else Decimal(cell), ""
    if is_blank(cell):
        return None
    text = unicodedata.normalize("NFKC", cell_text(cell) or "").strip()
    found = _AMOUNT_RE.fullmatch(text)
    around = found["before"] + found["after"] if found else text
    if around and not parse_unit(around) and _ABOUT_RE.fullmatch(text.lower()):
        raise refuse(_("“%(value)s” is only roughly a number: write the exact one, for example 300."), "about", cell)
    if not found or found["before"].endswith("("):  # (200) is -200 to an accountant
        raise _not_a_number(cell)
    return Decimal(found["number"].replace(",", "")), around


def parse_decimal(cell: Cell, context: Context = PLAIN) -> Decimal | None:
    """Return a number such as 1,234.5, also in full width. A unit (万, 人) may be in the cell or the header."""
    parts = _split_number(cell)
    if parts is None:
        return None
    number, around = parts
    unit = parse_unit(around) if around else context.unit
    if around and (unit is None or unit.kind == "money"):
        raise _not_a_number(cell)
    return number * unit.factor if unit else number


def parse_integer(cell: Cell, context: Context = PLAIN) -> int | None:
    """Return a count, which is whole and not negative; 1.2万人 is 12,000."""
    number = parse_decimal(cell, context)
    if number is None:
        return None
    if number != number.to_integral_value():
        raise refuse(_("“%(value)s” is not a whole number."), "not_whole", cell)
    if number < 0:
        raise refuse(_("“%(value)s” is less than 0."), "negative", cell)
    return int(number)


_YEAR_RE = re.compile(r"(?:fy)?((?:19|20|21)\d{2})(?:年度?|12|[-/.年]12(?:月|[-/.月]31日?)?)?")


def parse_year(cell: Cell, context: Context = PLAIN) -> int | None:
    """Return a calendar year: 2021, 2021年度, 202112, or the last day of a year, as in annual reports."""
    if is_blank(cell):
        return None
    text = unicodedata.normalize("NFKC", cell_text(cell) or "")
    found = _YEAR_RE.fullmatch(re.sub(r"\s", "", text).lower())
    if not found:
        raise refuse(_("“%(value)s” is not a year: write four digits, for example 2021."), "not_a_year", cell)
    return int(found[1])


@dataclass(frozen=True, slots=True)
class Capital:
    """A registered capital: the amount in units of the currency (None: no currency named), and the original text."""

    amount: Decimal
    currency: str | None
    text: str


def parse_money(cell: Cell, context: Context = PLAIN) -> Decimal | None:
    """Return an amount in yuan, exact to the fen. The cell or the header gives the unit; only 0 needs none."""
    parts = _split_number(cell)
    if parts and parts[0] == 0 and not parts[1]:
        return Decimal(0)
    capital = parse_capital(cell, context)
    if capital is None:
        return None
    if capital.currency not in (None, "CNY"):
        raise refuse(_("“%(value)s” is not an amount in yuan (CNY)."), "not_yuan", cell)
    return capital.amount


def parse_capital(cell: Cell, context: Context = PLAIN) -> Capital | None:
    """Return a capital such as 200(万元人民币), 4,600(万香港元), 591万美元, USD 3 million.

    A unit in the cell goes before the unit in the header. A number without a unit could be yuan or ten thousand yuan
    and is refused.
    """
    parts = _split_number(cell)
    if parts is None:
        return None
    number, around = parts
    unit = parse_unit(around) if around else context.unit
    if (unit is None and around) or (unit and unit.kind == "count"):
        raise refuse(_("“%(value)s” is not an amount of money with a known unit."), "unknown_unit", cell)
    if unit is None:
        raise refuse(
            _("“%(value)s” has no unit: write it in the cell (200万元) or in the header (万元)."), "unit_missing", cell
        )
    if number < 0:
        raise refuse(_("“%(value)s” is less than 0."), "negative", cell)
    amount = (number * unit.factor).quantize(FEN, ROUND_HALF_EVEN)
    return Capital(
        amount, unit.currency or (context.unit.currency if context.unit else None), (cell_text(cell) or "").strip()
    )
