"""Chooses how the rows of a search are found.

There are two ways. Rare words are looked up in the index of tokens, and all rows that have them are read and sorted.
For common words that would be most of the registry, but a walk along the list in its order soon meets enough rows for a
page. A sample of the rows, kept in memory, tells which way reads fewer; the conditions are the same either way, and so
are the rows that are found.
"""

import operator
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Any, ClassVar

from django.db.models import F, Model, Q, QuerySet
from django.db.models.constants import LOOKUP_SEP

from registry.database.paths import Path
from registry.organizations.models.index_tables import SearchIndex
from registry.search.index_table import TokenMatch, WordMatch, fields_of
from registry.search.text import Word

SAMPLED = 1024
"""One organization of so many is in the sample: the index search_entry_sample has those whose id it divides."""
_KEPT = 600
"""Seconds after which the sample is read again; it decides how rows are found, never which."""
_COMMON = 0.2
"""Share of the rows from which on reading all of them takes no longer than the index of tokens does."""
_SKIPPED = 3
"""A first match that comes so many times later in the order than by chance has a gap before it."""
_IN_INDEX, _WALKED = 0.2, 0.5
"""Cost of a row that is met in the index of tokens alone, and of one on a walk; one that is looked up costs 1."""
_FEW = 10
"""One of so many rows is taken to pass conditions on what the sample does not hold."""
_LOOKED_UP = {"sectors"}
"""The index of tokens has these too, so that a look-up reads no other rows."""
_WALK_BOUNDS = {"sort_key", "organization_id", "township", "kind"}
"""An index has the rows with these in the order of the list, so a walk passes no others."""


class RowSample:
    """Some rows of the search index, in the order of the list."""

    _last: ClassVar["RowSample | None"] = None

    def __init__(self, rows: Iterable[SearchIndex]) -> None:
        self.read_at = time.monotonic()
        self.rows = sorted(rows, key=attrgetter("sort_key", "organization_id"))

    @classmethod
    def kept(cls) -> "RowSample":
        """Return the sample of this process, read anew when it is too old."""
        if cls._last is None or time.monotonic() - cls._last.read_at > _KEPT:
            cls._last = cls(SearchIndex.objects.alias(remainder=F("organization_id") % SAMPLED).filter(remainder=0))
        return cls._last

    @classmethod
    def cache_clear(cls) -> None:
        cls._last = None


def are_rare(words: Iterable[Word]) -> bool:
    """Return whether looking the words up reads less than reading every row."""
    sample = RowSample.kept().rows
    return len(_matched(words, sample)) <= _COMMON * len(sample)


def narrowed(queryset: QuerySet[Model], words: Sequence[Word], path: Path) -> QuerySet[Any]:
    """Return the same rows of a search, looked up by the index of tokens where that reads less than all rows."""
    return queryset.filter(TokenMatch(words, path)) if are_rare(words) else queryset


def _matched(words: Iterable[Word], rows: list[SearchIndex]) -> list[SearchIndex]:
    for word in words:
        rows = word.among(rows)
    return rows


class _Costs:
    """The costs of finding the first rows on a walk and by the index of tokens, in rows that are read."""

    def __init__(self, tests: "_Tests", words: Iterable[Word], backwards: bool) -> None:
        sample = RowSample.kept().rows
        having_words = tests.looked_up(_matched(words, sample))
        passed = tests.in_range(sample)
        matched = tests.accepted(tests.in_range(having_words))
        first = 0
        if matched:
            first = len(passed) - 1 - passed.index(matched[-1]) if backwards else passed.index(matched[0])
        self.looked_up = SAMPLED * (len(having_words) + 0.5)
        self.all = SAMPLED * (len(passed) + 2)
        self.between = len(passed) / len(matched) * tests.unknown if matched else self.all
        # Matches may stand close together: the sample has seen none before its first.
        self.gap = SAMPLED * first / (1 if first > _SKIPPED * self.between else 4)
        self.share = SAMPLED * len(matched) / tests.unknown / self.looked_up

    @property
    def lookup(self) -> float:
        """Cost of all rows by the index of tokens, which are sorted then."""
        return self.looked_up * (1 + _IN_INDEX)

    def walk(self, rows: int) -> float:
        """Cost of a walk along the list until it has met this number of rows."""
        return min(rows * self.between + self.gap, self.all) * _WALKED

    def count(self, rows: int) -> float:
        """Cost of finding this number of rows by the index of tokens, in any order."""
        found = min(rows / self.share, self.looked_up) if self.share else self.looked_up
        return self.looked_up * _IN_INDEX + found


@dataclass(frozen=True)
class SearchPlan:
    """A plan for fetching the first `rows` rows."""

    rows: int
    by_tokens: bool
    """Whether the index of tokens finds the rows; otherwise a walk along the list does."""
    counts_separately: bool = False
    """Whether the count needs a second query, by the index of tokens, because these rows are too few to tell it."""
    one_plan: bool = False
    """Whether one plan of the database serves all values: the search index alone has what is asked for.

    How another table is joined best depends on the number of rows.
    """


class Planner:
    """Plans one search: its words, and all its conditions on rows of the search index."""

    def __init__(self, words: Sequence[Word], conditions: Q, order: Sequence[str]) -> None:
        self._words = words
        self._backwards = order[0].startswith("-")
        self._tests = _Tests(conditions) if order[0].endswith("sort_key") else None

    def plan(self, rows: int, cap: int = 0) -> SearchPlan:
        """Return the cheapest plan for this number of rows, and for their count up to the cap."""
        if self._tests is None:  # another order: all rows are found and sorted
            return SearchPlan(max(rows, cap), are_rare(self._words))
        costs = _Costs(self._tests, self._words, self._backwards)
        if costs.walk(rows) >= costs.lookup:
            return SearchPlan(max(rows, cap), by_tokens=True, one_plan=self._tests.unknown == 1)
        if costs.walk(cap) <= costs.walk(rows) + costs.count(cap):
            return SearchPlan(max(rows, cap), by_tokens=False)
        return SearchPlan(rows, by_tokens=False, counts_separately=True)


_Test = Callable[[object], bool]
_OPERATORS: dict[str, Callable[[Any, Any], bool]] = {
    "exact": operator.eq,
    "ne": operator.ne,
    "gt": operator.gt,
    "gte": operator.ge,
    "lt": operator.lt,
    "lte": operator.le,
    "in": lambda value, values: value in values,
    "has_any": lambda text, words: not set(words).isdisjoint(text.split()),
}
_ATTRIBUTES = {field.name: field.attname for field in SearchIndex._meta.local_fields} | {
    "organization_id": "organization_id"
}


class _Tests:
    """The conditions beside the words, as functions of a sampled row where the sample holds what they ask for."""

    def __init__(self, conditions: Q) -> None:
        self._lookups: list[_Test] = []
        self._ranges: list[_Test] = []
        self._others: list[_Test] = []
        self.unknown = 1
        """One of so many rows that pass the other tests is taken to pass the conditions that cannot be tested."""
        for condition in conditions.children if _is_plain_and(conditions) else [conditions]:
            if isinstance(condition, WordMatch):
                continue
            fields, test = fields_of(Q(condition)), _test(condition)
            if test is None:
                self.unknown = _FEW
            else:
                kinds = ((_LOOKED_UP, self._lookups), (_WALK_BOUNDS, self._ranges))
                next((tests for names, tests in kinds if fields <= names), self._others).append(test)

    def looked_up(self, rows: list[SearchIndex]) -> list[SearchIndex]:
        """Return the rows that the index of tokens leads to, of those that have the words."""
        return _passing(self._lookups, rows)

    def in_range(self, rows: list[SearchIndex]) -> list[SearchIndex]:
        """Return the rows that a walk passes."""
        return _passing(self._ranges, rows)

    def accepted(self, rows: list[SearchIndex]) -> list[SearchIndex]:
        """Return the rows that pass the other tests."""
        return _passing(self._others, rows)


def _passing(tests: Iterable[_Test], rows: list[SearchIndex]) -> list[SearchIndex]:
    for test in tests:
        rows = [row for row in rows if test(row)]
    return rows


def _is_plain_and(condition: Q) -> bool:
    return condition.connector == Q.AND and not condition.negated


def _test(condition: Any) -> _Test | None:
    """Return the condition as a function of a sampled row; None where the sample does not hold what it asks for."""
    if isinstance(condition, Q):
        tests = [_test(child) for child in condition.children]
        known = [test for test in tests if test]
        if len(known) < len(tests) or condition.connector not in (Q.AND, Q.OR):
            return None
        met, negated = (all if condition.connector == Q.AND else any), condition.negated
        return lambda row: met(test(row) for test in known) != negated
    if not isinstance(condition, tuple):
        return None
    path, value = condition
    field, _separator, lookup = path.partition(LOOKUP_SEP)
    operation = _OPERATORS.get(lookup or "exact")
    if field not in _ATTRIBUTES or operation is None:
        return None
    attribute = _ATTRIBUTES[field]
    return lambda row: operation(getattr(row, attribute), value)
