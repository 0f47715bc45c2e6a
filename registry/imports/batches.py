"""Imports that are kept: the file is stored, examined as often as asked, and applied once."""

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

from registry.database.db_errors import lost_races_as_conflicts
from registry.imports import import_tables, locks, retention
from registry.imports.models import Distinction, ImportBatch, ImportFile, ImportRow
from registry.imports.options import Choices, Take
from registry.imports.pipeline.engine import Import
from registry.imports.pipeline.outcomes import RowOutcome
from registry.imports.pipeline.report import Report
from registry.imports.reading.files import open_file
from registry.imports.reading.refusals import UnreadableFile
from registry.imports.reading.tables import Table
from registry.imports.recognising.layout import Layout
from registry.imports.recording import COUNTS, counts_of
from registry.spreadsheet import Cell, cell_text

MOST_ROWS = 20_000
"""Data rows that are imported within a request; larger files go by the command."""

_COPY = f"""
COPY {ImportRow._meta.db_table} (batch_id, n, sheet, number, outcome, name, organization_id, problems, notes,
    changes, candidates, suggestions, decision, same_as_id) FROM STDIN
"""
_NUL_RE = re.compile(r"(?<!\\)((?:\\\\)*)\\u0000")
Decision = ImportRow.Decision


class FileGone(Exception):
    """The file of the import is not kept any more."""


class MovedOn(Exception):
    """The registry has changed since the examination that was confirmed: nothing was written."""


class NotOpen(Exception):
    """The import has been applied already: nothing was written."""


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
    """The file under its own name, as far as the disk takes it: messages and the history name it.

    Raises UnreadableFile where the disk is full.
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
    """The file of the import on disk. Raises FileGone."""
    kept = ImportFile.objects.filter(batch=batch).first()
    if kept is None:
        raise FileGone
    with on_disk(batch.file_name, bytes(kept.content)) as path:
        yield path


def make(batch: ImportBatch, user: User) -> Import:
    """A run for the account. Raises ValidationError where the options do not hold any more."""
    found = import_tables.get(batch.table)
    assert found is not None  # noqa: S101 - the pages refuse such an import before
    return found.make(user=user, **batch.options)


@contextmanager
def table(batch: ImportBatch, user: User, path: Path) -> Iterator[Table]:
    """The rows of the file as the import understands it. Raises UnreadableFile, ValidationError."""
    layout = Layout.from_json(batch.layout)
    raw = open_file(path, encoding=layout.encoding or None)
    try:
        yield make(batch, user).recognise(raw, layout)
    finally:
        raw.close()


# --- Decisions


def decisions(batch: ImportBatch) -> dict[int, int | None]:
    """Row -> organization that it is the same as; None: another one."""
    decided = batch.rows.exclude(decision="").values_list("n", "same_as_id")
    return dict(decided)


def decide(batch: ImportBatch, user: User, chosen: dict[int, int | str]) -> int:
    """Keep decisions: row -> candidate, `new` for another organization, or `` for none. Tells how many changed.

    That two names are not the same organization is remembered for all later files, until it is decided otherwise.
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
    """Leave out of this import what is read as remembered; what is remembered stays for later files.

    Columns that are said to be what the account may not see stay so. Raises ValidationError.
    """
    run, layout = make(batch, user), Layout.from_json(batch.layout)
    withheld = {column.name for column in run.columns if not run.allows(column.permission)}
    own = layout.without_memory()
    columns = own.columns | {key: name for key, name in layout.columns.items() if name in withheld}
    batch.layout = replace(own, columns=columns).to_json()
    batch.save(update_fields=["layout"])


def forget_decisions(batch: ImportBatch) -> None:
    """Forget what was decided about rows: once they are numbered anew, a number may belong to another row."""
    batch.rows.exclude(decision="").update(decision="", same_as=None)
    batch.rows.exclude(suggestions=[]).update(suggestions=[])


# --- Suggested sectors


def accepted(batch: ImportBatch) -> dict[int, list[int]]:
    """Return the suggested sectors that somebody has accepted, as their ids by row number."""
    rows = batch.rows.filter(suggestions__contains=[{"accepted": True}]).values_list("n", "suggestions")
    return {n: [one["sector"] for one in suggestions if one["accepted"]] for n, suggestions in rows}


def accept(batch: ImportBatch, chosen: Mapping[int, Collection[int]] | None) -> int:
    """Keep which suggestions are accepted: row -> sectors; None: all of all rows. Tells how many rows changed.

    Rows that are not named stay as they are.
    """
    with transaction.atomic():
        rows = batch.rows.select_for_update().exclude(suggestions=[])
        changed = []
        for row in rows if chosen is None else rows.filter(n__in=chosen):
            before = [one["accepted"] for one in row.suggestions]
            for one in row.suggestions:
                one["accepted"] = chosen is None or one["sector"] in chosen[row.n]
            if before != [one["accepted"] for one in row.suggestions]:
                changed.append(row)
        ImportRow.objects.bulk_update(changed, ["suggestions"], batch_size=1_000)
    return len(changed)


# --- Runs


def examine(batch: ImportBatch, user: User) -> None:
    """Try the file as it is to be understood now, and keep what comes of it.

    Raises UnreadableFile, FileGone, ValidationError.
    """
    run = make(batch, user)
    outcomes: list[RowOutcome] = []
    with stored_file(batch) as path, lost_races_as_conflicts():
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
    """Write the rows and the state of the import in one transaction.

    `confirmed` is the `fingerprint()` of what was shown. Raises MovedOn where the examination, which is done again,
    does not come to that, NotOpen, UnreadableFile, FileGone, and ValidationError, also where another import does not
    end in time.
    """
    run = make(batch, user)
    with stored_file(batch) as path, lost_races_as_conflicts(), transaction.atomic():
        locks.prepare(waiting=True)
        locked = ImportBatch.objects.select_for_update().get(pk=batch.pk)
        if locked.state != ImportBatch.State.OPEN:
            raise NotOpen
        if fingerprint(locked) != confirmed or not writes(locked):
            raise MovedOn
        shown = shown_counts(locked)
        outcomes: list[RowOutcome] = []
        report = run.run(path, apply=True, batch=locked, record=outcomes.extend, **_settings(locked))
        try:
            if not report.applied or counts_of(report) != shown:
                raise MovedOn
            _keep(locked, run, report, outcomes)
            locked.save(update_fields=["findings"])  # the run has kept the rest
        finally:
            report.table.close()


def discard(batch: ImportBatch) -> bool:
    """Remove an import that is open; False where it is not any more."""
    with transaction.atomic():
        locked = ImportBatch.objects.select_for_update().filter(pk=batch.pk, state=ImportBatch.State.OPEN).first()
        if locked:
            locked.delete()
    return locked is not None


def is_large(batch: ImportBatch) -> bool:
    """Whether only the command imports it."""
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
    """Return a hash of what somebody confirms: the counts, and all that decides them except the registry itself."""
    decided = [sorted(decisions(batch).items()), sorted(accepted(batch).items())]
    said = [shown_counts(batch), batch.choices, batch.layout, *decided]
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()[:32]


def writes(batch: ImportBatch) -> int:
    """How many rows an applying would write."""
    counts = shown_counts(batch)
    if (counts["refused"] or counts["undecided"]) and Choices.from_json(batch.choices).take == Take.ALL_OR_NOTHING:
        return 0
    return counts["new"] + counts["changed"]


# --- What is kept of a run


def _keep(batch: ImportBatch, run: Import, report: Report, outcomes: Iterable[RowOutcome]) -> None:
    """Put the outcomes of a run in the place of those kept before; the decisions stay."""
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
                    _text(outcome.sheet, 255),
                    outcome.number,
                    outcome.outcome,
                    _text(outcome.name, 300),
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
    """Return the cells of rows that are not written, by sheet and row number, for the person who decides about them."""
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
    """Return what is kept of the file as a whole."""
    met = {change["column"] for outcome in outcomes for change in outcome.changes}
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
            if column.name in met or column.name in run.in_file
        ],
    }


def _labels(report: Report, name: str) -> list[str]:
    """Under which labels the file has a column."""
    found = (column.label for sheet in report.table.sheets for column in sheet.columns if column.name == name)
    return list(dict.fromkeys(found))


def _text(text: str | None, limit: int) -> str:
    return (text or "").replace("\0", "")[:limit]


def _json(value: object) -> str:
    """Return the value as JSON text without NUL characters, which PostgreSQL cannot store in JSON."""
    if not value:
        return "[]"
    text = orjson.dumps(value, default=str).decode()
    return _NUL_RE.sub(r"\1", text) if "\\u0000" in text else text
