"""Draws a timeline as one SVG, with presentation attributes only: the policy for pages blocks styles.

Every bar has the number of its row in the table, its pattern says its kind without colour, and a `<title>` tells it
to readers of screens.
"""

import datetime
from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from .svg import FAINT, FONT, INK, LINE, WIDE, line, text
from .timeline import GAP, NAME, TIER, Lane, Span, Timeline

_LABEL, _ROW, _BAR, _AXIS, _HEADING = 132, 30, 22, 26, 24
_TIERS = ("#1e3a8a", "#1d4ed8", "#3b82f6", "#93c5fd", "#dbeafe")
"""Fills of tiers by rank, the highest first; the last two carry dark letters."""
_OTHERS = {
    "suspension": "#fecaca",
    "certificate": "#dcfce7",
    "seat": "#ccfbf1",
    "office": "#fef3c7",
    "representative": "#ede9fe",
    "name": "#f3f4f6",
}


@dataclass(frozen=True)
class _Scale:
    first: datetime.date
    last: datetime.date
    left: float
    right: float

    def x(self, day: datetime.date) -> float:
        part = (day - self.first).days / max(1, (self.last - self.first).days)
        return round(self.left + min(1, max(0, part)) * (self.right - self.left), 1)

    def bounds(self, span: Span) -> tuple[float, float]:
        return (
            self.x(span.start) if span.start else self.left,
            self.x(span.end) if span.end else self.right,
        )


def picture(timeline: Timeline, width: int = WIDE) -> SafeString:
    """Return the SVG of the timeline; empty without anything to show."""
    scale = _scale(timeline, width)
    if scale is None:
        return SafeString("")
    parts: list[SafeString] = []
    y = float(_AXIS)
    for chapter in timeline.chapters:
        if chapter.title:
            parts.append(text(0, y + 17, chapter.title, 13, weight="bold"))
            y += _HEADING
        for lane in chapter.lanes:
            drawn, y = _lane(lane, scale, y)
            parts += drawn
    title = _("Timeline: %(name)s") % {"name": timeline.title}
    return format_html(
        '<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-label="{title}" viewBox="0 0 {width} {height}" '
        'width="{width}" height="{height}" font-family="{font}"><title>{title}</title><desc>{desc}</desc>{axis}{parts}'
        "</svg>",
        title=title,
        desc=_("Every bar has a number; the table below has the same periods with their days."),
        width=width,
        height=int(y) + 6,
        font=FONT,
        axis=SafeString("".join(_axis(scale, timeline.today, y))),
        parts=SafeString("".join(parts)),
    )


def _scale(timeline: Timeline, width: int) -> _Scale | None:
    """Return the scale from the first to the last known day, with some room for what goes on."""
    spans = [span for _chapter, span in timeline.rows()]
    # What was before the first membership, such as an early name, does not squeeze the rest.
    held = [span.start for span in spans if span.kind == TIER and span.start]
    if not held:
        return None
    first = datetime.date(min(held).year, 1, 1)
    latest = max(day for span in spans for day in (span.start, span.end, timeline.today) if day)
    last = latest + max(datetime.timedelta(60), (latest - first) / 20)
    return _Scale(first, last, 0 if width < 600 else _LABEL, width - 2)


def _axis(scale: _Scale, today: datetime.date, height: float) -> Iterator[SafeString]:
    years = range(scale.first.year, scale.last.year + 1)
    room = (scale.right - scale.left) / max(1, len(years))
    step = next(step for step in (1, 2, 5, 10, 20, 50, 100) if room * step >= 40)
    for year in years[::step]:
        x = scale.x(datetime.date(year, 1, 1))
        yield line(x, 18, x, height, LINE)
        if x < scale.right - 34:
            yield text(x + 3, 14, str(year), 11, FAINT)
    x = scale.x(today)
    said = _("today") if today == localdate() else today.isoformat()
    yield line(x, 4, x, height, "#b91c1c", "4 3")
    before = x > scale.right - 30  # there is no room after the line
    yield text(x - 3 if before else x + 3, 24, said, 10, "#b91c1c", anchor="end" if before else "start")


def _lane(lane: Lane, scale: _Scale, y: float) -> tuple[list[SafeString], float]:
    """Return the drawing of a lane, in as many rows as it has periods at the same time, and the place below it."""
    parts = []
    if scale.left:
        parts.append(text(8, y + 20, lane.label, 12, FAINT))
    else:
        parts.append(text(0, y + 12, lane.label, 11, FAINT))
        y += 15
    rows: list[list[Span]] = []
    for span in lane.spans:
        if scale.bounds(span)[1] <= scale.left:
            continue  # over before the picture begins: the table has it
        row = next((row for row in rows if not _meet(row[-1], span)), None)
        if row is None:
            rows.append(row := [])
        row.append(span)
    for number, row in enumerate(rows):
        parts += [_bar(span, scale, y + number * _ROW) for span in row]
    return parts, y + max(1, len(rows)) * _ROW


def _meet(before: Span, after: Span) -> bool:
    return before.end is None or after.start is None or before.end > after.start


def _bar(span: Span, scale: _Scale, y: float) -> SafeString:
    left, right = scale.bounds(span)
    width = max(2.0, right - left - 1)
    fill, ink, dash = _look(span)
    # What goes on has no right edge but an arrow.
    edge = 8 if span.end is None and width > 16 else 0
    top, bottom = y + 4, y + 4 + _BAR
    shoulder, tip = f"{left + width - edge:.1f}", f"{left + width:.1f}"
    outline = f"M{left} {top} H{shoulder} L{tip} {top + _BAR / 2} L{shoulder} {bottom} H{left} Z"
    return format_html(
        '<g><title>{told}</title><path d="{outline}" fill="{fill}" stroke="{line}"{dash}/>{words}</g>',
        told=told(span),
        outline=outline,
        fill=fill,
        line="#ffffff" if ink == "#ffffff" else FAINT,
        dash=format_html(' stroke-dasharray="{}"', dash) if dash else "",
        words=_words(span, left, width - edge, top, ink),
    )


def _look(span: Span) -> tuple[str, str, str]:
    """Return fill, ink and dashes of a bar."""
    if span.kind == GAP:
        return "#ffffff", FAINT, "3 3"
    if span.kind == TIER:
        place = min(max(span.rank, 1), len(_TIERS)) - 1
        return _TIERS[place], "#ffffff" if place < 3 else INK, ""
    return _OTHERS[span.kind], INK, "6 2" if span.kind == NAME else ""


def _words(span: Span, left: float, width: float, top: float, ink: str) -> SafeString:
    """Return number and label as far as they fit; a number that does not fit is above its bar."""
    number = str(span.number)
    if width < 7 * len(number) + 6:
        return text(left, top - 1, number, 9, INK)
    shown = f"{number} {span.label}"
    if _wide(shown) * 12 > width - 8:
        keep = [end for end in range(len(number) + 2, len(shown)) if (_wide(shown[:end]) + 1) * 12 <= width - 8]
        shown = f"{shown[: keep[-1]]}…" if keep and keep[-1] >= len(number) + 3 else number
    return text(left + 4, top + 15.5, shown, 12, ink)


def _wide(text: str) -> float:
    """Return the width of the text in ems: a Chinese sign is as wide as high, a Latin one about 0.58."""
    return sum(1 if ord(sign) > 0x2E80 else 0.58 for sign in text)


def told(span: Span) -> str:
    """Return the period as one sentence."""
    start = date_format(span.start, "DATE_FORMAT") if span.start else "…"
    end = date_format(span.end, "DATE_FORMAT") if span.end else _("today and on")
    said = f"{span.number} {span.kind_label}: {span.label}, {start} – {end}"
    return f"{said} ({span.detail})" if span.detail else said
