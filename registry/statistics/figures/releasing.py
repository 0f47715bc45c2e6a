"""Makes the tables of a release: sums of published organizations by a fixed set of cuts, suppressed together.

The set is fixed, and there is one release of a year, so that nobody can ask for the same sum with and without one
organization (docs/adr/0030-suppressed-sums.md).
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.db.models import Q
from django.http import QueryDict
from django.utils import translation
from django.utils.text import capfirst
from django.utils.translation import get_language

from registry.api.lists.filters import StrictFilterSet
from registry.columns import Column, RenderContext
from registry.organizations.columns.parts import FIGURES
from registry.organizations.filtersets import OrganizationFilterSet
from registry.organizations.models.organizations import Organization
from registry.search.organization_rows import OrganizationRows
from registry.statistics.dimensions import Entry, facets
from registry.statistics.figures.models import FiguresRelease
from registry.statistics.figures.sums import (
    CROSSED,
    CUTS,
    FigureLine,
    FigureSum,
    FigureTable,
    Reported,
    by_values,
    figures_of,
    read_reported,
    years_of,
)
from registry.statistics.figures.suppression import publishable

LANGUAGES = {"zh": "zh-hans", "en": "en"}
IMPORTANCE = ("kind", "layer", "branch", "township", "sector")
"""The cuts in the order in which their sums are kept from being hidden; crossed ones come last."""
Cell = tuple[str, ...]
Key = Any


def tables_of(year: int) -> dict[str, Any]:
    """Return what a release of the year would show today, as JSON: sums as texts, null where nothing may be shown.

    A sum that is hidden and one that nobody has reported look the same.
    """
    filterset = OrganizationFilterSet(QueryDict("published=true"), Organization.objects.all(), request=None)
    rows = OrganizationRows(Organization.objects.all(), filterset.condition, filterset.index, filterset.text)
    figures = figures_of(rows.in_order(()), Q(), year)
    reported = read_reported(figures, filterset, filterset.sector_plan)
    total, counted = facets(rows, list(CUTS.values()), filterset)
    shown = {column.name: _shown(reported, column.name) for column in FIGURES}
    names = _names(filterset)

    def sums(*cell: Any) -> dict[str, str | None]:
        return {figure: found.get(cell) for figure, found in shown.items()}

    def lines(cut: str) -> list[dict[str, Any]]:
        numbered = counted[CUTS[cut].name]
        codes = {entry.key: entry.code for entry, _count in numbered}
        return [
            {
                "code": entry.code,
                "parent": codes.get(entry.parent),
                "names": {lang: names[lang][cut, entry.key] for lang in LANGUAGES},
                "count": count,
                "sums": sums(cut, entry.key),
            }
            for entry, count in numbered
            if count or entry.code is not None
        ]

    return {
        "count": total,
        "sums": sums("all"),
        "cuts": {cut: lines(cut) for cut in CUTS},
        "crossed": _crossed(counted, shown),
    }


def released_table(
    tables: Mapping[str, Any] | None, cut: str, columns: Sequence[Column], context: RenderContext
) -> FigureTable:
    """Return a cut of the tables of a release, in the active language; an empty one without a release."""
    known = tables or {"count": None, "sums": {}, "cuts": {}}
    lang = "en" if (get_language() or "").startswith("en") else "zh"

    def sums(texts: Mapping[str, str | None]) -> dict[str, FigureSum]:
        given = {column.name: texts.get(column.name) for column in columns}
        return {name: FigureSum(total=None if text is None else Decimal(text)) for name, text in given.items()}

    lines = [
        FigureLine(one["code"], one["names"][lang], one["parent"], one["count"], sums(one["sums"]))
        for one in known["cuts"].get(cut, ())
    ]
    total = FigureLine(None, "", None, known["count"], sums(known["sums"]))
    return FigureTable(capfirst(str(CUTS[cut].label)), columns, context, total, lines, released=True)


def years_to_release() -> list[int]:
    """Return the years for which published organizations have figures and that have not been released."""
    published = figures_of(Organization.objects.published().unmerged(), Q())
    released = {*FiguresRelease.objects.values_list("year", flat=True)}
    return [year for year in years_of(published) if year not in released]


def _names(filterset: StrictFilterSet) -> dict[str, dict[tuple[str, Key], str]]:
    found: dict[str, dict[tuple[str, Key], str]] = {}
    for lang, language in LANGUAGES.items():
        with translation.override(language):
            found[lang] = {
                (cut, entry.key): entry.name for cut, one in CUTS.items() for entry in one.all_entries(filterset)
            }
    return found


def _crossed(
    counted: Mapping[str, Sequence[tuple[Entry, int]]], shown: Mapping[str, Mapping[Cell, str]]
) -> dict[str, dict[str, dict[str, str]]]:
    """Return the sums of the crossed cuts that may be shown: figure -> code of the first -> code of the second."""
    first, second = (
        {entry.key: entry.code for entry, _count in counted[CUTS[cut].name] if entry.code} for cut in CROSSED
    )
    found: dict[str, dict[str, dict[str, str]]] = {}
    for figure, sums in shown.items():
        for one, code in first.items():
            line = {
                other_code: sums["crossed", one, other]
                for other, other_code in second.items()
                if ("crossed", one, other) in sums
            }
            if line:
                found.setdefault(figure, {})[code] = line
    return found


def cells_of(reported: Sequence[Reported]) -> dict[Cell, list[Reported]]:
    """Return what each sum of a release is made of, by importance of the cut, then by the number of organizations."""
    cells: dict[Cell, list[Reported]] = {("all",): list(reported)}
    for cut in IMPORTANCE:
        found = {(cut, key): ones for key, ones in by_values(reported, cut).items() if (cut, key) not in cells}
        cells |= dict(sorted(found.items(), key=lambda item: (-len(item[1]), str(item[0]))))
    crossed: dict[Cell, list[Reported]] = defaultdict(list)
    for one in reported:
        for first in one.keys[CROSSED[0]]:
            for second in one.keys[CROSSED[1]]:
                crossed["crossed", first, second].append(one)
    return cells | dict(sorted(crossed.items(), key=lambda item: (-len(item[1]), str(item[0]))))


def _shown(reported: Sequence[Reported], figure: str) -> dict[Cell, str]:
    """Return the sums of one figure that may be published, as texts."""
    amounts = {one.organization: Decimal(one.amounts[figure] or 0) for one in reported}
    cells = {cell: [one.organization for one in ones] for cell, ones in cells_of(reported).items()}
    kept = publishable(cells, amounts)
    return {cell: str(sum(amounts[one] for one in cells[cell])) for cell in cells if cell in kept}
