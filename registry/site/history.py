"""Shows people the history of an object and of its child records.

It reads the event tables of the models, which triggers fill for every way of writing, including imports and the API.
"""

import datetime
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from django.contrib.auth.models import AnonymousUser, User
from django.db import models
from django.db.models import Count, IntegerField, OuterRef, Subquery, Value
from django.db.models.functions import Coalesce
from django.utils.crypto import salted_hmac
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _

from registry.history.events import RowEvent, row_events, users_of
from registry.imports.models import ImportBatch
from registry.organizations.models.details import Qualification
from registry.organizations.models.reach import visible_parts
from registry.site.fields import ONE_DAY
from registry.spreadsheet import wan_text
from registry.values.people import person_name

Part = tuple[type[models.Model], str]
"""A model whose rows belong to an object, and its foreign key to the object."""

LABELS = {"insert": _("entered"), "update": _("changed"), "delete": _("removed")}
OPERATIONS: dict[str, str | Promise] = {
    "admit": _("admission"),
    "change_tier": _("change of tier"),
    "end": _("end of membership"),
    "cancel_end": _("end of membership cancelled"),
    "correct": _("correction"),
    "bulk": _("change of many at once"),
    "import": _("import"),
    "undo_import": _("undoing of an import"),
    "suggestion": _("suggested sectors"),
    "round": _("collection round"),
}
WORDS: dict[type[models.Model], str | Promise] = {}
"""The name of a kind of row, if its model has no name for people."""
LAST_DAYS: dict[tuple[type[models.Model], str], str | Promise] = {(Qualification, "valid_to"): _("valid until")}
"""Ends of periods that are typed and shown as the last day, with their labels."""


@dataclass(frozen=True, slots=True)
class Difference:
    field: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Event:
    when: datetime.datetime
    who: str
    operation: str | Promise
    what: str
    """The kind of row."""
    label: str
    """`insert`, `update` or `delete`."""
    differences: list[Difference]
    batch: int | None = None
    """The import that wrote the row, or that was undone."""

    @property
    def verb(self) -> str | Promise:
        return LABELS[self.label]


# --- Versions: how much has happened


def version(obj: models.Model, parts: Sequence[Part], user: User | AnonymousUser) -> str:
    """Return a text that changes with every event of the object and of the parts that the user may see.

    Events are only ever added, so their numbers are enough. The digests are keyed, so that nobody can count events by
    them.
    """
    seen = [(_concrete(type(obj)), "pgh_obj"), *visible_parts(parts, user, obj)]
    counts = {f"part{number}": _count(model, key) for number, (model, key) in enumerate(seen)}
    row = _concrete(type(obj))._default_manager.filter(pk=obj.pk).values_list(*counts.values()).get()
    return ".".join(_sealed(model, obj.pk, number) for (model, _key), number in zip(seen, row, strict=True))


def _sealed(model: type[models.Model], pk: int, number: int) -> str:
    said = f"{model._meta.label}:{pk}:{number}"
    return salted_hmac("registry.site.history.version", said, algorithm="sha256").hexdigest()[:16]


def _count(model: type[models.Model], key: str) -> Coalesce:
    counted = event_model(model).objects.filter(**{key: OuterRef("pk")}).order_by().values(key)  # type: ignore[attr-defined]
    return Coalesce(Subquery(counted.annotate(n=Count("pk")).values("n"), IntegerField()), Value(0))


def since(obj: models.Model, parts: Sequence[Part], loaded: str, user: User | AnonymousUser) -> list[Event]:
    """Return the events after the version `loaded` that the user may see, oldest first."""
    known = set(loaded.split("."))
    told: list[Event] = []
    for model, key in [(_concrete(type(obj)), "pgh_obj"), *visible_parts(parts, user, obj)]:
        events = list(_events(model, key, obj.pk))
        already = (n for n in range(len(events), -1, -1) if _sealed(model, obj.pk, n) in known)
        told += events[next(already, len(events)) :]
    return _in_order(told)


# --- Events


def events_of(obj: models.Model, parts: Sequence[Part], user: User | AnonymousUser) -> list[Event]:
    """Return all events that the user may see, latest first."""
    told = list(_events(_concrete(type(obj)), "pgh_obj", obj.pk))
    for model, key in visible_parts(parts, user, obj):
        told += _events(model, key, obj.pk)
    seen = _visible_imports({event.batch for event in told if event.batch is not None}, user)
    told = [event if event.batch in seen else replace(event, batch=None) for event in told]
    return _in_order(told)[::-1]


def _visible_imports(ids: set[int], user: User | AnonymousUser) -> set[int]:
    """Return the imports whose page the account may open."""
    if not ids or user.has_perm("registry.view_importbatch"):
        return ids
    mine = models.Q(created_by=user.pk) | models.Q(created_by=None)
    return set(ImportBatch.objects.filter(mine, pk__in=ids).values_list("pk", flat=True))


def _in_order(events: Iterable[Event]) -> list[Event]:
    """Return the events by time, without updates that changed nothing visible."""
    return sorted((e for e in events if e.differences or e.label != "update"), key=lambda event: event.when)


def event_model(model: type[models.Model]) -> type[models.Model]:
    return model.pgh_event_model  # type: ignore[attr-defined]


def _concrete(model: type[models.Model]) -> type[models.Model]:
    return model._meta.concrete_model or model


def _events(model: type[models.Model], key: str, pk: int) -> Iterator[Event]:
    """Yield the events of the rows that belong to an object, oldest first, each with its changes."""
    found = row_events(model, key, pk)
    people = {pk: person_name(user) for pk, user in users_of(found).items()}
    shown = ShownFields(model, [event.row for event in found], leave_out=key)
    for row, context, old, new in found:
        yield Event(
            when=localtime(row["pgh_created_at"]),
            who=people.get(context.get("user"), ""),
            operation=_way(context),
            what=capfirst(str(WORDS.get(model, model._meta.verbose_name))),
            label=row["pgh_label"],
            differences=list(shown.differences(old, new, row["pgh_label"])),
            batch=context.get("batch"),
        )


def _way(context: dict[str, Any]) -> str | Promise:
    """Return the way in which the change was made, unless it was made on a page of the admin."""
    if context.get("operation") in OPERATIONS:
        return OPERATIONS[context["operation"]]
    if command := context.get("command"):
        return _("command %(name)s") % {"name": command}
    return _("through the API") if "token" in context else ""


def net_changes(
    model: type[models.Model],
    key: str,
    since: Mapping[int, datetime.datetime],
    fields: Collection[str],
    counts: Callable[[type[models.Model], dict[str, Any]], bool],
) -> dict[int, list[Event]]:
    """Return for each object the differences of its rows since a moment given for it, in the named fields.

    `counts` says which rows count; other rows are treated as absent. `who` names everybody who took part.
    """
    found = row_events(model, f"{key}__in", list(since))
    people = {pk: person_name(user) for pk, user in users_of(found).items()}
    shown = ShownFields(model, [event.row for event in found], leave_out=key, only=fields)
    rows: dict[tuple[int, int], list[RowEvent]] = {}
    for event in found:
        owner = event.row[f"{key}_id"]
        if event.row["pgh_created_at"] >= since[owner]:
            rows.setdefault((owner, event.row["pgh_obj_id"]), []).append(event)
    told: dict[int, list[Event]] = {}
    for (owner, _row), events in rows.items():
        old, new = (side if side and counts(model, side) else {} for side in (events[0].old, events[-1].new))
        label = "update" if old and new else "insert" if new else "delete"
        if differences := list(shown.differences(old, new, label)):
            change = Event(
                when=localtime(events[-1].row["pgh_created_at"]),
                who="、".join(dict.fromkeys(people.get(event.context.get("user"), "") for event in events)),
                operation=_way(events[-1].context),
                what=capfirst(str(WORDS.get(model, model._meta.verbose_name))),
                label=label,
                differences=differences,
            )
            told.setdefault(owner, []).append(change)
    return told


class ShownFields:
    """Shows the columns of a model's event table; referenced rows are fetched once for all events."""

    def __init__(
        self, model: type[models.Model], rows: list[dict[str, Any]], leave_out: str, only: Collection[str] | None = None
    ) -> None:
        self.model = model
        columns = rows[0] if rows else {}
        self.fields: dict[str, models.Field] = {
            field.attname: field
            for field in model._meta.concrete_fields
            if field.attname in columns
            and field.editable
            and not field.primary_key
            and field.name != leave_out
            and (only is None or field.name in only)
        }
        self.referred: dict[str, dict[object, str]] = {
            column: _names(field.related_model, {row[column] for row in rows} - {None})  # type: ignore[arg-type]
            for column, field in self.fields.items()
            if field.is_relation
        }

    def differences(self, old: dict[str, Any], new: dict[str, Any], label: str) -> Iterator[Difference]:
        for column, field in self.fields.items():
            before, after = old.get(column), new.get(column)
            if before != after and (before or after or label == "update"):
                yield Difference(
                    field=capfirst(str(LAST_DAYS.get((self.model, field.name), field.verbose_name))),
                    old=self.text(column, field, before),
                    new=self.text(column, field, after),
                )

    def text(self, column: str, field: models.Field, value: object) -> str:
        if value is None or value in ("", []):
            return ""
        if column in self.referred:
            return self.referred[column].get(value, f"#{value}")
        if field.choices:
            return str(dict(field.flatchoices).get(value, value))
        if isinstance(value, bool):
            return str(_("Yes") if value else _("No"))
        if isinstance(value, Decimal):
            return str(_("%(amount)s (10,000 yuan)") % {"amount": wan_text(value)})
        if isinstance(value, datetime.datetime):
            return date_format(localtime(value), "SHORT_DATETIME_FORMAT")
        if isinstance(value, datetime.date):
            last = (self.model, field.name) in LAST_DAYS
            return (value - ONE_DAY if last else value).isoformat()
        return "；".join(map(str, value)) if isinstance(value, list) else str(value)


def _names(model: type[models.Model], ids: set[object]) -> dict[object, str]:
    return {pk: str(obj) for pk, obj in model._default_manager.in_bulk(ids).items()}
