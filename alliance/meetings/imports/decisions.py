"""Imports decisions of meetings from old minutes: a row is one decision, found by its meeting and its number.

They are a record of what was decided: nothing takes effect by them. A decision that is recorded stays as it is.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar

from django.utils import timezone
from django.utils.functional import Promise, lazy
from django.utils.translation import gettext_lazy as _

from alliance.meetings.columns import DECISION_COLUMNS, of_field, parse_passed
from alliance.meetings.imports.named import MeetingRenderContext, NamedByMeeting, write_term
from alliance.meetings.recording import OVERRIDE
from alliance.meetings.rule_cells import NONE, in_cells, write_majority, write_quorum
from alliance.meetings.rule_models import Shares
from alliance.meetings.rules import voting_rule
from alliance.models import Body, Decision
from registry.columns import Column, text_column
from registry.imports.pipeline.outcomes import WrittenRow, change
from registry.imports.pipeline.report import Message
from registry.spreadsheet import parse_integer

_MEETINGS = """
UPDATE import_row r SET meeting = f.id, meetings = f.count FROM import_row q CROSS JOIN LATERAL (
    SELECT min(x.id) AS id, count(*) AS count FROM alliance_meeting x
    WHERE x.alliance_id = %s AND x.body = q.body AND x.number = q.meeting_number
      AND (q.term IS NULL OR x.term_id = q.term) AND (q.held_on IS NULL OR x.held_on = q.held_on)
) f WHERE q.n = r.n AND q.body IS NOT NULL AND q.meeting_number IS NOT NULL
"""
_NO_MEETING = "SELECT n, meeting_name FROM import_row WHERE meetings = 0 AND n <> ALL (%s) ORDER BY n"
_SEVERAL_MEETINGS = "SELECT n, meeting_name FROM import_row WHERE meetings > 1 AND n <> ALL (%s) ORDER BY n"
_RECORDED = "SELECT n, NULL FROM import_final WHERE NOT is_new ORDER BY n"
_NOT_HELD = """
SELECT f.n, to_char(m.held_on, 'YYYY-MM-DD') FROM import_final f JOIN alliance_meeting m ON m.id = f.meeting_id
WHERE f.is_new AND m.held_on > %s ORDER BY f.n
"""
_ENTITLED = "(SELECT coalesce(m.entitled, m.called) FROM alliance_meeting m WHERE m.id = r.meeting)"
_PRESENT = """(
    SELECT coalesce(m.attended, (SELECT count(*) FROM alliance_attendance a WHERE a.meeting_id = m.id AND a.present))
    FROM alliance_meeting m WHERE m.id = r.meeting
)"""
_OTHER_NUMBER = """
SELECT r.n, coalesce(x.{name}, {count}) FROM import_row r JOIN import_target t ON t.n = r.n
LEFT JOIN alliance_decision x ON x.id = t.id
WHERE r.number_{name} <> coalesce(x.{name}, {count}) AND r.n <> ALL (%s) ORDER BY r.n
"""
_PASSED = """(CASE WHEN {of}.majority_denominator IS NULL THEN {of}.votes_for > {of}.votes_against
 WHEN {of}.majority_exceeded THEN {of}.votes_for * {of}.majority_denominator > {of}.present * {of}.majority_numerator
 ELSE {of}.votes_for * {of}.majority_denominator >= {of}.present * {of}.majority_numerator END)"""
_OTHER_RESULT = f"""
SELECT r.n, coalesce({_PASSED.format(of="f")}, x.passed) FROM import_row r JOIN import_target t ON t.n = r.n
LEFT JOIN import_final f ON f.n = r.n LEFT JOIN alliance_decision x ON x.id = t.id
WHERE r.result <> coalesce({_PASSED.format(of="f")}, x.passed) AND r.n <> ALL (%s) ORDER BY r.n
"""
_NOT_NEEDED = """
SELECT f.n, r.override_reason FROM import_final f JOIN import_row r ON r.n = f.n
WHERE f.is_new AND r.override_reason IS NOT NULL AND f.override_reason = '' ORDER BY f.n
"""
_SAID = {
    "quorum_numerator": "split_part(r.quorum, '/', 1)",
    "quorum_denominator": "split_part(r.quorum, '/', 2)",
    "majority_numerator": "split_part(ltrim(r.majority, '>='), '/', 1)",
    "majority_denominator": "split_part(r.majority, '/', 2)",
    "majority_exceeded": "r.majority ~ '^>[^=]'",
}
"""A number of the rule -> SQL for what the file says of it."""
_RULES = {
    "quorum": "coalesce({of}.quorum_numerator || '/' || {of}.quorum_denominator, '0')",
    "majority": "coalesce((CASE WHEN {of}.majority_exceeded THEN '>' ELSE '>=' END)"
    " || {of}.majority_numerator || '/' || {of}.majority_denominator, '0')",
}
"""A column of the rule -> SQL for it, as files have it."""
_OTHER_RULE = """
SELECT r.n, {stored} FROM import_row r JOIN import_target t ON t.n = r.n JOIN alliance_decision x ON x.id = t.id
WHERE r.{name} <> {stored} AND r.n <> ALL (%s) ORDER BY r.n
"""
_BY_RULE = f"""
SELECT m.body, {_RULES["quorum"].format(of="f")}, {_RULES["majority"].format(of="f")},
       count(*) FILTER (WHERE r.quorum IS NULL OR r.majority IS NULL),
       count(*) FILTER (WHERE r.quorum IS NOT NULL AND r.majority IS NOT NULL)
FROM import_final f JOIN import_row r ON r.n = f.n JOIN alliance_meeting m ON m.id = f.meeting_id
WHERE f.is_new GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
"""
_SAYS_A_RULE = """
SELECT f.n, r.body, r.quorum, r.majority FROM import_final f JOIN import_row r ON r.n = f.n
WHERE f.is_new AND (r.quorum IS NOT NULL OR r.majority IS NOT NULL) ORDER BY f.n
"""
_ENOUGH = "({d} IS NULL OR {present} * {d} >= {entitled} * {n})"
_FILE_NAMES = {"entitled": "number_entitled", "present": "number_present", "passed": "result"}
_WRITTEN = {"quorum": write_quorum, "majority": write_majority}
_NOT_PASSED = _("By the votes and the rule of the body it has not passed: check them, and the rule of the alliance.")
_COMPARED: dict[str, dict[str, Any]] = {
    "entitled": {"sql_type": "integer", "parse": of_field(Decision, "entitled", parse_integer)},
    "present": {"sql_type": "integer", "parse": of_field(Decision, "present", parse_integer)},
    "passed": {"sql_type": "boolean", "parse": parse_passed},
}
"""Columns that no file writes: what a row says there is compared."""


def _meeting(pk: int | None, context: MeetingRenderContext) -> str:
    return context.meeting_names.get(pk, "")


def _shown() -> tuple[Column, ...]:
    """Return the columns as the import has them: the meeting by its key, numbers and result as what is said of them."""
    own = (column for column in DECISION_COLUMNS if column.name != "meeting")
    named = (
        replace(one, name=_FILE_NAMES[one.name], **_COMPARED[one.name]) if one.name in _COMPARED else one for one in own
    )
    by_key = (replace(one, write=write_term) if one.name == "term" else one for one in named)
    return (*by_key, text_column("meeting", _("meeting"), write=_meeting))


@dataclass
class DecisionImport(NamedByMeeting):
    """Adds decisions; those that are recorded stay."""

    TABLE: ClassVar[str] = "decisions"
    NAMED_BY: ClassVar[tuple[str, ...]] = ("subject", "meeting_name")

    rules_now: dict[str, tuple[str, str]] = field(init=False)
    """The quorum and the majority that the alliance asks for now in each body, as between file and database."""

    model = Decision
    shown = _shown()
    meeting_number = "meeting_number"
    more_staged: ClassVar[dict[str, str]] = {"meeting": "bigint", "meetings": "integer"}
    shown_as: ClassVar[Mapping[str, str]] = {"meeting": "meeting_number"}
    defaults: ClassVar[Mapping[str, str]] = {
        "matter": "'other'",
        "ballot": "'show_of_hands'",
        "votes_against": "0",
        "abstentions": "0",
        "entitled": _ENTITLED,
        "present": _PRESENT,
    }
    key = ("meeting_id", "number")
    same = "x.meeting_id = r.meeting AND x.number = r.number"
    needed: ClassVar = {
        "body": _("A row needs the body that met."),
        "meeting_number": _("A row needs the number of its meeting."),
        "number": _("A row needs the number of the decision."),
    }
    needed_if_new: ClassVar = {
        "subject": _("A new decision needs its subject."),
        "votes_for": _("A new decision needs the votes for it."),
    }
    second_message = _("Row %(rows)s is about the same decision: keep one of them.")
    add_forbidden = change_forbidden = _("Your account may not record decisions.")

    def __post_init__(self) -> None:
        super().__post_init__()
        by_body = {body: voting_rule(self.alliance, body) for body in Body}
        self.rules_now = {body.value: in_cells(rule) for body, rule in by_body.items()}
        rules = {body: rule.shares() for body, rule in by_body.items()}
        shares = {name: _share(name, {body: rule[name] for body, rule in rules.items()}) for name in Shares.SHARES}
        by = str(self.user.pk) if self.user else "NULL"
        self.defaults = {**type(self).defaults, **shares, "recorded_by": by}  # type: ignore[misc]

    def prepare(self) -> None:
        super().prepare()
        self.present.add("meeting")  # which the other columns name

    def find_members(self) -> None:
        super().find_members()
        self.execute(_MEETINGS, [self.alliance.pk])
        if self.applying:  # as whoever records a decision does
            lock = "SELECT 1 FROM alliance_meeting WHERE id IN (SELECT meeting FROM import_row) ORDER BY id"
            self.execute(f"{lock} FOR NO KEY UPDATE")
        names = ("meeting_number", "meeting_name", "held_on")
        for query, told in (
            (
                _NO_MEETING,
                _("No meeting has this body, term, number and day: import or enter it first."),
            ),
            (_SEVERAL_MEETINGS, _("Several meetings answer to this row: give term, number and day.")),
        ):
            self.refuse_all(query, names, told, [sorted(self.bad)])

    def find_changes(self) -> None:
        super().find_changes()
        if "override_reason" in self.changes:
            stored = {"d": "x.quorum_denominator", "n": "x.quorum_numerator"}
            enough = _ENOUGH.format(**stored, present="x.present", entitled="x.entitled")
            self.changes["override_reason"] = f"({self.changes['override_reason']} AND (x.id IS NULL OR NOT {enough}))"

    def make_final(self, final: dict[str, str]) -> None:
        enough = _ENOUGH.format(
            d=final["quorum_denominator"],
            n=final["quorum_numerator"],
            present=final["present"],
            entitled=final["entitled"],
        )
        final["override_reason"] = f"CASE WHEN {enough} THEN '' ELSE {final['override_reason']} END"
        super().make_final(final)

    def check_rules(self) -> None:
        recorded = _("This decision is recorded: correct it on its page, and say why.")
        self.refuse_all(_RECORDED, "", recorded)
        later = _("The meeting is only on %(value)s: decisions are recorded once it was held.")
        self.refuse_all(_NOT_HELD, ("held_on", "meeting_number", "meeting_name"), later, [timezone.localdate()])
        bad = [sorted(self.bad)]
        for name, count, told in (
            ("entitled", _ENTITLED, _("%(value)s are called by the record of the meeting: correct one of both.")),
            ("present", _PRESENT, _("%(value)s are present by the record of the meeting: correct one of both.")),
        ):
            self.refuse_all(_OTHER_NUMBER.format(name=name, count=count), f"number_{name}", told, bad)
        for name, rule in _RULES.items():
            other = _OTHER_RULE.format(name=name, stored=rule.format(of="x"))
            kept = _("It was recorded by the rule %(value)s: a recorded decision keeps its rule.")
            self.refuse_all(other, name, kept, bad)
        for n, passed in list(self.query(_OTHER_RESULT, bad)):
            by_rule = _("By the votes and the rule of the body it has passed.")
            self.refuse(n, "result", "", Message(by_rule if passed else _NOT_PASSED))
        for n, reason in list(self.query(_NOT_NEEDED)):
            self.note(n, "override_reason", reason, Message(_("Enough were present: the reason is not kept.")))
        self._note_other_rules()

    def _note_other_rules(self) -> None:
        """Note at each row where the rule that it says differs from the one that the alliance has now."""
        told = _("The alliance's rule of today is “%(rule)s”: check that the one of the file was in force on that day.")
        for n, body, *said in list(self.query(_SAYS_A_RULE)):
            for (name, write), rule, of_row in zip(_WRITTEN.items(), self.rules_now[body], said, strict=True):
                if of_row not in (None, rule):
                    self.note(n, name, write(of_row), Message(told, {"rule": lazy(write, str)(rule)}))

    def permissions(self) -> Iterator[tuple[str, str, Promise]]:
        yield "alliance.record_decision", "SELECT n FROM import_final", self.add_forbidden
        with_too_few = "SELECT n FROM import_final WHERE override_reason <> ''"
        yield OVERRIDE, with_too_few, _("Your account may not decide with too few.")

    def tell(self) -> None:
        super().tell()
        if self.report.new:
            told = _(
                "Nothing takes effect by imported decisions: no admission, change of tier, end or standard of dues."
            )
            self.report.notices.append(Message(told))
            self._tell_rules()

    def _tell_rules(self) -> None:
        """Say by which rule of each body the new decisions are taken, and where it is from."""
        now = _(
            "%(body)s (%(count)d): by the rule that the alliance has now, as the file says none (present: %(quorum)s; "
            "for it: %(majority)s). If another one was in force then, say it in the columns of the rule."
        )
        said = _("%(body)s (%(count)d): by the rule of the file (present: %(quorum)s; for it: %(majority)s).")
        other = _(
            "%(body)s (%(count)d): by the rule of the file (present: %(quorum)s; for it: %(majority)s), which differs "
            "from the rule that the alliance has now: check that it was in force on the day of the meeting."
        )
        found = list(self.query(_BY_RULE))
        for place in range(2):
            for body, *rule, by_now, by_file in found:
                told = now if place == 0 else said if tuple(rule) == self.rules_now[body] else other
                words = {name: lazy(write, str)(one) for (name, write), one in zip(_WRITTEN.items(), rule, strict=True)}
                if count := (by_now, by_file)[place]:
                    params = {"body": Body(body).label, "count": count, **words}
                    self.report.notices.append(Message(told, params))

    def written(self) -> Iterator[WrittenRow]:
        """Yield the rows with the rule of each."""
        context = self.render_context()
        columns = [column for column in self.shown if column.name in _RULES]
        rules = ", ".join(_RULES[column.name].format(of="f") for column in columns)
        by_row = {n: values for n, *values in self.query(f"SELECT f.n, {rules} FROM import_final f WHERE f.is_new")}
        for row in super().written():
            for column, value in zip(columns, by_row.get(row.n, ()), strict=False):
                row.changes.append(change(column, None, value, context, True))
            yield row


def _share(name: str, shares: Mapping[Body, Any]) -> str:
    """Return SQL for one number of the rule: what the row says, else what the alliance has now for its body."""
    literals = {body: "NULL" if value is None else str(value).lower() for body, value in shares.items()}
    cases = " ".join(f"WHEN '{body.value}' THEN {literal}" for body, literal in literals.items())
    kind = "boolean" if name == "majority_exceeded" else "smallint"
    column, said = name.partition("_")[0], _SAID[name]
    if kind == "smallint":
        said = f"CASE WHEN r.{column} <> '{NONE}' THEN ({said})::smallint END"
    return f"(CASE WHEN r.{column} IS NOT NULL THEN {said} ELSE (CASE r.body {cases} END)::{kind} END)"
