"""Finds the mapping that somebody has corrected for files with the same labels, and reports its use."""

from collections.abc import Collection, Iterator, Mapping
from typing import Any, NamedTuple

from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from registry.imports.models import ImportMapping
from registry.imports.pipeline.report import Message
from registry.imports.reading.files import RawFile
from registry.imports.recognising.headers import label_key
from registry.imports.recognising.layout import Layout, signature
from registry.imports.recognising.sheets import Recognise, possible_headers
from registry.values.people import person_name


class RememberedPart(NamedTuple):
    """One remembered correction that is used for a file."""

    message: Message
    part: str
    """`columns`, `constants` or `values` of a `Layout`."""
    name: str
    """The key of the correction in that part."""


def find_mapping(table: str, raw: RawFile, joins: Recognise) -> ImportMapping | None:
    """Return the mapping remembered for the labels in one of the first rows of a sheet; None if there is none."""
    known: Mapping[str, Any] = {
        mapping.signature: mapping for mapping in ImportMapping.objects.filter(table=table).select_related("created_by")
    }
    if not known:
        return None
    found = (known.get(signature(labels)) for labels in possible_headers(raw, joins) if any(labels))
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


def used(layout: Layout) -> None:
    """Store that a file was imported with the remembered mapping of this layout."""
    ImportMapping.objects.filter(pk=layout.memory["mapping"]).update(used_at=Now())


_COLUMN = _("Column “%(label)s” is read as “%(meant)s”, as set before (%(who)s).")
_IGNORED = _("Column “%(label)s” is not read, as set before (%(who)s).")
_CONSTANT = _("“%(column)s” is “%(meant)s” for all rows whose own cell is blank, as set before (%(who)s).")
_VALUE = _("“%(text)s” in “%(column)s” is read as “%(meant)s”, as set before (%(who)s).")
_UNKNOWN = _("“%(text)s” in “%(column)s” is read as nothing, as set before (%(who)s).")


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
