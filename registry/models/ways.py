"""The ways to the entries of a search.

Rare words are looked up in the index of tokens; all entries that have them are read and sorted. For common ones that
would be most of the registry, but there a walk along the list soon meets enough for a page. A sample of the entries,
kept in memory, tells which way is shorter; the conditions are the same, and so are the rows.
"""

import operator
import time
from collections.abc import Callable, Iterable, Sequence
from operator import attrgetter
from typing import Any, ClassVar

from django.core.exceptions import FullResultSet
from django.db.models import BooleanField, F, Func, QuerySet, TextField, Value
from django.db.models.expressions import Col
from django.db.models.lookups import Lookup
from django.db.models.sql.where import AND, OR, WhereNode

from registry.search import Word

from .entries import SearchEntry

SAMPLED = 1024
"""One organization of so many is in the sample: the index search_entry_sample has those whose id it divides."""
_KEPT = 600
"""Seconds after which the sample is read again; it only tells ways, not rows."""
_COMMON = 0.2
"""Share of the entries from which on reading all of them takes no longer than the index does."""
_SKIPPED = 3
"""Where the first found stands so many times later in the order than chance would have it, there is a gap before it."""
_MET, _WALKED = 0.2, 0.5
"""What an entry costs that is met in the index alone, and one on a walk, against one that the index leads to."""


class Sample:
    """Some entries in the order of the list."""

    _last: ClassVar["Sample | None"] = None

    def __init__(self, entries: Iterable[SearchEntry]) -> None:
        self.read_at = time.monotonic()
        self.entries = sorted(entries, key=attrgetter("sort_key", "organization_id"))

    @classmethod
    def kept(cls) -> "Sample":
        if cls._last is None or time.monotonic() - cls._last.read_at > _KEPT:
            cls._last = cls(SearchEntry.objects.alias(place=F("organization_id") % SAMPLED).filter(place=0))
        return cls._last


class Passes(Func):
    """Whether an entry has the tokens of the words; the index search_entry_tokens answers it.

    It only narrows, so where a walk is shorter it is left out of the query.
    """

    template = "(%(expressions)s::tsquery)"
    arg_joiner = " @@ "
    output_field = BooleanField()
    looked_up: bool | None = None
    """None: as is best where all rows are wanted."""

    def __init__(self, words: Sequence[Word], path: str = "") -> None:
        self.words = words
        fields = (F(f"{path}{field}") for field in ("names", "words", "pinyin", "initials"))
        stored = Func(*fields, function="registry_search_tokens", output_field=TextField())
        super().__init__(stored, Value(" & ".join(f"({word.tokens})" for word in words)))

    def as_sql(self, *args: Any, **kwargs: Any) -> Any:
        if not (self._rare() if self.looked_up is None else self.looked_up):
            raise FullResultSet
        return super().as_sql(*args, **kwargs)

    def _rare(self) -> bool:
        sample = Sample.kept().entries
        return len(self.among(sample)) <= _COMMON * len(sample)

    def among(self, entries: list[SearchEntry]) -> list[SearchEntry]:
        for word in self.words:
            entries = word.among(entries)
        return entries


class _Way:
    """What finding the first rows costs along the list and through the index, in entries that are read."""

    def __init__(self, queryset: QuerySet[Any], passes: Passes) -> None:
        sample = Sample.kept().entries
        tests = _Tests(queryset.query.where)
        having = passes.among(sample)
        met = tests.in_range(sample)
        found = [entry for entry in tests.in_range(having) if tests.accept(entry)]
        first = 0
        if found:
            backwards = str(queryset.query.order_by[0]).startswith("-")
            first = len(met) - 1 - met.index(found[-1]) if backwards else met.index(found[0])
        self.collected = SAMPLED * (len(having) + 0.5)
        self.all = SAMPLED * (len(met) + 2)
        self.between = len(met) / len(found) * tests.unknown if found else self.all
        # What is found may stand close together: the sample has seen none before its first.
        self.gap = SAMPLED * first / (1 if first > _SKIPPED * self.between else 4)
        self.share = SAMPLED * len(found) / tests.unknown / self.collected

    @property
    def lookup(self) -> float:
        """Cost of the rows through the index, which are sorted then."""
        return self.collected * (1 + _MET)

    def walk(self, rows: int) -> float:
        """Cost of a walk along the list to so many rows."""
        return min(rows * self.between + self.gap, self.all) * _WALKED

    def count(self, rows: int) -> float:
        """Cost of finding so many through the index, wherever they stand."""
        return self.collected * _MET + (min(rows / self.share, self.collected) if self.share else self.collected)


def first_rows(queryset: QuerySet[Any], rows: int) -> QuerySet[Any]:
    """So many of the first rows, by the shorter way."""
    way = _way(queryset)
    return (_by(queryset, way.walk(rows) >= way.lookup) if way else queryset)[:rows]


def first_and_counted(queryset: QuerySet[Any], rows: int, cap: int) -> tuple[QuerySet[Any], QuerySet[Any] | None]:
    """So many of the first rows, and others to count; None where the first up to the cap tell the count too."""
    way = _way(queryset)
    if way is None or way.walk(rows) >= way.lookup:
        return (_by(queryset, True) if way else queryset)[:cap], None
    walked = _by(queryset, False)
    if way.walk(cap) <= way.walk(rows) + way.count(cap):
        return walked[:cap], None
    return walked[:rows], _by(queryset.order_by(), True)[:cap]


def _way(queryset: QuerySet[Any]) -> _Way | None:
    """None for what is no search in the order of the list."""
    passes = _passes(queryset.query.where)
    order = [str(name) for name in queryset.query.order_by[:1]]
    return _Way(queryset, passes) if passes and order and order[0].endswith("sort_key") else None


def _by(queryset: QuerySet[Any], index: bool) -> QuerySet[Any]:
    """The same rows, through the index or along the list."""
    clone: QuerySet[Any] = queryset._chain()  # type: ignore[attr-defined]
    clone.query.where = _deciding(clone.query.where, index)
    return clone


def _passes(node: Any) -> Passes | None:
    if isinstance(node, Passes):
        return node
    if isinstance(node, WhereNode) and node.connector == AND and not node.negated:
        return next(filter(None, map(_passes, node.children)), None)
    return _passes(node.lhs) if isinstance(node, Lookup) else None


def _deciding(node: Any, yes: bool) -> Any:
    if isinstance(node, WhereNode):
        decided = node.create(connector=node.connector, negated=node.negated)
        decided.children = [_deciding(child, yes) for child in node.children]
        return decided
    if isinstance(node, Lookup) and isinstance(node.lhs, Passes):
        lookup = node.copy()
        lookup.lhs = node.lhs.copy()
        lookup.lhs.looked_up = yes
        return lookup
    return node


_Test = Callable[[Any], Any]
_OPERATORS: dict[str, Callable[[Any, Any], Any]] = {
    "exact": operator.eq,
    "gt": operator.gt,
    "gte": operator.ge,
    "lt": operator.lt,
    "lte": operator.le,
    "in": lambda value, values: value in values,
}
_BOUNDS = {"sort_key", "organization_id", "township_id", "kind"}
"""An index has the entries with these in the order of the list."""
_TEXTS = {"names", "words", "pinyin", "initials"}
_FEW = 10
"""Of so many, one is taken to pass conditions that the sample knows nothing of."""


class _Tests:
    """What a condition asks of entries beside the words, as far as it is asked of columns of their own."""

    def __init__(self, where: WhereNode) -> None:
        self._ranges: list[_Test] = []
        self._others: list[_Test] = []
        self.unknown = 1
        for child in where.children:
            columns, test = _columns(child), _test(child)
            if columns <= _TEXTS:
                continue
            if test is None:
                self.unknown = _FEW
            else:
                (self._ranges if columns <= _BOUNDS else self._others).append(test)

    def in_range(self, entries: list[SearchEntry]) -> list[SearchEntry]:
        """Those past which a walk comes."""
        for test in self._ranges:
            entries = [entry for entry in entries if test(entry)]
        return entries

    def accept(self, entry: SearchEntry) -> bool:
        return all(test(entry) for test in self._others)


def _columns(node: Any) -> set[str]:
    """The columns of which a condition speaks; "" for what is none of an entry."""
    if isinstance(node, WhereNode):
        return set().union(*map(_columns, node.children))
    if isinstance(node, Col):
        return {node.target.attname if node.target.model is SearchEntry else ""}
    sources = node.get_source_expressions() if hasattr(node, "get_source_expressions") else [None]
    return set().union(*(_columns(source) if source is not None else {""} for source in sources))


def _test(node: Any) -> _Test | None:
    """None where it cannot be told."""
    if isinstance(node, WhereNode):
        tests = [_test(child) for child in node.children]
        known = [test for test in tests if test]
        if len(known) < len(tests) or node.connector not in (AND, OR):
            return None
        met, negated = (all if node.connector == AND else any), node.negated
        return lambda entry: met(test(entry) for test in known) != negated
    operation = _OPERATORS.get(getattr(node, "lookup_name", ""))
    if operation is None or not isinstance(node.lhs, Col) or node.lhs.target.model is not SearchEntry:
        return None
    if hasattr(node.rhs, "resolve_expression"):
        return None
    column, value = node.lhs.target.attname, node.rhs
    return lambda entry: operation(getattr(entry, column), value)
