"""How Chinese names are read.

The dictionaries of pypinyin take 52 MiB, so they are loaded when the first name is read here: by imports and matches of
many names, by made-up data, by a migration. All else asks the database, which has the same readings.
"""

import re
import sys
from collections.abc import Iterable, Iterator
from functools import cache, lru_cache
from typing import Any

from django.db import connection

HANS = (
    r"\u3007\ue815-\ue864\ufa18\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0002A6DF\U0002A703-\U0002B73F"
    r"\U0002B740-\U0002B81D\U0002B825-\U0002BF6E\U0002C029-\U0002CE93\U0002D016\U0002D11B-\U0002EBD9"
    r"\U0002F80A-\U0002FA1F\U00030000-\U0003134A\U000300F7-\U00031288\U00030EDD\U00030EDE\U00031350-\U00032389"
)
"""Inside a character class: what pypinyin reads."""
_CHINESE_RE = re.compile(f"([{HANS}]+)")


def pinyin_keys(texts: Iterable[str]) -> dict[str, str]:
    """Texts with their `pinyin_key`, as the database reads them: at ten times the cost, without the dictionaries."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT text, registry_pinyin(text) FROM unnest(%s::text[]) text", [list(set(texts))])
        return dict(cursor.fetchall())


@cache
def character_readings() -> dict[str, str]:
    """The commonest reading of each usual character, ü written as u: 3 MB of memory instead of the dictionaries' 52."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT text, translate(pinyin, 'v', 'u') FROM registry_reading "
            "WHERE text BETWEEN '\u4e00' AND '\u9fff' AND length(text) = 1"
        )
        return {character: sys.intern(reading) for character, reading in cursor.fetchall()}


@cache
def _pypinyin() -> Any:
    import pypinyin.constants

    return pypinyin


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
    known = _pypinyin().constants
    for text in (*map(chr, known.PINYIN_DICT), *known.PHRASES_DICT):
        if _CHINESE_RE.fullmatch(text):
            yield text, _reading.__wrapped__(text).lower()


def _phrases(text: str) -> Iterator[str]:
    """Cut Chinese text as pypinyin does, into the longest phrases that it knows, at a tenth of its cost.

    Readings depend on the phrase (银行 yin hang, 行动 xing dong) and on nothing else, so names made of the same phrases
    share their readings.
    """
    phrases, lengths = _pypinyin().constants.PHRASES_DICT, _phrase_lengths()
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
def _phrase_lengths() -> dict[str, list[int]]:
    """First two characters -> lengths of the phrases that begin with them, longest first."""
    lengths: dict[str, set[int]] = {}
    for phrase in _pypinyin().constants.PHRASES_DICT:
        lengths.setdefault(phrase[:2], set()).add(len(phrase))
    return {start: sorted(found, reverse=True) for start, found in lengths.items()}


@lru_cache(maxsize=65_536)
def _reading(text: str) -> str:
    library = _pypinyin()
    return " ".join(map(_read_out, library.lazy_pinyin(text, style=library.Style.NORMAL)))


def _read_out(text: str) -> str:
    return text if text.isalnum() else "".join(c for c in text if c.isalnum() or c == " ")
