"""Draws a placed landscape as SVG, by presentation attributes alone: the site's content policy allows no styles."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from xml.sax.saxutils import escape, quoteattr

from django.utils.translation import gettext as _

from registry.landscape.chart import Chart, SectorEntry
from registry.landscape.layout import LINE, NAME, PictureSheet, PlacedCard, Run, shortened, text_width

INK, GREY, PAPER = "#1f2937", "#4b5563", "#ffffff"
_COLOURS = {
    "foundation": ("#1d4ed8", "#eff6ff"),
    "technology": ("#6d28d9", "#f5f3ff"),
    "product": ("#0f766e", "#f0fdfa"),
    "application": ("#9a3412", "#fff7ed"),
}
_FONTS = "Noto Sans SC, Noto Sans CJK SC, Source Han Sans SC, Microsoft YaHei, PingFang SC, sans-serif"
MARK = "★"
"""The sign before members of an alliance, because a colour alone does not reach everybody."""


@dataclass(frozen=True)
class Caption:
    """The texts of a picture about itself, so that it can be read without its page."""

    title: str
    about: tuple[str, ...]
    """Lines below the title: plan, filter, day, numbers."""
    notes: tuple[str, ...]
    """Lines at the foot: legend, source, what the day does not change."""


def _nowhere(_of: object) -> str:
    return ""


@dataclass(frozen=True)
class Links:
    """The addresses that parts of the picture lead to; empty where there is none."""

    organization: Callable[[SectorEntry], str] = _nowhere
    sector: Callable[[str], str] = _nowhere
    candidates: Callable[[str], str] = _nowhere
    """For a sector that nobody has: who might."""
    named_candidates: bool = True
    """Whether the address of a gap shows candidates, and the picture says so."""


def draw(chart: Chart, sheet: PictureSheet, caption: Caption, links: Links) -> str:
    """Return the SVG document."""
    return "".join(_pieces(chart, sheet, caption, links))


def head_height(caption: Caption) -> float:
    """Return the height that title and lines take above the bands."""
    return 29 + 13 * len(caption.about) + 6


def foot_height(caption: Caption) -> float:
    return 12 * len(caption.notes) + 4


def _pieces(chart: Chart, sheet: PictureSheet, caption: Caption, links: Links) -> Iterator[str]:
    yield opening(sheet.width, sheet.height, caption, sheet.margin, foot_height(caption))
    for band in sheet.bands:
        colour, pale = _COLOURS[band.band.layer]
        yield box(sheet.margin, band.y, sheet.inner, band.height, fill=pale, stroke="none", radius=6)
        yield box(sheet.margin, band.y, 46, band.height, fill=colour, stroke="none", radius=6)
        yield _layer_name(band.band.name, sheet.margin + 23, band.y + band.height / 2, band.height)
        for run in band.runs:
            yield from _run(run, sheet.text, colour, links)
    yield "</svg>\n"


def opening(width: float, height: float, caption: Caption, margin: float = 24.0, foot: float | None = None) -> str:
    """Return the beginning of a picture, with what it says of itself at its head and foot."""
    wide, high = number(width), number(height)
    pieces = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{wide}" height="{high}" viewBox="0 0 {wide} {high}" '
        f'role="group" font-family={quoteattr(_FONTS)} fill="{INK}">'
        f"<title>{escape(caption.title)}</title><desc>{escape(' '.join(caption.about))}</desc>"
        f'<rect width="{wide}" height="{high}" fill="{PAPER}"/>',
        text(margin, margin + 20, caption.title, 20, weight="bold"),
    ]
    pieces += [text(margin, margin + 36 + 13 * n, line, 10, colour=GREY) for n, line in enumerate(caption.about)]
    top = height - margin - (foot_height(caption) if foot is None else foot) + 4
    pieces += [text(margin, top + 12 * (n + 1), line, 9, colour=GREY) for n, line in enumerate(caption.notes)]
    return "".join(pieces)


def _layer_name(name: str, x: float, y: float, height: float) -> str:
    """Return the name of a layer, upright in a column if it is Chinese, else turned."""
    white = f'fill="{PAPER}" font-weight="bold" text-anchor="middle"'
    size = min(15.0, height / (len(name) * 1.25) if name else 15.0)
    if name.isascii():
        size = min(13.0, 0.95 * height / max(text_width(name, 1), 1))
        return (
            f'<text x="{number(x)}" y="{number(y)}" font-size="{number(size)}" {white} dominant-baseline="central" '
            f'transform="rotate(-90 {number(x)} {number(y)})">{escape(name)}</text>'
        )
    top = y - size * 1.2 * (len(name) - 1) / 2 + size * 0.36
    signs = "".join(
        f'<tspan x="{number(x)}" y="{number(top + size * 1.2 * place)}">{escape(sign)}</tspan>'
        for place, sign in enumerate(name)
    )
    return f'<text font-size="{number(size)}" {white}>{signs}</text>'


def _run(run: Run, size: float, colour: str, links: Links) -> Iterator[str]:
    group, last = run.group, run.cards[-1]
    room = last.x + last.width - run.x - text_width(f"  {group.count}", size * 1.2)
    told = f"{shortened(group.name, size * 1.2, room)}  {group.count}"
    heading = text(run.x, run.y + size * 1.2, told, size * 1.2, colour=colour, weight="bold")
    yield linked(links.sector(group.code), heading, group.name)
    for card in run.cards:
        yield from _card(card, size, colour, links)


def _card(placed: PlacedCard, size: float, colour: str, links: Links) -> Iterator[str]:
    card, x, y = placed.card, placed.x, placed.y
    name = _("%(sector)s (in general)") % {"sector": card.name} if card.direct else card.name
    dashed = ' stroke-dasharray="4 3"' if not card.count else ""
    yield box(x, y, placed.width, placed.height, fill=PAPER, stroke=colour, radius=4, more=dashed)
    baseline = y + size * 1.5
    counted = text(x + placed.width - size * 0.6, baseline, str(card.count), size * 1.1, anchor="end", weight="bold")
    room = placed.width - size * 1.8 - text_width(str(card.count), size * 1.1)
    heading = text(x + size * 0.6, baseline, shortened(name, size * 1.1, room), size * 1.1, weight="bold")
    yield linked(links.sector(card.code), heading + counted, name)
    if not card.count:
        address = links.candidates(card.code)
        told = _("Gap: near candidates ›") if address and links.named_candidates else _("Gap")
        yield linked(address, text(x + size * 0.6, baseline + size * LINE, told, size, colour=colour))
        return
    lines = -(-len(placed.entries) // placed.columns)
    column = (placed.width - size * 1.2) / placed.columns
    wide = min(column - size * 1.6, max(NAME * size, column - size * 1.8))
    for position, entry in enumerate(placed.entries):
        left = x + size * 0.6 + column * (position // lines)
        line = baseline + size * LINE * (position % lines + 1)
        mark = text(left, line, MARK, size * 0.9, colour=colour) if entry.marked else ""
        shown = text(left + size * 1.1, line, shortened(entry.name, size, wide), size)
        yield linked(links.organization(entry), mark + shown, entry.name)
    if placed.more:
        told = _("and %(count)d more") if placed.entries else _("%(count)d in all")
        line = baseline + size * LINE * (lines + 1)
        yield linked(
            links.sector(card.code),
            text(x + size * 1.7, line, told % {"count": placed.more}, size, colour=colour),
        )


def linked(address: str, drawn: str, title: str = "") -> str:
    told = f"<title>{escape(title)}</title>" if title else ""
    if address:
        return f"<a href={quoteattr(address)}>{told}{drawn}</a>"
    return f"<g>{told}{drawn}</g>" if told else drawn


def text(x: float, y: float, said: str, size: float, *, colour: str = "", weight: str = "", anchor: str = "") -> str:
    more = f' fill="{colour}"' if colour else ""
    more += f' font-weight="{weight}"' if weight else ""
    more += f' text-anchor="{anchor}"' if anchor else ""
    return f'<text x="{number(x)}" y="{number(y)}" font-size="{number(size)}"{more}>{escape(said)}</text>'


def box(
    x: float, y: float, width: float, height: float, *, fill: str, stroke: str, radius: float, more: str = ""
) -> str:
    return (
        f'<rect x="{number(x)}" y="{number(y)}" width="{number(width)}" height="{number(height)}" '
        f'rx="{number(radius)}" fill="{fill}" stroke="{stroke}"{more}/>'
    )


def number(value: float) -> str:
    return f"{value:.1f}".rstrip("0").rstrip(".")
