"""Sectors of a plan proposed for an organization, from words in its texts. People decide; nothing is tagged by itself.

Precision before recall: a plan's term is often an everyday word in a business scope (传感器, 商务服务, 电子信息).
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from django.utils import translation
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from registry.organizations.models.details import SectorTag
from registry.reference.cache import references
from registry.reference.models import Plan, Sector, Township, Zone
from registry.values.validators import CHINESE

FIELDS = {
    "name_zh": pgettext_lazy("column", "Organization name"),
    "name_en": pgettext_lazy("column", "English name"),
    "main_products": _("main products"),
    "scope": _("business scope"),
    "introduction": _("introduction"),
}
"""The texts that are searched, with their names in the evidence."""
NAMES = ("name_zh", "name_en")

_AI_WORDS = ("智能", "智慧", "机器人", "自动化", "算法", "人工智能", "数字化", "物联网")
_AI_RE = re.compile(
    rf"{'|'.join(_AI_WORDS)}|(?<![a-z])(?:ai|iot|smart|intelligent|robots?|robotics|automat\w*|autonomous|digital|neural|"
    r"algorithms?|artificial intelligence|(?:machine|deep) learning|recognition|(?:computer|machine) vision)(?![a-z])"
)
_SPECIFIC = 4
"""The least length of a keyword that is enough by itself. Shorter ones have other meanings: 吸盘, 虹膜, 减速机, PLC."""
_SHORTEST = 2
_CLAUSE_RE = re.compile(r"[、，；。：,;:!?！？\n\r]|\.(?=\s|$)")
# What stands in every licence, and fixed phrases in which a term of the plan is not meant.
_LEFT_OUT_RE = re.compile(
    r"[（(【\[][^（）()【】\[\]]*(?:依法须|经批准|涉及行政审批|不含|除外|国家|法律|法规|许可)[^（）()【】\[\]]*[）)】\]]"
    r"|依法须经批准的项目[^。；;\n]*|涉及行政审批的货物[^。；;\n]*|(?:国家|法律)[^。；;\n]{0,40}(?:禁止|限制|除外)[^。；;\n]*"
    r"|不含[^、，；。,;\n]*|办公自动化(?:设备)?|电子商务(?:服务)?|互联网信息服务"
    # The classes of the catalogue of medical devices, which trade licences list.
    r"|68\d\d[^、，；。,;\n]*|医用光学器具、仪器及内窥镜设备|医用磁共振设备"
    r"|(?<=设备，)(?:临床)?检验分析仪器|(?:临床)?检验分析仪器(?=，体外循环)"
)
_LEGAL_FORM_RE = re.compile(
    r"(?:股份)?有限(?:责任)?公司|有限合伙|普通合伙|个人独资|分公司|集团|\b(?:co|ltd|limited|inc|corp|llc)\b"
)
_PLACES = ("中国", "广东", "中山")
# Full-width forms and capitals, one character for one: matches keep their places in the text.
_LEVEL = {0xFF01 + n: chr(0x21 + n).lower() for n in range(94)} | {ord("A") + n: chr(ord("a") + n) for n in range(26)}
del _LEVEL[ord("，")], _LEVEL[ord("；")], _LEVEL[ord("：")], _LEVEL[ord("（")], _LEVEL[ord("）")]


class Match(NamedTuple):
    field: str
    start: int
    end: int
    word: str
    """The word as written in the text."""


@dataclass(slots=True)
class Suggestion:
    sector: int
    matches: list[Match]

    def evidence(self) -> str:
        """Return the evidence in the form in which a tag stores it: 关键词：机器视觉、视觉检测（经营范围）."""
        with translation.override("zh-hans"):
            words = [
                gettext("{words} ({text})").format(words="、".join(words), text=FIELDS[field])
                for field, words in self.words().items()
            ]
            return gettext("Keywords: {words}").format(words="；".join(words))[:_EVIDENCE]

    def words(self) -> dict[str, list[str]]:
        """Return for each text the words found in it, each once."""
        found: dict[str, dict[str, None]] = {}
        for match in self.matches:
            found.setdefault(match.field, {}).setdefault(match.word)
        return {field: list(words) for field, words in found.items()}


_EVIDENCE = SectorTag._meta.get_field("evidence").max_length


@dataclass(slots=True)
class _Term:
    """A word of the plan, and the sectors that it suggests."""

    sectors: dict[int, None]
    alone: bool = False
    """Whether the word is enough by itself; other words count only near an AI word."""


class Suggester:
    """Searches texts for all terms of one plan with one pattern; it reads about ten thousand texts a second."""

    def __init__(self, sectors: Iterable[Sector], places: Iterable[str] = ()) -> None:
        sectors = list(sectors)
        self._parents = {sector.pk: sector.parent_id for sector in sectors}
        self._places = {sector.pk: place for place, sector in enumerate(sectors)}
        self._terms: dict[str, _Term] = {}
        for sector in sectors:
            keywords = [*sector.keywords_zh, *sector.keywords_en]
            for word in keywords:
                self._add(word, sector.pk, keyword=True)
            for word in (sector.name_zh, sector.name_en, *sector.aliases):
                self._add(word, sector.pk, keyword=False)
        pattern = _alternatives(self._terms)
        self._any_re = re.compile(pattern)
        # Looked for at every place, so that terms which overlap are all found.
        self._each_re = re.compile(f"(?=({pattern}))")
        own = "|".join(sorted(map(re.escape, {*_PLACES, *filter(None, places)}), key=len, reverse=True))
        self._own_re = re.compile(rf"{own}|{_LEGAL_FORM_RE.pattern}")

    @staticmethod
    def of_plan(plan: Plan) -> "Suggester":
        """Return the one of a plan, as the reference data are now."""
        known = references()

        def build() -> "Suggester":
            sectors = [row for row in known.rows["sectors"] if row.plan_id == plan.pk and row.disabled_on is None]
            places = [name for table in ("townships", "zones") for row in known.rows[table] for name in _names(row)]
            return Suggester(sectors, places)

        return known.kept((Suggester, plan.pk), build)

    def _add(self, word: str, sector: int, *, keyword: bool) -> None:
        # Single words in small letters are everyday ones: iris, sensor, controller.
        distinct = re.search(f"[{CHINESE}A-Z]", word) is not None
        word = word.strip().translate(_LEVEL)
        if len(word) < _SHORTEST:
            return
        term = self._terms.setdefault(word, _Term({}))
        term.sectors.setdefault(sector)
        specific = keyword and distinct and len(word) >= _SPECIFIC
        term.alone = term.alone or specific or _AI_RE.search(word) is not None

    def suggest(self, texts: Mapping[str, str | None]) -> list[Suggestion]:
        """Return the sectors that the texts suggest, the likeliest first: by number of words, then in the plan's
        order.
        """
        found: dict[int, Suggestion] = {}
        for field in FIELDS:
            text = texts.get(field)
            if text:
                for match, term in self._matches(field, text):
                    for sector in term.sectors:
                        found.setdefault(sector, Suggestion(sector, [])).matches.append(match)
        # A branch says nothing where one of its sectors is found.
        for parent in {self._parents[sector] for sector in found}:
            found.pop(parent or 0, None)
        return sorted(found.values(), key=lambda one: (-_weight(one), self._places[one.sector]))

    def _matches(self, field: str, text: str) -> Iterator[tuple[Match, _Term]]:
        level = text.translate(_LEVEL)
        if self._any_re.search(level) is None:
            return
        level = _LEFT_OUT_RE.sub(_blank, level)
        if field in NAMES:
            level = self._own_re.sub(_blank, level)
        reached = 0
        for found in self._each_re.finditer(level):
            start, end = found.span(1)
            # A term within a longer one that was found is no second reason.
            if end <= reached:
                continue
            term = self._terms[_singular(found[1], self._terms)]
            if term.alone or _beside_ai(level, start, end):
                reached = end
                yield Match(field, start, end, text[start:end]), term


def _names(row: Township | Zone) -> list[str]:
    return [row.name_zh, *row.aliases]


def _alternatives(terms: Iterable[str]) -> str:
    """Return a pattern for the terms, longest first, Latin ones as whole words, grouped by first character."""
    by_first: dict[str, list[str]] = {}
    for term in sorted(terms, key=len, reverse=True):
        by_first.setdefault(term[0], []).append(term)
    groups = []
    for first, group in by_first.items():
        rests = "|".join(re.escape(term[1:]) + _ending(term) for term in group)
        before = "(?<![a-z0-9])" if _is_latin(first) else ""
        groups.append(f"{before}{re.escape(first)}(?:{rests})")
    if not groups:
        return "(?!)"
    # Two sets of characters are tried in no time; a hundred alternatives at every place are not.
    firsts, seconds = ("".join(sorted({re.escape(term[at : at + 1]) for term in terms})) for at in (0, 1))
    return f"(?=[{firsts}][{seconds}])(?:{'|'.join(groups)})"


def _ending(term: str) -> str:
    if not _is_latin(term[-1]):
        return ""
    return "s?(?![a-z0-9])" if re.fullmatch(r"[a-z -]+", term) else "(?![a-z0-9])"


def _is_latin(character: str) -> bool:
    return character.isascii() and character.isalnum()


def _singular(word: str, terms: Mapping[str, _Term]) -> str:
    return word if word in terms else word.removesuffix("s")


def _blank(found: re.Match[str]) -> str:
    """Return a text of the same length that ends a clause, so that later positions stay the same."""
    return "；" * len(found[0])


def _beside_ai(text: str, start: int, end: int) -> bool:
    """Return whether an AI word is in the same clause, outside of the term itself."""
    begin = max((found.end() for found in _CLAUSE_RE.finditer(text, 0, start)), default=0)
    after = _CLAUSE_RE.search(text, end)
    stop = after.start() if after else len(text)
    return any(found.end() <= start or found.start() >= end for found in _AI_RE.finditer(text, begin, stop))


def _weight(suggestion: Suggestion) -> int:
    return sum(len(words) for words in suggestion.words().values())
