"""The conditions by which organizations are found by what somebody remembers of their names."""

from collections.abc import Sequence

from django.db.models import Q, QuerySet

from registry.database.paths import Path
from registry.organizations.models.organizations import Organization
from registry.search.index_table import SEARCH_INDEX
from registry.search.planner import narrowed
from registry.search.text import SearchText, Word


def find(queryset: QuerySet[Organization], text: str | SearchText) -> QuerySet[Organization]:
    """Return the organizations in whose names, codes, pinyin or initials every word of the text occurs."""
    words = (text if isinstance(text, SearchText) else SearchText(text)).words
    if not words:
        return queryset.none()
    path = SEARCH_INDEX.joined_path
    return narrowed(queryset.filter(has_words(words, path)), words, path)


def has_words(words: Sequence[Word], path: Path) -> Q:
    """Return the condition that every word occurs; the path is that of a field of the search index."""
    condition = Q()
    for word in words:
        if word.chinese:
            condition &= in_names(word, path("names"))
            continue
        occurs = any_part(path("words"), [f" {text}" for text in (word.latin, word.tail) if text])
        for reading in word.readings:
            occurs |= Q(**{f"{path('pinyin')}__contains": f" {reading}"})
        if word.initials:
            occurs |= Q(**{f"{path('initials')}__contains": word.initials})
        condition &= occurs
    return condition


def in_names(word: Word, field: str) -> Q:
    """Return the condition that the word is part of a name, or a name with another legal form at its end."""
    return any_part(field, [word.text, *(f"{word.stem}{form}\n" for form in word.forms)])


def any_part(field: str, parts: Sequence[str]) -> Q:
    condition = Q()
    for part in parts:
        condition |= Q(**{f"{field}__contains": part})
    return condition
