"""Finds several tables in one sheet: beside each other, as lists are printed to save paper, and below each other."""

import re
from collections import deque
from collections.abc import Callable, Container, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

from registry.imports.reading.files import RawFile
from registry.imports.reading.tables import Sheet, cells_of
from registry.imports.recognising.headers import Recognise, column_letter, header_label, label_key
from registry.spreadsheet import Cell

Rows = dict[int, list[Cell]]
"""Rows of a sheet by their numbers."""
Complete = Callable[[set[str]], bool]
"""A function that returns whether columns with these names identify the record of a row."""

WIDEST = 300
"""The most columns that a file can have."""
_LONGEST_LABEL = 60
_TITLE_ROWS = 4
"""The number of rows above a header that may be its title."""
_FIRST_TEXT_RE = re.compile(rb'\[(?:"",)*"([^"\\]{1,24})')
_DIGIT_RE = re.compile(rb"\d")
_RUNNING = frozenset({"序号", "编号", "no"})
_MARKS = "*＊ \t　.、()（）0123456789一二三四五六七八九十"


# --- Beside each other


def second_table(
    labels: Sequence[str], rows: Rows, header_rows: Sequence[int], recognise: Recognise, complete: Complete
) -> int | None:
    """Return the column in which a second table begins: its labels are repeated, or an empty column separates them.

    Both tables have the key columns and some common names. A list with two columns of one meaning is not two tables.
    """
    below = [cells for number, cells in rows.items() if header_rows and number > header_rows[-1]]
    names = [recognise(label) if label else None for label in labels]
    first = next((index for index, label in enumerate(labels) if label), 0)
    for column in range(first + 1, len(labels)):
        if not labels[column]:
            continue
        own, other = set(names[:column]) - {None}, set(names[column:]) - {None}
        if not own & other or not complete(own) or not complete(other):  # type: ignore[arg-type]
            continue
        anew = label_key(labels[column]) == label_key(labels[first])
        apart = not labels[column - 1] and not any(cells[column - 1 : column] not in ([], [""]) for cells in below)
        if apart or (anew and _keys(labels[column:]) <= _keys(labels[:column])):
            return column
    return None


def _keys(labels: Sequence[str]) -> set[str]:
    return {label_key(label) for label in labels if label}


def split(about: dict[str, Any], column: int, width: int) -> list[dict[str, Any]]:
    """Return the child process's description of a sheet twice: for the columns before this one, and for the rest.

    Both get the name of the sheet and their columns as a name, since a row is known by its sheet and number.
    """
    first, last = about.get("span") or (0, WIDEST)
    sheet = about.get("sheet", about["name"])
    parts = []
    for left, right in ((first, column - 1), (column, last)):
        letters = f"{column_letter(left)}-{column_letter(min(right, width - 1))}"
        parts.append(about | {"span": (left, right), "sheet": sheet, "name": f"{sheet} {letters}".strip()})
    return parts


# --- Below each other


@dataclass
class TableBelow:
    """The beginning of a table below another one."""

    first: int
    """The number of its first row, which may be a title above its header."""
    offset: int
    """The position of the first row in the spool file, in bytes."""
    rows: Rows
    """The header row and the row below it."""
    titles: set[int] = field(default_factory=set)


def is_header(labels: Sequence[str], recognise: Recognise, complete: Complete, known: Container[str] = ()) -> bool:
    """Return whether a row with these labels is the header of a table and not a row of data.

    A header holds only known labels, or at least twice as many labels as other short words, and no number.
    """
    filled = [label for label in labels if label]
    if len(filled) < 2 or any(len(label) >= _LONGEST_LABEL for label in filled):
        return False
    found = {name for label in filled if (name := recognise(label))}
    if all(label in known or recognise(label) for label in filled):
        return len(found) > 1
    digits = any(character.isdigit() for label in filled for character in label)
    return not digits and 2 * len(found) >= len(filled) and (len(found) > 2 or (len(found) == 2 and complete(found)))


def end_with(sheet: Sheet, last: int) -> None:
    """Let the table end with this row, because another table begins below it."""
    sheet.rows = last - sheet.first + 1
    sheet.hidden = [number for number in sheet.hidden if number <= last]
    sheet.merged = [cell for cell in sheet.merged if cell[0] <= last]


def tables_below(
    raw: RawFile, about: dict[str, Any], above: Sheet, head: list[list[Cell]], recognise: Recognise, complete: Complete
) -> tuple[list[TableBelow], set[int]]:
    """Return the tables below the first one, from top to bottom, and the titles between rows of data.

    A row that repeats the header above it begins no new table. A label that is alone in its row is the header of a list
    of one column, or a title.
    """
    found: list[TableBelow] = []
    titles: set[int] = set()
    search = _Search(above, head, recognise, complete)
    before: deque[tuple[int, int, bytes]] = deque(maxlen=_TITLE_ROWS)
    waiting: tuple[int, int, list[Cell]] | None = None
    end, span = above.header_rows[-1], about.get("span")
    for number, offset, line in chain(raw.lines(about), [(about["rows"] + 1, 0, b"[]")]):
        if number <= end:
            continue
        if waiting:
            cells = cells_of(line, span)
            if _filled(waiting[2]) > 1 or _filled(cells) == 1:
                rows = {waiting[0]: waiting[2]} | ({number: cells} if number <= about["rows"] else {})
                titled = [(row, place, cells_of(above, span)) for row, place, above in before]
                found.append(_beginning(waiting, rows, titled))
                search.heads = [waiting[2]]
                before.clear()
                waiting = None
                continue
            titles.add(waiting[0])
            waiting = None
        if search.may_be_header(line) and search.is_new(cells := cells_of(line, span)):
            waiting = (number, offset, cells)
        else:
            before.append((number, offset, line))
    return found, titles


def _filled(cells: list[Cell]) -> int:
    return sum(cell != "" for cell in cells)


def _beginning(
    header: tuple[int, int, list[Cell]], rows: Rows, before: Iterable[tuple[int, int, list[Cell]]]
) -> TableBelow:
    """Return the table of a header, with the title above it: a single text in the row, below an empty row."""
    above: list[tuple[int, int, bool]] = []
    for number, offset, cells in before:
        if _filled(cells) > 1:
            above.clear()
        elif above or not _filled(cells):
            above.append((number, offset, _filled(cells) == 1))
    first, offset, _title = above[0] if above else (header[0], header[1], False)
    return TableBelow(first, offset, rows, {number for number, _offset, title in above if title})


class _Search:
    """Recognises the header of a table below another one; it skips most rows without reading their cells."""

    def __init__(self, above: Sheet, head: list[list[Cell]], recognise: Recognise, complete: Complete) -> None:
        self.heads = head
        """The rows of the last header."""
        self._recognise, self._complete = recognise, complete
        self._labels = set(above.labels)
        self._beginnings = recognise.beginnings | {_begin(label) for label in self._labels} | _RUNNING

    def may_be_header(self, line: bytes) -> bool:
        """Return whether the row begins with a label, or holds no number at all."""
        first = _FIRST_TEXT_RE.match(line)
        if first is None:
            return False
        return _begin(first[1].decode(errors="ignore")) in self._beginnings or not _DIGIT_RE.search(line)

    def is_new(self, cells: list[Cell]) -> bool:
        """Return whether the row is a header that does not repeat the last one."""
        begun = sum(isinstance(cell, str) and cell != "" and _begin(cell) in self._beginnings for cell in cells)
        if begun < min(2, _filled(cells)) or not all(isinstance(cell, str) for cell in cells):
            return False
        labels = [header_label(cell) for cell in cells]
        if any(_repeats(labels, [header_label(cell) for cell in head]) for head in self.heads):
            return False
        if _filled(cells) == 1:
            label = next(filter(None, labels), "")
            return len(label) < _LONGEST_LABEL and label not in self._labels and self._recognise(label) is not None
        return is_header(labels, self._recognise, self._complete, self._labels)


def _begin(text: str) -> str:
    """Return the first two letters of a label, in small letters and without the marks that may precede it."""
    return text.lstrip(_MARKS)[:2].lower()


def _repeats(labels: list[str], head: list[str]) -> bool:
    return all(index < len(head) and head[index] == label for index, label in enumerate(labels) if label)
