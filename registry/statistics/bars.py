"""Draws a table of numbers as bars beside each other, in SVG by presentation attributes alone."""

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import NamedTuple

from registry.landscape.layout import shortened, text_width
from registry.landscape.svg import GREY, INK, Caption, box, linked, opening, text

WIDTH, MARGIN, STEP, SIZE = 960.0, 24.0, 20.0, 11.0
_NAME = 230.0
_UPPER, _LOWER = "#1d4ed8", "#93c5fd"
Link = Callable[[str | None], str]
"""Gives the address that the line of a code leads to; an empty text if there is none."""


def no_link(code: str | None) -> str:
    return ""


def bar_width(number: int | Decimal | None, largest: int | Decimal | None) -> str:
    """Return the width of a bar in a table, in percent of the widest one; an empty text where there is none."""
    return f"{100 * number / largest:.1f}" if number and largest else ""


class Bar(NamedTuple):
    """A line of the picture; without a number it is what is not shown, and `said` says so."""

    name: str
    number: int | Decimal | None
    said: str
    below: bool = False
    """Whether it is part of the line above."""
    link: str = ""


def draw_bars(bars: Sequence[Bar], caption: Caption) -> tuple[str, float, float]:
    """Return the picture with its width and height."""
    head = MARGIN + 34 + 13 * len(caption.about)
    height = head + STEP * len(bars) + 12 * len(caption.notes) + MARGIN + 16
    largest = max((bar.number for bar in bars if bar.number), default=1)
    room = WIDTH - 2 * MARGIN - _NAME - max((text_width(bar.said, SIZE) for bar in bars), default=0) - 8
    pieces = [opening(WIDTH, height, caption)]
    for place, bar in enumerate(bars):
        y, left = head + STEP * place, MARGIN + (16 if bar.below else 0)
        name = shortened(bar.name, SIZE, _NAME - (left - MARGIN) - 8)
        drawn = text(left, y + 13, name, SIZE, colour=GREY if bar.below else INK, weight="" if bar.below else "bold")
        wide = float(bar.number / largest) * room if bar.number else 0.0
        if wide:
            colour = _LOWER if bar.below else _UPPER
            drawn += box(MARGIN + _NAME, y + 3, max(wide, 1), STEP - 6, fill=colour, stroke="none", radius=2)
        drawn += text(MARGIN + _NAME + wide + 6, y + 13, bar.said, SIZE, colour=INK if bar.number else GREY)
        pieces.append(linked(bar.link, drawn, bar.name))
    zero, bottom = MARGIN + _NAME, head + STEP * len(bars)
    pieces.append(f'<line x1="{zero}" x2="{zero}" y1="{head}" y2="{bottom}" stroke="{GREY}"/>')
    pieces.append("</svg>\n")
    return "".join(pieces), WIDTH, height
