"""Converts Chinese names to pinyin.

The dictionaries of pypinyin take 52 MiB of memory, so they are loaded when the first name is converted here: by imports
and matches of many names, by made-up data, and by migrations. Other code asks the database, which gives the same
pinyin.
"""

import re
import sys
from collections.abc import Container, Iterable, Iterator, Set
from functools import cache, lru_cache
from types import ModuleType

from django.db import connection

HANS = (
    r"\u3007\ue815-\ue864\ufa18\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0002A6DF\U0002A703-\U0002B73F"
    r"\U0002B740-\U0002B81D\U0002B825-\U0002BF6E\U0002C029-\U0002CE93\U0002D016\U0002D11B-\U0002EBD9"
    r"\U0002F80A-\U0002FA1F\U00030000-\U0003134A\U000300F7-\U00031288\U00030EDD\U00030EDE\U00031350-\U00032389"
)
"""The characters that pypinyin converts, for use in a character class."""
_CHINESE_RE = re.compile(f"([{HANS}]+)")
_PLACE_ENDS = {
    "省": "sheng", "市": "shi", "区": "qu", "县": "xian", "镇": "zhen", "乡": "xiang", "州": "zhou", "盟": "meng",
    "旗": "qi", "村": "cun",
}  # fmt: skip
_OF_MAYORS = {
    "协会": "xie hui", "研修": "yan xiu", "论坛": "lun tan", "热线": "re xian", "专线": "zhuan xian",
    "信箱": "xin xiang", "办公": "ban gong", "质量奖": "zhi liang jiang",
}  # fmt: skip
OVER_PLACE_ENDS = frozenset([*(f"{end}长" for end in _PLACE_ENDS), "省亲", "省墓", "省察", "省悟", "省视", "山大王"])
"""Phrases of pypinyin that begin with the end of a place name. They are not phrases in names of organizations.

中山市长虹 is 中山市 and 长虹, not a mayor (市长) with the name 虹; 广东省视觉 is 广东省 and 视觉.
"""
OWN_READINGS = {
    # A name has 长 from 长江, 长久 or 长城; 院长, 成长, 长者 and the like are phrases.
    "长": "chang",
    "理事长": "li shi zhang",
    "秘书长": "mi shu zhang",
    # The mayor himself. Not 镇镇长: 古镇镇长虹 is a firm in the town 古镇镇.
    **{
        f"{end}长{word}": f"{reading} zhang {of_mayors}"
        for end, reading in _PLACE_ENDS.items()
        for word, of_mayors in _OF_MAYORS.items()
    },
    **{f"{end}{end}长": f"{reading} {reading} zhang" for end, reading in _PLACE_ENDS.items() if end not in "镇村"},
}
"""The pinyin of characters and phrases that pypinyin does not know or reads differently."""
_PLACES = """
街道 广东 广州 深圳 珠海 汕头 佛山 韶关 湛江 肇庆 江门 江门新会 江门市新会 新会区 茂名 惠州 梅州 汕尾 河源 阳江 清远
东莞 中山 潮州 揭阳 云浮 三角镇 北京 上海 天津 重庆 香港 澳门 福建 浙江 江苏 江西 湖南 湖北 广西 海南 云南 贵州 四川
山东 山西 河南 河北 镇江 九江 内江 丽江 北海 威海 乌海
"""
PLACES = frozenset(_PLACES.split())
"""Place names that are phrases of their own, so that no other phrase reaches over their end (珠海参数: no 海参).

Place names before 市, 省, 镇 and the like need not be listed here.
"""


def pinyin_keys(texts: Iterable[str]) -> dict[str, str]:
    """Return the `pinyin_key` of each text, computed by the database: ten times slower, without dictionaries."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT text, registry_pinyin(text) FROM unnest(%s::text[]) text", [list(set(texts))])
        return dict(cursor.fetchall())


@cache
def character_readings() -> dict[str, str]:
    """Return the most common reading of each usual character, ü written as u. It takes 3 MB of memory instead of 52."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT text, translate(pinyin, 'v', 'u') FROM registry_reading "
            "WHERE text BETWEEN '\u4e00' AND '\u9fff' AND length(text) = 1"
        )
        return {character: sys.intern(reading) for character, reading in cursor.fetchall()}


@cache
def _pypinyin() -> ModuleType:
    import pypinyin.constants

    return pypinyin


@lru_cache(maxsize=4096)
def pinyin_key(name: str) -> str:
    """Return the pinyin of a name: lower-case syllables joined by spaces, Latin letters and digits kept, signs dropped.

    Sorting by it puts 中山 before 珠海 on every server, since the embedded PostgreSQL has no Chinese collation.
    """
    words: list[str] = []
    for position, part in enumerate(_CHINESE_RE.split(name)):
        words += map(_reading, _phrases(part)) if position % 2 else [_read_out(part)]
    return " ".join(" ".join(words).lower().split())


def readings(wanted: Container[str] | None = None) -> Iterator[tuple[str, str]]:
    """Yield all known characters and phrases with their pinyin, for the database, which has no pypinyin.

    `wanted` limits them to these texts.
    """
    for text in dict.fromkeys((*map(chr, _pypinyin().constants.PINYIN_DICT), *sorted(_known_phrases()))):
        if (wanted is None or text in wanted) and _CHINESE_RE.fullmatch(text):
            yield text, _reading.__wrapped__(text).lower()


def _phrases(text: str) -> Iterator[str]:
    """Split Chinese text into the longest known phrases, as pypinyin does, in a tenth of its time.

    Pinyin depends on the phrase only (银行 yin hang, 行动 xing dong), so names with the same phrase share its pinyin.
    """
    phrases, lengths = _known_phrases(), _phrase_lengths()
    start = 0
    while start < len(text):
        for length in lengths.get(text[start : start + 2], ()):
            if text[start : start + length] in phrases:
                break
        else:
            length = 1
        yield text[start : start + length]
        start += length


@cache
def _known_phrases() -> Set[str]:
    return (_pypinyin().constants.PHRASES_DICT.keys() | OWN_READINGS.keys() | PLACES) - OVER_PLACE_ENDS


@cache
def _phrase_lengths() -> dict[str, list[int]]:
    """Return for the first two characters of phrases the lengths of these phrases, longest first."""
    lengths: dict[str, set[int]] = {}
    for phrase in _known_phrases():
        lengths.setdefault(phrase[:2], set()).add(len(phrase))
    return {start: sorted(found, reverse=True) for start, found in lengths.items()}


@lru_cache(maxsize=65_536)
def _reading(text: str) -> str:
    if text in OWN_READINGS:
        return OWN_READINGS[text]
    library = _pypinyin()
    return " ".join(map(_read_out, library.lazy_pinyin(text, style=library.Style.NORMAL)))


def _read_out(text: str) -> str:
    return text if text.isalnum() else "".join(c for c in text if c.isalnum() or c == " ")
