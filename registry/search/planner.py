"""The ways to the entries of a search.

Rare words are looked up in the index of tokens; all entries that have them are read and sorted. For common ones that
would be most of the registry, but there a walk along the list soon meets enough for a page. A sample of the entries,
kept in memory, tells which way is shorter; the conditions are the same, and so are the rows.
"""

import operator
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Any, ClassVar

from django.core.exceptions import FullResultSet
from django.db.models import BooleanField, F, Func, QuerySet, TextField, Value
from django.db.models.expressions import Col
from django.db.models.lookups import Lookup
from django.db.models.sql.where import AND, OR, WhereNode

from registry.organizations.models.index_tables import SearchEntry
from registry.search.text import Word

SAMPLED = 1024
"""One organization of so many is in the sample: the index search_entry_sample has those whose id it divides."""
_KEPT = 600
"""Seconds after which the sample is read again; it only tells ways, not rows."""
_COMMON = 0.2
"""Share of the entries from which on reading all of them takes no longer than the index does."""
_SKIPPED = 3
"""Where the first found comes so many times later in the order than chance would have it, there is a gap before it."""
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

    def __init__(self, words: Sequence[Any], path: str = "") -> None:
        self.words = words
        fields = (F(f"{path}{field}") for field in ("names", "words", "pinyin", "initials"))
        stored = Func(*fields, function="registry_search_tokens", output_field=TextField())
        super().__init__(stored, Value(" & ".join(f"({word.tokens})" for word in words)))

    def as_sql(self, *args: Any, **kwargs: Any) -> Any:
        if not (_are_rare(self.words) if self.looked_up is None else self.looked_up):
            raise FullResultSet
        return super().as_sql(*args, **kwargs)


def _are_rare(words: Iterable[Word]) -> bool:
    sample = Sample.kept().entries
    return len(_among(words, sample)) <= _COMMON * len(sample)


def _among(words: Iterable[Word], entries: list[SearchEntry]) -> list[SearchEntry]:
    for word in words:
        entries = word.among(entries)
    return entries


class _Costs:
    """What finding the first rows costs along the list and through the index, in entries that are read."""

    def __init__(self, tests: "_Tests", words: Iterable[Word], backwards: bool) -> None:
        sample = Sample.kept().entries
        having = _among(words, sample)
        met = tests.in_range(sample)
        found = [entry for entry in tests.in_range(having) if tests.accept(entry)]
        first = 0
        if found:
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
        """Cost of finding so many through the index, wherever they are."""
        return self.collected * _MET + (min(rows / self.share, self.collected) if self.share else self.collected)


@dataclass(frozen=True)
class Way:
    """To so many of the first rows. Where these do not tell the count too, others are looked up for it."""

    rows: int
    looked_up: bool | None = None
    """None for what is no search."""
    others_counted: bool = False


class Ways:
    """Those to the rows of a queryset, whatever the words are that it looks for."""

    def __init__(self, queryset: QuerySet[Any]) -> None:
        self._queryset = queryset
        self._passes = _passes(queryset.query.where)
        order = str(next(iter(queryset.query.order_by), ""))
        self._backwards = order.startswith("-")
        self._tests = _Tests(queryset.query.where) if self._passes and order.endswith("sort_key") else None

    def choose(self, rows: int, cap: int = 0, words: Iterable[Word] | None = None) -> Way:
        """The shortest to so many rows, and to their count up to the cap. The words are those of the queryset."""
        if self._passes is None:
            return Way(max(rows, cap))
        words = self._passes.words if words is None else words
        if self._tests is None:
            return Way(max(rows, cap), _are_rare(words))
        costs = _Costs(self._tests, words, self._backwards)
        if costs.walk(rows) >= costs.lookup:
            return Way(max(rows, cap), True)
        if costs.walk(cap) <= costs.walk(rows) + costs.count(cap):
            return Way(max(rows, cap), False)
        return Way(rows, False, others_counted=True)

    def first(self, way: Way) -> QuerySet[Any]:
        return _by(self._queryset, way.looked_up)[: way.rows]

    def counted(self, cap: int) -> QuerySet[Any]:
        """Rows to count up to the cap."""
        return _by(self._queryset.order_by(), True)[:cap]


def _by(queryset: QuerySet[Any], looked_up: bool | None) -> QuerySet[Any]:
    """The same rows, through the index or along the list."""
    if looked_up is None:
        return queryset
    clone: QuerySet[Any] = queryset._chain()  # type: ignore[attr-defined]
    clone.query.where = _deciding(clone.query.where, looked_up)
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
    """None where it is not known."""
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
