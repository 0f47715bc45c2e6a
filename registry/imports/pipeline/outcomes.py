"""The outcome of each row of an import: the record that it is about, and the cells that change, as files show them."""

import datetime
from decimal import Decimal
from typing import Any, NamedTuple, TypedDict

from registry.columns import Column, Reading
from registry.spreadsheet import decimal_text


class Candidate(TypedDict):
    """An organization that a new row may be about, and why."""

    id: int
    registry_no: str
    name: str
    reasons: list[str]


class Change(TypedDict, total=False):
    """One cell: the name of its column, and the texts; a new record has no `old`."""

    column: str
    old: str
    new: str


class Suggested(TypedDict):
    """A sector that the words of a row speak for."""

    sector: int
    words: list[tuple[str, str]]
    """Name of the text, and the word as it is there."""
    accepted: bool


class Written(NamedTuple):
    """A staged row that is new or changes something; a new record may have no id yet."""

    n: int
    is_new: bool
    organization: int | None
    changes: list[Change]


class RowOutcome(NamedTuple):
    """The outcome of one row of the file; problems, notes, changes and candidates as `ImportRow` keeps them."""

    n: int
    sheet: str
    number: int
    outcome: str
    """`new`, `changed`, `unchanged`, `refused` or `undecided`."""
    name: str
    organization: int | None
    problems: list[dict[str, Any]]
    changes: list[Change]
    candidates: list[Candidate]
    suggestions: list[Suggested]
    notes: list[dict[str, Any]]


def cell_of(column: Column, value: object, reading: Reading) -> str:
    """A database value as the text of a file's cell."""
    written = column.write(value, reading) if column.write else value
    if written is None:
        return ""
    if isinstance(written, Decimal):
        return decimal_text(written)
    return written.isoformat() if isinstance(written, datetime.date) else str(written)


def change(column: Column, old: object, new: object, reading: Reading, is_new: bool) -> Change:
    shown: Change = {"column": column.name, "new": cell_of(column, new, reading)}
    if not is_new:
        shown["old"] = cell_of(column, old, reading)
    return shown
