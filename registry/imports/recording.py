"""Stores the record of an import in the transaction that writes its rows."""

import hashlib
from pathlib import Path
from typing import Any
from uuid import UUID

from django.db import connection
from django.utils import timezone
from django.utils.translation import gettext as _

from registry.database.db_errors import Conflict
from registry.imports.models import ImportBatch
from registry.imports.pipeline.report import Report
from registry.values.people import Account

COUNTS = ("new", "changed", "unchanged", "refused", "undecided")


def counts_of(report: Report) -> dict[str, int]:
    return {name: getattr(report, name) for name in COUNTS}


def batch_of_file(path: Path | str, table: str, **fields: Any) -> ImportBatch:
    """Return the record for an import by command; it is stored only if the import is applied. Raises OSError."""
    with open(path, "rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
        size = file.tell()
    return ImportBatch(table=table, file_name=Path(path).name[-255:], sha256=digest, size=size, **fields)


def claim(batch: ImportBatch) -> None:
    """Lock the batch until the end of the transaction; give a new one its id. Raises Conflict if it is not open."""
    if batch._state.adding:
        with connection.cursor() as cursor:
            cursor.execute("SELECT nextval(pg_get_serial_sequence(%s, 'id'))", [ImportBatch._meta.db_table])
            batch.pk = cursor.fetchone()[0]
    elif ImportBatch.objects.select_for_update().get(pk=batch.pk).state != ImportBatch.State.OPEN:
        raise Conflict(_("This import has been applied already."), code="conflict")


def keep(batch: ImportBatch, report: Report, permissions: set[str], context: UUID | None, user: Account | None) -> None:
    """Store the result of the run in the batch; a new batch is marked as applied only."""
    batch.counts = counts_of(report)
    batch.permissions = sorted(permissions)
    batch.examined_at = timezone.now()
    changed = ["counts", "layout", "permissions", "examined_at"]
    if report.applied:
        batch.state = ImportBatch.State.APPLIED
        batch.applied_at = batch.examined_at
        batch.applied_by = user
        batch.history_context = context
        changed += ["state", "applied_at", "applied_by", "history_context"]
    if not batch._state.adding:
        batch.save(update_fields=changed)
    elif report.applied:
        batch.save(force_insert=True)
