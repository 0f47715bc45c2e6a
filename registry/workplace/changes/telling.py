"""Tells what is on a page of changes: who did what, when and in which way, in the sentences of the history."""

import datetime
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.contrib.auth.models import User
from django.db.models import Model, OuterRef, Q, Subquery
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.text import Truncator, capfirst
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from pghistory.models import Context

from registry.disclosure.models import Disclosure, Receipt, reason_label
from registry.history.events import RowEvent
from registry.history.rendering import told_events, visible_imports, way_of
from registry.imports.undo.tracked_tables import TrackedTable
from registry.organizations.admin.uscc import page_url
from registry.organizations.models.organizations import Organization
from registry.values.people import Account, person_name
from registry.workplace.changes.asked import ChangesQuery, owner_path
from registry.workplace.changes.walking import LOOKS, RECEIPTS, Listed, Operation
from registry.workplace.undo.rules import may_undo
from registry.workplace.undo.undone import taken_back

LINES = 6
"""How many lines of an operation are shown; its others are counted."""
_LONGEST = 240


@dataclass(slots=True)
class ChangeLine:
    text: str
    about: str = ""
    """The record that it is about."""
    url: str = ""


@dataclass(slots=True)
class ChangeEntry:
    when: datetime.datetime
    who: str
    way: str | Promise = ""
    way_url: str = ""
    reason: str = ""
    lines: list[ChangeLine] = field(default_factory=list)
    more: int = 0
    """How many changes are counted but not shown."""
    undo: str = ""
    """The operation, if the account may take it back at once."""
    change: str = ""
    """The operation that has a page of its own."""
    undone: str = ""
    """Who has taken it back, and when."""


def tell(listed: Sequence[Listed], asked: ChangesQuery) -> list[ChangeEntry]:
    """Return the entries; the number of queries depends on the tables that they are about."""
    user = asked.user
    operations = [one.row for one in listed if isinstance(one.row, Operation)]
    contexts = {one.context.pk: one.context for one in operations}
    metadata = [context.metadata or {} for context in contexts.values()]
    undone = taken_back(contexts)
    metadata += [context.metadata for context in undone.values()]
    people = User.objects.in_bulk({said["user"] for said in metadata if said.get("user")})
    imports = visible_imports({said["batch"] for said in metadata if said.get("batch")}, user)
    lines: dict[uuid.UUID, list[ChangeLine]] = {pk: [] for pk in contexts}
    for number, table in enumerate(asked.chosen_tables):
        concerned = [one for one in operations if number in one.counts]
        if concerned:
            for pk, line in _lines(table, number, concerned, asked):
                lines[pk].append(line)
    return [_entry(one, lines, people, imports, user, undone) for one in listed]


def by_day(entries: Iterable[ChangeEntry]) -> dict[datetime.date, list[ChangeEntry]]:
    days: dict[datetime.date, list[ChangeEntry]] = {}
    for entry in entries:
        days.setdefault(entry.when.date(), []).append(entry)
    return days


def _entry(
    one: Listed,
    lines: Mapping[uuid.UUID, list[ChangeLine]],
    people: Mapping[int, User],
    imports: set[int],
    user: Account,
    undone: Mapping[uuid.UUID, Context],
) -> ChangeEntry:
    when = localtime(one.when)
    if one.stream == RECEIPTS:
        return _of_file(when, one.row)
    if one.stream == LOOKS:
        return _of_look(when, one.row)
    operation: Operation = one.row
    said = operation.context.metadata or {}
    who, batch = people.get(said.get("user") or 0), said.get("batch")
    shown = lines[operation.context.pk][:LINES]
    back = undone.get(operation.context.pk)
    return ChangeEntry(
        when,
        person_name(who) if who else _("the system"),
        way_of(said, batch in imports),
        reverse("admin:registry_importbatch_page", args=[batch]) if batch in imports else "",
        str(said.get("reason") or ""),
        shown,
        operation.number - len(shown),
        str(operation.context.pk) if not back and may_undo(operation.context, user, timezone.now()) else "",
        str(operation.context.pk),
        _taken_back(back, people) if back else "",
    )


def _taken_back(context: Context, people: Mapping[int, User]) -> str:
    """Say by whom an operation was taken back, and when."""
    who = people.get(context.metadata.get("user") or 0)
    when = localtime(context.created_at).strftime("%Y-%m-%d %H:%M")
    return _("Taken back by %(who)s, %(when)s") % {"who": person_name(who) if who else _("the system"), "when": when}


def _of_file(when: datetime.datetime, row: Receipt) -> ChangeEntry:
    text = _("exported %(title)s") % {"title": row.title}
    if row.full_numbers:
        text = _("exported %(title)s with full numbers for %(recipient)s") % {
            "title": row.title,
            "recipient": row.recipient,
        }
    line = ChangeLine(text, row.number, reverse("admin:registry_receipt_change", args=[row.pk]))
    return ChangeEntry(when, _who(row.user), reason=reason_label(row.purpose), lines=[line])


def _of_look(when: datetime.datetime, row: Disclosure) -> ChangeEntry:
    text = _("saw full numbers: %(what)s") % {"what": row.get_what_display()}
    return ChangeEntry(
        when, _who(row.user), reason=reason_label(row.reason), lines=[ChangeLine(text, row.name or str(row.receipt))]
    )


def _who(user: User | None) -> str:
    return person_name(user) if user else _("the operator of the server")


# --- Events of rows


def _lines(
    table: TrackedTable, number: int, concerned: list[Operation], asked: ChangesQuery
) -> Iterator[tuple[uuid.UUID, ChangeLine]]:
    """Yield the lines of a table, each with the context that it belongs to."""
    chosen = Q()
    for operation in concerned:
        counts = operation.counts[number]
        mine = Q(pgh_context=operation.context.pk, pgh_label__in=[one.label for one in counts])
        first = min(one.first for one in counts)
        chosen |= mine & Q(pgh_id__lt=first + LINES) if operation.number > LINES else mine
    events: Any = table.events._default_manager
    earlier = events.filter(pgh_obj_id=OuterRef("pgh_obj_id"), pgh_id__lt=OuterRef("pgh_id")).order_by("-pgh_id")
    rows = list(
        asked.events_of(table).filter(chosen).order_by("pgh_id")
        .annotate(earlier=Subquery(earlier.values("pgh_id")[:1])).values()
    )  # fmt: skip
    before = {row["pgh_id"]: row for row in events.filter(pk__in=[row["earlier"] for row in rows]).values()}
    contexts = {operation.context.pk: operation.context for operation in concerned}
    found = [_row_event(row, contexts, before) for row in rows]
    about = _subjects(table, found)
    path = owner_path(table)
    told = told_events(table.model, path or "pgh_obj", found, {}, set())
    for event in told:
        row = event.row.row if event.row else {}
        label, url = about.get(row["pgh_id"], (capfirst(event.what), ""))
        for text in event.lines():
            yield row["pgh_context_id"], ChangeLine(Truncator(text).chars(_LONGEST), label, url)


def _row_event(
    row: dict[str, Any], contexts: Mapping[uuid.UUID, Context], before: Mapping[int, dict[str, Any]]
) -> RowEvent:
    earlier = before.get(row.pop("earlier"), {})
    old = {} if row["pgh_label"] == "insert" else row if row["pgh_label"] == "delete" else earlier
    new = {} if row["pgh_label"] == "delete" else row
    return RowEvent(row, contexts[row["pgh_context_id"]].metadata or {}, old, new)


def _subjects(table: TrackedTable, found: Sequence[RowEvent]) -> dict[int, tuple[str, str]]:
    """Return for each event the record that it is about, with its address: mostly an organization."""
    keys = {event.row["pgh_id"]: _key(table, event.row) for event in found}
    if not owner_path(table):
        rows = table.model._default_manager.in_bulk({event.row["pgh_obj_id"] for event in found})
        return {event.row["pgh_id"]: (_named(rows.get(event.row["pgh_obj_id"]), table), "") for event in found}
    via = owner_path(table).partition("__")
    organizations = dict(keys)
    if via[2] and via[0] != "pgh_obj":
        owner: Any = table.model._meta.get_field(via[0]).related_model
        known = dict(owner._default_manager.filter(pk__in=set(keys.values())).values_list("pk", via[2]))
        organizations = {pk: known.get(key) for pk, key in keys.items()}
    rows = Organization.objects.in_bulk({pk for pk in organizations.values() if pk})
    return {
        pk: (str(rows[key]), page_url(rows[key])) if key in rows else (_name_in(table, found, pk), "")
        for pk, key in organizations.items()
    }


def _key(table: TrackedTable, row: Mapping[str, Any]) -> object:
    """Return the id of the row that leads to the organization."""
    if table.model is Organization:
        return row["pgh_obj_id"]
    return row.get(f"{owner_path(table).partition('__')[0]}_id")


def _named(row: Model | None, table: TrackedTable) -> str:
    return str(row) if row is not None else str(table.model._meta.verbose_name)


def _name_in(table: TrackedTable, found: Sequence[RowEvent], pk: int) -> str:
    """Return the name of an organization that is gone, as its event has it."""
    row = next(event.row for event in found if event.row["pgh_id"] == pk)
    return str(row.get("name_zh") or row.get("name_en") or table.model._meta.verbose_name)
