"""The tile map of the townships: one square each, placed about as they lie, coloured by number."""

import csv
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import NamedTuple

from registry.api.lists.filters import StrictFilterSet
from registry.landscape.svg import Caption, box, linked, opening, text
from registry.search.organization_rows import OrganizationRows
from registry.statistics.dimensions import ORGANIZATION_DIMENSIONS, facets
from registry.values.punctuation import labelled

_TILES = Path(__file__).parent / "township_tiles.csv"
_TOWNSHIP = next(one for one in ORGANIZATION_DIMENSIONS if one.name == "township")
SIDE, GAP, MARGIN = 108.0, 6.0, 24.0
_SHADES = ("#f3f4f6", "#dbeafe", "#93c5fd", "#3b82f6", "#1d4ed8", "#1e3a8a")
_ON_DARK = 3
"""From this shade on, text is white."""


@dataclass(frozen=True)
class Tile:
    """A township with its number of organizations; `column` and `row` place it on the map."""

    code: str
    name: str
    count: int
    column: int
    row: int


class TownshipCounts(NamedTuple):
    """The numbers of a map: the tiles, organizations elsewhere or without a township, and all."""

    tiles: Sequence[Tile]
    elsewhere: int
    organizations: int


@cache
def _places() -> dict[str, tuple[int, int]]:
    """Return column and row of each township by its code; positions after GeoNames (CC BY 4.0)."""
    with _TILES.open(encoding="utf-8", newline="") as file:
        return {row["code"]: (int(row["column"]), int(row["row"])) for row in csv.DictReader(file)}


def read_townships(rows: OrganizationRows, filterset: StrictFilterSet) -> TownshipCounts:
    """Return how many of the rows that a list chooses are in each township."""
    total, counted = facets(rows, [_TOWNSHIP], filterset)
    places = _places()
    tiles = [
        Tile(entry.code, entry.name, count, *places[entry.code])
        for entry, count in counted[_TOWNSHIP.name]
        if entry.code in places
    ]
    return TownshipCounts(tiles, total - sum(tile.count for tile in tiles), total)


def draw_townships(townships: TownshipCounts, caption: Caption, link: Callable[[str], str]) -> tuple[str, float, float]:
    """Return the map as SVG with its width and height; `link` gives the address of a township's code."""
    columns = max(tile.column for tile in townships.tiles) + 1
    rows = max(tile.row for tile in townships.tiles) + 1
    head = 34 + 13 * len(caption.about)
    width = 2 * MARGIN + columns * (SIDE + GAP) - GAP
    height = head + 2 * MARGIN + rows * (SIDE + GAP) + 12 * len(caption.notes)
    largest = max(tile.count for tile in townships.tiles)
    pieces = [opening(width, height, caption)]
    for tile in townships.tiles:
        x, y = MARGIN + tile.column * (SIDE + GAP), head + MARGIN + tile.row * (SIDE + GAP)
        shade = -(-tile.count * (len(_SHADES) - 1) // largest) if tile.count else 0
        colour = "#ffffff" if shade >= _ON_DARK else "#1f2937"
        dashed = "" if tile.count else ' stroke-dasharray="4 3"'
        drawn = box(x, y, SIDE, SIDE, fill=_SHADES[shade], stroke="#64748b", radius=4, more=dashed)
        drawn += text(x + SIDE / 2, y + 46, tile.name, 14, colour=colour, anchor="middle")
        drawn += text(x + SIDE / 2, y + 76, str(tile.count), 22, colour=colour, weight="bold", anchor="middle")
        pieces.append(linked(link(tile.code), drawn, labelled(tile.name, tile.count)))
    pieces.append("</svg>\n")
    return "".join(pieces), width, height
