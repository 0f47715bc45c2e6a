"""Mappings that somebody has corrected once, found again for files with the same labels."""

from collections.abc import Mapping
from typing import Any

from django.db.models.functions import Now

from registry.imports.models import ImportMapping
from registry.imports.reading.files import RawFile
from registry.imports.recognising.layout import signature
from registry.imports.recognising.sheets import Recognise, possible_headers


def find_mapping(table: str, raw: RawFile, joins: Recognise) -> ImportMapping | None:
    """The mapping remembered for the labels of a sheet of the file, whichever of its first rows they stand in."""
    known: Mapping[str, Any] = {mapping.signature: mapping for mapping in ImportMapping.objects.filter(table=table)}
    if not known:
        return None
    found = (known.get(signature(labels)) for labels in possible_headers(raw, joins) if any(labels))
    return next(filter(None, found), None)


def used(mapping: ImportMapping) -> None:
    ImportMapping.objects.filter(pk=mapping.pk).update(used_at=Now())
