"""Suppressed sums: what is hidden cannot be computed back from what is published, by any combination of it."""

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from itertools import combinations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from registry.statistics.figures.suppression import publishable, sensitive

Vector = list[Fraction]


def unknowns_left(published: list[list[int]], width: int) -> list[Vector]:
    """Return a basis of all changes of the figures that no published sum would show, by fractions and plain rows.

    It is written anew here, on organizations and not on groups of them, so that it cannot share a mistake.
    """
    rows = [[Fraction(value) for value in row] for row in published]
    pivots: list[int] = []
    done = 0
    for column in range(width):
        found = next((number for number in range(done, len(rows)) if rows[number][column]), None)
        if found is None:
            continue
        rows[done], rows[found] = rows[found], rows[done]
        rows[done] = [value / rows[done][column] for value in rows[done]]
        for number, row in enumerate(rows):
            if number != done and row[column]:
                rows[number] = [value - row[column] * other for value, other in zip(row, rows[done], strict=True)]
        pivots.append(column)
        done += 1
    basis = []
    for free in (column for column in range(width) if column not in pivots):
        vector = [Fraction(0)] * width
        vector[free] = Fraction(1)
        for number, pivot in enumerate(pivots):
            vector[pivot] = -rows[number][free]
        basis.append(vector)
    return basis


def assert_safe(sums: Mapping[object, set[int]], amounts: Mapping[int, Decimal], published: set[object]) -> None:
    """Assert that nothing hidden, no figure and no combination of two figures follows from what is published."""
    known = sorted(one for one, amount in amounts.items() if amount)
    matrix = [[int(one in sums[key]) for one in known] for key in published]
    basis = unknowns_left(matrix, len(known))
    behind = {key: [number for number, one in enumerate(known) if one in members] for key, members in sums.items()}
    for key, places in behind.items():
        if key in published:
            assert not sensitive([amounts[known[place]] for place in places])
        elif places:
            assert any(sum(vector[place] for place in places) for vector in basis), f"{key} can be computed"
    # How each figure may change; two that change in a fixed ratio determine a combination.
    free = [[vector[place] for vector in basis] for place in range(len(known))]
    covered = {place for key in published for place in behind[key]}
    for place in covered:
        assert any(free[place]), f"the figure of {known[place]} can be computed"
    for one, other in combinations(sorted(covered), 2):
        parallel = all(
            free[one][a] * free[other][b] == free[one][b] * free[other][a]
            for a, b in combinations(range(len(basis)), 2)
        )
        # All figures behind one sum of two would be a case of it; sums of three or more leave two directions.
        assert not parallel, f"a combination of {known[one]} and {known[other]} can be computed"


ORGANIZATIONS = st.lists(
    st.tuples(
        st.integers(0, 3),  # township
        st.frozensets(
            st.sampled_from(["a", "a.1", "a.2", "b", "b.1", "b.2"]), max_size=3
        ),  # sectors, some of them upper
        st.sampled_from(["enterprise", "research"]),
        st.sampled_from([0, 1, 2, 5, 7, 10, 11, 100, 1000]),
    ),
    max_size=14,
)


def cuts(organizations: list[tuple[int, frozenset[str], str, int]]) -> dict[object, set[int]]:
    """Return the sums of a release: in all, by kind, by the tree of sectors, by township, by branch and township."""
    sums: dict[object, set[int]] = {"all": {*range(len(organizations))}}
    for number, (town, sectors, kind, _amount) in enumerate(organizations):
        above = sectors | {code[0] for code in sectors}
        keys = [("kind", kind), ("town", town), *(("sector", code) for code in above)]
        keys += [("branch", code, town) for code in above if len(code) == 1]
        for key in keys:
            sums.setdefault(key, set()).add(number)
    return dict(sorted(sums.items(), key=lambda item: (isinstance(item[0], tuple) and len(item[0]), str(item[0]))))


# A busy machine is no failure.
@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(ORGANIZATIONS)
def test_nothing_hidden_can_be_computed_back(organizations: list[tuple[int, frozenset[str], str, int]]) -> None:
    sums = cuts(organizations)
    amounts = {number: Decimal(one[3]) for number, one in enumerate(organizations)}
    assert_safe(sums, amounts, publishable(sums, amounts))


@pytest.mark.parametrize(
    ("amounts", "hidden"),
    [
        ([], True),
        ([10], True),
        ([10, 10], True),
        ([10, 10, 10], False),
        ([80, 10, 10], False),  # 80 % is not over 80 %
        ([81, 10, 9], True),
        ([400, 50, 50], False),
        ([401, 50, 49], True),
    ],
)
def test_few_and_dominated_sums_are_sensitive(amounts: list[int], hidden: bool) -> None:
    assert sensitive([Decimal(one) for one in amounts]) is hidden


def shown(sums: dict[str, set[int]], *amounts: int) -> set[str]:
    found = publishable(sums, {number: Decimal(one) for number, one in enumerate(amounts)})
    return {str(key) for key in found}


def test_second_sum_is_hidden_beside_a_sensitive_one() -> None:
    # c is of two; with the sum of all and the other two it would be what is left.
    sums = {"all": set(range(10)), "a": {0, 1, 2, 3}, "b": {4, 5, 6, 7}, "c": {8, 9}}
    assert shown(sums, *[10] * 10) == {"all", "a"}
    assert shown({"a": sums["a"], "b": sums["b"], "c": sums["c"]}, *[10] * 10) == {"a", "b"}


def test_crossed_table_hides_a_second_one_in_row_and_column() -> None:
    sums = {"all": set(range(16)), "r1": set(range(7)), "r2": set(range(7, 16))}
    sums |= {"c1": {0, 7, 8, 9, 10}, "c2": {1, 2, 3, 4, 5, 6, 11, 12, 13, 14, 15}}
    sums |= {"r1c1": {0}, "r1c2": {1, 2, 3, 4, 5, 6}, "r2c1": {7, 8, 9, 10}, "r2c2": {11, 12, 13, 14, 15}}
    assert shown(sums, *[10] * 16) == {"all", "r1", "r2", "c1", "c2"}


def test_sums_that_overlap_do_not_give_away_the_difference() -> None:
    assert shown({"a": {0, 1, 2, 3, 4}, "b": {0, 1, 2, 3}}, *[10] * 5) == {"a"}
    assert shown({"a": {0, 1, 2, 3, 4, 5}, "b": {0, 1, 2, 3}}, *[10] * 6) == {"a"}
    assert shown({"a": {0, 1, 2, 3, 4, 5, 6}, "b": {0, 1, 2, 3}}, *[10] * 7) == {"a", "b"}
    # What is left over is dominated by one.
    assert shown({"a": {0, 1, 2, 3, 4, 5, 6}, "b": {0, 1, 2, 3}}, 300, 300, 300, 300, 90, 5, 5) == {"a"}


def test_combination_of_two_is_not_given_away() -> None:
    # a - b is the figure of 0 less that of 4.
    assert shown({"a": {0, 1, 2, 3}, "b": {4, 1, 2, 3}}, *[10] * 5) == {"a"}


def test_who_has_nothing_stands_behind_nothing() -> None:
    assert shown({"a": {0, 1, 2}}, 10, 10, 0) == set()
    assert shown({"a": {0, 1, 2, 3}, "b": {0, 1, 2}}, 10, 10, 10, 0) == {"a", "b"}
