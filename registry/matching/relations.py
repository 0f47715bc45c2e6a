"""How two different names stand to each other: is one the other after a renaming, or another body's?"""

import re
from difflib import SequenceMatcher

from registry.matching.decisions import NameRelation
from registry.matching.names import NameParts, parse_name, shares_brand
from registry.pinyin import pinyin_key
from registry.validators import fold_name

_ORDINAL_RE = re.compile(r"[0-9一二三四五六七八九十甲乙丙丁戊己庚辛东南西北]+")
"""Numbers and their like, by which sister firms are told apart."""


def relation_of(given: tuple[str | None, str | None], stored: tuple[str | None, str | None]) -> NameRelation:
    """How names (Chinese, English) stand to those of a record, without its former names.

    The Chinese names decide where there are two. A new English name beside the same Chinese one is no other name.
    """
    (zh, en), (own_zh, own_en) = given, stored
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


def are_alike(one: str, other: str) -> bool:
    """Whether two names share their brand.

    The brands are the same by characters or by pinyin; or they have more than half of their characters in common, in
    the same order, and differ in more than a number. In a Latin name the brand may be the pinyin of the Chinese one.
    """
    a, b = parse_name(one), parse_name(other)
    if shares_brand(one, other):
        return True
    if not a.brand or not b.brand:
        return False
    if a.chinese != b.chinese:
        return _sounds_as(a, b) if a.chinese else _sounds_as(b, a)
    return a.chinese and _mostly_the_same(a.brand, b.brand)


def _sounds_as(chinese: NameParts, latin: NameParts) -> bool:
    return pinyin_key(chinese.brand).replace(" ", "") == latin.brand


def _mostly_the_same(one: str, other: str) -> bool:
    if _ORDINAL_RE.sub("", one) == _ORDINAL_RE.sub("", other):
        return False
    common = sum(block.size for block in SequenceMatcher(None, one, other, autojunk=False).get_matching_blocks())
    return common >= 2 and 2 * common > max(len(one), len(other))
