"""Finds in the XML of a sheet what calamine leaves out: errors, formulas without result, hidden rows, far cells.

calamine returns a blank cell for an error and for a formula without result, as if nobody had entered anything.
"""

import itertools
import re
import xml.parsers.expat
from array import array
from collections.abc import Iterable, Iterator
from typing import Any

from registry.imports.reading.sandbox.limits import MAX_COLUMNS, MAX_ROWS, Refused

# Nearly all cells: with a value, also of a formula, or with none; not in rows that leave out the cells' places.
_PLAIN_CELLS_RE = re.compile(
    rb'(?:<c r="[A-Z]{1,2}+[0-9]{1,6}+"(?: s="[0-9]++"| t="(?:s|n|b|str|inlineStr)")*+(?:/>|></c>|>'
    rb"(?:(?:<f(?: [^>]*+)?+>(?:[^<]*+</f>)?+)?+<v>[^<]++</v>|<is><t(?: [^>]*+)?+>[^<]*+</t></is>)</c>))++"
)
_WITHOUT_REFERENCE = (b"<c>", b"<c/", b"<c s", b"<c t")
_REFERENCE_RE = re.compile(r"([A-Z]{0,6})([0-9]{1,9})")
FORMULA = ""
"""Marks a formula without result; used in place of the name of an error."""
_KNOWN_ERRORS = frozenset(["#N/A", "#REF!", "#DIV/0!", "#NAME?", "#NULL!", "#NUM!", "#VALUE!"])
"""Errors that calamine knows; it cannot read a workbook with any other error."""
_MOST_NAMES, _LONGEST_NAME = 200, 40
_MOST_HIDDEN = 10_000


class MissingValues:
    """Cells whose value the file does not hold, each with the name of its error or FORMULA, stored in few bytes."""

    def __init__(self) -> None:
        self._places = array("I")
        self._kinds = bytearray()
        self._names: list[str] = []

    def __bool__(self) -> bool:
        return bool(self._places)

    def add(self, row: int, column: int, name: str) -> None:
        if row >= MAX_ROWS or column >= MAX_COLUMNS:
            raise Refused("too_many_cells", rows=MAX_ROWS, columns=MAX_COLUMNS)
        if name not in self._names:
            name = name if len(self._names) < _MOST_NAMES else "#…"
            if name not in self._names:
                self._names.append(name)
        self._places.append(row * MAX_COLUMNS + column)
        self._kinds.append(self._names.index(name))

    def put_into(self, rows: Iterator[list[Any]]) -> Iterator[list[Any]]:
        """Yield the rows with `[name]` in these cells, a form that no other cell has; add cells and rows where
        necessary.
        """
        order: Iterable[int] = range(len(self._places))
        if any(place > following for place, following in itertools.pairwise(self._places)):
            order = sorted(order, key=self._places.__getitem__)
        marks = ((*divmod(self._places[n], MAX_COLUMNS), self._names[self._kinds[n]]) for n in order)
        mark = next(marks, None)

        def below() -> Iterator[list[Any]]:
            while mark:
                yield []

        for number, row in enumerate(itertools.chain(rows, below())):
            while mark and mark[0] == number:
                _number, column, name = mark
                row += [""] * (column + 1 - len(row))
                row[column] = [name]
                mark = next(marks, None)
            yield row


class SheetWalk:
    """One walk through the XML of a sheet, block by block.

    Plain cells are cut out before, because a call for each of them would take longer than everything else. With `exact`
    they are not cut out, so that positions in the XML are right.
    """

    def __init__(self, *, exact: bool = False) -> None:
        self.missing_values = MissingValues()
        self.hidden: list[int] = []
        """Numbers of hidden rows."""
        self.unknown: list[tuple[int, int]] = []
        """The positions in the XML of error names that calamine does not know: first byte, and the byte behind the
        last.
        """
        self._exact = exact
        self._row, self._reference, self._after = 0, "0", 0
        self._in_cell = self._far = self._error = self._formula = False
        self._type: str | None = None
        self._text: list[str] = []
        self._from = -1
        self._names = ("", "", "", "", "")
        self._parser = xml.parsers.expat.ParserCreate()
        self._parser.ordered_attributes = True
        self._parser.StartDoctypeDeclHandler = _refuse_entities
        self._parser.StartElementHandler = self._root

    def feed(self, block: bytes) -> None:
        """Read one block. Raises Refused for a far cell with content, for entities, and for text that is no XML."""
        if not self._exact:
            self._exact = any(sign in block for sign in _WITHOUT_REFERENCE)
        self._parse(block if self._exact else _PLAIN_CELLS_RE.sub(b"", block), False)

    def close(self) -> None:
        self._parse(b"", True)
        self._settle()

    def _parse(self, block: bytes, final: bool) -> None:
        try:
            self._parser.Parse(block, final)
        except xml.parsers.expat.ExpatError:
            raise Refused("damaged") from None

    def _root(self, name: str, _attributes: list[str]) -> None:
        prefix = name.removesuffix("worksheet")
        self._names = tuple(f"{prefix}{local}" for local in ("c", "v", "f", "row", "is"))  # type: ignore[assignment]
        self._parser.StartElementHandler = self._start

    def _start(self, name: str, attributes: list[str]) -> None:
        cell, value, formula, row, inline = self._names
        if name == cell:
            if self._formula or self._error:
                self._settle()
            self._in_cell = True
            if attributes and attributes[0] == "r":
                self._reference, self._after = attributes[1], 0
                reference = attributes[1]
                self._far = (len(reference) > 7 or reference[2:3] >= "A") and self._is_far()
            else:
                self._place_cell(_pairs(attributes))
            self._type = _pairs(attributes).get("t") if "t" in attributes else None
            self._error = self._type == "e"
        elif name in (value, formula, inline) and self._in_cell:
            if self._far:
                raise Refused("far_cell", cell=self._reference, rows=MAX_ROWS, columns=MAX_COLUMNS)
            if name == formula:
                self._formula = True
            elif self._formula or self._error:
                self._text, self._from = [], -1
                self._parser.CharacterDataHandler = self._add_text
                self._parser.EndElementHandler = self._end_value
        elif name == row:
            self._settle()
            self._begin_row(_pairs(attributes))
        else:
            self._in_cell = False  # behind the rows, where other elements are called the same

    def _begin_row(self, attributes: dict[str, str]) -> None:
        number = attributes.get("r", "")
        self._row = int(number) if number.isdecimal() else self._row + 1
        self._reference, self._after = str(self._row), 0
        if attributes.get("hidden") in ("1", "true") and len(self.hidden) < _MOST_HIDDEN:
            self.hidden.append(self._row)

    def _place_cell(self, attributes: dict[str, str]) -> None:
        """Set the position of a cell; a cell without a reference is right of the cell before."""
        self._after += 1
        if "r" in attributes:
            self._reference, self._after = attributes["r"], 0
        self._far = self._is_far()

    def _is_far(self) -> bool:
        row, column = self._place()
        return row >= MAX_ROWS or column >= MAX_COLUMNS

    def _place(self) -> tuple[int, int]:
        """Return row and column of the cell, counted from 0."""
        found = _REFERENCE_RE.fullmatch(self._reference.upper())
        if not found:
            raise Refused("damaged")
        column = 0
        for letter in found[1]:
            column = column * 26 + ord(letter) - ord("A") + 1
        return int(found[2]) - 1, column - 1 + self._after

    def _add_text(self, text: str) -> None:
        if self._from < 0:
            self._from = self._parser.CurrentByteIndex
        self._text.append(text)

    def _end_value(self, name: str) -> None:
        if name not in (self._names[1], self._names[4]):
            return  # a text within an inline string
        self._parser.CharacterDataHandler = self._parser.EndElementHandler = None
        text = "".join(self._text)
        if self._error and text:
            if text not in _KNOWN_ERRORS:
                self.unknown.append((self._from, self._parser.CurrentByteIndex))
            self.missing_values.add(*self._place(), text.strip()[:_LONGEST_NAME] or "#…")
        elif not text and self._formula and self._type not in ("str", "inlineStr"):
            return  # openpyxl writes an empty result for none
        self._formula = self._error = False

    def _settle(self) -> None:
        """Close a cell: a formula whose result has not appeared has none."""
        if self._formula:
            self.missing_values.add(*self._place(), FORMULA)
        self._formula = self._error = False


def _pairs(attributes: list[str]) -> dict[str, str]:
    return dict(zip(attributes[::2], attributes[1::2], strict=True))


def _refuse_entities(*_declaration: object) -> None:
    raise Refused("entities")
