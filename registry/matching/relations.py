"""Compares two different names: can one be the other after a renaming, or does it belong to another body?"""

import re
from difflib import SequenceMatcher

from rapidfuzz.distance import OSA

from registry.matching.decisions import NameRelation
from registry.matching.names import NameParts, differ_in_number, parse_name, shares_brand, sound
from registry.values.validators import fold_name

_SHORTEST_WITH_SLIP = 4
_LONGEST_ABBREVIATION = 4


def relation_of(asked: tuple[str | None, str | None], stored: tuple[str | None, str | None]) -> NameRelation:
    """Compare given names (Chinese, English) with a record's names in use.

    If both have a Chinese name, only that is compared: with the same Chinese name, a new English name is no other name.
    """
    (zh, en), (own_zh, own_en) = asked, stored
    if zh and own_zh:
        if fold_name(zh) == fold_name(own_zh):
            return NameRelation.EQUAL
        alike = are_alike(zh, own_zh) or bool(en and own_en and fold_name(en) == fold_name(own_en))
    elif en and own_en:
        if fold_name(en) == fold_name(own_en):
            return NameRelation.EQUAL
        alike = are_alike(en, own_en) or bool(own_zh and are_alike(en, own_zh))
    elif (zh or en) and (own_zh or own_en):
        # A Chinese name against an English one: that they sound alike can be seen, that they do not says nothing.
        return NameRelation.ALIKE if are_alike(zh or en or "", own_zh or own_en or "") else NameRelation.ABSENT
    else:
        return NameRelation.ABSENT
    return NameRelation.ALIKE if alike else NameRelation.UNRELATED


def is_abbreviation(name: str) -> bool:
    """Return whether a name consists of a few Latin letters, such as HPU, which may mean many bodies."""
    key = fold_name(name)
    return key.isascii() and len(re.sub(r"[^a-z0-9]", "", key)) <= _LONGEST_ABBREVIATION


def are_alike(one: str, other: str) -> bool:
    """Whether two names share their brand, or differ by one slip of the pen.

    The brands are the same by characters or by pinyin; or they have more than half of their characters in common, in
    the same order, and differ in more than a number. In a Latin name the brand may be the pinyin of the Chinese one.
    A slip is one character of brand and trade replaced, left out or added, or two neighbours swapped. A branch is
    another body than the whole.
    """
    a, b = parse_name(one), parse_name(other)
    if a.branch != b.branch:
        return False
    if shares_brand(one, other):
        return True
    if not a.brand or not b.brand:
        return False
    if a.chinese != b.chinese:
        return _sounds_as(a, b) if a.chinese else _sounds_as(b, a)
    return a.chinese and (_mostly_the_same(a.brand, b.brand) or _one_slip_apart(a.town + a.core, b.town + b.core))


def _sounds_as(chinese: NameParts, latin: NameParts) -> bool:
    return sound(chinese.brand) == latin.brand.replace("v", "u")


def _mostly_the_same(one: str, other: str) -> bool:
    if differ_in_number(one, other):
        return False
    common = sum(block.size for block in SequenceMatcher(None, one, other, autojunk=False).get_matching_blocks())
    return common >= 2 and 2 * common > max(len(one), len(other))


def _one_slip_apart(one: str, other: str) -> bool:
    """Return whether two names differ by one slip of the pen and are long enough to be distinctive without it."""
    if min(len(one), len(other)) < _SHORTEST_WITH_SLIP or differ_in_number(one, other):
        return False
    return OSA.distance(one, other) == 1
