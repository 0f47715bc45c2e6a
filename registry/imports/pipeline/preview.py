"""Collects the outcome of each row between the examination and the writing; it is stored with the import."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from django.utils import translation

from registry.imports.pipeline.engine import Import
from registry.imports.pipeline.outcomes import Change, RowOutcome
from registry.imports.pipeline.report import LANGUAGES, CellMessage


def row_outcomes(run: Import, writing: bool) -> Iterator[RowOutcome]:
    """Yield the outcomes of all rows in their order.

    The id of a new record is given only if the run is `writing` it.
    """
    problems, notes = _by_row(run, run.report.problems), _by_row(run, [*run.report.notes, *run.guessed()])
    # Of rows with candidates the page asks in its own words.
    held = _by_row(run, [problem for problem in run.report.held if not run.undecided[run.row_at(problem)]])
    written = {row.n: row for row in run.written() if row.n not in run.bad}
    suggested = run.suggested() if run.suggest else {}
    for n, name, organization in run.query(_names(run)):
        sheet, number = run.places[n]
        changes: list[Change] = []
        if n in problems:
            outcome = "refused"
        elif n in run.undecided:
            outcome = "undecided"
        elif n in written:
            row = written[n]
            outcome, changes = "new" if row.is_new else "changed", row.changes
            organization = row.organization if writing or not row.is_new else None
        else:
            outcome = "unchanged"
        yield RowOutcome(
            n,
            sheet,
            number,
            outcome,
            run.given_names.get(n) or name or "",
            organization,
            problems.get(n, []) + held.get(n, []),
            changes,
            run.undecided.get(n, []),
            suggested.get(n, []),
            notes.get(n, []),
        )


def _names(run: Import) -> str:
    columns = {column.name: column for column in run.columns}
    texts = []
    for name in run.NAMED_BY:
        if name in columns:
            texts += [f"r.{name}::text"] + ([f"r.{name}_masked"] if columns[name].masked else [])
    texts += ["nullif(o.name_zh, '')", "o.name_en"]
    texts += [f"r.{name}" for name in ("registry_no", "uscc") if name in columns]
    return f"""
        SELECT r.n, coalesce({", ".join(texts)}), o.id FROM import_row r LEFT JOIN import_match m ON m.n = r.n
        LEFT JOIN registry_organization o ON o.id = m.id ORDER BY r.n
    """


def _by_row(run: Import, messages: Sequence[CellMessage]) -> dict[int, list[dict[str, Any]]]:
    """Return the messages about each staged row, in Chinese and in English."""
    texts: list[Iterable[str]] = []
    for language in LANGUAGES:
        with translation.override(language):
            texts.append([str(problem.message) for problem in messages])
    by_row: dict[int, list[dict[str, Any]]] = {}
    for problem, *message in zip(messages, *texts, strict=True):
        entry = {"column": problem.column, "value": problem.value, "message": message}
        by_row.setdefault(run.row_at(problem), []).append(entry)
    return by_row
