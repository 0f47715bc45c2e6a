"""The text of a search: its words, and how each can occur in a name.

The database keeps for every organization (`SearchIndex`) its names, the Latin words in them, their pinyin and the
initials of that; here a query is brought into the same forms.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby, pairwise
from typing import TypeVar

from registry.values.identifiers import code_in_groups
from registry.values.validators import CHINESE, fold_name
from registry.values.variants import SIMPLIFIED, TRADITIONAL

Row = TypeVar("Row")
_SIMPLIFY = str.maketrans(TRADITIONAL, SIMPLIFIED)
_CHINESE_RE = re.compile(f"[{CHINESE}]+")
_LATIN = rf"[^\W_{CHINESE}]"
_RUN_RE = re.compile(rf"(?<!{_LATIN})(?<![.+#])\.(?=(?!\d){_LATIN})|{_LATIN}+[+#]*")
"""A Latin word or number with the signs + and # behind it (C++, C#, 5G+), or the full stop before a word (.NET).

The full stop is a word of its own, so that NET finds .NET. The database cuts names by the same rule
(`migrations/tables.sql`).
"""
_CODE_RE = re.compile(r"(?=.*[0-9])[0-9a-z]{4,20}")
_COMPANY_FORMS = ("有限责任公司", "股份有限公司", "有限公司", "股份公司", "公司")
_PARTNERSHIP_FORMS = (
    *("合伙企业(特殊普通合伙)", "合伙企业(普通合伙)", "合伙企业(有限合伙)", "合伙企业"),
    *("(特殊普通合伙)", "(普通合伙)", "(有限合伙)"),
)
LEGAL_FORMS = (*_COMPANY_FORMS, *_PARTNERSHIP_FORMS)
"""Legal forms at the end of Chinese names; one that ends with another comes before it."""
_ENGLISH_FORMS = frozenset(
    ["co", "ltd", "limited", "company", "inc", "incorporated", "corp", "corporation", "llc", "plc", "gmbh"]
)
MOST_WORDS = 8
"""Further words of a query are passed over."""
_MOST_READINGS = 6
_LETTERS_RE = re.compile(r"[a-zü]+")
_SPELT = """
a ai an ang ao ba bai ban bang bao bei ben beng bi bian biang biao bie bin bing bo bong bu ca cai can cang cao
ce cei cen ceng cha chai chan chang chao che chen cheng chi chong chou chu chua chuai chuan chuang chui chun
chuo ci cong cou cu cuan cui cun cuo da dai dan dang dao de dei den deng di dia dian diao die din ding diu dong
dou du duan dui dun duo e ei en eng er fa fan fang fei fen feng fiao fo fou fu ga gai gan gang gao ge gei gen
geng gong gou gu gua guai guan guang gui gun guo ha hai han hang hao he hei hen heng hong hou hu hua huai huan
huang hui hun huo ji jia jian jiang jiao jie jin jing jiong jiu ju juan jue jun ka kai kan kang kao ke kei ken
keng kong kou ku kua kuai kuan kuang kui kun kuo la lai lan lang lao le lei len leng li lia lian liang liao lie
lin ling liu lo long lou lu luan lun luo lv lve ma mai man mang mao me mei men meng mi mian miao mie min ming
miu mo mou mu na nai nan nang nao ne nei nen neng ni nia nian niang niao nie nin ning niu nong nou nu nuan nun
nuo nv nve o ou pa pai pan pang pao pei pen peng pi pian piao pie pin ping po pou pu qi qia qian qiang qiao qie
qin qing qiong qiu qu quan que qun ran rang rao re ren reng ri rong rou ru rua ruan rui run ruo sa sai san sang
sao se sen seng sha shai shan shang shao she shei shen sheng shi shou shu shua shuai shuan shuang shui shun shuo
si song sou su suan sui sun suo ta tai tan tang tao te tei teng ti tian tiao tie ting tong tou tu tuan tui tun
tuo wa wai wan wang wei wen weng wo wong wu xi xia xian xiang xiao xie xin xing xiong xiu xu xuan xue xun ya yan
yang yao ye yi yin ying yo yong you yu yuan yue yun za zai zan zang zao ze zei zen zeng zha zhai zhan zhang zhao
zhe zhei zhen zheng zhi zhong zhou zhu zhua zhuai zhuan zhuang zhui zhun zhuo zi zong zou zu zuan zui zun zuo
"""
SYLLABLES = frozenset(_SPELT.split())
"""All syllables of pinyin, without tones; a test compares them with pypinyin, which takes much memory."""
_BEGINNINGS = frozenset(one[:end] for one in SYLLABLES for end in range(1, len(one) + 1))
_INITIALS_RE = re.compile(r"[a-hj-tw-z]{2,30}")


def fold(text: str) -> str:
    """The key under which search compares: as names are matched, and traditional characters as simplified ones."""
    return fold_name(text).translate(_SIMPLIFY)


@dataclass(frozen=True)
class Word:
    """One word of a query, folded."""

    text: str
    ends: bool = False
    """Whether it is the last of several words; its legal form is then the form of the name."""
    alone: bool = False
    """Whether it is the only word."""

    @property
    def chinese(self) -> bool:
        return _CHINESE_RE.search(self.text) is not None

    @cached_property
    def runs(self) -> list[str]:
        """Letters and digits without the signs between them; see `_RUN_RE`."""
        return _RUN_RE.findall(self.text)

    @property
    def latin(self) -> str:
        return " ".join(self.runs)

    @cached_property
    def readings(self) -> list[str]:
        """Readings of the word as pinyin: `zhihui` as `zhi hui`. The last syllable may be only begun."""
        if self.chinese or not all(_LETTERS_RE.fullmatch(run) for run in self.runs):
            return []
        readings = [""]
        for position, run in enumerate(self.runs):
            last = position == len(self.runs) - 1
            ways = _syllables(run.replace("ü", "v"), last)
            readings = [f"{before} {way}".strip() for before in readings for way in ways][:_MOST_READINGS]
        return readings

    @property
    def initials(self) -> str:
        """The word as first letters of syllables, of which none begins with i, u or v; empty where it cannot be."""
        return self.text if _INITIALS_RE.fullmatch(self.text) else ""

    @property
    def tail(self) -> str:
        """The word as the end of a code, as `SearchIndex.words` has it: backwards. Empty where it is no code."""
        return f"~{self.text[::-1]}" if _CODE_RE.fullmatch(self.text) else ""

    @cached_property
    def _stem_and_form(self) -> tuple[str, str]:
        """The word without the legal form at its end, and that form; two empty texts where none is to be passed over.

        Only the end of a query is the end of a name. A form alone is looked for as it is given.
        """
        if self.ends or self.alone:
            for form in LEGAL_FORMS:
                if self.text.endswith(form) and not (self.alone and self.text == form):
                    return self.text.removesuffix(form), form
        return "", ""

    @property
    def stem(self) -> str:
        return self._stem_and_form[0]

    @cached_property
    def forms(self) -> tuple[str, ...]:
        """The ends of names that mean the same as the legal form of the word: all forms, and none.

        Behind a single character none is not meant: every name that ends with it would have to be looked up.
        Without a Chinese character before them only the forms of companies, which have two characters in common: a
        name could not be looked up otherwise.
        """
        stem, form = self._stem_and_form
        if not form:
            return ()
        if _CHINESE_RE.fullmatch(stem) and len(stem) == 1:
            return LEGAL_FORMS
        if _CHINESE_RE.search(stem):
            return (*LEGAL_FORMS, "")
        return _COMPANY_FORMS if form in _COMPANY_FORMS else ()

    @property
    def parts_of_names(self) -> list[str]:
        """A Chinese word as it occurs in names: itself, or with another legal form at the end of a name."""
        return [self.text, *(f"{self.stem}{form}\n" for form in self.forms)]

    @cached_property
    def parts(self) -> list[tuple[str, str]]:
        """The texts of which a row that has the word contains one, each with its column of `SearchIndex`."""
        if self.chinese:
            return [("names", part) for part in self.parts_of_names]
        words = [("words", f" {one}") for one in (self.latin, self.tail) if one]
        readings = [("pinyin", f" {reading}") for reading in self.readings]
        return [*words, *readings, *([("initials", self.initials)] if self.initials else [])]

    def among(self, rows: list[Row]) -> list[Row]:
        """Return the rows that have the word, as `registry.search.index_table.WordMatch` asks the database."""
        if len(self.parts) == 1:
            ((column, part),) = self.parts
            return [row for row in rows if part in getattr(row, column)]
        return [row for row in rows if any(part in getattr(row, column) for column, part in self.parts)]

    @property
    def tokens(self) -> str:
        """A tsquery that all entries with the word pass, and few others."""
        if self.chinese and self.forms == LEGAL_FORMS:
            behind = [self.stem + _CHINESE_RE.findall(form)[0][0] for form in self.forms]
            return " | ".join(map(_lexeme, dict.fromkeys(behind)))
        if self.chinese:
            text = (self.stem if _CHINESE_RE.search(self.stem) else "公司") if self.forms else self.text
            return " & ".join(token for run in _CHINESE_RE.findall(text) for token in _pairs(run))
        ways = [" & ".join([*map(_lexeme, self.runs[:-1]), _beginning(self.runs[-1])])]
        ways += [" & ".join(_syllable_pairs(reading.split())) for reading in self.readings]
        if len(self.initials) == 2:
            ways.append(_beginning(f"={self.initials}"))
        elif self.initials:
            ways.append(" & ".join(_lexeme(f"={self.initials[i : i + 3]}") for i in range(len(self.initials) - 2)))
        if self.tail:
            ways.append(_beginning(self.tail))
        return " | ".join(f"({way})" for way in dict.fromkeys(ways))


class SearchText:
    """The text that somebody looks for."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.whole = fold(text)
        self.words = words_of(text)

    def __str__(self) -> str:
        return self.text


def words_of(text: str) -> list[Word]:
    """The words of a query; signs alone are no words. A code that is typed in groups is one word."""
    found = [Word(fold(part)) for part in _parts(text)]
    words = list(dict.fromkeys(word for word in found if word.chinese or word.runs))[:MOST_WORDS]
    while len(words) > 1 and words[-1].text != "co" and _ENGLISH_FORMS.issuperset(words[-1].runs or " "):
        words.pop()
    if words:
        words[-1] = Word(words[-1].text, ends=len(words) > 1, alone=len(words) == 1)
    return words


def _parts(text: str) -> Iterator[str]:
    """The parts of a query between spaces; those that are one code together as one."""
    for latin, parts in groupby(text.split(), lambda part: _CHINESE_RE.search(part) is None):
        group = list(parts)
        code = code_in_groups(" ".join(group)) if latin else ""
        if code:
            yield code
        else:
            yield from (code_in_groups(part) or part for part in group)


def _lexeme(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "''") + "'"


def _beginning(text: str) -> str:
    return f"{_lexeme(text)}:*"


def _pairs(run: str) -> Iterator[str]:
    """Each character with the next; a single one begins such pairs, or ends a name."""
    if len(run) == 1:
        yield _beginning(run)
    for start in range(len(run) - 1):
        yield _lexeme(run[start : start + 2])


def _syllable_pairs(syllables: Sequence[str]) -> Iterator[str]:
    if len(syllables) == 1:
        yield _beginning(syllables[0])
    for n, (one, following) in enumerate(pairwise(syllables)):
        last = n == len(syllables) - 2
        yield _beginning(f"{one}-{following}") if last else _lexeme(f"{one}-{following}-")


def _syllables(letters: str, last: bool) -> list[str]:
    """Yield the ways to cut letters into syllables, the ways with few syllables first.

    Where there is none, the last syllable of the last run may be only begun.
    """
    for ends in (SYLLABLES, _BEGINNINGS) if last else (SYLLABLES,):
        ways: dict[int, list[str]] = {}
        for start in range(len(letters) - 1, -1, -1):
            found = [letters[start:]] if letters[start:] in ends else []
            for length in range(1, min(6, len(letters) - start - 1) + 1):
                syllable = letters[start : start + length]
                if syllable in SYLLABLES:
                    found += [f"{syllable} {rest}" for rest in ways[start + length]]
            ways[start] = sorted(found, key=lambda way: way.count(" "))[:_MOST_READINGS]
        if ways[0]:
            return ways[0]
    return []
