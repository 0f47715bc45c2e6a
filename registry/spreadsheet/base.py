"""Parses cells as spreadsheets deliver them: blanks, text, codes.

Every parse function takes `(cell, context)` and returns the value, or None for a blank cell. It refuses any other cell
with a ValidationError whose message names the value and the remedy; it guesses and repairs nothing.
"""

import datetime
import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal

from django.core.exceptions import ValidationError
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from registry.values.validators import (
    clean_line,
    normalise_uscc,
    uscc_check_character_ok,
    validate_direction,
    validate_email,
    validate_phone,
    validate_uscc_check_character,
    validate_uscc_format,
    validate_website,
)


@dataclass(frozen=True, slots=True)
class MissingValue:
    """Replaces the value of a cell that the file does not hold: an error, or a formula without its result."""

    error: str
    """The error as the spreadsheet program shows it, such as #N/A; empty for a formula without result."""

    def __str__(self) -> str:
        return self.error


Cell = str | int | float | bool | datetime.date | datetime.datetime | MissingValue | None

EXCEL_EXACT = 10**15
"""The limit of exact numbers: Excel keeps 15 digits, so a longer number in a numeric cell has lost its last digits."""
EXCEL_CELL_LIMIT = 32_767
"""The most characters that a cell of an Excel sheet can hold."""


@dataclass(frozen=True, slots=True)
class Unit:
    """The unit of a number: a factor (万 is 10,000), what it counts, and the currency (ISO 4217) if named."""

    factor: Decimal
    kind: Literal["", "count", "money"] = ""
    currency: str | None = None


@dataclass(frozen=True, slots=True)
class Context:
    """The unit in the header of a column and the date system of its workbook."""

    unit: Unit | None = None
    date_1904: bool = False


PLAIN = Context()
Parse = Callable[[Cell, Context], Any]
"""A function that reads a cell: it returns the value, or None for a blank cell, and raises ValidationError."""

_NO_VALUE_WORDS = ["n/a", "无", "暂无", "不详", "空", "null", "none", "nan", "nil"]
BLANKS = frozenset(["", "/", "//", "\\", "-", "--", "---", "—", "——", "–", *_NO_VALUE_WORDS])
"""Texts that people write into a cell to mean that it is empty; compared with the whole cell, folded."""
_DITTO = frozenset(["〃", "同上", "同左"])
_ERROR_RE = re.compile(
    r"#(?:n/a|(?:ref|value|div/0|null|num|data|spill|calc|field|blocked|connect|unknown|busy|python|external|error)!"
    r"|name\?|getting_data)|err:5\d\d",
    re.IGNORECASE,
)
"""Matches a cell that holds only an error of Excel, Google Sheets or LibreOffice."""
_TOO_NARROW_RE = re.compile("##+")
_LONGEST_SIGN = 8
"""The length in characters of the longest sign without #: a blank, a ditto mark or an error."""
_NEWLINES_RE = re.compile("\r\n?|[\u2028\u2029\x85]")
_CONTROLS_RE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufffe\uffff]")


def shorten(text: str) -> str:
    """Return the text of a cell for messages and samples, with at most 60 characters."""
    return text if len(text) <= 60 else text[:59] + "…"


def shown(cell: object) -> str:
    """Return a cell for messages and samples as the spreadsheet program shows it: 500 and not 500.0, 9.1442E+17."""
    if isinstance(cell, int | float) and EXCEL_EXACT <= abs(cell) < float("inf"):
        digits, power = f"{cell:.5E}".split("E")
        return f"{digits.rstrip('0').rstrip('.')}E{power}"
    return shorten(str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell))


def refuse(message: str | Promise, code: str, cell: object, **params: object) -> ValidationError:
    """Return the error to raise for a cell; `%(value)s` in the message is the shortened cell."""
    params = {"value": shown(cell), **params}
    return ValidationError(message, code=code, params=params)  # type: ignore[arg-type]  # a lazy text is one


def is_blank(cell: Cell) -> bool:
    """Return whether the whole cell means "nothing": it is empty, or holds one of the signs that people use for it."""
    if cell is None:
        return True
    if not isinstance(cell, str):
        return False
    text = cell.strip() if len(cell) > _LONGEST_SIGN else unicodedata.normalize("NFKC", cell).strip().lower()
    return len(text) <= _LONGEST_SIGN and text in BLANKS


def number_text(number: int | float) -> str:
    """Return the digits of a numeric cell. Raises ValidationError if Excel has rounded them."""
    if isinstance(number, float) and not number.is_integer():
        return format(Decimal(format(number, ".15g")), "f")
    if abs(number) >= EXCEL_EXACT:
        raise refuse(
            _(
                "The cell is a number, and Excel keeps only 15 digits of it: the last digits are lost. "
                "Format the column as text and type the value again."
            ),
            "digits_lost",
            int(number),
        )
    return str(int(number))


def cell_text(cell: Cell) -> str | None:
    """Return the cell as text, None if blank. Raises ValidationError for signs of a missing value, and cut-off text."""
    if isinstance(cell, str):
        if is_blank(cell):
            return None
        if len(cell) <= _LONGEST_SIGN or "#" in cell:
            refuse_signs(cell)
        if len(cell) >= EXCEL_CELL_LIMIT:
            raise refuse(
                _("The text is as long as an Excel cell can be, so its end is probably missing."), "cut_off", cell
            )
        return cell
    if cell is None:
        return None
    if isinstance(cell, MissingValue):
        raise missing_value_error(cell)
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, int | float):
        return number_text(cell)
    if isinstance(cell, datetime.datetime) and cell.time() == datetime.time():
        cell = cell.date()
    return cell.isoformat()


def missing_value_error(cell: MissingValue) -> ValidationError:
    """Return the error to raise for a cell whose value the file does not hold."""
    if cell.error:
        message = _(
            "The cell holds Excel's error %(value)s instead of a value: correct it in Excel, or leave the cell empty."
        )
        return refuse(message, "excel_error", cell)
    return refuse(
        _(
            "The cell holds a formula whose result is not in the file: open the file in Excel, save it, and import it "
            "again."
        ),
        "no_result",
        cell,
    )


def refuse_signs(text: str) -> None:
    """Raise ValidationError for a text in place of a value that is not there: an error, “same as above”, ####."""
    sign = text.strip()
    if sign in _DITTO:
        raise refuse(_("“%(value)s” points at another cell; write the value itself."), "ditto", text)
    if _ERROR_RE.fullmatch(sign):
        raise missing_value_error(MissingValue(sign))
    if _TOO_NARROW_RE.fullmatch(sign):
        raise refuse(
            _("“%(value)s” is what Excel shows where a column is too narrow: widen it, then copy or save again."),
            "too_narrow",
            text,
        )


def parse_line(cell: Cell, context: Context = PLAIN) -> str | None:
    """Return text on one line, as names and addresses are stored: without line breaks and redundant white space."""
    if type(cell) is str and _LONGEST_SIGN < len(cell) < EXCEL_CELL_LIMIT and "#" not in cell:
        text: str | None = cell
    else:
        text = cell_text(cell)
    if text is None:
        return None
    if not text.isprintable():
        validate_direction(text)
    return clean_line(text) or None


def parse_text(cell: Cell, context: Context = PLAIN) -> str | None:
    """Return text of several lines, with plain line ends and without other control characters."""
    if type(cell) is str and _LONGEST_SIGN < len(cell) < EXCEL_CELL_LIMIT and "#" not in cell:
        return clean_text(cell) or None
    text = cell_text(cell)
    return None if text is None else clean_text(text) or None


def clean_text(text: str) -> str:
    """Return text of several lines in the stored form."""
    if not text.isprintable():
        text = _CONTROLS_RE.sub(" ", _NEWLINES_RE.sub("\n", text))
    return text.strip()


_SCIENTIFIC_RE = re.compile(r"\d(\.\d+)?[Ee]\+?\d{2}")


def parse_uscc(cell: Cell, context: Context = PLAIN) -> str | None:
    """Return a unified social credit code with a correct check character.

    A code in a numeric cell has lost its last digits (a quarter of all codes have only digits) and is refused.
    """
    if isinstance(cell, str) and uscc_check_character_ok(cell):
        return cell
    text = cell_text(cell)
    if text is None:
        return None
    code = normalise_uscc(text)
    if uscc_check_character_ok(code):
        return code
    if not code:
        return None
    if _SCIENTIFIC_RE.fullmatch(text.strip()) or (code.isdigit() and len(code) == 18 and code.endswith("000")):
        raise refuse(
            _(
                "“%(value)s” has been through a numeric cell, where Excel keeps only 15 digits: the last digits are "
                "lost. Format the column as text and type the code again."
            ),
            "digits_lost",
            text,
        )
    validate_uscc_format(code)
    validate_uscc_check_character(code)
    return code


def parse_website(cell: Cell, context: Context = PLAIN) -> str | None:
    """Return a web address; an address without a scheme gets https, as in browsers."""
    text = parse_line(cell)
    if text is None:
        return None
    url = text if "://" in text or re.match(r"[a-zA-Z][\w+.-]*:(?!\d)", text) else f"https://{text}"
    validate_website(url)
    return url


def parse_phone(cell: Cell, context: Context = PLAIN) -> str | None:
    """Return telephone numbers in half-width characters. Hidden digits are allowed; the import keeps a full number."""
    text = parse_line(cell)
    if text is None:
        return None
    text = unicodedata.normalize("NFKC", text)
    validate_phone(re.sub(r"[*xX×●]{2,}", lambda run: "0" * len(run[0]), text))
    return text


def parse_email(cell: Cell, context: Context = PLAIN) -> str | None:
    """Return an e-mail address. Hidden characters are allowed; the import keeps a full address."""
    text = parse_line(cell)
    if text is None:
        return None
    text = unicodedata.normalize("NFKC", text)
    validate_email(re.sub(r"\*+", "x", text))
    return text
