"""How much speaks for two names being of one body: parts with points that a person can read.

The points of Chinese names were found by logistic regression over labelled pairs and rounded: ADR 0017 tells how, and
`python -m bench.match_points` finds them again. 50 points are an even chance; 11 points more multiply the odds by e.
Of each group a pair of names has one part at most; its score is the sum of its parts.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from rapidfuzz import fuzz
from rapidfuzz.distance import OSA, Levenshtein

from registry.matching.names import NameParts, differ_in_number, sound
from registry.matching.vocabulary import LATIN_PLACES, LATIN_TRADES, LATIN_WIDE_PLACES

POINTS = {
    # The whole name
    "name": 100,
    "former_name": 95,
    "alias": 95,
    "short_name": 90,
    "coarse_name": 96,
    # The brand
    "brand_same": 100,
    "brand_sound": 76,
    "brand_gap_long": 80,
    "brand_edit_long": 64,
    "brand_swapped": 64,
    "brand_gap": 56,
    "brand_edit": 31,
    "brand_other": 16,
    "brand_sounds": 8,
    # The trade, beside the brand
    "trade_same": 3,
    "trade_sound": 0,
    "trade_swapped": 0,
    "trade_edit": -8,
    "trade_sounds": -10,
    "trade_gap": -13,
    "trade_part": -29,
    "trade_missing": -28,
    "trade_other": -80,
    # Both
    "swapped": 45,
    # Latin names, and names in two scripts
    "pinyin": 90,
    "pinyin_alike": 45,
    "initials": 45,
    "words": 0,
    # Against
    "branch": -70,
    "other_city": -60,
    "other_town_in_name": -50,
    "town_in_one_name": -30,
    "other_form": -3,
    "other_code": -35,
    "wrong_code": -9,
    # Beside the name; a code outweighs what names differ in
    "uscc": 130,
    "website": 20,
    "town": 5,
    "other_town": -15,
    "successor": 0,
    "other_name": 0,
}
"""The points of each part. Two Latin names get the points of `words` in proportion to the words that they share."""

LABELS: dict[str, Promise] = {
    "name": _("the same name"),
    "former_name": _("a former name"),
    "alias": _("another name of the record"),
    "short_name": _("the short name"),
    "coarse_name": _("the same name but for place, legal form or script"),
    "brand_same": _("the same brand"),
    "brand_sound": _("a character of the brand differs, of the same sound"),
    "brand_gap_long": _("a character of the brand is missing or too many"),
    "brand_edit_long": _("a character of the brand differs"),
    "brand_swapped": _("two characters of the brand are swapped"),
    "brand_gap": _("a character of the brand is missing or too many"),
    "brand_edit": _("a character of the brand differs"),
    "brand_other": _("another brand"),
    "brand_sounds": _("another brand of the same sound"),
    "trade_same": _("the same trade"),
    "trade_sound": _("a character of the trade differs, of the same sound"),
    "trade_swapped": _("two characters of the trade are swapped"),
    "trade_edit": _("a character of the trade differs"),
    "trade_sounds": _("another trade of the same sound"),
    "trade_gap": _("a character of the trade is missing or too many"),
    "trade_part": _("one trade is part of the other"),
    "trade_missing": _("only one name has a trade"),
    "trade_other": _("another trade"),
    "swapped": _("two characters are swapped"),
    "pinyin": _("the same pinyin"),
    "pinyin_alike": _("nearly the same pinyin"),
    "initials": _("the initials of the name"),
    "words": _("words in common"),
    "branch": _("one is a branch, or another branch"),
    "other_city": _("another city"),
    "other_town_in_name": _("another town in the name"),
    "town_in_one_name": _("a town in one of the names only"),
    "other_form": _("another legal form"),
    "other_code": _("another USCC"),
    "wrong_code": _("the USCC asked for is mistyped"),
    "uscc": _("the same USCC"),
    "website": _("the same website"),
    "town": _("the same township"),
    "other_town": _("another township"),
    "successor": _("replaces a merged record"),
    "other_name": _("the same code, and another name"),
}
_ALIKE_WORDS = 85
"""The similarity in percent from which two Latin words or names count as spellings of one."""
_TELLING = 4
"""How much more a word counts that few names have."""
_LONGEST_INITIALS = 8


@dataclass(frozen=True, slots=True)
class ScorePart:
    """One reason for or against a match, with its points."""

    code: str
    points: int

    @property
    def label(self) -> Promise:
        return LABELS[self.code]


def part(code: str) -> ScorePart:
    return ScorePart(code, POINTS[code])


def total(parts: Iterable[ScorePart]) -> int:
    """Return the score of all parts together; it may be outside of 0 to 100."""
    return sum(one.points for one in parts)


def compare(asked: NameParts, known: NameParts, reading: str = "") -> list[ScorePart]:
    """Return the reasons for and against the two names being names of one body, from the names alone.

    `reading` is the stored pinyin of `known`, if it has one.
    """
    if asked.key == known.key:
        return [part("name")]
    if asked.chinese and known.chinese:
        parts = _compare_chinese(asked, known)
        if bool(asked.town) != bool(known.town):
            with_town = _compare_chinese(asked.with_town_in_brand, known.with_town_in_brand)
            parts = max([*parts, "town_in_one_name"], with_town, key=lambda codes: total(map(part, codes)))
        return [*map(part, parts), *map(part, _against(asked, known))]
    if not asked.chinese and not known.chinese:
        return _compare_latin(asked, known)
    chinese, latin = (asked, known) if asked.chinese else (known, asked)
    return _compare_sounds(chinese, latin, "" if asked.chinese else reading)


def _compare_chinese(asked: NameParts, known: NameParts) -> list[str]:
    if asked.core == known.core:
        return ["coarse_name"]
    end, known_end = _brand_ends(asked, known)
    trade, known_trade = asked.core[end:], known.core[known_end:]
    parts = [f"brand_{_relation(asked.core[:end], known.core[:known_end])}"]
    if trade and known_trade:
        parts.append(f"trade_{_relation_of_trades(trade, known_trade)}")
    elif trade or known_trade:
        parts.append("trade_missing")
    if _swapped(asked.core, known.core):
        parts.append("swapped")
    return parts


def _brand_ends(asked: NameParts, known: NameParts) -> tuple[int, int]:
    """Return where the brand ends in the cores of both names.

    A mistyped trade is not recognised and seems to be a part of the brand; the other name then shows where it begins.
    """
    for brand in (asked.brand, known.brand):
        if brand and asked.core.startswith(brand) and known.core.startswith(brand):
            return len(brand), len(brand)
    end = len(known.brand)
    for code in Levenshtein.opcodes(asked.core, known.core):
        if code.dest_start <= end <= code.dest_end:
            along = code.src_start + end - code.dest_start
            return (min(along, code.src_end) if code.tag in ("equal", "replace") else code.src_end), end
    return len(asked.brand), end


def _relation(one: str, other: str) -> str:
    """Return how two brands or trades relate: `edit` means one replaced character, `gap` one missing character."""
    if one == other:
        return "same"
    if len(one) == len(other) and sound(one) == sound(other):
        return "sound" if sum(a != b for a, b in zip(one, other, strict=True)) == 1 else "sounds"
    if OSA.distance(one, other) != 1 or differ_in_number(one, other):
        return "other"
    if _swapped(one, other):
        return "swapped"
    relation = "edit" if len(one) == len(other) else "gap"
    return f"{relation}_long" if max(len(one), len(other)) > 2 else relation


def _relation_of_trades(one: str, other: str) -> str:
    relation = _relation(one, other).removesuffix("_long")
    if relation in ("edit", "gap", "other"):
        short, long = sorted((one, other), key=len)
        if long.startswith(short) or long.endswith(short):
            return "part"
    return relation


def _swapped(one: str, other: str) -> bool:
    """Return whether the texts differ only in that two neighbouring characters are exchanged."""
    return OSA.distance(one, other) == 1 and Levenshtein.distance(one, other) == 2


def _against(asked: NameParts, known: NameParts) -> list[str]:
    parts = []
    if asked.branch != known.branch:
        parts.append("branch")
    other_city = asked.city and known.city and asked.city != known.city
    if other_city or (asked.province and known.province and asked.province != known.province):
        parts.append("other_city")
    if asked.town and known.town and not (asked.town.startswith(known.town) or known.town.startswith(asked.town)):
        parts.append("other_town_in_name")
    if asked.legal_form and known.legal_form and asked.legal_form[-1] != known.legal_form[-1]:
        parts.append("other_form")
    return parts


def _compare_sounds(chinese: NameParts, latin: NameParts, reading: str) -> list[ScorePart]:
    """Compare by pinyin: a Latin name may be the pinyin of a Chinese one, such as Zhongshan Dongyu Dianzi Co., Ltd."""
    # Only the first word is surely the place: brands are called like places, too.
    words = latin.words[1:] if latin.words[:1] and latin.words[0] in LATIN_PLACES else latin.words
    letters = "".join(word for word in words if word not in LATIN_WIDE_PLACES).replace("v", "u")
    spoken = {_spoken(chinese, chinese.core, reading), _spoken(chinese, chinese.town + chinese.core, reading)}
    if letters in spoken:
        parts = [part("pinyin")]
    elif max(fuzz.ratio(letters, one) for one in spoken) >= _ALIKE_WORDS:
        parts = [part("pinyin_alike")]
    else:
        return []
    place = sound(chinese.city or chinese.province)
    if latin.places and place and place not in latin.places:
        parts.append(part("other_city"))
    return parts


def _spoken(name: NameParts, span: str, reading: str) -> str:
    """Return the pinyin of a part of a Chinese name, taken from the pinyin of the whole if the syllables correspond."""
    whole = "".join(character for character in name.folded if character.isalnum())
    syllables, start = reading.split(), whole.find(span)
    if start < 0 or len(syllables) != len(whole):
        return sound(span)
    return "".join(syllables[start : start + len(span)]).replace("v", "u")


def _compare_latin(asked: NameParts, known: NameParts) -> list[ScorePart]:
    parts = []
    words, known_words = asked.words, known.words
    if "".join(words) == "".join(known_words):
        parts.append(part("coarse_name"))
    elif _are_initials(asked, known) or _are_initials(known, asked):
        parts.append(part("initials"))
    else:
        parts.append(ScorePart("words", max(_shared(words, known_words), _likeness(words, known_words))))
    if asked.places and known.places and not asked.places & known.places:
        parts.append(part("other_city"))
    return parts


def _are_initials(short: NameParts, long: NameParts) -> bool:
    words = short.words
    return len(words) == 1 and 2 <= len(words[0]) <= _LONGEST_INITIALS and words[0] in long.initials


def _shared(words: list[str], others: list[str]) -> int:
    """Return how much two Latin names share, from 0 to 100; words that few names have count more."""
    left, shared = list(others), 0
    for word in words:
        same = next((other for other in left if _same_word(word, other)), None)
        if same is not None:
            left.remove(same)
            shared += _weight(word) + _weight(same)
    return round(100 * shared / max(1, sum(map(_weight, [*words, *others]))))


def _likeness(words: list[str], others: list[str]) -> int:
    """Return the similarity of two names whose words are joined or mistyped; 0 if they are not nearly equal."""
    ratio = fuzz.ratio("".join(words), "".join(others))
    return round(ratio) if ratio >= _ALIKE_WORDS else 0


def _weight(word: str) -> int:
    return 1 if word in LATIN_TRADES or word in LATIN_PLACES else _TELLING


def _same_word(one: str, other: str) -> bool:
    """Return whether two words are equal, or differ by an abbreviation, a plural or a slip: lab and laboratory."""
    if one == other:
        return True
    short, long = sorted((one, other), key=len)
    return len(short) > 2 and (long.startswith(short) or (len(short) > 4 and fuzz.ratio(one, other) >= _ALIKE_WORDS))
