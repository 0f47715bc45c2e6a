"""The corrections of how a file is understood, for one file or remembered for all files with the same labels."""

import hashlib
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any, NamedTuple, Self

from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from registry.imports.models import ImportMapping
from registry.imports.pipeline.report import Message
from registry.imports.recognising.headers import label_key
from registry.values.people import person_name
from registry.values.validators import fold_name

IGNORED = ""
"""Replaces the name of a column: no field takes the column."""
LASTING = frozenset({"kind", "category", "township", "zone", "tier"})
"""The columns whose value for all rows is remembered. They say what sort of organizations such lists are about.

Years, days, batches, gradings, sectors, states, amounts, codes and names belong to one file only.
"""
_COLUMN = _("Column “%(label)s” is read as “%(meant)s”, as set before (%(who)s).")
_IGNORED = _("Column “%(label)s” is not read, as set before (%(who)s).")
_CONSTANT = _("“%(column)s” is “%(meant)s” for all rows whose own cell is blank, as set before (%(who)s).")
_VALUE = _("“%(text)s” in “%(column)s” is read as “%(meant)s”, as set before (%(who)s).")
_UNKNOWN = _("“%(text)s” in “%(column)s” is read as nothing, as set before (%(who)s).")


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

    def meanings(self, column: str) -> dict[str, str]:
        """Return the meanings that people gave to texts of a column: folded text -> text that it means."""
        return {fold_name(text): meant for text, meant in self.values.get(column, {}).items()}

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


# --- Corrections that are remembered


class RememberedPart(NamedTuple):
    """One remembered correction that is used for a file."""

    message: Message
    part: str
    """`columns`, `constants` or `values` of a `Layout`."""
    name: str
    """The key of the correction in that part."""


def find_mapping(table: str, headers: Iterable[list[str]]) -> ImportMapping | None:
    """Return the mapping remembered for the labels of one of these possible headers; None if there is none."""
    known: Mapping[str, Any] = {
        mapping.signature: mapping for mapping in ImportMapping.objects.filter(table=table).select_related("created_by")
    }
    if not known:
        return None
    found = (known.get(signature(labels)) for labels in headers if any(labels))
    return next(filter(None, found), None)


def layout_of(mapping: ImportMapping) -> Layout:
    """Return the corrections of a mapping that hold for every file, with who has set them and when."""
    lasting = Layout.from_json(mapping.layout).remembered()
    set_at = mapping.events.order_by("pgh_id").values_list("pgh_created_at", flat=True).last()  # type: ignore[attr-defined]
    about = {
        "mapping": mapping.pk,
        "by": person_name(mapping.created_by) if mapping.created_by else "",
        "on": timezone.localdate(set_at or mapping.used_at).isoformat(),
    }
    return Layout(**lasting, memory={**lasting, **about})


def note_use(layout: Layout) -> None:
    """Store that a file was imported with the remembered mapping of this layout."""
    ImportMapping.objects.filter(pk=layout.memory["mapping"]).update(used_at=Now())


def in_force(layout: Layout, labels: Collection[str], names: Mapping[str, object]) -> Iterator[RememberedPart]:
    """Yield the remembered corrections that hold for a file with these labels.

    `names` maps possible columns to their labels.
    """
    if not layout.memory:  # only corrections of this file
        return
    about = {"who": " ".join(filter(None, (layout.memory["by"], layout.memory["on"])))}
    for key, label in {label_key(label): label for label in labels}.items():
        name = layout.columns.get(key)
        if name is not None and (not name or name in names) and layout.is_remembered("columns", key):
            meant = {"label": label, "meant": names.get(name, "")} | about
            yield RememberedPart(Message(_COLUMN if name else _IGNORED, meant), "columns", key)
    for name, value in layout.constants.items():
        if name in names and layout.is_remembered("constants", name):
            yield RememberedPart(Message(_CONSTANT, {"column": names[name], "meant": value} | about), "constants", name)
    for name, meanings in layout.values.items():
        for text, meaning in meanings.items() if name in names else ():
            if layout.memory.get("values", {}).get(name, {}).get(text) == meaning:
                words = {"column": names[name], "text": text, "meant": meaning} | about
                yield RememberedPart(Message(_VALUE if meaning else _UNKNOWN, words), "values", name)
