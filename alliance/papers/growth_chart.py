"""Draws the growth of an alliance as one SVG with presentation attributes only: members at the end of each year as
columns with their numbers, below them who came and who left, and the rate of renewal as a line.
"""

from collections.abc import Iterator

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from .growth import Growth, Year
from .svg import FAINT, FONT, INK, LINE, line, text

_TOP, _COLUMNS, _NUMBERS, _GAP, _RATE, _FOOT = 24, 150, 44, 26, 70, 20
_BLUE, _GREEN, _RED = "#3b82f6", "#047857", "#b91c1c"


def chart(found: Growth, width: int) -> SafeString:
    """Return the SVG; empty without members. A narrow one leaves early years to the table."""
    years = found.years[-max(1, (width - 40) // 38) :]
    if not years:
        return SafeString("")
    step = (width - 40) / len(years)
    parts = [*_bars(years, step), *_rates(years, step, _TOP + _COLUMNS + _NUMBERS + _GAP)]
    height = _TOP + _COLUMNS + _NUMBERS + _GAP + _RATE + _FOOT
    return format_html(
        '<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-label="{title}" viewBox="0 0 {width} {height}" '
        'width="{width}" height="{height}" font-family="{font}"><title>{title}</title><desc>{desc}</desc>{parts}</svg>',
        title=found.title,
        desc=_("Members at the end of each year, who came and who left; the table has the same figures."),
        width=width,
        height=height,
        font=FONT,
        parts=SafeString("".join(parts)),
    )


def _bars(years: list[Year], step: float) -> Iterator[SafeString]:
    largest = max(1, *(year.total.end for year in years), *(year.total.start for year in years))
    base = _TOP + _COLUMNS
    yield text(0, 12, _("Members at the end of the year; + admitted, − left"), 12, FAINT)
    yield line(0, base, 40 + step * len(years), base, LINE)
    for place, year in enumerate(years):
        middle = round(20 + step * (place + 0.5), 1)
        high = round(year.total.end / largest * (_COLUMNS - 18), 1)
        wide = round(min(46.0, step * 0.6), 1)
        said = _("%(year)d: %(end)d members, %(admitted)d admitted, %(left)d left") % {
            "year": year.year,
            "end": year.total.end,
            "admitted": year.total.admitted,
            "left": year.total.ended,
        }
        yield format_html(
            '<g><title>{}</title><rect x="{}" y="{}" width="{}" height="{}" fill="{}"/></g>',
            *(said, round(middle - wide / 2, 1), round(base - high, 1), wide, high, _BLUE),
        )
        yield text(middle, base - high - 4, str(year.total.end), 11, INK, anchor="middle")
        yield text(middle, base + 14, str(year.year), 11, FAINT, anchor="middle")
        yield text(middle, base + 28, f"+{year.total.admitted}", 10, _GREEN, anchor="middle")
        yield text(middle, base + 41, f"−{year.total.ended}", 10, _RED, anchor="middle")


def _rates(years: list[Year], step: float, top: float) -> Iterator[SafeString]:
    """Draw the rate of renewal from its lowest value, rounded down to ten, up to 100 %."""
    known = [(place, float(year.renewal)) for place, year in enumerate(years) if year.renewal is not None]
    if not known:
        return
    lowest = min(rate for _place, rate in known) // 10 * 10
    lowest = 90.0 if lowest >= 100 else lowest
    bottom = top + _RATE

    def point(place: int, rate: float) -> tuple[float, float]:
        high = (rate - lowest) / (100 - lowest)
        return round(20 + step * (place + 0.5), 1), round(bottom - high * (_RATE - 24), 1)

    yield text(0, top - 4, _("Rate of renewal in percent"), 12, FAINT)
    yield line(0, bottom, 40 + step * len(years), bottom, LINE)
    points = [point(*one) for one in known]
    yield format_html(
        '<polyline points="{}" fill="none" stroke="{}" stroke-width="2"/>',
        " ".join(f"{x},{y}" for x, y in points),
        _BLUE,
    )
    for (x, y), (_place, rate) in zip(points, known, strict=True):
        yield format_html('<circle cx="{}" cy="{}" r="3" fill="{}"/>', x, y, _BLUE)
        yield text(x, y - 6, f"{rate:g}", 10, INK, anchor="middle")
