"""The statistics as a page: how many organizations there are by sector, township, kind, layer and year, and what was
released of their figures. The front door and the lists count in the same way.
"""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from registry.directory.asking import API, Counts, ask
from registry.directory.lists import numbers, sectors_of_plan
from registry.directory.pages import address, changed_at, english, only, page, render
from registry.statistics.bars import Bar, bar_width

KEPT = 600
"""Seconds for which the numbers of all organizations are kept, unless the public sees a change: layers and years are
counted by joins, and none of the numbers depends on the day.
"""
FIGURES = ("revenue", "ai_revenue", "rd_expenditure", "employees")
"""The released figures that the page shows; the files have all."""


@page
def statistics(request: HttpRequest) -> HttpResponse:
    only(request)
    counted = Counts.ask(request, changed_at(request), KEPT, facet="sector,township,kind,layer,founded")
    facets, total = counted["facets"], counted["count"]
    lang = "en" if english() else "zh"
    released = ask(request, "statistics/releases/", by="sector", figure=",".join(FIGURES))
    return render(
        request,
        "statistics.html",
        title=_("Statistics"),
        count=total,
        tables=[
            _table(_("Organizations by sector"), _sectors(request, facets["sector"])),
            _table(_("Organizations by township"), _bars(facets["township"], "township")),
            _table(_("Organizations by kind"), _bars(facets["kind"])),
            _table(_("Organizations by layer of the industry chain"), _bars(facets["layer"])),
            _table(_("Organizations by year of foundation"), _bars(facets["founded"])),
        ],
        released=_released(released) if released["year"] else None,
        files=[
            (_("Counts (CSV)"), f"{API}/statistics/counts/?format=csv&lang={lang}"),
            (_("Sectors as a picture (SVG)"), f"{API}/statistics/counts/?by=sector&format=svg&lang={lang}"),
        ],
    )


def _sectors(request: HttpRequest, facet: list[dict[str, Any]]) -> Iterable[Bar]:
    """Return every sector of the plan, each group before what is below it; 0 is a number too."""
    found, rows = numbers(facet), sectors_of_plan(request)
    for group in (row for row in rows if not row["parent"]):
        for row in (group, *(one for one in rows if one["parent"] == group["code"])):
            count = found.get(row["code"], 0)
            yield Bar(row["name"], count, str(count), bool(row["parent"]), address("sector", row["code"]))


def _bars(facet: list[dict[str, Any]], name: str = "") -> Iterable[Bar]:
    for one in facet:
        link = address(name, one["code"]) if name and one["code"] else ""
        yield Bar(one["name"], one["count"], str(one["count"]), False, link)


def _table(title: str, bars: Iterable[Bar]) -> dict[str, Any]:
    lines = list(bars)
    largest = max((bar.number or 0 for bar in lines), default=0)
    return {"title": title, "lines": [(bar, bar_width(bar.number, largest)) for bar in lines]}


def _released(found: Mapping[str, Any]) -> dict[str, Any]:
    """Return the lines of a release that have a sum, with money in 万元."""
    units = {one["name"]: one["unit"] for one in found["figures"]}

    def sums(line: Mapping[str, Any]) -> Sequence[str]:
        return [_text(line["sums"][name]["sum"], units[name]) for name in units]

    lines = [found["total"] | {"name": _("All organizations"), "parent": None}, *found["results"]]
    return {
        "year": found["year"],
        "on": found["released_on"],
        "notes": found["notices"],
        "labels": [one["label"] for one in found["figures"]],
        "lines": [line | {"texts": sums(line)} for line in lines if line["count"]],
        "file": f"{API}/statistics/releases/?format=csv&year={found['year']}&lang={'en' if english() else 'zh'}",
    }


def _text(amount: float | None, unit: str) -> str:
    if amount is None:
        return "*"
    shown = Decimal(str(amount)) / (10_000 if unit else 1)
    return f"{shown.normalize():,f}"
