"""Splits the name of a body into parts, of which some distinguish it from other bodies and some do not.

A Chinese name has a place, a brand (字号), a trade (行业) and a legal form (组织形式), usually in this order
(《企业名称登记管理规定》, article 6). Only the brand distinguishes firms of one trade and place.
"""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import lru_cache

from registry.matching.vocabulary import (
    BRANCHES,
    CHINESE_FORMS,
    CITIES,
    LATIN_FORMS,
    LATIN_PLACES,
    LATIN_TRADES,
    LATIN_WIDE_PLACES,
    PLACE_INITIALS,
    PROVINCES,
    TOWNS,
    TRADES,
)
from registry.search.text import fold
from registry.values.pinyin import character_readings
from registry.values.validators import CHINESE, fold_name


def _any_of(words: Iterable[str]) -> str:
    return "|".join(sorted(words, key=lambda word: (-len(word), word)))


_CHINESE_RE = re.compile(f"[{CHINESE}]")
_PLACE = (
    rf"(?:(?P<province>{_any_of(PROVINCES)})(?:省|市|壮族自治区|回族自治区|维吾尔自治区|自治区|特别行政区)?)?"
    rf"(?:(?P<city>{_any_of(CITIES)})市?)?"
    rf"(?P<town>(?:{_any_of(TOWNS)})(?:镇|街道|区)?)?"
)
_PLACE_RE = re.compile(_PLACE)
_PLACE_IN_BRACKETS_RE = re.compile(rf"\({_PLACE}\)")
# A part of a body is named after the whole: 某某有限公司小榄分公司, 某某供销合作社农资店.
_BRANCH_RE = re.compile(
    rf"^.*?(?:有限责任公司|有限公司|合作社|供销社|总公司)(?!\(?(?:{_any_of(CHINESE_FORMS)})\)?$)(?P<after>[^()].+)$"
    rf"|^(?:.*(?:公司|银行|厂|集团|\)))?(?P<branch>[^()]{{0,12}}?(?:{_any_of(BRANCHES)}))$"
)
_FORM_RE = re.compile(rf"(?:{_any_of(CHINESE_FORMS)})$")
_SIGNS_RE = re.compile(r"[()\-·.,&'\"’“”\s]")
_LATIN_WORD_RE = re.compile(r"[^\W_]+")
_NUMBER_RE = re.compile(r"[0-9一二三四五六七八九十甲乙丙丁戊己庚辛东南西北]+")
_SHORTEST_BRAND = 2
_LONGEST_TRADE = max(map(len, TRADES))
_SILENT = frozenset(["of", "and", "the", "for", "in", "at", "to"])


@dataclass(frozen=True, slots=True)
class NameParts:
    """The parts of one name, folded; a part that the name does not have is empty."""

    key: str
    """The key of equal names (`validators.fold_name`); it keeps traditional characters."""
    folded: str
    """The name in simplified characters, as search compares it."""
    province: str
    """The province without 省 and the like. 中国 and municipalities such as 上海 count as provinces."""
    city: str
    town: str
    """A town of Zhongshan as written in the name, with or without 镇."""
    brand: str
    trade: str
    """The trade. In a Latin name, it is all words after the brand that are neither places nor legal forms."""
    legal_form: str
    branch: str
    """The name of a branch of the body, such as 小榄分公司."""
    places: frozenset[str] = frozenset()
    """The places in a Latin name, except unspecific ones: China, International."""

    @property
    def core(self) -> str:
        """Return brand and trade, the text between place and legal form."""
        return self.brand + self.trade

    def at_home_of(self, other: "NameParts") -> "NameParts":
        """Return the name with the city of another name of the same body, if it names no place itself."""
        return self if self.city or self.province else replace(self, city=other.city, province=other.province)

    @property
    def with_town_in_brand(self) -> "NameParts":
        """Return the name with the town as a part of the brand, to compare it with a name whose town is mistyped."""
        return replace(self, town="", brand=self.town + self.brand)

    @property
    def chinese(self) -> bool:
        return _CHINESE_RE.search(self.folded) is not None

    @property
    def words(self) -> list[str]:
        """Return the words of a Latin name without legal forms and small words such as `of`."""
        return [word for word in _LATIN_WORD_RE.findall(self.folded.replace("'", "")) if word not in LATIN_FORMS]

    @property
    def initials(self) -> frozenset[str]:
        """Return the abbreviations of the name: XJU and XU for Xinjiang University, with and without the legal form."""
        spoken = [word for word in _LATIN_WORD_RE.findall(self.folded.replace("'", "")) if word not in _SILENT]
        return frozenset(
            "".join(initials.get(word, word[0]) for word in words)
            for words in (self.words, spoken)
            for initials in ({}, PLACE_INITIALS)
        )


@lru_cache(maxsize=20_000)
def parse_name(text: str) -> NameParts:
    """Split a name, as people write it, into its parts."""
    key, folded = fold_name(text), fold(text)
    return _parse_chinese(key, folded) if _CHINESE_RE.search(folded) else _parse_latin(key, _without_accents(folded))


def _without_accents(text: str) -> str:
    """Return toned pinyin and accented letters as people type them: Dàxué becomes daxue."""
    return "".join(sign for sign in unicodedata.normalize("NFD", text) if not unicodedata.combining(sign))


def sound(text: str) -> str:
    """Return the sound of a part of a name: the usual reading of each character, without tones, ü written as u."""
    readings = character_readings()
    return "".join(readings.get(character, character) for character in text)


def differ_in_number(one: str, other: str) -> bool:
    """Return whether two texts differ only in a number, or a sign that counts like one: then they are sister firms."""
    return one != other and _NUMBER_RE.sub("", one) == _NUMBER_RE.sub("", other)


def shares_brand(one: str, other: str) -> bool:
    """Return whether two names have the same brand, in characters or pinyin; False if one has no brand."""
    a, b = parse_name(one).brand, parse_name(other).brand
    if not a or not b:
        return False
    return a == b or (len(a) == len(b) > 1 and sound(a) == sound(b))


def _parse_chinese(key: str, folded: str) -> NameParts:
    rest, found = folded, {"province": "", "city": "", "town": ""}
    for search in (_PLACE_RE.match, _PLACE_IN_BRACKETS_RE.search):
        match = search(rest)
        if match and match[0]:
            # A name made of nothing but a place keeps it: 中山 is then all that tells it from others.
            without = rest[: match.start()] + rest[match.end() :]
            if len(without) >= _SHORTEST_BRAND and without not in CHINESE_FORMS:
                rest = without
                for kind, text in match.groupdict().items():
                    found[kind] = found[kind] or text or ""
    part = _BRANCH_RE.search(rest)
    branch = ""
    if part and part.lastgroup and part.start(part.lastgroup) >= _SHORTEST_BRAND:
        rest, branch = rest[: part.start(part.lastgroup)], part[part.lastgroup]
    rest, legal_form = _without_form(_SIGNS_RE.sub("", rest))
    cut = _start_of_trade(rest)
    return NameParts(
        key,
        folded,
        province=found["province"],
        city=found["city"],
        town=found["town"],
        brand=rest[:cut],
        trade=rest[cut:],
        legal_form=legal_form,
        branch=branch,
    )


def _without_form(text: str) -> tuple[str, str]:
    """Return the text without the legal forms at its end, and the last of these: 有限公司（有限合伙） has two."""
    legal_form = ""
    while (form := _FORM_RE.search(text)) and form.start() >= _SHORTEST_BRAND:
        text, legal_form = text[: form.start()], legal_form or form[0]
    return text, legal_form


def _start_of_trade(text: str) -> int:
    """Return the position of the first known trade after a brand of at least two characters; else the end."""
    for start in range(_SHORTEST_BRAND, len(text) - 1):
        for length in range(min(_LONGEST_TRADE, len(text) - start), 1, -1):
            if text[start : start + length] in TRADES:
                return start
    return len(text)


def _parse_latin(key: str, folded: str) -> NameParts:
    words = _LATIN_WORD_RE.findall(folded.replace("'", ""))
    telling = [word for word in words if word not in LATIN_FORMS]
    named = [word for word in telling if word not in LATIN_PLACES] or telling
    brand = next((word for word in named if word not in LATIN_TRADES), "")
    return NameParts(
        key,
        folded,
        province="",
        city="",
        town="",
        brand=brand,
        trade=" ".join(word for word in named if word != brand),
        legal_form=" ".join(word for word in words if word in LATIN_FORMS),
        branch="",
        places=frozenset(word for word in telling if word in LATIN_PLACES - LATIN_WIDE_PLACES),
    )
