"""The order of search results by relevance.

First the name itself, then names that begin with the text, then those that contain it, then those where only a former
or another name does; within each the shorter name first.
"""

from django.db.models import Case, Expression, F, Func, IntegerField, Q, QuerySet, TextField, Value, When
from django.db.models.functions import Coalesce, Length, NullIf

from registry.database.paths import Path
from registry.search.conditions import any_part, in_names
from registry.search.text import SearchText

EXACT, PREFIX, PART, FORMER = range(4)
_LONGER_THAN_NAMES = 1000


def with_relevance(queryset: QuerySet, text: SearchText, path: Path) -> QuerySet:
    """Annotate `relevance`, a number that is lower for better results.

    A name that differs from the text in its legal form alone ranks as one that begins with it.
    """
    whole = text.whole
    former = Q()
    for word in text.words:
        if word.chinese:
            former |= ~in_names(word, "names_in_use")
    cases = [
        When(names_in_use__contains=f"\n{whole}\n", then=Value(EXACT)),
        When(names_in_use__contains=f"\n{whole}", then=Value(PREFIX)),
    ]
    if len(text.words) == 1 and text.words[0].forms:
        stem, forms = text.words[0].stem, text.words[0].forms
        cases.append(When(any_part("names_in_use", [f"\n{stem}{form}\n" for form in forms]), then=Value(PREFIX)))
    if former:
        cases.append(When(former, then=Value(FORMER)))
    rank = Case(*cases, default=Value(PART), output_field=IntegerField())
    names = path("names")
    length = Length(Coalesce(NullIf(_part(names, "\n", 2), Value("")), _part(names, "\n", 3)))
    named = queryset.alias(names_in_use=_part(names, "\t", 1))
    return named.annotate(relevance=rank * _LONGER_THAN_NAMES + length)


def _part(names: str, separator: str, number: int) -> Expression:
    """Return the part of this number, counted from 1, of the stored names (`SearchIndex.names`)."""
    return Func(F(names), Value(separator), Value(number), function="split_part", output_field=TextField())
