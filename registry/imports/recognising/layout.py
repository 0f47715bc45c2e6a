"""The corrections of how a file is understood, for one file or remembered for all files with the same labels."""

import hashlib
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any, Self

from registry.imports.recognising.headers import label_key

IGNORED = ""
"""Replaces the name of a column: no field takes the column."""
LASTING = frozenset({"kind", "category", "township", "zone", "tier"})
"""The columns whose value for all rows is remembered. They say what sort of organizations such lists are about.

Years, days, batches, gradings, sectors, states, amounts, codes and names belong to one file only.
"""


@dataclass(frozen=True, slots=True)
class Layout:
    """Corrections of how a file was recognised; anything not mentioned here stays as recognised."""

    encoding: str = ""
    """The encoding of a text file; empty for the detected one."""
    sheets: dict[str, bool] = field(default_factory=dict)
    """Name of a sheet -> whether it is read."""
    header_rows: dict[str, list[int]] = field(default_factory=dict)
    """Name of a sheet -> numbers of its one or two consecutive header rows, as the spreadsheet program shows them."""
    columns: dict[str, str] = field(default_factory=dict)
    """`label_key()` of a label -> name of the column that it means, or IGNORED."""
    constants: dict[str, str] = field(default_factory=dict)
    """Name of a column -> text for each row whose own cell is missing or blank."""
    values: dict[str, dict[str, str]] = field(default_factory=dict)
    """Name of a column -> text in the file -> text that it means."""
    memory: dict[str, Any] = field(default_factory=dict)
    """The corrections remembered for files with these labels, as `remembered()` returns them, with the id of their
    `mapping`, `by` whom and `on` which day it was set.
    """

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> Self:
        known = {field.name for field in fields(cls)}
        return cls(**{name: value for name, value in stored.items() if name in known})

    def to_json(self) -> dict[str, Any]:
        return {name: value for name, value in asdict(self).items() if value}

    def remembered(self) -> dict[str, Any]:
        """Return the part that holds for every file with the same labels, as JSON."""
        constants = {name: value for name, value in self.constants.items() if name in LASTING}
        lasting = {"columns": self.columns, "constants": constants, "values": self.values}
        return {name: value for name, value in lasting.items() if value}

    def without_memory(self) -> Self:
        """Return the corrections that somebody made for this file alone."""
        columns = {name: said for name, said in self.columns.items() if not self.is_remembered("columns", name)}
        constants = {name: said for name, said in self.constants.items() if not self.is_remembered("constants", name)}
        known = self.memory.get("values", {})
        values = {name: dict(said.items() - known.get(name, {}).items()) for name, said in self.values.items()}
        values = {name: said for name, said in values.items() if said}
        return replace(self, columns=columns, constants=constants, values=values, memory={})

    def is_remembered(self, part: str, name: str) -> bool:
        """Return whether an entry of `columns`, `constants` or `values` is equal to the remembered one."""
        known = self.memory.get(part, {})
        return name in known and getattr(self, part).get(name) == known[name]


def signature(labels: Iterable[str]) -> str:
    """Return one text for all files with the same column labels in any order: SHA-256 of their sorted keys."""
    keys = sorted({label_key(label) for label in labels} - {""})
    return hashlib.sha256("\n".join(keys).encode()).hexdigest()
