"""Finds and masks mobile numbers and e-mail addresses within a text about something else."""

import re
import unicodedata

from registry.values.masking import mask_email, mask_phone
from registry.values.validators import INVISIBLE

_INVISIBLE_RE = re.compile(f"[{INVISIBLE}]+")
_SIGN = r"[-\s.·‐‑–—]"
# Eleven digits in one piece, or in pieces as people write them: 138 1234 5678, 1381-234-5678, 138 12345678.
_BETWEEN = f"{_SIGN}{{1,3}}"
_PIECES = (
    rf"1[3-9]\d(?:{_BETWEEN}\d{{4}}{_BETWEEN}\d{{4}}|{_BETWEEN}\d{{8}}|\d{{4}}{_BETWEEN}\d{{4}}|"
    rf"\d{_BETWEEN}\d{{3}}{_BETWEEN}\d{{4}})"
)
_WORD = r"(?:tel|telephone|phone|mobile|mob|cell|wechat|weixin|wx|vx)"
_MOBILE_RE = re.compile(
    # Not within a longer number or code, nor behind a currency sign; the code of the country may precede it.
    rf"(?:(?<![0-9A-Za-z¥￥$€]){_WORD}?|(?<=\+86)|(?<=0086))"
    rf"(?P<number>1[3-9]\d{{9}}|(?:(?<!\d{_SIGN})|(?<=86{_SIGN})){_PIECES}(?!{_SIGN}\d))"
    # Nor an amount.
    r"(?![0-9A-Za-z]|[.,]\d|\s*(?:元|万|亿|美元|人民币|港元|欧元|RMB|CNY|USD|yuan))",
    re.IGNORECASE,
)
_EMAIL_RE = re.compile(
    r"[a-z0-9][a-z0-9._%+-]*\s?@\s?[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9-]+)*\.[a-z]{2,}", re.I
)

_QUICK_RE = re.compile(r"1[3-9]\d(?:\D{0,3}\d){8}")


def may_have_contact(text: str) -> bool:
    """Return whether `find_contact` may find something; this is fast, since most texts contain nothing."""
    return "@" in text or "＠" in text or "１" in text or _QUICK_RE.search(text) is not None


def find_contact(text: str) -> str:
    """Return the first mobile number or e-mail address in a text, in half width; empty if there is none."""
    plain = unicodedata.normalize("NFKC", _INVISIBLE_RE.sub("", text))
    if found := _MOBILE_RE.search(plain):
        return found["number"]
    found = _EMAIL_RE.search(plain)
    return found[0] if found else ""


def hide_contacts(text: str) -> str:
    """Return a text about something else with its mobile numbers and e-mail addresses masked."""
    if not may_have_contact(text):
        return text
    plain = unicodedata.normalize("NFKC", _INVISIBLE_RE.sub("", text))
    plain = _MOBILE_RE.sub(lambda found: found[0].replace(found["number"], mask_phone(found["number"])), plain)
    return _EMAIL_RE.sub(lambda found: mask_email(found[0]), plain)
