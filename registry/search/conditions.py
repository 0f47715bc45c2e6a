"""The conditions by which organizations are found by what somebody remembers of their names."""

from collections.abc import Sequence

from django.db.models import Q, QuerySet

from registry.organizations.models.organizations import Organization
from registry.search.index_table import SEARCH_INDEX, WordMatch
from registry.search.planner import narrowed
from registry.search.text import SearchText, Word


def find(queryset: QuerySet[Organization], text: str | SearchText) -> QuerySet[Organization]:
    """Return the organizations in whose names, codes, pinyin or initials every word of the text occurs."""
    words = (text if isinstance(text, SearchText) else SearchText(text)).words
    if not words:
        return queryset.none()
    path = SEARCH_INDEX.joined_path
    return narrowed(queryset.filter(WordMatch(words, path)), words, path)


def in_names(word: Word, field: str) -> Q:
    """Return the condition that the word is part of a name, or a name with another legal form at its end."""
    return any_part(field, word.parts_of_names)


def any_part(field: str, parts: Sequence[str]) -> Q:
    condition = Q()
    for part in parts:
        condition |= Q(**{f"{field}__contains": part})
    return condition
