"""The one list of how the rows of every foreign key to an organization move when records are merged.

An app adds its own by `declare()` when it starts. What is not declared here is refused where it has rows, with its
name, so that a table that somebody adds later is never left behind without a word.
"""

from collections.abc import Iterator

import pghistory.models
from django.apps import apps
from django.db import models

from registry.duplicates.pairs import ForeignKey, MergerPart, RecordPair
from registry.organizations.models.organizations import Organization
from registry.values.punctuation import bracketed

_parts: list[MergerPart] = []
_staying: dict[ForeignKey, str] = {}


def declare(*parts: MergerPart) -> None:
    """Add parts whose rows move; they move in this order."""
    _parts.extend(parts)


def stays(model: type[models.Model], key: str, why: str) -> None:
    """Declare a foreign key whose rows stay with the merged record, with the reason, for readers of the code."""
    _staying[model, key] = why


def parts() -> list[MergerPart]:
    return [*_parts]


def declared() -> set[ForeignKey]:
    return {key for part in _parts for key in part.keys} | set(_staying)


def foreign_keys() -> Iterator[ForeignKey]:
    """Yield every foreign key to an organization of all models, without the events of the history."""
    for model in apps.get_models(include_auto_created=True):
        if model._meta.proxy or issubclass(model, pghistory.models.Event):
            continue
        for one in model._meta.local_concrete_fields:
            related = one.related_model if isinstance(one, models.ForeignKey) else None
            if isinstance(related, type) and related._meta.concrete_model is Organization:
                yield model, one.name


def undeclared(pair: RecordPair) -> Iterator[str]:
    """Yield the names of the tables that have rows of the merged record and that nobody has declared."""
    known = declared()
    for model, key in foreign_keys():
        if (model, key) not in known and model._base_manager.filter(**{key: pair.merged.pk}).exists():
            yield bracketed(model._meta.verbose_name, f"{model._meta.label}.{key}")
