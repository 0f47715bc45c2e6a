"""Places a landscape on a sheet: bands below each other, in them groups, in these cards in rows of equal height.

All lengths are points (1/72 inch), so that one layout serves a screen and a sheet of paper.
"""

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby
from math import ceil

from registry.landscape.chart import Band, Card, Chart, SectorEntry, SectorGroup

SMALLEST = 6.0
"""The smallest size of text that can still be read in print."""
LINE = 1.42
"""The height of a line as a multiple of the size of its text."""
NAME = 11.5
"""The widest name as a multiple of the size of its text: about eleven Chinese signs, or twice as many Latin ones."""
_SIDE = 46.0
"""The width of the strip at the left that names the layer."""
_GAP = 6.0
_LINES = (6, 10, 4, 16, 3, 2)
_SIZES = (9.0, 8.0, 7.0, 6.5, SMALLEST)
_FEWER = (150, 100, 70, 50, 36, 28, 22, 18, 15, 12, 10, 8, 7, 6, 5, 4, 3, 2, 1, 0)


@dataclass(frozen=True)
class PlacedCard:
    card: Card
    entries: tuple[SectorEntry, ...]
    x: float
    y: float
    width: float
    height: float
    columns: int

    @property
    def more(self) -> int:
        """Return the number of organizations that are not shown."""
        return self.card.count - len(self.entries)


@dataclass(frozen=True)
class Run:
    """Cards of one group in one row, below the name of the group."""

    group: SectorGroup
    x: float
    y: float
    cards: tuple[PlacedCard, ...]


@dataclass(frozen=True)
class PlacedBand:
    band: Band
    y: float
    height: float
    runs: tuple[Run, ...]


@dataclass(frozen=True)
class PictureSheet:
    """A picture: its size, the size of its smallest text, and the place of each part."""

    width: float
    height: float
    text: float
    margin: float
    head: float
    foot: float
    most: int
    """The most names in a card."""
    lines: int
    """The number of names below each other from which a card gets another column."""
    bands: tuple[PlacedBand, ...] = field(default=())

    @property
    def inner(self) -> float:
        return self.width - 2 * self.margin


class DoesNotFit(Exception):
    """Says that not even the names of the sectors fit the sheet in letters that can be read."""


def on_screen(chart: Chart, width: float, text: float, most: int, head: float, foot: float) -> PictureSheet:
    """Return a picture as high as it needs to be, with at most `most` names in a sector."""
    return _placed(chart, PictureSheet(width, 0, text, 14, head, foot, most, lines=12))


def on_paper(chart: Chart, width: float, height: float, head: float, foot: float) -> PictureSheet:
    """Return a sheet of this size: as many names in the largest letters that fit, then fewer names.

    Raises DoesNotFit.
    """
    cards = [card for band in chart.bands for group in band.groups for card in group.cards]
    largest = max((len(card.entries) for card in cards), default=0)
    tries = [(text, largest) for text in _SIZES[:-1]]
    tries += [(_SIZES[-2], most) for most in _FEWER if most < largest] + [(SMALLEST, 0)]
    for text, most in tries:
        for lines in _LINES:
            sheet = _placed(chart, PictureSheet(width, height, text, 26, head, foot, most, lines))
            if sheet.height <= height:
                return replace(sheet, height=height)
    raise DoesNotFit


def text_width(text: str, size: float) -> float:
    """Return about how wide a text is in a font with Chinese signs as wide as they are high."""
    return size * sum(1.0 if unicodedata.east_asian_width(sign) in "WFA" else 0.56 for sign in text)


def shortened(text: str, size: float, width: float) -> str:
    """Return the text, or its beginning with an ellipsis, no wider than `width`."""
    if text_width(text, size) <= width:
        return text
    left = width - text_width("…", size)
    taken = 0.0
    for position, sign in enumerate(text):
        taken += text_width(sign, size)
        if taken > left:
            return text[:position] + "…"
    return text


def _placed(chart: Chart, sheet: PictureSheet) -> PictureSheet:
    y = sheet.margin + sheet.head
    bands = []
    for band in chart.bands:
        placed = _band(band, sheet, y)
        bands.append(placed)
        y += placed.height + _GAP
    return replace(sheet, height=y + sheet.foot + sheet.margin, bands=tuple(bands))


def _band(band: Band, sheet: PictureSheet, top: float) -> PlacedBand:
    left = sheet.margin + _SIDE + 2 * _GAP
    room = sheet.width - sheet.margin - _GAP - left
    y = top + _GAP
    runs: list[Run] = []
    cards = [(group, card) for group in band.groups for card in group.cards]
    for row in _rows(cards, sheet, room):
        columns = _spread([card for _group, card in row], sheet, room)
        widths = [_card_width(card, count, sheet) for (_group, card), count in zip(row, columns, strict=True)]
        left_over = room - sum(widths) - _GAP * (len(row) - 1)
        # A row that is nearly full is stretched to the edge; a short last one keeps its cards as they are.
        wider = left_over / len(row) if left_over < 0.4 * room else 0.0
        height = max(_card_height(card, count, sheet) for (_group, card), count in zip(row, columns, strict=True))
        below = y + sheet.text * 1.8
        x, placed = left, []
        for (_group, card), count, width in zip(row, columns, widths, strict=True):
            shown = card.entries[: sheet.most]
            placed.append(PlacedCard(card, shown, x, below, width + wider, height, count))
            x += width + wider + _GAP
        for group, run in groupby(zip(row, placed, strict=True), key=lambda one: one[0][0]):
            of_group = tuple(card for _row, card in run)
            runs.append(Run(group, of_group[0].x, y, of_group))
        y = below + height + _GAP
    return PlacedBand(band, top, y - top, tuple(runs))


def _spread(row: Sequence[Card], sheet: PictureSheet, room: float) -> list[int]:
    """Return the columns of names of each card in a row: room that is left over goes to the highest cards."""
    columns = [_columns(card, sheet) for card in row]
    used = sum(_card_width(card, count, sheet) for card, count in zip(row, columns, strict=True))
    left_over = room - used - _GAP * (len(row) - 1)
    while left_over >= _column(sheet):
        lines = [_lines(card, count, sheet) for card, count in zip(row, columns, strict=True)]
        highest = lines.index(max(lines))
        if lines[highest] < 3:
            break
        columns[highest] += 1
        left_over -= _column(sheet)
    return columns


def _rows(
    cards: Sequence[tuple[SectorGroup, Card]], sheet: PictureSheet, room: float
) -> Iterator[list[tuple[SectorGroup, Card]]]:
    row: list[tuple[SectorGroup, Card]] = []
    used = 0.0
    for group, card in cards:
        needed = _card_width(card, _columns(card, sheet), sheet)
        if row and used + _GAP + needed > room:
            yield row
            row, used = [], 0.0
        used += needed + (_GAP if row else 0)
        row.append((group, card))
    if row:
        yield row


def _columns(card: Card, sheet: PictureSheet) -> int:
    room = int((sheet.inner - _SIDE - 4 * _GAP) // _column(sheet))
    return max(1, min(room, ceil(min(len(card.entries), sheet.most) / sheet.lines)))


def _column(sheet: PictureSheet) -> float:
    return sheet.text * (NAME + 2.0)


def _lines(card: Card, columns: int, sheet: PictureSheet) -> int:
    """Return the lines of names, with one for what is not shown."""
    names = min(len(card.entries), sheet.most)
    return max(1, ceil(names / columns) + (card.count > names or not card.count))


def _card_width(card: Card, columns: int, sheet: PictureSheet) -> float:
    heading = text_width(card.name, sheet.text * 1.1) + sheet.text * 4
    return max(columns * _column(sheet) + sheet.text, heading)


def _card_height(card: Card, columns: int, sheet: PictureSheet) -> float:
    return sheet.text * (2.8 + LINE * _lines(card, columns, sheet))
