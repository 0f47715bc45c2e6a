"""Rules for single values that need no database: USCC, names, web addresses, contact data."""

import datetime
import re
import unicodedata
from dataclasses import dataclass
from operator import getitem
from urllib.parse import urlsplit

from django.core.exceptions import ValidationError
from django.core.validators import EmailValidator, URLValidator
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

# --- Unified social credit code (USCC), GB 32100-2015 --------------------------------------------------------------

USCC_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
"""The 31 characters of GB 32100-2015: digits and capitals without I, O, S, V, Z."""
USCC_PATTERN = r"^[0-9A-HJ-NPQRTUWXY]{18}$"
_USCC_RE = re.compile(r"[0-9A-HJ-NPQRTUWXY]{18}")
# For each of the first 17 positions: character -> its value times the weight of the position.
_USCC_PRODUCTS = [
    {character: value * pow(3, position, 31) for value, character in enumerate(USCC_ALPHABET)} for position in range(17)
]

_APOSTROPHES = "'`´‘’′"
INVISIBLE = (
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f"
    "\ufeff\uffa0\ufff0-\ufff8\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
"""The characters that are shown as nothing (Default_Ignorable_Code_Point of Unicode), for use in a character class.

They include soft hyphens, zero-width spaces, direction marks and variation selectors. Two texts that differ only in
them look the same.
"""
_INVISIBLE_RE = re.compile(f"[{INVISIBLE}]+")


_DIRECTION_RE = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def validate_direction(text: str) -> None:
    """Raise ValidationError for a line of text with a direction mark, which makes it look like another text."""
    if found := _DIRECTION_RE.search(text):
        raise ValidationError(
            _(
                "Character %(position)d is the invisible sign %(sign)s, which turns the direction of writing: delete "
                "it, or type the text anew."
            ),
            code="direction",
            params={"position": found.start() + 1, "sign": f"U+{ord(found[0]):04X}"},
        )


def without_signs(text: str) -> str:
    """Return a code in half width without invisible characters, and without spaces and apostrophes around it."""
    return unicodedata.normalize("NFKC", _INVISIBLE_RE.sub("", text)).strip().strip(_APOSTROPHES).strip()


def normalise_uscc(text: str) -> str:
    """Return the USCC in upper case and half width, without spaces, hyphens and the apostrophe that Excel users add."""
    text = unicodedata.normalize("NFKC", _INVISIBLE_RE.sub("", text))
    return re.sub(r"[\s\-‐‑–—－]+", "", text).strip(_APOSTROPHES).upper()


def uscc_check_character(code: str) -> str:
    """Return the 18th character that GB 32100-2015 prescribes for 17 characters of its alphabet."""
    return USCC_ALPHABET[-sum(map(getitem, _USCC_PRODUCTS, code)) % 31]


def uscc_check_character_ok(code: str) -> bool:
    """Return whether a code of 18 characters ends in its check character; False for any other text."""
    return _USCC_RE.fullmatch(code) is not None and code[17] == uscc_check_character(code)


def validate_uscc_format(code: str) -> None:
    """Raise ValidationError unless the code is 18 characters of the alphabet.

    The check character is checked by a rule of its own, because some real codes break it.
    """
    if _USCC_RE.fullmatch(code):
        return
    if len(code) != 18:
        raise ValidationError(
            _("A unified social credit code has 18 characters; “%(value)s” has %(length)d."),
            code="uscc_length",
            params={"value": code, "length": len(code)},
        )
    wrong = "".join(dict.fromkeys(character for character in code if character not in USCC_ALPHABET))
    raise ValidationError(
        _("“%(value)s” contains %(wrong)s: a credit code has only digits and capitals without I, O, S, V, Z."),
        code="uscc_characters",
        params={"value": code, "wrong": wrong},
    )


def validate_uscc_check_character(code: str) -> None:
    """Raise ValidationError if the last character is not the check character of the first 17, mostly a typing
    mistake.
    """
    if not uscc_check_character_ok(code):
        raise ValidationError(
            _("The check character of “%(value)s” does not fit: probably one character is mistyped."),
            code="uscc_check_character",
            params={"value": code},
        )


PROVINCES: dict[str, Promise] = {
    "10": _("Nation-wide registration"),
    "11": _("Beijing"),
    "12": _("Tianjin"),
    "13": _("Hebei"),
    "14": _("Shanxi"),
    "15": _("Inner Mongolia"),
    "21": _("Liaoning"),
    "22": _("Jilin"),
    "23": _("Heilongjiang"),
    "31": _("Shanghai"),
    "32": _("Jiangsu"),
    "33": _("Zhejiang"),
    "34": _("Anhui"),
    "35": _("Fujian"),
    "36": _("Jiangxi"),
    "37": _("Shandong"),
    "41": _("Henan"),
    "42": _("Hubei"),
    "43": _("Hunan"),
    "44": _("Guangdong"),
    "45": _("Guangxi"),
    "46": _("Hainan"),
    "50": _("Chongqing"),
    "51": _("Sichuan"),
    "52": _("Guizhou"),
    "53": _("Yunnan"),
    "54": _("Tibet"),
    "61": _("Shaanxi"),
    "62": _("Gansu"),
    "63": _("Qinghai"),
    "64": _("Ningxia"),
    "65": _("Xinjiang"),
    "71": _("Taiwan"),
    "81": _("Hong Kong"),
    "82": _("Macao"),
}


@dataclass(frozen=True, slots=True)
class UsccDescription:
    """The meaning of a USCC, without the kind of body, which the table of USCC categories has."""

    region_code: str
    province: Promise | None
    kind: str | None
    """The kind that such organizations nearly always have: a hint for the form, not a rule."""


USCC_KINDS = {"91": "enterprise", "92": "enterprise", "93": "enterprise", "11": "government"} | {
    f"5{category}": "social" for category in "1239"
}


def describe_uscc(code: str) -> UsccDescription:
    """Return the region of a well-formed code, and the kind as far as it is certain."""
    return UsccDescription(region_code=code[2:8], province=PROVINCES.get(code[2:4]), kind=USCC_KINDS.get(code[:2]))


# --- Names ---------------------------------------------------------------------------------------------------------

CHINESE = "\u3007\u3400-\u4dbf\u4e00-\u9fff\ue000-\uf8ff\uf900-\ufaff\U00020000-\U0003ffff"
"""Chinese characters, with 〇 and the private-use characters that replace rare ones, for use in a character class."""

_BRACKETS = str.maketrans("[{〔【〖〘〚⟨]}〕】〗〙〛⟩", "((((((((" + "))))))))")
_SPACES_RE = re.compile(r"[\s\x00-\x1f\x7f-\x9f\ufffe\uffff]+")
_SPACE_BESIDE_CHINESE_RE = re.compile(rf"(?<=[{CHINESE}]) | (?=[{CHINESE}])")


def fold_name(text: str) -> str:
    """Return the key under which two spellings of one name are equal.

    It uses NFKC (full-width forms), case folding, one form of brackets, and white space that is collapsed, or removed
    beside Chinese characters. Use it for keys only: NFKC also changes signs such as ① and ㈱. The database function of
    the same purpose follows it (see `FoldedName`).
    """
    text = unicodedata.normalize("NFKC", _INVISIBLE_RE.sub("", text)).casefold().translate(_BRACKETS)
    text = _SPACES_RE.sub(" ", unicodedata.normalize("NFKC", text)).strip()
    return _SPACE_BESIDE_CHINESE_RE.sub("", text)


def clean_line(text: str) -> str:
    """Return a name or address in the stored form: on one line and without redundant spaces.

    Line breaks and other control characters become a space, runs of white space one space. There is none at the ends
    and none where a line was broken between two Chinese characters.
    """
    text = _INVISIBLE_RE.sub("", text)
    if text.isprintable() and "  " not in text:  # ordinary spaces are the only white space in it
        return text.strip()
    text = _BREAK_BETWEEN_CHINESE_RE.sub("", text)
    return _SPACES_RE.sub(" ", text).strip()


_BREAK_BETWEEN_CHINESE_RE = re.compile(rf"(?<=[{CHINESE}])[ \t]*[\r\n\v\f\u2028\u2029]+[ \t]*(?=[{CHINESE}（(])")


# --- Masked values, web addresses, contact data --------------------------------------------------------------------

_MASKED_RE = re.compile(
    rf"[*＊∗✱●■█]{{2,}}"  # 138****1234, 黄**
    rf"|(?<=[{CHINESE}])[*＊∗✱●]"  # 黄*明; neither *ST (a stock) nor A*STAR (an agency)
    r"|\d[xX×Ｘ]{3,}\d"  # 138xxxx1234
    r"|某某"
)


def is_masked(text: str) -> bool:
    """Return whether characters of the value are hidden, as in lists that were passed on."""
    return not (text.isalpha() and "某某" not in text) and _MASKED_RE.search(text) is not None


_url_validator = URLValidator(schemes=["http", "https"])


def validate_not_future(day: datetime.date) -> None:
    """Raise ValidationError for a day after today, by the time of the city."""
    if day > timezone.localdate():
        message = _("%(value)s lies in the future: compare the date with the source.")
        raise ValidationError(message, code="future", params={"value": day.isoformat()})


def validate_website(url: str) -> None:
    """Raise ValidationError unless the address is http or https, with a host and without user name and password."""
    try:
        _url_validator(url)
        parts = urlsplit(url)
        acceptable = parts.username is None and parts.password is None
    except (ValidationError, ValueError):
        acceptable = False
    if not acceptable:
        raise ValidationError(
            _("“%(value)s” is not a web address that starts with http:// or https://."),
            code="website",
            params={"value": url},
        )


_PHONE_RE = re.compile(r"\+?[\d()（）\-－ .]{5,24}(?:(?:转|ext\.?|x|#|\*)\s*\d{1,6})?", re.IGNORECASE)
_PHONE_SEPARATOR_RE = re.compile(r"[;；,，、/]")


def validate_phone(text: str) -> None:
    """Raise ValidationError unless the text is one or more telephone numbers of 5 to 15 digits, or with extension."""
    for part in _PHONE_SEPARATOR_RE.split(text):
        number = part.strip()
        digits = sum(character.isdigit() for character in re.split(r"转|ext|x|#|\*", number, flags=re.IGNORECASE)[0])
        if not _PHONE_RE.fullmatch(number) or not 5 <= digits <= 15:
            raise ValidationError(
                _("“%(value)s” does not look like a telephone number."), code="phone", params={"value": text}
            )


_email_validator = EmailValidator()


def validate_email(text: str) -> None:
    """Raise ValidationError unless the text is one e-mail address."""
    try:
        _email_validator(text)
    except ValidationError:
        raise ValidationError(
            _("“%(value)s” does not look like an e-mail address."), code="email", params={"value": text}
        ) from None
