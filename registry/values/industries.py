"""Finds industries of GB/T 4754-2017 by code with the letter, by code without it, and by name.

The table is `fixtures/gbt4754-2017.json`: 20 sections, 97 divisions, 473 groups, 1,381 classes.
"""

import difflib
import json
import re
import unicodedata
from functools import cache

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from registry.values.validators import fold_name

_TWO = _("“%(value)s”: %(own)s and %(other)s are two industries. Write the code or the name alone.")
_ZERO = _("“%(value)s” may be %(own)s or %(other)s, as a number has no zero in front. Write the letter too.")
_CODE_RE = re.compile(r"([A-T])?(\d{2,4})?(?![\dA-Z])")


@cache
def industries() -> dict[str, str]:
    """Return the names of the industries by code with letter, in the order of the standard."""
    path = settings.BASE_DIR / "fixtures" / "gbt4754-2017.json"
    names: dict[str, str] = json.loads(path.read_text(encoding="utf-8"))
    return names


@cache
def _codes() -> dict[str, str]:
    """Return the codes by the texts that mean them: code, digits (which are unique without the letter), and name.

    A name at several levels, which are always one below the other, means the highest level: the shortest code.
    """
    found: dict[str, str] = {}
    for code, name in sorted(industries().items(), key=lambda entry: len(entry[0])):
        found[code] = code
        found.setdefault(code[1:] or code, code)
        found.setdefault(fold_name(name), code)
        found.setdefault(fold_name(name.replace("、", "")), code)
    return found


def find_industry(text: str) -> str:
    """Return the code that a text names: I6513, 6513, 软件和信息技术服务业, or a code followed by its name.

    Raises ValidationError with the nearest codes if the text names no industry.
    """
    plain = unicodedata.normalize("NFKC", text).strip().upper()
    given = _CODE_RE.match(plain)
    written = given[0] if given else ""
    code = _codes().get(written)
    rest = fold_name(text)[len(written) :].strip(" -_:./、,()")
    # A股 is no section, and 65寸电视 no division: where the letter or the digits are wanting, the name must follow.
    other = _codes().get(rest)
    if code and other and industries()[other] != industries()[code]:
        raise ValidationError(_TWO, code="industry", params={"value": text[:60], **_named(own=code, other=other)})
    if code and (not rest or (written[1:].isdigit() and written[0].isalpha()) or other):
        return code
    if code := _codes().get(fold_name(text)):
        return code
    nearest = " / ".join(f"{near} {industries()[near]}" for near in _nearest(written, text))
    if nearest:
        message = _("“%(value)s” is not in GB/T 4754-2017. Did you mean %(nearest)s?")
    else:
        message = _("“%(value)s” is not in GB/T 4754-2017: write a code such as I6513, or the name of the industry.")
    raise ValidationError(message, code="industry", params={"value": text[:60], "nearest": nearest})


def find_industry_number(number: int | float) -> str:
    """Return the code of a number, which has lost a leading zero: 111 may mean 0111. Raises ValidationError."""
    digits = str(int(number))
    short, long = _codes().get(digits), _codes().get(f"0{digits}")
    if len(digits) == 3 and short and long:
        raise ValidationError(_ZERO, code="industry", params={"value": digits, **_named(own=short, other=long)})
    return find_industry(digits if short or not long else f"0{digits}")


MOST_FOUND = 30


def search_industries(words: str) -> list[tuple[str, str]]:
    """Return code and name of industries whose code begins with the words or whose name has them, finest first."""
    sought = fold_name(words)
    if not sought:
        return []
    found = [
        (code, name)
        for code, name in industries().items()
        if code.lower().startswith(sought) or code[1:].startswith(sought) or sought in fold_name(name)
    ]
    return sorted(found, key=lambda one: -len(one[0]))[:MOST_FOUND]


def _named(**codes: str) -> dict[str, str]:
    return {name: f"{code} {industries()[code]}" for name, code in codes.items()}


def _nearest(written: str, text: str) -> list[str]:
    """Return codes with the same digits, or the industry above and its first ones; for a name, similar names."""
    digits = written.lstrip("ABCDEFGHIJKLMNOPQRST")
    while len(digits) > 1:
        if code := _codes().get(digits):
            return [code, *(one for one in industries() if one[:-1] == code and digits != written[1:])][:3]
        digits = digits[:-1]
    names = [name for name in _codes() if not name.isascii()]
    return [_codes()[name] for name in difflib.get_close_matches(fold_name(text), names, n=3, cutoff=0.5)]


def validate_industry(text: str) -> None:
    """Raise ValidationError unless the text is a code of GB/T 4754-2017, with or without its letter."""
    find_industry(text)
