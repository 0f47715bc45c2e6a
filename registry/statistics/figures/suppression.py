"""Decides which sums of confidential figures may be published, so that nothing that is hidden can be computed back.

A reader of the table is taken to know which organizations each sum is made of, as sectors and townships are
public. Every published sum is then a linear equation in the unknown figures of organizations. Sums are published one
after the other, the most important first, and one is left out if together with those before it the equations would
determine a sensitive sum, the figure of one organization, or a combination of the figures of two. So trees,
overlapping sectors and crossed tables need no rules of their own (docs/adr/0030-suppressed-sums.md).
"""

from collections import defaultdict
from collections.abc import Collection, Hashable, Iterable, Mapping
from decimal import Decimal
from itertools import combinations
from typing import TypeVar

FEWEST = 3
"""The fewest organizations with a figure that a published sum is made of."""
LARGEST_SHARE = Decimal("0.8")
"""The largest share of a published sum that one organization may hold."""
Key = TypeVar("Key", bound=Hashable)
Row = dict[int, int]
"""A linear combination: column -> coefficient modulo the prime; what is not there is 0."""
_PRIME = 2**61 - 1
"""Coefficients are residues of this prime, which keeps them short. What is independent here is so among fractions."""


def sensitive(amounts: Collection[Decimal]) -> bool:
    """Return whether a sum of these amounts above 0 tells too much of one of them."""
    return len(amounts) < FEWEST or max(amounts) > LARGEST_SHARE * sum(amounts)


def publishable(sums: Mapping[Key, Collection[int]], amounts: Mapping[int, Decimal]) -> set[Key]:
    """Return the keys of the sums that may be published together.

    `sums` has the organizations that each sum is of, the most important sum first; `amounts` has the figure of each
    organization. One without a figure above 0 adds nothing to a sum, and is passed over.
    """
    behind = {key: frozenset(one for one in members if amounts.get(one)) for key, members in sums.items()}
    span = _Span(_columns(behind.values()), amounts)
    for members in behind.values():
        if sensitive([amounts[one] for one in members]):
            span.protect(members)
    published = set()
    for key, members in behind.items():
        if not sensitive([amounts[one] for one in members]) and span.publish(members):
            published.add(key)
    return published


def _columns(sums: Iterable[frozenset[int]]) -> dict[frozenset[int], int]:
    """Return organizations that are behind exactly the same sums, as one unknown each, with the number of sums."""
    where: dict[int, list[int]] = defaultdict(list)
    for number, members in enumerate(sums):
        for one in members:
            where[one].append(number)
    together: dict[tuple[int, ...], list[int]] = defaultdict(list)
    for one, numbers in where.items():
        together[tuple(numbers)].append(one)
    return {frozenset(group): len(numbers) for numbers, group in together.items()}


class _Span:
    """All that follows from the published sums: a basis in reduced echelon form, one row for each pivot column."""

    def __init__(self, columns: Mapping[frozenset[int], int], amounts: Mapping[int, Decimal]) -> None:
        self._amounts = [[amounts[one] for one in group] for group in columns]
        self._degrees = list(columns.values())
        self._column = {one: number for number, group in enumerate(columns) for one in group}
        self._rows: dict[int, Row] = {}
        """Pivot -> the row without its pivot, whose coefficient is 1."""
        self._protected: list[Row] = []
        """The sensitive sums after reduction by the basis; a sum of which nothing remains would be determined."""

    def protect(self, members: frozenset[int]) -> None:
        """Keep a sum from being determined. To be called before anything is published."""
        if members:
            self._protected.append(self._row(members))

    def publish(self, members: frozenset[int]) -> bool:
        """Add a sum and return True, unless that would tell too much."""
        new = self._reduced(self._row(members))
        if not new:
            return True
        pivot = min(new, key=self._degrees.__getitem__)  # so few rows change, and they stay short
        inverse = pow(new.pop(pivot), -1, _PRIME)
        new = {column: value * inverse % _PRIME for column, value in new.items()}
        changed = {old: _less(row, pivot, new) for old, row in self._rows.items() if pivot in row}
        changed[pivot] = new
        protected = [_less(row, pivot, new) if pivot in row else row for row in self._protected]
        rows = self._rows | changed
        if not all(protected) or any(self._tells(one, row) for one, row in changed.items()) or self._pairs(rows):
            return False
        self._rows, self._protected = rows, protected
        return True

    def _row(self, members: Iterable[int]) -> Row:
        return dict.fromkeys((self._column[one] for one in members), 1)

    def _reduced(self, row: Row) -> Row:
        for pivot in [column for column in row if column in self._rows]:
            row = _less(row, pivot, self._rows[pivot])
        return row

    def _tells(self, pivot: int, row: Row) -> bool:
        """Return whether a row of the basis is about too few organizations, or a sum with one that is too large."""
        if len(row) < FEWEST - 1 and sum(len(self._amounts[column]) for column in (pivot, *row)) < FEWEST:
            return True
        if any(value != 1 for value in row.values()):
            return False
        return sensitive([amount for column in (pivot, *row) for amount in self._amounts[column]])

    def _pairs(self, rows: Mapping[int, Row]) -> bool:
        """Return whether two rows together determine a combination of two organizations, which are their pivots."""
        alike: dict[tuple[int, int, int], list[Row]] = defaultdict(list)
        for pivot, row in rows.items():
            if len(self._amounts[pivot]) == 1:
                alike[len(row), min(row), max(row)].append(row)
        return any(_parallel(one, other) for group in alike.values() for one, other in combinations(group, 2))


def _less(row: Row, pivot: int, other: Row) -> Row:
    """Return the row without its pivot column: less the other row, whose coefficient there is 1, as often as needed."""
    result = row.copy()
    factor = result.pop(pivot)
    for column, value in other.items():
        left = (result.get(column, 0) - factor * value) % _PRIME
        if left:
            result[column] = left
        else:
            result.pop(column, None)
    return result


def _parallel(row: Row, other: Row) -> bool:
    """Return whether one row is a multiple of the other."""
    if row.keys() != other.keys():
        return False
    one, two = next((value, other[column]) for column, value in row.items())
    return all((value * two - other[column] * one) % _PRIME == 0 for column, value in row.items())
