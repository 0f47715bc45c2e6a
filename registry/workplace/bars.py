"""Bars drawn by the server, one in each row of a table that says the same in numbers.

The content policy of the site allows no styles, so they have presentation attributes alone.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.html import format_html
from django.utils.safestring import SafeString

WIDTH, HEIGHT = 200, 12
_COLOUR, _PAPER = "#1d4ed8", "#eef2f7"


@dataclass(frozen=True, slots=True)
class BarRow:
    label: str
    number: int
    url: str
    picture: SafeString


def bars(rows: Iterable[tuple[str, int, str]]) -> list[BarRow]:
    """Return a bar for each label, number and address; the longest one has the whole width."""
    listed = list(rows)
    most = max((number for _label, number, _url in listed), default=0) or 1
    return [BarRow(label, number, url, _picture(number / most)) for label, number, url in listed]


def _picture(share: float) -> SafeString:
    return format_html(
        '<svg viewBox="0 0 {width} {height}" width="{width}" height="{height}" preserveAspectRatio="none" '
        'aria-hidden="true" focusable="false"><rect width="{width}" height="{height}" rx="3" fill="{paper}"/>'
        '<rect width="{length}" height="{height}" rx="3" fill="{colour}"/></svg>',
        width=WIDTH,
        height=HEIGHT,
        length=max(round(WIDTH * share), 2) if share else 0,
        paper=_PAPER,
        colour=_COLOUR,
    )
