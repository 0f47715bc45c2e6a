"""Annual figures added up by sector, layer, township, kind or year, each organization once in every value.

An organization with several sectors counts in each of them, so that sums of sectors may add up to more than all.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from statistics import median
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy

from registry.api.lists.filters import StrictFilterSet
from registry.columns import Column, RenderContext
from registry.organizations.columns.parts import FIGURES
from registry.organizations.models.confidential import AnnualFigures
from registry.organizations.models.details import SectorTag
from registry.organizations.models.organizations import Organization
from registry.reference.models import Plan
from registry.search.organization_rows import OrganizationRows
from registry.statistics.dimensions import BRANCH, ORGANIZATION_DIMENSIONS, Dimension, facets
from registry.statistics.figures.suppression import sensitive
from registry.statistics.layers_and_years import LAYER

Key = Any
_BY_NAME = {one.name: one for one in ORGANIZATION_DIMENSIONS}
YEAR = "year"
CUTS: dict[str, Dimension] = {
    "sector": _BY_NAME["sector"],
    "branch": BRANCH,
    "layer": LAYER,
    "township": _BY_NAME["township"],
    "kind": _BY_NAME["kind"],
}
"""The dimensions by which figures are added up, besides years. An organization's value in each is public."""
CROSSED = ("branch", "township")
"""The two cuts that a release crosses."""
YEAR_LABEL = gettext_lazy("year")


@dataclass(frozen=True)
class Reported:
    """The figures that an organization reported for a year, with its values in each of the cuts."""

    organization: int
    year: int
    amounts: Mapping[str, Decimal | int | None]
    keys: Mapping[str, frozenset[Key]]


@dataclass(frozen=True)
class FigureSum:
    """One figure of some organizations: how many reported it, their sum and their median.

    In a release only the sum is known, and that is None where it is suppressed.
    """

    reported: int = 0
    total: Decimal | None = None
    median: Decimal | None = None
    sensitive: bool = False
    """Whether a release would hide it: it tells too much of one organization."""


@dataclass(frozen=True)
class FigureLine:
    """A value of the cut: how many organizations of the list have it, and their figures."""

    code: str | None
    name: str
    parent: str | None
    count: int | None
    sums: Mapping[str, FigureSum]


@dataclass
class FigureTable:
    """The figures of a list by one cut; `total` is of all its organizations."""

    label: str
    columns: Sequence[Column]
    context: RenderContext
    total: FigureLine
    lines: list[FigureLine]
    released: bool = False
    """Whether only sums that may be published are known."""


def figures_of(organizations: QuerySet[Organization], visible: Q, year: int | None = None) -> QuerySet[AnnualFigures]:
    """Return the figures of the organizations; `visible` is the condition on figures that the reader may see."""
    found = AnnualFigures.objects.filter(visible, organization__in=organizations.order_by().values("pk"))
    return found if year is None else found.filter(year=year)


def years_of(figures: QuerySet[AnnualFigures]) -> list[int]:
    return list(figures.order_by("year").values_list("year", flat=True).distinct())


def read_reported(figures: QuerySet[AnnualFigures], filterset: StrictFilterSet, plan: Plan | None) -> list[Reported]:
    """Return the figures with what they are added up by, by two queries."""
    tags: dict[int, set[int]] = defaultdict(set)
    tagged = SectorTag.objects.filter(plan=plan, organization__in=figures.order_by().values("organization"))
    for organization, sector in tagged.values_list("organization", "sector"):
        tags[organization].add(sector)
    sectors, towns = filterset.references.sectors, filterset.ended_townships
    names = [column.name for column in FIGURES]
    found = []
    rows = figures.values_list("organization", "year", "organization__kind", "organization__township", *names)
    for organization, year, kind, town, *amounts in rows:
        own = tags[organization]
        above = {sectors[pk].parent_id or pk for pk in own}
        keys = {
            "sector": frozenset(own | above) or _NONE,
            "branch": frozenset(above) or _NONE,
            "layer": frozenset(sectors[pk].layer for pk in own),
            "township": frozenset([towns.get(town, town)]),
            "kind": frozenset([kind]),
            YEAR: frozenset([year]),
        }
        found.append(Reported(organization, year, dict(zip(names, amounts, strict=True)), keys))
    return found


_NONE: frozenset[Key] = frozenset([None])


def by_values(reported: Iterable[Reported], cut: str) -> dict[Key, list[Reported]]:
    """Return what was reported by each value of the cut; an organization may be at several."""
    found: dict[Key, list[Reported]] = defaultdict(list)
    for one in reported:
        for key in one.keys[cut]:
            found[key].append(one)
    return found


def added(reported: Sequence[Reported], columns: Sequence[Column]) -> dict[str, FigureSum]:
    return {column.name: _sum([one.amounts[column.name] for one in reported]) for column in columns}


def _sum(given: Iterable[Any]) -> FigureSum:
    amounts = [Decimal(amount) for amount in given if amount is not None]
    if not amounts:
        return FigureSum()
    above = [amount for amount in amounts if amount]
    return FigureSum(len(amounts), sum(amounts, Decimal()), median(amounts), sensitive(above))


def table_by(
    cut: str,
    reported: Sequence[Reported],
    rows: OrganizationRows,
    filterset: StrictFilterSet,
    columns: Sequence[Column],
    context: RenderContext,
) -> FigureTable:
    """Return the figures of a list by a cut of one year. How many organizations have a value are its facets."""
    dimension = CUTS[cut]
    count, counted = facets(rows, [dimension], filterset)
    found = by_values(reported, cut)
    codes = {entry.key: entry.code for entry, _count in counted[dimension.name]}
    lines = [
        FigureLine(entry.code, entry.name, codes.get(entry.parent), number, added(found.get(entry.key, ()), columns))
        for entry, number in counted[dimension.name]
        if number or entry.code is not None
    ]
    total = FigureLine(None, "", None, count, added(reported, columns))
    return FigureTable(capfirst(str(dimension.label)), columns, context, total, lines)


def table_by_year(reported: Sequence[Reported], columns: Sequence[Column], context: RenderContext) -> FigureTable:
    """Return the figures of a list by year. Years are not added up, so that the total is empty."""
    lines = [
        FigureLine(str(year), str(year), None, len(of_year), added(of_year, columns))
        for year, of_year in sorted(by_values(reported, YEAR).items())
    ]
    empty = {column.name: FigureSum() for column in columns}
    return FigureTable(capfirst(str(YEAR_LABEL)), columns, context, FigureLine(None, "", None, None, empty), lines)
