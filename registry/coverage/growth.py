"""IndustryGrowth of the industry by year, counted from what happened in the world: founded, introduced, closed.

Never from the days of entry: a registry that is filled in 2026 would show an industry born in 2026.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from django.db.models import Count
from django.db.models.functions import ExtractYear
from django.utils.translation import gettext as _

from registry.api.lists.files import Table
from registry.columns import file_column
from registry.landscape.svg import GREY, INK, Caption, box, opening, text
from registry.search.organization_rows import OrganizationRows

EVENTS = ("founded_on", "introduced_on", "closed_on")
WIDTH, HEIGHT, LEFT, FOOT = 960.0, 320.0, 48.0, 34.0
_COLOURS = ("#1d4ed8", "#93c5fd", "#9a3412")


class YearOfIndustry(NamedTuple):
    """The organizations that came and went in a year, and how many there were at its end."""

    year: int
    founded: int
    introduced: int
    closed: int
    standing: int
    """Founded until the end of the year and not closed by then."""


class IndustryGrowth(NamedTuple):
    """The years from the first foundation on; `undated` organizations have no day of foundation and count nowhere."""

    years: Sequence[YearOfIndustry]
    undated: int
    organizations: int


def read_growth(rows: OrganizationRows, last: int) -> IndustryGrowth:
    """Return the growth of the rows that a list chooses, until the year `last`."""
    chosen = rows.in_order(())
    per_year = {name: _by_year(chosen, name) for name in EVENTS}
    dated_closed = _by_year(chosen.filter(founded_on__isnull=False), "closed_on")
    total = chosen.order_by().count()
    undated = chosen.filter(founded_on__isnull=True).order_by().count()
    first = min((year for counts in per_year.values() for year in counts), default=last + 1)
    years, standing = [], 0
    for year in range(first, last + 1):
        founded, introduced, closed = (per_year[name][year] for name in EVENTS)
        standing += founded - dated_closed[year]
        years.append(YearOfIndustry(year, founded, introduced, closed, standing))
    return IndustryGrowth(years, undated, total)


def _by_year(rows: Any, field: str) -> Counter[int]:
    dated = rows.filter(**{f"{field}__isnull": False}).order_by().annotate(year=ExtractYear(field))
    return Counter(dict(dated.values_list("year").annotate(number=Count("pk"))))


class IndustryGrowthFile(Table):
    """The years as a file."""

    def __init__(self, title: str, growth: IndustryGrowth) -> None:
        self.title, self.growth = title, growth
        self.columns: Sequence[Any] = [file_column(label, 14) for label in (_("Year"), *labels())]

    def cells(self) -> Iterator[Sequence[object]]:
        for year in self.growth.years:
            self.count += 1
            yield list(year)


def labels() -> list[str]:
    return [_("Founded"), _("Introduced"), _("Closed"), _("At the end of the year")]


def draw_growth(growth: IndustryGrowth, caption: Caption, most: int = 30) -> tuple[str, float, float]:
    """Return bars of the last `most` years as SVG with its width and height: founded, introduced and closed."""
    years = growth.years[-most:]
    head = 74 + 13 * len(caption.about)
    height = head + HEIGHT + FOOT + 12 * len(caption.notes) + 20
    largest = max((max(year[1:4]) for year in years), default=0) or 1
    step = (WIDTH - LEFT - 20) / max(len(years), 1)
    bottom = head + HEIGHT
    pieces = [opening(WIDTH, height, caption)]
    for share in (0.5, 1.0) if largest % 2 == 0 else (1.0,):  # there is no half of an organization
        y = bottom - (HEIGHT - 30) * share
        pieces.append(f'<line x1="{LEFT}" x2="{WIDTH - 20}" y1="{y}" y2="{y}" stroke="#e5e7eb"/>')
        pieces.append(text(LEFT - 6, y + 3, f"{largest * share:g}", 9, colour=GREY, anchor="end"))
    for place, year in enumerate(years):
        wide = step * 0.26
        for number, (count, colour) in enumerate(zip(year[1:4], _COLOURS, strict=True)):
            high = (HEIGHT - 30) * count / largest
            x = LEFT + step * place + step * 0.08 + wide * number
            if count:
                pieces.append(box(x, bottom - high, wide, high, fill=colour, stroke="none", radius=1))
                pieces.append(text(x + wide / 2, bottom - high - 3, str(count), 8, colour=INK, anchor="middle"))
        if len(years) <= 16 or place % 2 == 0:
            pieces.append(
                text(LEFT + step * (place + 0.46), bottom + 14, str(year.year), 9, colour=GREY, anchor="middle")
            )
    pieces.append(f'<line x1="{LEFT}" x2="{WIDTH - 20}" y1="{bottom}" y2="{bottom}" stroke="{GREY}"/>')
    for number, (label, colour) in enumerate(zip(labels(), _COLOURS, strict=False)):
        pieces.append(box(LEFT + 110 * number, head - 8, 10, 10, fill=colour, stroke="none", radius=1))
        pieces.append(text(LEFT + 14 + 110 * number, head + 1, label, 10))
    pieces.append("</svg>\n")
    return "".join(pieces), WIDTH, height
