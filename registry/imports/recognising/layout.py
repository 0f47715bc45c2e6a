"""How a file is to be understood, where the guess is not right: for one file, or remembered for its set of labels."""

import hashlib
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field, fields
from typing import Any, Self

from registry.imports.recognising.headers import label_key

IGNORED = ""
"""In the place of a column's name: nothing takes the column."""


@dataclass(frozen=True, slots=True)
class Layout:
    """Corrections of what was recognised; what it does not mention stays as recognised."""

    encoding: str = ""
    """Of a text file."""
    sheets: dict[str, bool] = field(default_factory=dict)
    """Name of a sheet -> whether it is read."""
    header_rows: dict[str, list[int]] = field(default_factory=dict)
    """Name of a sheet -> numbers of its header rows, which follow on each other: one or two, as the program shows."""
    columns: dict[str, str] = field(default_factory=dict)
    """`label_key()` of a label -> name of the column that it means, or IGNORED."""
    constants: dict[str, str] = field(default_factory=dict)
    """Name of a column -> text that every row has there whose own cell is missing or blank."""
    values: dict[str, dict[str, str]] = field(default_factory=dict)
    """Name of a column -> text in the file -> text that is meant."""

    @classmethod
    def from_json(cls, given: dict[str, Any]) -> Self:
        known = {field.name for field in fields(cls)}
        return cls(**{name: value for name, value in given.items() if name in known})

    def to_json(self) -> dict[str, Any]:
        return {name: value for name, value in asdict(self).items() if value}

    def remembered(self) -> dict[str, Any]:
        """The part that holds for every file with the same labels, as JSON."""
        return {name: value for name, value in self.to_json().items() if name in ("columns", "constants", "values")}


def signature(labels: Iterable[str]) -> str:
    """One for all files with the same set of column labels, in whatever order: SHA-256 of the sorted keys."""
    keys = sorted({label_key(label) for label in labels} - {""})
    return hashlib.sha256("\n".join(keys).encode()).hexdigest()
