"""Finds what may have been meant by a text that search does not find."""

import difflib
import re
from collections import Counter
from collections.abc import Iterator
from functools import cache
from itertools import product
from pathlib import Path

from django.contrib.postgres.search import TrigramWordSimilarity
from django.db import connection, transaction
from django.db.models import Q, QuerySet

from registry.organizations.models.organizations import Organization
from registry.search.conditions import find
from registry.search.index_table import SEARCH_INDEX, TokenMatch
from registry.search.text import Word, words_of
from registry.values.pinyin import pinyin_keys

_CANDIDATES = 60
_MOST_SUGGESTIONS = 3
_LONGEST = 30
_ALIKE = 0.35
"""Share of threes of letters that a word has in common with part of a name."""
_SPELT_ALIKE = 0.85
_LINES = Path(__file__).with_name("readings.txt").read_text(encoding="utf-8").splitlines()
READINGS = {character: tuple(readings) for character, *readings in map(str.split, _LINES)}
"""Characters of names that have more than one usual reading."""


def suggest(queryset: QuerySet[Organization], text: str) -> list[str]:
    """Suggest what may have been meant where nothing is found: the text with its unknown words put right.

    Only what occurs in names of the queryset is offered.
    """
    words = words_of(text)
    ways = [[""]]
    for word in words:
        known = find(queryset, word.text).exists()
        ways.append([word.text] if known else _nearest(queryset, word))
    meant = [" ".join(one).strip() for one in product(*ways)][: 2 * _MOST_SUGGESTIONS]
    return [one for one in meant if one and find(queryset, one).exists()][:_MOST_SUGGESTIONS]


def _nearest(queryset: QuerySet[Organization], word: Word) -> list[str]:
    if len(word.text) > _LONGEST:
        return []
    if word.chinese:
        near = _nearest_chinese(queryset, word.text)
    else:
        near = (
            _read_otherwise(queryset, word) or _nearest_pinyin(queryset, word) or _nearest_english(queryset, word.text)
        )
    return [text for text, _times in Counter(near).most_common(_MOST_SUGGESTIONS)]


def _nearest_chinese(queryset: QuerySet[Organization], text: str) -> list[str]:
    """Parts of names that sound the same, or in which one character is another."""
    reading = pinyin_keys([text])[text]
    heard = _parts(find(queryset, reading.replace(" ", "'")), len(text))
    read = pinyin_keys(heard)
    near = [part for part in heard if read[part] == reading]
    for position in range(len(text) if len(text) > 2 else 0):
        rest = words_of(f"{text[:position]} {text[position + 1 :]}")
        if not rest:  # signs alone
            continue
        pattern = f"{re.escape(text[:position])}.{re.escape(text[position + 1 :])}"
        like = queryset.filter(TokenMatch(rest, SEARCH_INDEX.joined_path), search_index__names__regex=pattern)
        near += [part for part in _parts(like, len(text)) if re.fullmatch(pattern, part)]
    return near


def _parts(queryset: QuerySet[Organization], length: int) -> list[str]:
    """All parts of this length of the names of some rows."""
    names = queryset.order_by().values_list("search_index__names", flat=True)[:_CANDIDATES]
    lines = [line for text in names for line in text.split()]
    return [line[start : start + length] for line in lines for start in range(len(line) - length + 1)]


def _read_otherwise(queryset: QuerySet[Organization], word: Word) -> list[str]:
    """Parts of names that are read so too, where the pinyin of the name has another reading of a character."""
    near: list[tuple[str, list[str]]] = []
    for reading in word.readings:
        syllables = reading.split()
        for position, syllable in enumerate(syllables if len(syllables) > 1 else []):
            others = "'".join(syllables[:position]), "'".join(syllables[position + 1 :])
            for character in _also_read(syllable):
                like = find(queryset, f"{character} {others[0]} {others[1]}")
                near += [(part, syllables) for part in _parts(like, len(syllables))]
    read = pinyin_keys(character for part, _syllables in near for character in part)
    return [
        part
        for part, syllables in near
        if all(
            syllable == read[character] or syllable in READINGS.get(character, ())
            for character, syllable in zip(part, syllables, strict=True)
        )
    ]


@cache
def _also_read(syllable: str) -> list[str]:
    return [character for character, readings in READINGS.items() if syllable in readings]


def _nearest_pinyin(queryset: QuerySet[Organization], word: Word) -> list[str]:
    """Pinyin of parts of names that is spelt alike, and begins or ends as the word does."""
    letters = "".join(word.runs)
    if not letters.isascii() or not letters.isalpha():
        return []
    for length in range(len(letters) - 1, max(len(letters) // 2, 2) - 1, -1):
        for part in (letters[:length], letters[-length:]):
            rows = find(queryset, part).order_by().values_list("search_index__pinyin", flat=True)[:_CANDIDATES]
            spoken = [text for pinyin in rows for text in _spoken(pinyin, len(letters))]
            best = difflib.get_close_matches(letters, set(spoken), n=_MOST_SUGGESTIONS, cutoff=_SPELT_ALIKE)
            if best:
                return [text for text in spoken if text in best]
    return []


def _spoken(pinyin: str, length: int) -> Iterator[str]:
    """All runs of syllables of about this length."""
    for line in pinyin.split("\n"):
        syllables = line.split()
        for start in range(len(syllables)):
            text = ""
            for syllable in syllables[start:]:
                text += syllable
                if abs(len(text) - length) <= 1:
                    yield text


def _nearest_english(queryset: QuerySet[Organization], text: str) -> list[str]:
    like = queryset.alias(alike=TrigramWordSimilarity(text, "name_en_key")).filter(
        ~Q(name_en_key=""), name_en_key__trigram_word_similar=text
    )
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT set_config('pg_trgm.word_similarity_threshold', %s, true)", [str(_ALIKE)])
        names = list(like.order_by("-alike").values_list("name_en_key", flat=True)[:_CANDIDATES])
    words = [run for name in names for run in Word(name).runs]
    best = difflib.get_close_matches(text, set(words), n=_MOST_SUGGESTIONS, cutoff=0.7)
    return [word for word in words if word in best]
