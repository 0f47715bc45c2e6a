"""Stored imports (batches): the file is kept, examined as often as needed, and applied once."""

import errno
import hashlib
import json
import re
import tempfile
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.utils import timezone

from registry.database.db_errors import integrity_errors_as_conflicts
from registry.imports import import_tables, locks, retention
from registry.imports.models import Distinction, ImportBatch, ImportFile, ImportRow
from registry.imports.options import Choices, RowsTaken
from registry.imports.pipeline.engine import Import
from registry.imports.pipeline.outcomes import RowOutcome
from registry.imports.pipeline.report import Report
from registry.imports.reading.files import open_file
from registry.imports.reading.refusals import UnreadableFile
from registry.imports.reading.tables import TableFile
from registry.imports.recognising.layout import Layout
from registry.imports.recording import COUNTS, counts_of
from registry.spreadsheet import Cell, cell_text

MOST_ROWS = 20_000
"""The most data rows that a web request imports; larger files are imported by the command."""

_COPY = f"""
COPY {ImportRow._meta.db_table} (batch_id, n, sheet, number, outcome, name, organization_id, problems, notes,
    changes, candidates, suggestions, decision, same_as_id) FROM STDIN
"""
_NUL_RE = re.compile(r"(?<!\\)((?:\\\\)*)\\u0000")
Decision = ImportRow.Decision


class FileDeleted(Exception):
    """Says that the file of the import has been deleted."""


class RegistryChanged(Exception):
    """Says that the registry has changed since the examination that was confirmed; nothing was written."""


class AlreadyApplied(Exception):
    """Says that the import has been applied already; nothing was written."""


# --- The file


def create(table: str, user: User, name: str, content: bytes, options: dict[str, Any]) -> ImportBatch:
    retention.clear()
    with transaction.atomic():
        batch = ImportBatch.objects.create(
            table=table,
            file_name=name[-255:],
            sha256=hashlib.sha256(content).hexdigest(),
            size=len(content),
            options=options,
            created_by=user,
        )
        ImportFile.objects.create(batch=batch, content=content)
    return batch


@contextmanager
def on_disk(name: str, content: bytes) -> Iterator[Path]:
    """Store the uploaded file in a directory of its own under its own name, which messages and the history quote.

    The name is shortened as far as the file system demands. Raises UnreadableFile if the disk is full.
    """
    safe = "".join("_" if c in "/\\" or ord(c) < 32 else c for c in name).lstrip(".") or "list"
    while len(safe.encode()) > 200:
        safe = safe[1:]
    with tempfile.TemporaryDirectory(prefix="import-") as folder:
        path = Path(folder) / safe
        try:
            path.write_bytes(content)
        except OSError as error:
            if error.errno in (errno.ENOSPC, errno.EDQUOT):
                raise UnreadableFile("disk_full") from None
            raise
        yield path


@contextmanager
def stored_file(batch: ImportBatch) -> Iterator[Path]:
    """Provide the stored file of the import on disk. Raises FileDeleted."""
    kept = ImportFile.objects.filter(batch=batch).first()
    if kept is None:
        raise FileDeleted
    with on_disk(batch.file_name, bytes(kept.content)) as path:
        yield path


def make(batch: ImportBatch, user: User) -> Import:
    """Return a new run of the import for the account. Raises ValidationError if the options are no longer valid."""
    found = import_tables.get(batch.table)
    assert found is not None  # noqa: S101 - the pages refuse such an import before
    return found.make(user=user, **batch.options)


@contextmanager
def table(batch: ImportBatch, user: User, path: Path) -> Iterator[TableFile]:
    """Provide the file as the import understands it, with its rows. Raises UnreadableFile and ValidationError."""
    layout = Layout.from_json(batch.layout)
    raw = open_file(path, encoding=layout.encoding or None)
    try:
        yield make(batch, user).recognise(raw, layout)
    finally:
        raw.close()


# --- Decisions


def decisions(batch: ImportBatch) -> dict[int, int | None]:
    """Return the decisions of an import: row -> id of the organization that the row is about; None means a new one."""
    decided = batch.rows.exclude(decision="").values_list("n", "same_as_id")
    return dict(decided)


def decide(batch: ImportBatch, user: User, chosen: dict[int, int | str]) -> int:
    """Store decisions about rows (candidate's id, `new`, or nothing for no decision); return how many have changed.

    The decision that two names are not the same organization holds for all later files until it is decided otherwise.
    """
    with transaction.atomic():
        changed = 0
        rows = batch.rows.select_for_update().filter(n__in=chosen).exclude(candidates=[])
        for row in rows:
            choice = chosen[row.n]
            known = {candidate["id"] for candidate in row.candidates}
            if isinstance(choice, int) and choice not in known:
                continue
            same_as = choice if isinstance(choice, int) else None
            decision = Decision.SAME if same_as else Decision.NEW if choice == "new" else ""
            if (row.decision, row.same_as_id) == (decision, same_as):
                continue
            _remember(row, user, known if decision == Decision.NEW else set(), known)
            row.decision, row.same_as_id = decision, same_as
            row.save(update_fields=["decision", "same_as"])
            changed += 1
    return changed


def _remember(row: ImportRow, user: User, different: set[int], among: set[int]) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT registry_fold_name(%s)", [row.name])
        key = cursor.fetchone()[0]
    Distinction.objects.filter(organization__in=among - different, name_key=key, decided_by=user).delete()
    made = [Distinction(organization_id=pk, name_key=key, decided_by=user) for pk in sorted(different)]
    Distinction.objects.bulk_create(made, ignore_conflicts=True)


def read_without_memory(batch: ImportBatch, user: User) -> None:
    """Ignore the remembered mapping in this import; later files still use it.

    Columns that were given the meaning of a column that the account may not see stay so. Raises ValidationError.
    """
    run, layout = make(batch, user), Layout.from_json(batch.layout)
    withheld = {column.name for column in run.columns if not run.allows(column.permission)}
    own = layout.without_memory()
    columns = own.columns | {key: name for key, name in layout.columns.items() if name in withheld}
    batch.layout = replace(own, columns=columns).to_json()
    batch.save(update_fields=["layout"])


def forget_decisions(batch: ImportBatch) -> None:
    """Delete the decisions about rows: after the rows are numbered anew, a number may belong to another row."""
    batch.rows.exclude(decision="").update(decision="", same_as=None)
    batch.rows.exclude(suggestions=[]).update(suggestions=[])


# --- Suggested sectors


def accepted(batch: ImportBatch) -> dict[int, list[int]]:
    """Return the ids of the accepted sector suggestions by row number."""
    rows = batch.rows.filter(suggestions__contains=[{"accepted": True}]).values_list("n", "suggestions")
    return {n: [one["sector"] for one in suggestions if one["accepted"]] for n, suggestions in rows}


def accept(batch: ImportBatch, chosen: Mapping[int, Collection[int]] | None) -> int:
    """Store which sector suggestions are accepted and return how many rows have changed.

    `chosen` maps a row to its accepted sectors; None accepts all suggestions of all rows. Rows that are not in it stay.
    """
    with transaction.atomic():
        rows = batch.rows.select_for_update().exclude(suggestions=[])
        changed = []
        for row in rows if chosen is None else rows.filter(n__in=chosen):
            before = [suggestion["accepted"] for suggestion in row.suggestions]
            for suggestion in row.suggestions:
                suggestion["accepted"] = chosen is None or suggestion["sector"] in chosen[row.n]
            if before != [suggestion["accepted"] for suggestion in row.suggestions]:
                changed.append(row)
        ImportRow.objects.bulk_update(changed, ["suggestions"], batch_size=1_000)
    return len(changed)


# --- Runs


def examine(batch: ImportBatch, user: User) -> None:
    """Examine the file with the present layout and choices, and store the outcome of each row.

    Raises UnreadableFile, FileDeleted and ValidationError.
    """
    run = make(batch, user)
    outcomes: list[RowOutcome] = []
    with stored_file(batch) as path, integrity_errors_as_conflicts():
        report = run.run(path, record=outcomes.extend, **_settings(batch))
    try:
        with transaction.atomic():
            locked = ImportBatch.objects.select_for_update().get(pk=batch.pk)
            if locked.state == ImportBatch.State.OPEN:
                _keep(locked, run, report, outcomes)
                locked.save(update_fields=["counts", "findings", "permissions", "examined_at"])
    finally:
        report.table.close()
    batch.refresh_from_db()


def apply(batch: ImportBatch, user: User, confirmed: str) -> None:
    """Examine the file again, then write its rows and the state of the import in one transaction.

    `confirmed` is the `fingerprint()` of the examination that the person has seen. Raises RegistryChanged if the new
    examination has another fingerprint, AlreadyApplied if the import is not open, UnreadableFile, FileDeleted, and
    ValidationError, also if another import does not end in time.
    """
    run = make(batch, user)
    with stored_file(batch) as path, integrity_errors_as_conflicts(), transaction.atomic():
        locks.prepare(waiting=True)
        locked = ImportBatch.objects.select_for_update().get(pk=batch.pk)
        if locked.state != ImportBatch.State.OPEN:
            raise AlreadyApplied
        if fingerprint(locked) != confirmed or not writes(locked):
            raise RegistryChanged
        shown = shown_counts(locked)
        outcomes: list[RowOutcome] = []
        report = run.run(path, apply=True, batch=locked, record=outcomes.extend, **_settings(locked))
        try:
            if not report.applied or counts_of(report) != shown:
                raise RegistryChanged
            _keep(locked, run, report, outcomes)
            locked.save(update_fields=["findings"])  # the run has kept the rest
        finally:
            report.table.close()


def discard(batch: ImportBatch) -> bool:
    """Delete an import that is open; return False if it is not open any more."""
    with transaction.atomic():
        locked = ImportBatch.objects.select_for_update().filter(pk=batch.pk, state=ImportBatch.State.OPEN).first()
        if locked:
            locked.delete()
    return locked is not None


def is_large(batch: ImportBatch) -> bool:
    """Return whether the file has so many rows that only the command imports it."""
    return batch.findings.get("rows", 0) > MOST_ROWS


def _settings(batch: ImportBatch) -> dict[str, Any]:
    return {
        "choices": Choices.from_json(batch.choices),
        "layout": Layout.from_json(batch.layout),
        "decisions": decisions(batch),
        "accepted": accepted(batch),
        "suggest": True,
    }


def shown_counts(batch: ImportBatch) -> dict[str, int]:
    return {name: batch.counts.get(name, 0) for name in COUNTS}


def fingerprint(batch: ImportBatch) -> str:
    """Return a hash of what the person confirms: the counts, and the choices and decisions that lead to them."""
    decided = [sorted(decisions(batch).items()), sorted(accepted(batch).items())]
    said = [shown_counts(batch), batch.choices, batch.layout, *decided]
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()[:32]


def writes(batch: ImportBatch) -> int:
    """Return how many rows applying the import would write."""
    counts = shown_counts(batch)
    if (counts["refused"] or counts["undecided"]) and Choices.from_json(batch.choices).take == RowsTaken.ALL_OR_NOTHING:
        return 0
    return counts["new"] + counts["changed"]


# --- What is kept of a run


def _keep(batch: ImportBatch, run: Import, report: Report, outcomes: Iterable[RowOutcome]) -> None:
    """Replace the stored outcomes of the rows by the outcomes of this run; decisions stay."""
    batch.counts = counts_of(report)
    batch.examined_at = timezone.now()
    batch.permissions = sorted(run.asked_permissions())
    outcomes = list(outcomes)
    batch.findings = orjson.loads(_json(_findings(run, report, outcomes)))
    answered = {row.n: row for row in batch.rows.exclude(decision="")}
    batch.rows.all().delete()
    cells = _cells(report, [outcome for outcome in outcomes if outcome.outcome == ImportRow.Outcome.UNDECIDED])
    with connection.cursor() as cursor, cursor.copy(_COPY) as copy:
        for outcome in outcomes:
            before = answered.get(outcome.n)
            candidates = outcome.candidates or (before.candidates if before else [])
            copy.write_row(
                (
                    batch.pk,
                    outcome.n,
                    stored_text(outcome.sheet, 255),
                    outcome.number,
                    outcome.outcome,
                    stored_text(outcome.name, 300),
                    outcome.organization,
                    _json(outcome.problems),
                    _json(outcome.notes),
                    _json(outcome.changes or cells.get((outcome.sheet, outcome.number), [])),
                    _json(candidates),
                    _json(outcome.suggestions),
                    before.decision if before else "",
                    before.same_as_id if before else None,
                )
            )


def _cells(report: Report, outcomes: list[RowOutcome]) -> dict[tuple[str, int], list[dict[str, str]]]:
    """Return the cells of the rows that need a decision or a correction, by sheet and row number, for the page."""
    wanted: dict[str, set[int]] = {}
    for outcome in outcomes:
        wanted.setdefault(outcome.sheet, set()).add(outcome.number)
    found: dict[tuple[str, int], list[dict[str, str]]] = {}
    for sheet in report.table.sheets:
        own = {number for number in wanted.get(sheet.name, ()) if sheet.first <= number <= sheet.last}
        for number, cells in report.table.raw_rows(sheet, own):
            texts = [(column.name, _cell(cells[column.index])) for column in sheet.columns if column.index < len(cells)]
            found[sheet.name, number] = [{"column": name, "new": text} for name, text in texts if text]
    return found


def _cell(cell: Cell) -> str:
    if isinstance(cell, str):
        return cell.strip()
    try:
        return cell_text(cell) or ""
    except ValidationError:
        return str(cell)


def _findings(run: Import, report: Report, outcomes: Sequence[RowOutcome]) -> dict[str, Any]:
    """Return what the run found out about the file as a whole, in the form in which it is stored."""
    changed = {change["column"] for outcome in outcomes for change in outcome.changes}
    return {
        "facts": [message.both() for message in report.about_file()],
        "notices": [message.both() for message in report.notices],
        "remembered": [
            {"message": one.message.both(), "part": one.part, "name": one.name} for one in report.remembered
        ],
        "rows": len(outcomes),
        "remarked": run.remarked,
        "contacts_in_text": run.contacts_in_text,
        "columns": [
            {"name": column.name, "label": list(column.labels[:2]), "in_file": _labels(report, column.name)}
            for column in run.columns
            if column.name in changed or column.name in run.in_file
        ],
    }


def _labels(report: Report, name: str) -> list[str]:
    """Return the labels that a column has in the sheets of the file."""
    found = (column.label for sheet in report.table.sheets for column in sheet.columns if column.name == name)
    return list(dict.fromkeys(found))


def stored_text(text: str | None, limit: int) -> str:
    """Return at most `limit` characters of a text of a file, without NUL, which PostgreSQL cannot store."""
    return (text or "").replace("\0", "")[:limit]


def _json(value: object) -> str:
    """Return the value as JSON text without NUL characters, which PostgreSQL cannot store in JSON."""
    if not value:
        return "[]"
    text = orjson.dumps(value, default=str).decode()
    return _NUL_RE.sub(r"\1", text) if "\\u0000" in text else text
