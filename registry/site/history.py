"""How much has happened to a record: the version of a page, and what has happened since it was opened.

registry.history.rendering puts it into words.
"""

from collections.abc import Sequence

from django.db import models
from django.db.models import Count, IntegerField, OuterRef, Subquery, Value
from django.db.models.functions import Coalesce
from django.utils.crypto import salted_hmac

from registry.history.events import Part
from registry.history.rendering import (
    LABELS,
    OPERATIONS,
    Event,
    events_of,
    for_people,
)
from registry.history.shown import WORDS, Difference, ShownFields
from registry.organizations.models.reach import visible_parts
from registry.values.people import Account

__all__ = (
    "LABELS",
    "OPERATIONS",
    "WORDS",
    "Difference",
    "Event",
    "Part",
    "ShownFields",
    "parts_of",
    "since",
    "version",
)


def parts_of(obj: models.Model, parts: Sequence[Part], user: Account) -> list[Part]:
    """Return the record itself and the parts of it whose rows the user may see."""
    return [(_concrete(type(obj)), "pgh_obj"), *visible_parts(parts, user, obj)]


def version(obj: models.Model, parts: Sequence[Part], user: Account) -> str:
    """Return a text that changes with every event of the object and of the parts that the user may see.

    Events are only ever added, so their numbers are enough. The digests are keyed, so that nobody can count events by
    them.
    """
    seen = parts_of(obj, parts, user)
    counts = {f"part{number}": _count(model, key) for number, (model, key) in enumerate(seen)}
    row = _concrete(type(obj))._default_manager.filter(pk=obj.pk).values_list(*counts.values()).get()
    return ".".join(_sealed(model, obj.pk, number) for (model, _key), number in zip(seen, row, strict=True))


def _sealed(model: type[models.Model], pk: int, number: int) -> str:
    said = f"{model._meta.label}:{pk}:{number}"
    return salted_hmac("registry.site.history.version", said, algorithm="sha256").hexdigest()[:16]


def _count(model: type[models.Model], key: str) -> Coalesce:
    counted = event_model(model).objects.filter(**{key: OuterRef("pk")}).order_by().values(key)  # type: ignore[attr-defined]
    return Coalesce(Subquery(counted.annotate(n=Count("pk")).values("n"), IntegerField()), Value(0))


def since(obj: models.Model, parts: Sequence[Part], loaded: str, user: Account) -> list[Event]:
    """Return the events after the version `loaded` that the user may see, oldest first."""
    known = set(loaded.split("."))
    told: list[Event] = []
    for part in parts_of(obj, parts, user):
        events = sorted(events_of([part], obj.pk, user), key=lambda event: event.key[2])
        already = (n for n in range(len(events), -1, -1) if _sealed(part[0], obj.pk, n) in known)
        told += events[next(already, len(events)) :]
    return sorted(for_people(told), key=lambda event: event.when)


def event_model(model: type[models.Model]) -> type[models.Model]:
    return model.pgh_event_model  # type: ignore[attr-defined]


def _concrete(model: type[models.Model]) -> type[models.Model]:
    return model._meta.concrete_model or model
