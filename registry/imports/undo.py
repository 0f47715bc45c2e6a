"""Undo an import: what its history events say that it wrote goes back to what was before.

Works for whatever an import writes, without knowing it: from the event tables of all tracked models. Values that
somebody has changed since stay, and so do records to which something refers that the import did not write.
"""

import datetime
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import pghistory
from django.apps import apps
from django.contrib.auth.models import AbstractUser
from django.core.exceptions import ValidationError
from django.db import connection, models, transaction
from django.db.models.functions import Now
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from registry.conflicts import lost_races_as_conflicts, rule_message
from registry.imports import locks
from registry.imports.reverting import Action, Revert, Why
from registry.imports.traces import children_first, trace_of, traces
from registry.models import ImportBatch
from registry.models.permissions import permission

SHOWN = 300
"""So many records of each table that stay are named; all are counted."""


@dataclass(frozen=True, slots=True)
class Stay:
    """A record, or some of its values, that does not go back."""

    model: type[models.Model]
    pk: int
    organization: int | None
    """The organization that it is about."""
    why: Why
    columns: tuple[str, ...] = ()
    """Fields of which the values stay."""
    others: tuple[str, ...] = ()
    """Labels `app.model` of what refers to the record, or the name of the rule that the database would see broken."""


@dataclass(slots=True)
class Undone:
    """What goes back in one table, and what stays."""

    model: type[models.Model]
    removed: int = 0
    changed_back: int = 0
    brought_back: int = 0
    staying: int = 0
    """Records that stay in whole or in part, without those that stay because they belong to such a record."""
    belonging: int = 0
    stays: list[Stay] = field(default_factory=list)
    """The first of them."""

    @property
    def all_staying(self) -> int:
        return self.staying + self.belonging

    @property
    def back(self) -> int:
        return self.removed + self.changed_back + self.brought_back


@dataclass(slots=True)
class Undoing:
    """The outcome: of a trial, or of the undoing itself where `done`."""

    batch: ImportBatch
    tables: list[Undone] = field(default_factory=list)
    lacking: list[str] = field(default_factory=list)
    """Permissions that the account lacks; nothing is undone then."""
    done: bool = False

    @property
    def back(self) -> int:
        return sum(table.back for table in self.tables)

    @property
    def staying(self) -> int:
        return sum(table.staying for table in self.tables)

    @property
    def belonging(self) -> int:
        return sum(table.belonging for table in self.tables)


class NotUndoable(ValidationError):
    """The import was not applied, or has been undone already."""


def undo(pk: int, *, user: AbstractUser | None = None, apply: bool = False, leave: int | None = 0) -> Undoing:
    """Undo the import, or tell what would happen: a trial does the same and rolls it back.

    What has been changed since stays only with consent: `leave` is the number of records for which it was given, None
    for however many there are. Where there are more or fewer, nothing is done, and `done` of the answer is False.

    Raises NotUndoable, ImportBatch.DoesNotExist and Conflict.
    """
    said: dict[str, object] = {"operation": "undo_import", "batch": pk}
    if user is not None:
        said["user"] = user.pk
    with lost_races_as_conflicts(), transaction.atomic(), pghistory.context(**said) as context:
        locks.prepare(waiting=user is not None)
        batch = ImportBatch.objects.select_for_update().get(pk=pk)
        _check_state(batch)
        locks.imports()
        undoing = Undoing(batch)
        if batch.history_context is not None:
            _run(undoing, user)
        undoing.done = apply and not undoing.lacking and leave in (None, undoing.staying)
        if undoing.done:
            ImportBatch.objects.filter(pk=pk).update(
                state=ImportBatch.State.UNDONE, undone_at=Now(), undone_by=user, undo_context=context.id
            )
            batch.refresh_from_db()
        else:
            transaction.set_rollback(True)
    return undoing


def _check_state(batch: ImportBatch) -> None:
    if batch.state == ImportBatch.State.UNDONE:
        raise NotUndoable(_("This import has been undone already."))
    if batch.state != ImportBatch.State.APPLIED:
        raise NotUndoable(_("This import was never applied: there is nothing to undo."))


def _run(undoing: Undoing, user: AbstractUser | None) -> None:
    found = [trace for trace in traces() if trace.has_events(undoing.batch.history_context)]
    reverts = [Revert(trace, undoing.batch.history_context) for trace in children_first(found)]
    _lock(reverts)
    for revert in reverts:
        revert.compare()
    _keep_what_is_referred_to(reverts)
    undoing.lacking = sorted(set(_lacking(reverts, user)))
    _write(reverts)
    undoing.tables = [_told(revert) for revert in reversed(reverts)]


def _lock(reverts: list[Revert]) -> None:
    """Organizations first, as all operations do, then the rows themselves."""
    organizations: set[int] = set()
    for revert in reverts:
        organizations.update(revert.organizations())
    locks.organizations(organizations)
    for revert in reverts:
        revert.lock()


def _keep_what_is_referred_to(reverts: list[Revert]) -> None:
    """What the import created stays where something refers to it that stays, and with it whatever belongs to it."""
    by_table = {revert.trace.table: revert for revert in reverts}
    staying = -1
    while staying != (staying := sum(revert.staying() for revert in reverts)):
        for revert in reverts:
            revert.keep_referred(by_table)
        for revert in reversed(reverts):
            revert.keep_parts(by_table)


def _lacking(reverts: list[Revert], user: AbstractUser | None) -> Iterator[str]:
    """Undoing asks for the rights that the import asked for: who may add may take back what was added."""
    if user is None:
        return
    for revert in reverts:
        for action in revert.actions():
            permission = revert.trace.permission("change" if action == Action.UPDATE else "add")
            if not user.has_perm(permission):
                yield permission


def _write(reverts: list[Revert]) -> None:
    """Children go before their parents and come back after them; refusals of the database concern single rows."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    for revert in reverts:
        revert.sweep()
        revert.write(Action.REMOVE)
    for revert in reversed(reverts):
        revert.write(Action.UPDATE)
    for revert in reversed(reverts):
        revert.write(Action.INSERT)


def _told(revert: Revert) -> Undone:
    model = revert.trace.model
    told = Undone(model, *revert.counts())
    told.stays = [
        Stay(model, pk, organization, Why(why), tuple(columns), tuple(others))
        for pk, organization, why, columns, others in revert.stays(SHOWN)
    ]
    return told


# --- In words


def words_of(stay: Stay, user: AbstractUser | None = None) -> str:
    """Why it stays, for people; an account is not told of kinds of records that it may not see."""
    others = _other_names(stay, user)
    return str(_WHY[stay.why] % {"columns": "、".join(_field_names(stay)), "others": "、".join(others)})


_WHY: dict[Why, Promise] = {
    Why.CHANGED: _("changed since: %(columns)s"),
    Why.REFERRED: _("something refers to it: %(others)s"),
    Why.GONE: pgettext_lazy("record", "removed since"),
    Why.UNKNOWN: _("its history does not say what was before"),
    Why.RULE: _("what was before contradicts what was entered since: %(others)s"),
}


def _field_names(stay: Stay) -> list[str]:
    fields = {one.column: one for one in stay.model._meta.local_concrete_fields}
    return [str(fields[column].verbose_name) for column in stay.columns]


def _other_names(stay: Stay, user: AbstractUser | None) -> list[str]:
    if stay.why == Why.RULE:
        return [rule_message(name) or str(_("a record is missing to which it belongs")) for name in stay.others]
    models_met = [apps.get_model(label) for label in stay.others]
    return sorted({kind_name(one) if may_see(one, user) else str(_("other records")) for one in models_met})


def may_see(model: type[models.Model], user: AbstractUser | None) -> bool:
    return user is None or user.has_perm(permission("view", model._meta.auto_created or model))  # type: ignore[arg-type]


def last_events(model: type[models.Model], pks: Sequence[int]) -> dict[int, tuple[datetime.datetime, int | None]]:
    """Id of a row -> when it was written last, and by which account."""
    trace = trace_of(model)
    events = trace.events.objects.filter(pgh_obj_id__in=pks).order_by("pgh_obj_id", "-pgh_id")  # type: ignore[attr-defined]
    found = events.distinct("pgh_obj_id").values_list("pgh_obj_id", "pgh_created_at", "pgh_context__metadata")
    return {pk: (moment, (context or {}).get("user")) for pk, moment, context in found}


def kind_name(model: type[models.Model]) -> str:
    """What the rows of a table are called; those of a relation between two are called as the one that has it."""
    owner = model._meta.auto_created or model
    return str(owner._meta.verbose_name)  # type: ignore[union-attr]
