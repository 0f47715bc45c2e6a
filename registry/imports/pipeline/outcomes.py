"""The outcome of each row of an import: the record that it is about, and the cells that change, as files show them."""

import datetime
from decimal import Decimal
from typing import Any, NamedTuple, TypedDict

from registry.columns import Column, RenderContext
from registry.spreadsheet import decimal_text


class StoredCandidate(TypedDict):
    """An organization that a new row may be about, and why."""

    id: int
    registry_no: str
    name: str
    reasons: list[str]


class Change(TypedDict, total=False):
    """The change of one cell: the name of its column and both texts. A new record has no `old`."""

    column: str
    old: str
    new: str


class SuggestedSector(TypedDict):
    """A sector that the words of a row suggest."""

    sector: int
    words: list[tuple[str, str]]
    """Pairs of the name of a text and the word found in it."""
    accepted: bool


class WrittenRow(NamedTuple):
    """A staged row that creates or changes a record; a record to be created may have no id yet."""

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
    candidates: list[StoredCandidate]
    suggestions: list[SuggestedSector]
    notes: list[dict[str, Any]]


def _text(written: object) -> str:
    """Return the cell of a file as text."""
    if written is None:
        return ""
    if isinstance(written, Decimal):
        return decimal_text(written)
    return written.isoformat() if isinstance(written, datetime.date) else str(written)


def change(column: Column, old: object, new: object, context: RenderContext, is_new: bool) -> Change:
    """Return the change of a cell. What is stored is masked where its column is; what the file says is not."""
    shown: Change = {"column": column.name, "new": _text(column.write(new, context) if column.write else new)}
    if not is_new:
        shown["old"] = _text(column.cell(old, context))
    return shown
