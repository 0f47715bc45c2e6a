"""A name of a body, cut into what tells one body from another and what does not.

A Chinese name is made of place, brand (字号), trade (行业) and legal form (组织形式), in this order as a rule: 《企业名称登记管理规定》,
article 6. The brand alone tells firms of one trade and place apart, so names are compared part by part.
"""

import re
from dataclasses import dataclass
from functools import lru_cache

from registry.matching.words import (
    BRANCH,
    CHINESE_FORMS,
    CITIES,
    LATIN_FORMS,
    LATIN_PLACES,
    LATIN_TRADES,
    PROVINCES,
    TOWNS,
    TRADES,
)
from registry.pinyin import pinyin_key
from registry.search import fold
from registry.validators import CHINESE


def _any_of(words: object) -> str:
    return "|".join(sorted(words, key=len, reverse=True))  # type: ignore[call-overload]


_CHINESE_RE = re.compile(f"[{CHINESE}]")
_PLACE = (
    rf"(?:(?P<province>{_any_of(PROVINCES)})(?:省|市|壮族自治区|回族自治区|维吾尔自治区|自治区|特别行政区)?)?"
    rf"(?:(?P<city>{_any_of(CITIES)})市?)?"
    rf"(?:(?P<town>{_any_of(TOWNS)})(?:镇|街道|区)?)?"
)
_PLACE_RE = re.compile(_PLACE)
_PLACE_IN_BRACKETS_RE = re.compile(rf"\({_PLACE}\)")
_BRANCH_RE = re.compile(rf"^(?:.*(?:公司|银行|厂|集团|合作社|\)))?(?P<branch>[^()]{{0,12}}?(?:{BRANCH}))$")
_FORM_RE = re.compile(rf"(?:{_any_of(CHINESE_FORMS)})$")
_LATIN_WORD_RE = re.compile(r"[^\W_]+")
_SHORTEST_BRAND = 2
_LONGEST_TRADE = max(map(len, TRADES))


@dataclass(frozen=True, slots=True)
class NameParts:
    """The parts of one name, folded; a part that the name does not have is empty."""

    folded: str
    cities: frozenset[str]
    """Provinces and cities that the name begins with or holds in brackets, without 省 and 市; for Latin names, words."""
    town: str
    brand: str
    trade: str
    legal_form: str
    branch: str
    """What names a part of a body, such as 小榄分公司."""

    @property
    def core(self) -> str:
        """Brand and trade, which stand between place and legal form."""
        return self.brand + self.trade

    @property
    def chinese(self) -> bool:
        return _CHINESE_RE.search(self.folded) is not None


@lru_cache(maxsize=20_000)
def parse_name(text: str) -> NameParts:
    """Cut a name as people write it."""
    folded = fold(text)
    return _parse_chinese(folded) if _CHINESE_RE.search(folded) else _parse_latin(folded)


def shares_brand(one: str, other: str) -> bool:
    """Whether two names have the same brand, by its characters or by its pinyin; False where one has no brand."""
    a, b = parse_name(one).brand, parse_name(other).brand
    if not a or not b:
        return False
    return a == b or (len(a) == len(b) > 1 and pinyin_key(a) == pinyin_key(b))


def _parse_chinese(folded: str) -> NameParts:
    rest, cities, town = folded, set(), ""
    for place in (_PLACE_RE.match(rest), _PLACE_IN_BRACKETS_RE.search(rest)):
        # A name made of nothing but a place keeps it: 中山 is then all that tells it from others.
        without = rest[: place.start()] + rest[place.end() :] if place else ""
        if place and place[0] and len(without) >= _SHORTEST_BRAND and without not in CHINESE_FORMS:
            cities |= {*filter(None, place.group("province", "city"))}
            town = town or place["town"] or ""
            rest = rest.replace(place[0], "", 1)
    branch = _BRANCH_RE.search(rest)
    if branch and branch.start("branch") >= _SHORTEST_BRAND:
        rest = rest[: branch.start("branch")]
    else:
        branch = None
    rest = re.sub(r"[()\-·.,&'\"’“”\s]", "", rest)
    form = _FORM_RE.search(rest)
    if form and form.start() >= _SHORTEST_BRAND:
        rest = rest[: form.start()]
    else:
        form = None
    cut = _start_of_trade(rest)
    return NameParts(
        folded,
        frozenset(cities - {"中国"}),
        town,
        rest[:cut],
        rest[cut:],
        form[0] if form else "",
        branch["branch"] if branch else "",
    )


def _start_of_trade(text: str) -> int:
    """Where the first known trade begins, behind a brand of two characters at least; the end where there is none."""
    for start in range(_SHORTEST_BRAND, len(text) - 1):
        for length in range(min(_LONGEST_TRADE, len(text) - start), 1, -1):
            if text[start : start + length] in TRADES:
                return start
    return len(text)


def _parse_latin(folded: str) -> NameParts:
    words = _LATIN_WORD_RE.findall(folded.replace("'s", "s"))
    telling = [word for word in words if word not in LATIN_FORMS]
    named = [word for word in telling if word not in LATIN_PLACES] or telling
    brand = next((word for word in named if word not in LATIN_TRADES), "")
    rest = [word for word in named if word != brand]
    return NameParts(
        folded,
        frozenset(word for word in telling if word in LATIN_PLACES),
        "",
        brand,
        " ".join(rest),
        " ".join(word for word in words if word in LATIN_FORMS),
        "",
    )
