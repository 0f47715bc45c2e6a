"""Masks telephone numbers and e-mail addresses: 138****1234, 0760-****1234, z***@example.com.

A masked value is again one that forms, files and the API recognise as masked, so it never replaces a full one.
"""

import re
from collections.abc import Callable, Mapping

Mask = Callable[[str], str]

_USUAL_RE = re.compile(r"(1[3-9]\d)\d{4}(\d{4})|(0[3-9]\d\d-)\d{4}(\d{4})")
"""Matches most numbers of a list, a mobile number or one of eight digits behind its area code: files mask many."""
_BETWEEN_RE = re.compile(r"(\s*[;；,，、/]\s*)")
_EXTENSION_RE = re.compile(r"\s*(?:转|ext\.?|x|#|\*(?=\s*\d{1,6}$))\s*\d+", re.IGNORECASE)
_COUNTRY_RE = re.compile(r"\s*(?:\+|00)86[\s-]*(?=[(（]?\d)")
_AREA_RE = re.compile(r"[(（]?(0(?:10|2\d|[3-9]\d\d))([)）\-－ ]*)(?=\d)")
_HIDDEN_RE = re.compile(r"[*＊●]{3,}")


def mask_phone(text: str) -> str:
    """Return the numbers with their middle hidden: area code and the last digits stay."""
    if usual := _USUAL_RE.fullmatch(text):
        return f"{usual[1] or usual[3]}****{usual[2] or usual[4]}"
    parts = _BETWEEN_RE.split(text)
    return "".join(part if number % 2 else _mask_number(part) for number, part in enumerate(parts))


def mask_email(text: str) -> str:
    """Return the address with its first character and its host."""
    person, at, host = text.rpartition("@")
    if "*" in person:
        return text
    return f"{person[:1]}***{at}{host}" if at else f"{text[:1]}***" if text else ""


def _mask_number(text: str) -> str:
    if not text or _HIDDEN_RE.search(text):
        return text
    number, country, area = text, "", ""
    extension = _EXTENSION_RE.search(number)
    if extension:
        number = number[: extension.start()]
    if found := _COUNTRY_RE.match(number):
        country, number = "+86 ", number[found.end() :]
    if found := _AREA_RE.match(number):
        area, number = found[1] + ("-" if found[2] else ""), number[found.end() :]
    return country + area + _hide("".join(filter(str.isdigit, number))) + ("转**" if extension else "")


def _hide(digits: str) -> str:
    """Hide the middle of the digits: of a long number all but three and four, of a short one all but the ends."""
    size = len(digits)
    first, last = (3, 4) if size >= 10 else (0, 4) if size >= 7 else (1, 1) if size >= 5 else (0, 0)
    return digits[:first] + "*" * max(3, size - first - last) + digits[size - last :]


def masks_of(model: type) -> Mapping[str, Mask]:
    """Return the fields of a model whose values are masked, each with its mask."""
    found: Mapping[str, Mask] = getattr(model, "masked_fields", {})
    return found
