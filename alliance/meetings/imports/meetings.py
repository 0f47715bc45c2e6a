"""Imports meetings of an alliance from its old minutes: a row is one meeting, found by body, term and number.

Who is called to a new meeting is counted from the members of its day, as on its page; nobody is ticked as present.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import ClassVar

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from alliance.meetings import calling
from alliance.meetings.choices import Body
from alliance.meetings.columns import MEETING_COLUMNS
from alliance.meetings.imports.named import NamedByMeeting, write_term
from alliance.meetings.rules import rules_of
from alliance.models import Alliance, Meeting
from registry.columns import Column
from registry.imports.pipeline.report import Message

_TICKED = "(SELECT count(*) FROM alliance_attendance a WHERE a.meeting_id = x.id AND a.present)"
_CALLED = "coalesce(x.called, r.called)"
_TERM_OF_DAY = """
UPDATE import_row r SET term = t.id FROM alliance_term t
WHERE r.term IS NULL AND t.alliance_id = %s
  AND r.held_on >= t.begins_on AND r.held_on < coalesce(t.postponed_until, t.ends_on)
  AND NOT EXISTS (
    SELECT 1 FROM alliance_meeting x
    WHERE x.alliance_id = t.alliance_id AND x.term_id IS NULL AND x.body = r.body AND x.number = r.number
  )
"""
_TO_COUNT = """
SELECT r.n, r.body, r.held_on FROM import_row r JOIN import_target t ON t.n = r.n
WHERE t.is_new AND r.body IS NOT NULL AND r.held_on IS NOT NULL AND r.n <> ALL (%s) ORDER BY r.n
"""
_CHANGED = "FROM import_final f JOIN alliance_meeting x ON x.id = f.id WHERE NOT f.is_new"
_DECIDED = f"""
SELECT f.n, NULL {_CHANGED} AND EXISTS (SELECT 1 FROM alliance_decision d WHERE d.meeting_id = x.id) ORDER BY f.n
"""
_OTHER_DAY = f"SELECT f.n, x.held_on {_CHANGED} AND f.held_on <> x.held_on ORDER BY f.n"
_OUTSIDE_TERM = """
SELECT f.n, t.begins_on, coalesce(t.postponed_until, t.ends_on), t.number FROM import_final f
JOIN alliance_term t ON t.id = f.term_id
WHERE f.held_on < t.begins_on OR f.held_on >= coalesce(t.postponed_until, t.ends_on) ORDER BY f.n
"""
_WITHOUT_REASON = """
SELECT f.n, {count} FROM import_final f JOIN import_row r ON r.n = f.n LEFT JOIN alliance_meeting x ON x.id = f.id
WHERE f.{name} IS NOT NULL AND f.{name}_reason = '' ORDER BY f.n
"""
_REASON_UNUSED = """
SELECT r.n, r.{name}_reason FROM import_row r JOIN import_target t ON t.n = r.n
LEFT JOIN alliance_meeting x ON x.id = t.id
WHERE r.{name}_reason IS NOT NULL AND coalesce(r.{name}, x.{name}, {count}) = {count} AND r.n <> ALL (%s) ORDER BY r.n
"""
_NEW_ATTENDANCE = """
INSERT INTO alliance_attendance (alliance_id, meeting_id, member_id, present, proxy)
SELECT x.alliance_id, x.id, c.member_id, false, '' FROM import_called c JOIN import_final f ON f.n = c.n
JOIN alliance_meeting x ON x.alliance_id = f.alliance_id AND x.term_id IS NOT DISTINCT FROM f.term_id
 AND x.body = f.body AND x.number = f.number
WHERE f.is_new ORDER BY f.n, c.member_id
"""
_COUNTS = {"entitled": _CALLED, "attended": _TICKED}
"""A typed number -> SQL for the number that the records give."""
_FILE_NAMES = {"number_called": "entitled", "number_present": "attended"}


def _shown() -> tuple[Column, ...]:
    """Return the columns as the import has them: the term by its key, the two numbers as those that were typed."""
    own = [column for column in MEETING_COLUMNS if column.name not in _COUNTS]
    named = [replace(one, name=_FILE_NAMES.get(one.name, one.name)) for one in own]
    return tuple(replace(one, write=write_term) if one.name == "term" else one for one in named)


@dataclass
class MeetingImport(NamedByMeeting):
    """Adds meetings, and changes those that have not decided; never removes any."""

    TABLE: ClassVar[str] = "meetings"
    NAMED_BY: ClassVar[tuple[str, ...]] = ("meeting_name",)

    model = Meeting
    shown = _shown()
    meeting_number = "number"
    more_staged: ClassVar[dict[str, str]] = {"called": "integer", "of_representatives": "boolean"}
    defaults: ClassVar[Mapping[str, str]] = {
        "called": "r.called",
        "of_representatives": "coalesce(r.of_representatives, false)",
        "form": "'meeting'",
    }
    checked_before: ClassVar[frozenset[str]] = frozenset(("entitled_reason", "attended_reason"))
    read_back: ClassVar = {
        "entitled": lambda stored: f"coalesce({stored}, {_CALLED})",
        "attended": lambda stored: f"coalesce({stored}, {_TICKED})",
    }
    key = ("term_id", "body", "number")
    same = "x.body = r.body AND x.number = r.number AND x.term_id IS NOT DISTINCT FROM r.term"
    needed: ClassVar = {
        "body": _("A row needs the body that met."),
        "number": _("A row needs the number of the meeting."),
    }
    needed_if_new: ClassVar = {"held_on": _("A new meeting needs its day.")}
    second_message = _("Row %(rows)s is about the same meeting: keep one of them.")

    def find_members(self) -> None:
        super().find_members()
        if self.applying:  # as whoever enters a meeting does
            Alliance.objects.select_for_update(no_key=True).get(pk=self.alliance.pk)
        self.execute(_TERM_OF_DAY, [self.alliance.pk])

    def find_changes(self) -> None:
        self._count_called()
        super().find_changes()
        for name, count in _COUNTS.items():
            reason = f"{name}_reason"
            if reason in self.changes:
                self.changes[reason] = f"({self.changes[reason]} AND coalesce(r.{name}, x.{name}, {count}) <> {count})"

    def make_final(self, final: dict[str, str]) -> None:
        for name, count in _COUNTS.items():
            typed = final[name] = f"nullif({final[name]}, {count})"
            final[f"{name}_reason"] = f"CASE WHEN {typed} IS NULL THEN '' ELSE {final[f'{name}_reason']} END"
        super().make_final(final)

    def _count_called(self) -> None:
        """Fill `import_called` with those who are called to each new meeting, and stage their number."""
        called: list[tuple[int, int]] = []
        representatives = rules_of(self.alliance).delegates == "representatives"
        for n, body, held_on in list(self.query(_TO_COUNT, [sorted(self.bad)])):
            of_them = representatives and body == Body.ASSEMBLY
            meeting = Meeting(alliance=self.alliance, body=body, held_on=held_on, of_representatives=of_them)
            members = sorted(calling.counted(meeting))
            called += ((n, member) for member in members)
            update = "UPDATE import_row SET called = %s, of_representatives = %s WHERE n = %s"
            self.execute(update, [len(members), of_them, n])
        self.make_table("import_called")
        self.copy_rows("import_called", ("n", "member_id"), called)

    def check_rules(self) -> None:
        told: Iterable[tuple[str, str, Promise]] = (
            (
                _DECIDED,
                "",
                _("Decisions of this meeting are recorded: change it on its page, and say why."),
            ),
            (
                _OTHER_DAY,
                "held_on",
                _("It was entered for %(value)s, from which follows who is called: change the day on its page."),
            ),
            (
                _WITHOUT_REASON.format(name="entitled", count=_CALLED),
                "entitled",
                _("By the records %(value)s are called: give the reason of the other number."),
            ),
            (
                _WITHOUT_REASON.format(name="attended", count=_TICKED),
                "attended",
                _("%(value)s are ticked as present, as files tick nobody: give the reason of the other number."),
            ),
        )
        for query, name, message in told:
            self.refuse_all(query, name, message)
        outside = _("Term %(number)s holds from %(first)s until before %(over)s: the meeting lies outside.")
        for n, first, over, number in list(self.query(_OUTSIDE_TERM)):
            said = {"number": number, "first": f"{first:%Y-%m-%d}", "over": f"{over:%Y-%m-%d}"}
            self.refuse(n, ("held_on", "term", "meeting_name"), "", Message(outside, said))
        for name, count in _COUNTS.items():
            for n, reason in list(self.query(_REASON_UNUSED.format(name=name, count=count), [sorted(self.bad)])):
                unused = _("The number is the one of the records: the reason is not kept.")
                self.note(n, f"{name}_reason", reason, Message(unused))

    def tell(self) -> None:
        super().tell()
        if self.report.new:
            told = _("Who is called is counted from the members of each day; nobody is ticked as present by a file.")
            self.report.notices.append(Message(told))

    def write(self) -> None:
        super().write()
        self.execute(_NEW_ATTENDANCE)
