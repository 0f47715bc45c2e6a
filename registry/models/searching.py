"""Finding organizations by what somebody remembers of their names."""

import difflib
import re
from collections import Counter
from itertools import product
from typing import Any

from django.contrib.postgres.search import TrigramWordSimilarity
from django.db import connection, transaction
from django.db.models import Case, F, Func, IntegerField, Q, QuerySet, TextField, Value, When
from django.db.models.functions import Coalesce, Length, NullIf

from registry.pinyin import pinyin_key
from registry.search import Word, fold, words_of

from .ways import Passes

EXACT, PREFIX, PART, FORMER = range(4)
_LONGER_THAN_NAMES = 1000


def find(queryset: Any, text: str) -> Any:
    """Those in whose names every word of the text stands."""
    words = words_of(text)
    if not words:
        return queryset.none()
    return queryset.filter(_has(words, "search_entry__")).filter(Passes(words, "search_entry__"))


def rank(queryset: Any, text: str) -> Any:
    """Annotate `relevance`: the name itself, its beginning, a part, a former or other name only; then shorter names."""
    whole = fold(text)
    former = Q()
    for word in words_of(text):
        if word.chinese:
            former |= ~Q(names_in_use__contains=word.text)
    in_use = _part("\t", 1)
    length = Length(Coalesce(NullIf(_part("\n", 2), Value("")), _part("\n", 3)))
    cases = [
        When(names_in_use__contains=f"\n{whole}\n", then=Value(EXACT)),
        When(names_in_use__contains=f"\n{whole}", then=Value(PREFIX)),
    ]
    if former:
        cases.append(When(former, then=Value(FORMER)))
    rank = Case(*cases, default=Value(PART), output_field=IntegerField())
    return queryset.alias(names_in_use=in_use).annotate(relevance=rank * _LONGER_THAN_NAMES + length)


def _part(separator: str, number: int) -> Func:
    names = F("search_entry__names")
    return Func(names, Value(separator), Value(number), function="split_part", output_field=TextField())


def _has(words: list[Word], path: str = "") -> Q:
    condition = Q()
    for word in words:
        if word.chinese:
            condition &= Q(**{f"{path}names__contains": word.text})
            continue
        one = Q(**{f"{path}words__contains": " " + " ".join(word.runs)})
        for reading in word.readings:
            one |= Q(**{f"{path}pinyin__contains": f" {reading}"})
        if word.initials:
            one |= Q(**{f"{path}initials__contains": word.initials})
        condition &= one
    return condition


# --- When nothing is found

_CANDIDATES = 60
_MOST_SUGGESTIONS = 3
_LONGEST = 30
_ALIKE = 0.35
"""Share of threes of letters that a word has in common with part of a name."""


def suggest(queryset: QuerySet[Any], text: str) -> list[str]:
    """What may have been meant where nothing is found: the text with the words that nobody has put right.

    Only what stands in names of the queryset is told.
    """
    words = words_of(text)
    ways = [[""]]
    for word in words:
        known = find(queryset, word.text).exists()
        ways.append([word.text] if known else _nearest(queryset, word))
    meant = [" ".join(one).strip() for one in product(*ways)][: 2 * _MOST_SUGGESTIONS]
    return [one for one in meant if one and find(queryset, one).exists()][:_MOST_SUGGESTIONS]


def _nearest(queryset: QuerySet[Any], word: Word) -> list[str]:
    if len(word.text) > _LONGEST:
        return []
    near = _nearest_chinese(queryset, word.text) if word.chinese else _nearest_latin(queryset, word.text)
    return [text for text, _times in Counter(near).most_common(_MOST_SUGGESTIONS)]


def _nearest_chinese(queryset: QuerySet[Any], text: str) -> list[str]:
    """Parts of names that sound the same, or in which one character is another."""
    heard = Word(pinyin_key(text).replace(" ", "'"))
    near = [part for part in _parts(find(queryset, heard.text), len(text)) if pinyin_key(part) == pinyin_key(text)]
    for position in range(len(text) if len(text) > 2 else 0):
        rest = [Word(part) for part in (text[:position], text[position + 1 :]) if part]
        pattern = f"{re.escape(text[:position])}.{re.escape(text[position + 1 :])}"
        like = queryset.filter(Passes(rest, "search_entry__"), search_entry__names__regex=pattern)
        near += [part for part in _parts(like, len(text)) if re.fullmatch(pattern, part)]
    return near


def _parts(queryset: QuerySet[Any], length: int) -> list[str]:
    """All parts of this length of the names of some rows."""
    names = queryset.order_by().values_list("search_entry__names", flat=True)[:_CANDIDATES]
    lines = [line for text in names for line in text.split()]
    return [line[start : start + length] for line in lines for start in range(len(line) - length + 1)]


def _nearest_latin(queryset: QuerySet[Any], text: str) -> list[str]:
    like = queryset.alias(alike=TrigramWordSimilarity(text, "name_en_key")).filter(
        ~Q(name_en_key=""), name_en_key__trigram_word_similar=text
    )
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT set_config('pg_trgm.word_similarity_threshold', %s, true)", [str(_ALIKE)])
        names = list(like.order_by("-alike").values_list("name_en_key", flat=True)[:_CANDIDATES])
    words = [run for name in names for run in Word(name).runs]
    best = difflib.get_close_matches(text, set(words), n=_MOST_SUGGESTIONS, cutoff=0.7)
    return [word for word in words if word in best]
