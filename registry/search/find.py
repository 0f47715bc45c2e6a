"""Finding organizations by what somebody remembers of their names."""

from collections.abc import Sequence
from typing import Any

from django.db.models import Case, F, Func, IntegerField, Q, TextField, Value, When
from django.db.models.functions import Coalesce, Length, NullIf

from registry.search.planner import Passes
from registry.search.text import StandIn, Text, Word

EXACT, PREFIX, PART, FORMER = range(4)
_LONGER_THAN_NAMES = 1000


def find(queryset: Any, text: str | Text) -> Any:
    """The organizations in whose names, codes, pinyin or initials every word of the text occurs."""
    words = (text if isinstance(text, Text) else Text(text)).words
    if not words:
        return queryset.none()
    return queryset.filter(_has(words, "search_entry__")).filter(Passes(words, "search_entry__"))


def rank(queryset: Any, text: Text) -> Any:
    """Annotate `relevance`: the name itself, its beginning, a part, a former or other name only; then shorter names.

    A name that differs in its legal form alone ranks as one that begins with the text.
    """
    whole = text.whole
    former = Q()
    for word in text.words:
        if word.chinese:
            former |= ~_in_names(word, "names_in_use")
    in_use = _part("\t", 1)
    length = Length(Coalesce(NullIf(_part("\n", 2), Value("")), _part("\n", 3)))
    cases = [
        When(names_in_use__contains=f"\n{whole}\n", then=Value(EXACT)),
        When(names_in_use__contains=f"\n{whole}", then=Value(PREFIX)),
    ]
    if len(text.words) == 1 and text.words[0].forms:
        stem, forms = text.words[0].stem, text.words[0].forms
        cases.append(When(_any_of("names_in_use", [f"\n{stem}{form}\n" for form in forms]), then=Value(PREFIX)))
    if former:
        cases.append(When(former, then=Value(FORMER)))
    rank = Case(*cases, default=Value(PART), output_field=IntegerField())
    return queryset.alias(names_in_use=in_use).annotate(relevance=rank * _LONGER_THAN_NAMES + length)


def _part(separator: str, number: int) -> Func:
    names = F("search_entry__names")
    return Func(names, Value(separator), Value(number), function="split_part", output_field=TextField())


def _has(words: Sequence[Word | StandIn], path: str = "") -> Q:
    condition = Q()
    for word in words:
        if word.chinese:
            condition &= _in_names(word, f"{path}names")
            continue
        one = _any_of(f"{path}words", [f" {text}" for text in (word.latin, word.tail) if text])
        for reading in word.readings:
            one |= Q(**{f"{path}pinyin__contains": f" {reading}"})
        if word.initials:
            one |= Q(**{f"{path}initials__contains": word.initials})
        condition &= one
    return condition


def _in_names(word: Word | StandIn, field: str) -> Q:
    return _any_of(field, [word.text, *(f"{word.stem}{form}\n" for form in word.forms)])


def _any_of(field: str, parts: Sequence[str]) -> Q:
    condition = Q()
    for part in parts:
        condition |= Q(**{f"{field}__contains": part})
    return condition
