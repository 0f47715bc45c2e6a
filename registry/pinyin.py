import re
from collections.abc import Iterator
from functools import cache, lru_cache

from pypinyin import Style, lazy_pinyin
from pypinyin.constants import PHRASES_DICT, PINYIN_DICT, RE_HANS

HANS = RE_HANS.pattern.partition("[")[2].rpartition("]")[0]
"""Inside a character class: what pypinyin reads."""
_CHINESE_RE = re.compile(f"([{HANS}]+)")


@lru_cache(maxsize=4096)
def pinyin_key(name: str) -> str:
    """The reading of a Chinese name as lower-case syllables joined by spaces; Latin letters and digits stay, signs go.

    Sorting by it puts 中山 before 珠海 on every server, since the embedded PostgreSQL has no Chinese collation.
    """
    words: list[str] = []
    for position, part in enumerate(_CHINESE_RE.split(name)):
        words += map(_reading, _phrases(part)) if position % 2 else [_read_out(part)]
    return " ".join(" ".join(words).lower().split())


def readings() -> Iterator[tuple[str, str]]:
    """Every character and phrase that is known, with its reading: for the database, which has no pypinyin."""
    for text in (*map(chr, PINYIN_DICT), *PHRASES_DICT):
        if _CHINESE_RE.fullmatch(text):
            yield text, _reading.__wrapped__(text).lower()


def _phrases(text: str) -> Iterator[str]:
    """Cut Chinese text as pypinyin does, into the longest phrases that it knows, at a tenth of its cost.

    Readings depend on the phrase (银行 yin hang, 行动 xing dong) and on nothing else, so names made of the same phrases
    share their readings.
    """
    lengths = _phrase_lengths()
    start = 0
    while start < len(text):
        for length in lengths.get(text[start : start + 2], ()):
            if text[start : start + length] in PHRASES_DICT:
                break
        else:
            length = 1
        yield text[start : start + length]
        start += length


@cache
def _phrase_lengths() -> dict[str, list[int]]:
    """First two characters -> lengths of the phrases that begin with them, longest first."""
    lengths: dict[str, set[int]] = {}
    for phrase in PHRASES_DICT:
        lengths.setdefault(phrase[:2], set()).add(len(phrase))
    return {start: sorted(found, reverse=True) for start, found in lengths.items()}


@lru_cache(maxsize=65_536)
def _reading(text: str) -> str:
    return " ".join(map(_read_out, lazy_pinyin(text, style=Style.NORMAL)))


def _read_out(text: str) -> str:
    return text if text.isalnum() else "".join(c for c in text if c.isalnum() or c == " ")
