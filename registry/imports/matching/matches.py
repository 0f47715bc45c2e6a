"""Finds the record that a row is about: by registry number, then USCC, then other identifiers, then name.

Works on the staging table `import_row` (n, registry_no, uscc, identifiers, name_zh, name_en) and makes `import_match`
(n, id, led). There `id` is NULL if no record matches the row, and `led` says that the row names a merged record and
`id` is the record that it was merged into. The table of decisions (registry.matching.decisions) decides what matches.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext_lazy as _

from registry.imports.matching.pairs import PLAIN, PLAIN_KINDS, Pair, candidates_of_rows, stage_pairs
from registry.imports.options import Renames
from registry.imports.pipeline.columns import IDENTIFIER_COLUMNS
from registry.imports.pipeline.engine import Import
from registry.imports.pipeline.report import Message
from registry.imports.pipeline.statements import FRESH_STATISTICS
from registry.matching.decisions import Decision, PossibleRecord, Ruling, Verdict, choose
from registry.values.punctuation import listed_lazily

KEYS = ("registry_no", "uscc", "identifiers", *IDENTIFIER_COLUMNS, "name_zh", "name_en")
NAMES = ("name_zh", "name_en")

_MOST_NAMED = 5
"""The most records that a message names."""


@dataclass
class _Found:
    """The result of the matching, row by row."""

    matched: list[tuple[int, int, bool]] = field(default_factory=list)
    """For each row the matched record, and whether it was reached through a record that was merged into it."""
    told: list[tuple[int, Verdict[int], dict[int, Pair]]] = field(default_factory=list)
    """Rows that get a message."""
    old_names: list[int] = field(default_factory=list)
    """Rows with a former name of the record, which therefore does not replace its present name."""
    merged: list[int] = field(default_factory=list)
    """Rows about a merged record: no file changes such a record."""


def match_organizations(run: Import) -> None:
    """Make `import_match`, and refuse, hold back or note rows as the table of decisions says.

    Several records of one name are a reason to refuse the row; where duplicates are looked for, they are its
    candidates.
    """
    if len(run.places) > FRESH_STATISTICS:
        # A table that has just been filled looks empty to the planner, which would compare every row with every row.
        run.execute("ANALYZE registry_organization (id, registry_no, uscc, name_zh_key, name_en_key)")
        run.execute("ANALYZE registry_identifier, registry_sectortag, registry_contact, registry_name (name_key)")
    stage_pairs(run)
    found = _Found()
    for n, candidates, stored in candidates_of_rows(run):
        _take(run, found, n, choose(candidates), stored)
    _make_match(run, found.matched)
    if found.told:
        _tell(run, found.told)
    if "registry_no" in run.present:
        _refuse_unknown_numbers(run)
    if found.old_names:
        leave_names(run, found.old_names)
    run.led, run.merged = {n for n, _pk, led in found.matched if led}, set(found.merged)
    if run.decisions:
        _take_decisions(run)


def _take(run: Import, found: _Found, n: int, choice: Verdict[int], stored: dict[int, Pair]) -> None:
    ruling, candidate = choice.ruling, choice.candidate
    if candidate is None:
        return
    by_code = stored[candidate.record].by_code
    if ruling.decision is Decision.HELD_BACK and not by_code:
        return  # a resemblance: asked of those who look for duplicates
    if ruling.reason == "ambiguous" and run.suggest:
        return  # the records are offered as candidates
    if ruling.reason == "other_name" and (run.choices.renames == Renames.ACCEPT or run.decisions.get(n)):
        ruling = Ruling(Decision.SAME_RENAMED, "renamed", _RENAMED)
    if ruling.message:
        found.told.append((n, choice._replace(ruling=ruling), stored))
    if ruling.same or ruling.decision is Decision.HELD_BACK:
        found.matched.append((n, candidate.meant, candidate.meant != candidate.record))
        if stored[candidate.record].merged and candidate.meant == candidate.record:
            found.merged.append(n)
    if ruling.reason == "old_name":
        found.old_names.append(n)


_RENAMED = _(
    "The code belongs to %(record)s, which has another name in the registry: the row is applied to that record."
)
_WRONG_CODE = _("Somebody has decided that the code, which belongs to %(record)s, is wrong: correct it in the list.")


def _make_match(run: Import, matched: Sequence[tuple[int, int, bool]]) -> None:
    """Make `import_match` of the rows that were decided one by one and of the rows with exactly one clear match."""
    rows: list[list[object]] = [list(column) for column in zip(*matched, strict=True)] or [[], [], []]
    query = f"""
        SELECT r.n, coalesce(m.id, e.id), coalesce(m.led, false) FROM import_row r
        LEFT JOIN unnest(%s::integer[], %s::bigint[], %s::boolean[]) AS m (n, id, led) ON m.n = r.n
        LEFT JOIN import_evidence e ON e.n = r.n AND e.kind = ANY (%s) AND {PLAIN}
    """
    run.make_table("import_match", query, [*rows, PLAIN_KINDS])


# --- What is said of the rows


def _tell(run: Import, verdicts: Sequence[tuple[int, Verdict[int], dict[int, Pair]]]) -> None:
    named = {one.record for _n, choice, _stored in verdicts for one in choice.fitting[:_MOST_NAMED]}
    named |= {choice.candidate.meant for _n, choice, _stored in verdicts if choice.candidate}
    names = dict(
        run.query(
            "SELECT id, concat(registry_no, ' ', coalesce(nullif(name_zh, ''), name_en)) FROM registry_organization "
            "WHERE id = ANY (%s)",
            [sorted(named)],
        )
    )
    given_names = {n: (zh or en or "") for n, zh, en in run.query(_GIVEN_NAMES, [[n for n, *_rest in verdicts]])}
    for n, choice, stored in verdicts:
        candidate = choice.candidate
        assert candidate is not None  # noqa: S101 - a ruling with words is about a record
        records = listed_lazily(names[one.record] for one in choice.fitting[:_MOST_NAMED])
        params = {"record": names[candidate.record], "successor": names[candidate.meant], "records": records}
        _say(run, n, choice.ruling, params, given_names[n], candidate, stored)


_GIVEN_NAMES = "SELECT n, name_zh, name_en FROM import_row WHERE n = ANY (%s)"


def _say(
    run: Import,
    n: int,
    ruling: Ruling,
    params: dict[str, Any],
    name: str,
    candidate: PossibleRecord[int],
    stored: dict[int, Pair],
) -> None:
    message = Message(ruling.message, params)
    columns = KEYS if ruling.decision is Decision.REFUSED else NAMES
    if ruling.same:
        run.note(n, columns, name, message)
    elif ruling.decision is Decision.REFUSED:
        run.refuse(n, columns, name if ruling.reason == "ambiguous" else "", message)
    elif n in run.decisions:
        run.refuse(n, KEYS, "", Message(_WRONG_CODE, params))
    else:
        pair = stored[candidate.record]
        number = params["record"].partition(" ")[0]
        run.hold(
            n,
            [{"id": pair.pk, "registry_no": number, "name": pair.name_zh or pair.name_en, "reasons": ["other_name"]}],
            message,
            columns,
            name,
        )


def _refuse_unknown_numbers(run: Import) -> None:
    query = """
        SELECT n, registry_no FROM import_row r WHERE registry_no IS NOT NULL
          AND NOT EXISTS (SELECT 1 FROM import_pair p WHERE p.n = r.n AND p.number) ORDER BY n
    """
    for n, number in list(run.query(query)):
        message = _(
            "No record has this registry number. The registry gives the numbers: leave the cell empty for a new record."
        )
        run.refuse(n, "registry_no", number, Message(message))


# --- What a row does not change


def leave_names(run: Import, rows: Sequence[int]) -> None:
    """Keep the stored names of the records of these rows; the preview shows the names in the file."""
    names = run.query(_GIVEN_NAMES, [list(rows)])
    run.given_names |= {n: name_zh or name_en or "" for n, name_zh, name_en in names}
    for name in NAMES:
        run.execute(
            f"""
            UPDATE import_row r SET {name} = NULL FROM import_match m JOIN registry_organization o ON o.id = m.id
            WHERE m.n = r.n AND o.{name} <> '' AND r.n = ANY (%s)
            """,
            [list(rows)],
        )


def _take_decisions(run: Import) -> None:
    """Match the rows that somebody has decided about with the chosen records, whose stored names stay."""
    same = {n: organization for n, organization in run.decisions.items() if organization is not None}
    if same:
        leave_names(run, [n for (n,) in run.query(_DECIDED, [list(same), list(same.values())])])


_DECIDED = """
UPDATE import_match m SET id = o.id
FROM unnest(%s::integer[], %s::bigint[]) AS d (n, id)
JOIN import_row r ON r.n = d.n
JOIN registry_organization o ON o.id = d.id AND o.registration_status <> 'merged'
WHERE m.n = d.n AND m.id IS NULL AND (r.uscc IS NULL OR o.uscc IS NULL OR r.uscc = o.uscc)
RETURNING m.n
"""
