"""Identifiers of other registers: their format, their normal form and their check digits."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from stdnum.iso7064 import mod_11_2, mod_97_10

from registry.values.validators import PROVINCES, USCC_ALPHABET, normalise_uscc, without_signs

_ROR_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
"""The alphabet of Crockford's base 32, without i, l, o and u."""
_ORGANIZATION_CODE_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)
_USCC_BEGINNING_RE = re.compile(rf"[1-9ANY][1-9][1-9][0-9]{{5}}[{USCC_ALPHABET}]{{0,10}}")
_HYPHENATED_RE = re.compile(r"[0-9A-Z]{8}-[0-9X]")
_IN_GROUPS = ("organization_code", "registration_no", "lei", "isni")
_LEAST_DIGITS = 4
_ADDRESS_RE = re.compile(r"https?://\S+/", re.IGNORECASE)
_JOINTS_RE = re.compile(r"[\s\-‐‑–—－]+")


def organization_code_check_digit(body: str) -> str:
    """Return the ninth character that GB 11714 prescribes for the first eight."""
    total = sum(weight * int(character, 36) for weight, character in zip(_ORGANIZATION_CODE_WEIGHTS, body, strict=True))
    return "0123456789X0"[(11 - total % 11) % 11]


def ror_check_digits(body: str) -> str:
    """Return the last two digits of a ROR id whose first seven characters are given (ISO 7064 MOD 97-10)."""
    number = 0
    for character in body:
        number = number * 32 + _ROR_ALPHABET.index(character)
    return str(mod_97_10.calc_check_digits(str(number)))


@dataclass(frozen=True)
class Form:
    """The format of the identifiers of a scheme."""

    label: str | Promise
    pattern: str
    example: str
    lengths: tuple[int, ...] = ()
    """The allowed numbers of characters without hyphens; empty if they vary."""
    alphabet: str = ""
    """The allowed characters, as in a regular expression class; empty if the pattern alone decides."""
    check: Callable[[str], str] | None = None
    """A function that returns the check characters for the characters before them."""
    check_length: int = 1


FORMS = {
    "ror": Form(
        "ROR", r"0[0-9a-hj-km-np-tv-z]{6}[0-9]{2}", "03yrm5c26", (9,), "0-9a-hj-km-np-tv-z", ror_check_digits, 2
    ),
    "lei": Form(
        "LEI", r"[A-Z0-9]{18}[0-9]{2}", "529900T8BM49AURSDO55", (20,), "0-9A-Z", mod_97_10.calc_check_digits, 2
    ),
    # The check digit of old registration numbers is not verified: numbers of 13 digits have none, and that every office
    # computed the last of 15 digits (GS 15-2006) could not be confirmed on real numbers.
    "registration_no": Form(_("old registration number"), r"[0-9]{13}|[0-9]{15}", "442000000012345", (13, 15), "0-9"),
    "organization_code": Form(
        _("organization code"), r"[0-9A-Z]{8}[0-9X]", "12345678-8", (9,), "0-9A-Z", organization_code_check_digit
    ),
    "isni": Form("ISNI", r"[0-9]{15}[0-9X]", "0000000121032683", (16,), "0-9X", mod_11_2.calc_check_digit),
    "grid": Form("GRID", r"grid\.[0-9]+\.[0-9a-f]+", "grid.5335.0"),
    "wikidata": Form("Wikidata", r"Q[1-9][0-9]*", "Q42"),
}
"""The format of each scheme that has one. Other schemes accept any text."""


def normalise_identifier(scheme: str, value: str) -> str:
    """Return the bare value of an identifier, without the web address that some registers put before it.

    An organization code always has its hyphen, as GB 11714 writes it for people. Raises ValidationError if the value
    cannot be one of its scheme or its check digits are wrong.
    """
    bare = without_signs(value).rstrip("/").rsplit("/", 1)[-1]
    form = FORMS.get(scheme)
    if form is not None and form.lengths:
        bare = _JOINTS_RE.sub("", bare)
    elif scheme != "stock_code":
        bare = re.sub(r"\s+", "", bare)
    if scheme in ("ror", "grid"):
        bare = bare.lower()
    elif scheme != "stock_code":
        bare = bare.upper()
    if form is not None:
        _validate(scheme, form, bare, value)
    elif not bare:
        raise _refused(_("The identifier is empty."), "identifier", value)
    return f"{bare[:8]}-{bare[8]}" if scheme == "organization_code" else bare


def has_right_form(scheme: str, bare: str) -> bool:
    """Return whether the text, without hyphens and spaces, is an identifier of the scheme with correct check digits."""
    form = FORMS[scheme]
    if not re.fullmatch(form.pattern, bare):
        return False
    return form.check is None or form.check(bare[: -form.check_length]) == bare[-form.check_length :]


def code_in_groups(text: str) -> str:
    """Return the code that somebody has typed with spaces or hyphens in it, or as a web address, without them.

    Empty if the text is no such code: a USCC or its beginning, or an identifier whose check digits tell that the parts
    belong together. A code without spaces and hyphens needs no joining.
    """
    bare = without_signs(text)
    if _ADDRESS_RE.match(bare):
        return "" if " " in bare else bare.rstrip("/").rsplit("/", 1)[-1].lower()
    joined = normalise_uscc(text)
    if joined == bare.upper() or sum(map(str.isdecimal, joined)) < _LEAST_DIGITS:
        return ""
    known = (
        (_USCC_BEGINNING_RE.fullmatch(joined) and joined[2:4] in PROVINCES)
        or _HYPHENATED_RE.fullmatch(bare.upper())
        or any(has_right_form(scheme, joined) for scheme in _IN_GROUPS)
    )
    return joined.lower() if known else ""


def _validate(scheme: str, form: Form, bare: str, value: str) -> None:
    if has_right_form(scheme, bare):
        return
    told = {"scheme": form.label, "example": form.example}
    wrong = "".join(dict.fromkeys(re.sub(f"[{form.alphabet}]", "", bare))) if form.alphabet else ""
    if wrong:
        message = _("“%(value)s” contains %(wrong)s, which no %(scheme)s contains; it should look like %(example)s.")
        raise _refused(message, "identifier_characters", value, wrong=wrong, **told)
    if form.lengths and len(bare) not in form.lengths:
        message = _(
            "“%(value)s” has %(length)d characters, hyphens aside, and a %(scheme)s has %(expected)s; it should look "
            "like %(example)s."
        )
        expected = "/".join(map(str, form.lengths))
        raise _refused(message, "identifier_length", value, length=len(bare), expected=expected, **told)
    if form.check is None or not re.fullmatch(form.pattern, bare):
        message = _("“%(value)s” is not an identifier of the scheme %(scheme)s; it should look like %(example)s.")
        raise _refused(message, "identifier", value, **told)
    message = _(
        "The check at the end of the %(scheme)s “%(value)s” does not fit: the characters before it ask for %(right)s, "
        "not %(end)s. Probably one character is mistyped; compare it with the certificate."
    )
    body, end = bare[: -form.check_length], bare[-form.check_length :]
    raise _refused(message, "identifier_check", value, end=end, right=form.check(body), **told)


def _refused(message: Any, code: str, value: str, **params: object) -> ValidationError:
    return ValidationError(message, code=code, params={"value": value, **params})
