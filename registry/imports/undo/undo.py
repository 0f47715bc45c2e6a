"""Undoes an import: the rows that it wrote, by its history events, get the values that they had before.

It works for all tables from the event tables of the tracked models. Values that somebody has changed since stay, and so
do records that other records refer to.
"""

import uuid
from collections.abc import Collection, Iterator, Mapping

import pghistory
from django.core.exceptions import ValidationError
from django.db import connection, models, transaction
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from registry.database.db_errors import Conflict, integrity_errors_as_conflicts
from registry.imports import locks
from registry.imports.models import ImportBatch
from registry.imports.undo.outcome import Reversal, UndoOutcome
from registry.imports.undo.reverting import Action, Revert
from registry.imports.undo.tracked_tables import children_first, tables_written
from registry.organizations.models.organizations import Organization
from registry.organizations.models.reach import reach_of, within
from registry.values.people import Account
from registry.values.punctuation import listed

Chosen = Mapping[str, Mapping[int, Collection[str]]]
"""Table -> rows -> the columns to revert; an empty collection means the whole row."""


class NotUndoable(ValidationError):
    """Says that the import was not applied, or has been undone already."""


def undo(pk: int, *, user: Account | None = None, apply: bool = False, leave: int | None = 0) -> UndoOutcome:
    """Undo the import, or tell what would happen: a trial does the same and rolls it back.

    What has been changed since stays only with consent: `leave` is the number of records for which it was given, None
    for however many there are. Where there are more or fewer, nothing is done, and `done` of the answer is False.

    Raises NotUndoable, ImportBatch.DoesNotExist and Conflict.
    """
    operation: dict[str, object] = {"operation": "undo_import", "batch": pk}
    if user is not None:
        operation["user"] = user.pk
    with integrity_errors_as_conflicts(), transaction.atomic(), pghistory.context(**operation) as context:
        locks.prepare(waiting=user is not None)
        batch = ImportBatch.objects.select_for_update().get(pk=pk)
        _check_state(batch)
        locks.imports()
        undoing = UndoOutcome(batch=batch)
        if batch.history_context is not None:
            take_back(undoing, batch.history_context, user)
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


def take_back(
    outcome: Reversal,
    written_in: uuid.UUID,
    user: Account | None = None,
    *,
    also: Collection[type[models.Model]] = (),
    only: Chosen | None = None,
) -> None:
    """Revert, in the transaction of the caller, what was written in a history context; add the result to `outcome`.

    `also` names tables that are reverted although an import leaves them alone. `only` leaves everything else as it is.
    """
    found = tables_written(written_in, also)
    if only is not None:
        found = [trace for trace in found if trace.table in only]
    reverts = [Revert(trace, written_in) for trace in children_first(found)]
    _lock(reverts)
    _check_reach(reverts, user)
    for revert in reverts:
        revert.compare()
        if only is not None:
            revert.restrict(only[revert.trace.table])
    _keep_what_is_referred_to(reverts)
    outcome.lacking = sorted(set(_lacking(reverts, user)))
    _write(reverts)
    outcome.tables = [revert.outcome() for revert in reversed(reverts)]


def _lock(reverts: list[Revert]) -> None:
    """Lock organizations first, as all operations do, and then the rows."""
    locks.organizations({pk for revert in reverts for pk in revert.organizations()})
    for revert in reverts:
        revert.lock()


def _check_reach(reverts: list[Revert], user: Account | None) -> None:
    """Raise Conflict if an organization has meanwhile come to a town that the account does not work on."""
    if reach_of(user) is None:
        return
    written = Organization.objects.filter(pk__in={pk for revert in reverts for pk in revert.organizations()})
    if others := written.exclude(within(user)):
        message = _("Not undone: %(organizations)s are not in the townships that your account works on.")
        raise Conflict(message % {"organizations": listed(map(str, others[:5]))}, code="conflict")


def _keep_what_is_referred_to(reverts: list[Revert]) -> None:
    """Keep the records that the import created and that something refers to, with the records that belong to them."""
    by_table = {revert.trace.table: revert for revert in reverts}
    staying = -1
    while staying != (staying := sum(revert.staying() for revert in reverts)):
        for revert in reverts:
            revert.keep_referred(by_table)
        for revert in reversed(reverts):
            revert.keep_parts(by_table)


def _lacking(reverts: list[Revert], user: Account | None) -> Iterator[str]:
    """Yield the missing permissions.

    Undoing needs the permissions of the import: an account that may add may undo adding.
    """
    if user is None:
        return
    for revert in reverts:
        for action in revert.actions():
            permission = revert.trace.permission("change" if action == Action.UPDATE else "add")
            if not user.has_perm(permission):
                yield permission


def _write(reverts: list[Revert]) -> None:
    """Revert the rows; children are deleted before and restored after their parents.

    The database refuses single rows.
    """
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        # Rules over several rows hold at the end only, as ever: a row goes before another one takes its place. So does
        # a key that closes a circle of tables.
        circles = [(one.trace.table, key) for one in reverts if (key := getattr(one.trace.model, "key_of_circle", ""))]
        cursor.execute(
            """
            SELECT string_agg(quote_ident(c.conname), ', ') FROM pg_constraint c WHERE c.condeferrable AND (
                c.contype = 't' OR c.contype = 'f' AND EXISTS (
                    SELECT 1 FROM unnest(%s::text[], %s::text[]) k (source, name) JOIN pg_attribute a
                      ON a.attrelid = to_regclass(k.source) AND a.attname = k.name
                    WHERE a.attrelid = c.conrelid AND a.attnum = ANY(c.conkey)
                )
            )
            """,
            [[table for table, _key in circles], [key for _table, key in circles]],
        )
        if deferred := cursor.fetchone()[0]:
            cursor.execute(f"SET CONSTRAINTS {deferred} DEFERRED")
    for revert in reverts:
        revert.sweep()
        revert.write(Action.REMOVE)
    for revert in reversed(reverts):
        revert.write(Action.UPDATE)
    for revert in reversed(reverts):
        revert.write(Action.INSERT)
