"""Shows what one operation wrote, value by value: before, after and now, and what has changed since."""

import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import models
from django.utils.text import Truncator, capfirst
from django.utils.translation import gettext as _

from registry.history.events import RowEvent, row_events, users_of
from registry.history.rendering import LABELS, told_events
from registry.history.shown import ShownFields, kind_of_row
from registry.imports.undo.outcome import KeptReason, KeptRecord, RevertedRow, words_of
from registry.imports.undo.tracked_tables import TrackedTable, owner_path, tables_written
from registry.imports.undo.undo import Chosen
from registry.organizations.admin.uscc import page_url
from registry.organizations.models.organizations import Organization
from registry.values.people import Account
from registry.workplace.changes.asked import visible_tables, within_reach
from registry.workplace.undo.undoing import Undone

ROWS = 200
"""The most rows of each table that are shown."""
_LONGEST = 200


@dataclass(slots=True)
class ShownValue:
    key: str
    label: str
    before: str
    after: str
    now: str = ""
    """The stored value, where it is neither of the two."""
    since: list[str] = field(default_factory=list)
    """The later changes of the same value in words."""
    taken: bool = False
    """Whether it would go back."""


@dataclass(slots=True)
class ChangedRow:
    key: str
    kind: str
    name: str
    url: str
    verb: str
    lines: list[str]
    """The values that were entered or removed, if the whole row was."""
    values: list[ShownValue]
    since: list[str]
    why: str = ""
    """Why the row does not go back."""
    taken: bool = False


def rows_of(change: uuid.UUID, user: Account, outcome: Undone) -> tuple[list[ChangedRow], bool]:
    """Return the rows that the operation wrote and the account may read, and whether there are more of them."""
    written = {table.table for table in tables_written(change)}
    rows: list[ChangedRow] = []
    more = False
    for table in visible_tables(user):
        if table.table not in written:
            continue
        events = table.events._default_manager.filter(within_reach(table, user), pgh_context=change)
        pks = list(events.order_by("pgh_obj_id").values_list("pgh_obj_id", flat=True).distinct()[: ROWS + 1])
        if pks:
            tried = {row.pk: row for one in outcome.tables if one.model is table.model for row in one.rows}
            rows += _rows(table, change, pks[:ROWS], tried, user)
            more = more or len(pks) > ROWS
    return rows, more


def _rows(
    table: TrackedTable, change: uuid.UUID, pks: list[int], tried: Mapping[int, RevertedRow], user: Account
) -> Iterator[ChangedRow]:
    events = row_events(table.tracked, "pgh_obj_id__in", pks)
    told = told_events(table.model, owner_path(table) or "pgh_obj", events, users_of(events), set())
    sentences = {event.key[2]: (event.text(), event.lines()) for event in told}
    stored = {row["id"]: row for row in table.model._default_manager.filter(pk__in=pks).values()}
    shown = ShownFields(table.model, [event.row for event in events], leave_out="")
    names = _names(table, events)
    for pk in pks:
        of_row = [event for event in events if event.row["pgh_obj_id"] == pk]
        mine = [event for event in of_row if str(event.row["pgh_context_id"]) == str(change)]
        later = [event for event in of_row if event.row["pgh_id"] > mine[-1].row["pgh_id"]]
        row = _RowOfChange(table, pk, mine, later, stored.get(pk, {}), tried.get(pk), sentences, shown)
        yield row.shown(*names.get(pk, ("", "")), user)


@dataclass(slots=True)
class _RowOfChange:
    table: TrackedTable
    pk: int
    mine: Sequence[RowEvent]
    later: Sequence[RowEvent]
    stored: Mapping[str, Any]
    tried: RevertedRow | None
    sentences: Mapping[int, tuple[str, list[str]]]
    fields: ShownFields

    @property
    def key(self) -> str:
        return f"{self.table.table}.{self.pk}"

    def shown(self, name: str, url: str, user: Account) -> ChangedRow:
        first, last = self.mine[0], self.mine[-1]
        label = first.row["pgh_label"] if first.row["pgh_label"] != "update" else last.row["pgh_label"]
        values = [*self._values()] if label == "update" else []
        lines = [] if label == "update" else self.sentences[first.row["pgh_id"]][1]
        since = [] if values else [self.sentences[event.row["pgh_id"]][0] for event in self.later]
        kind = kind_of_row(self.table.model)
        if self.table.model is not Organization:
            kind, _said = self.fields.row_name(last.new or last.old)
        taken = bool(self.tried and not self.tried.why)
        lines = [Truncator(line).chars(_LONGEST) for line in lines]
        done = str(LABELS[label])
        return ChangedRow(self.key, capfirst(kind), name, url, done, lines, values, since, self._why(user), taken)

    def _why(self, user: Account) -> str:
        if self.tried is None or not self.tried.why:
            return ""
        if self.tried.why == KeptReason.PART:
            return _("it belongs to a record that stays")
        kept = KeptRecord(
            self.table.model, self.pk, None, KeptReason(self.tried.why), self.tried.kept, self.tried.others
        )
        return words_of(kept, user)

    def _values(self) -> Iterator[ShownValue]:
        old, new = self.mine[0].old, self.mine[-1].new
        for column, one in self.fields.fields.items():
            if old.get(column) == new.get(column):
                continue
            now = self.stored.get(column)
            pair = (old.get(column), new.get(column))
            before, after, present = (self.fields.text(column, one, value) for value in (*pair, now))
            since = [
                self.sentences[event.row["pgh_id"]][0]
                for event in self.later
                if event.old.get(column) != event.new.get(column)
            ]
            restored = bool(self.tried and one.column in self.tried.restored)
            other = present if now not in pair else ""
            yield ShownValue(f"{self.key}.{one.column}", self.fields.label(one), before, after, other, since, restored)


def _names(table: TrackedTable, events: Sequence[RowEvent]) -> dict[int, tuple[str, str]]:
    """Return for each row the record that it is about, with its address: mostly an organization."""
    latest = {event.row["pgh_obj_id"]: event.row for event in events}
    if table.model is Organization:
        owners = {pk: pk for pk in latest}
    elif owner_path(table) == "organization":
        owners = {pk: row["organization_id"] for pk, row in latest.items()}
    else:
        rows: dict[int, models.Model] = table.model._default_manager.in_bulk(list(latest))
        return {pk: (str(row), "") for pk, row in rows.items()}
    organizations = Organization.objects.in_bulk(list(owners.values()))
    return {
        pk: (str(organizations[owner]), page_url(organizations[owner]))
        for pk, owner in owners.items()
        if owner in organizations
    }


def chosen_from(keys: Sequence[str], shown: Sequence[ChangedRow]) -> Chosen:
    """Return the shown rows and columns that the keys of the form choose."""
    known = {row.key for row in shown if not row.values} | {value.key for row in shown for value in row.values}
    chosen: dict[str, dict[int, set[str]]] = {}
    for key in keys:
        if key in known:
            table, pk, *column = key.split(".")
            chosen.setdefault(table, {}).setdefault(int(pk), set()).update(column)
    return chosen
