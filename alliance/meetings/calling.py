"""Meetings are entered here: who is called is counted from the members of the day, and who was there is ticked.

Every operation locks the meeting, or of a new one the alliance, and tells the history what it was.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from alliance.council.sitting import entitled
from alliance.meetings.recording import effects, locked
from alliance.meetings.rules import rules_of
from alliance.members.operations.operating import save, told_as
from alliance.models import Alliance, Attendance, Body, Meeting
from registry.database.db_errors import Conflict, integrity_errors_as_conflicts
from registry.values.people import Account

COUNTED_BY = ("alliance", "body", "of_representatives", "held_on")
"""The fields on which it depends who is called."""


def call(meeting: Meeting, by: Account | None = None) -> Meeting:
    """Enter a new meeting, and call everybody who may vote in its body on its day."""
    with integrity_errors_as_conflicts(), transaction.atomic(), told_as("call_meeting", by):
        Alliance.objects.select_for_update(no_key=True).get(pk=meeting.alliance_id)
        if meeting.body == Body.ASSEMBLY:
            meeting.of_representatives = rules_of(meeting.alliance).delegates == "representatives"
        return _count(meeting)


def change(meeting: Meeting, by: Account | None = None, reason: str = "") -> Meeting:
    """Store a changed meeting. Who is called is counted again if body or day have changed.

    Once decisions are recorded, the reason is asked, and the body and day stay as they are.
    """
    with _changing(meeting, "change_meeting", by, reason) as stored:
        if all(getattr(stored, name) == getattr(meeting, name) for name in COUNTED_BY):
            if stored.entitled != meeting.entitled:
                _check_no_effect(stored)
            return save(meeting)
        if stored.decisions.exists():
            told = _("Decisions of this meeting are recorded: its body and day stay. Correct the decisions first.")
            raise Conflict(told, code="conflict")
        return _count(meeting)


def recount(meeting: Meeting, by: Account | None = None) -> Meeting:
    """Count again who is called; ticks of those who still are stay."""
    with _changing(meeting, "recount_meeting", by) as stored:
        if stored.decisions.exists():
            told = _("Decisions of this meeting are recorded: who was called stays as it was counted then.")
            raise Conflict(told, code="conflict")
        return _count(stored)


def sign_in(
    meeting: Meeting,
    present: Mapping[int, str],
    by: Account | None = None,
    *,
    attended: int | None = None,
    attended_reason: str = "",
    reason: str = "",
) -> Meeting:
    """Store who was present, by the id of the member with its proxy, if it sent one.

    `attended` is the number of the minutes; one that differs from the ticks needs its reason.
    """
    with _changing(meeting, "sign_in", by, reason) as stored:
        _check_no_effect(stored)
        rows = {row.member_id: row for row in stored.attendance.select_for_update()}
        if strangers := present.keys() - rows.keys():
            told = _("Not called to this meeting: %(count)d members. Nothing was stored; load the page again.")
            raise Conflict(told % {"count": len(strangers)}, code="conflict")
        for pk, row in rows.items():
            now = (pk in present, present.get(pk, "").strip())
            if now != (row.present, row.proxy):
                row.present, row.proxy = now
                save(row)
        ticked = len(present)
        differs = attended is not None and attended != ticked
        if differs and not attended_reason.strip():
            told = _("%(ticked)d are ticked, %(typed)d typed: give the reason of the difference.")
            raise ValidationError({"attended_reason": told % {"ticked": ticked, "typed": attended}})
        stored.attended = attended if differs else None
        stored.attended_reason = attended_reason.strip() if differs else ""
        return save(stored)


def tick(attendance: Attendance, by: Account | None = None, reason: str = "") -> Attendance:
    """Store whether one of those called was present."""
    with _changing(attendance.meeting, "sign_in", by, reason) as stored:
        _check_no_effect(stored)
        return save(attendance)


@contextmanager
def _changing(meeting: Meeting, name: str, by: Account | None, reason: str = "") -> Iterator[Meeting]:
    """Give the stored meeting, locked. Once it has decided, a reason is asked."""
    with integrity_errors_as_conflicts(), transaction.atomic(), told_as(name, by, reason.strip()):
        stored = locked(meeting)
        if not reason.strip() and stored.decisions.exists():
            raise ValidationError({"reason": _("Decisions are recorded: say why the meeting is changed.")})
        yield stored


def _check_no_effect(meeting: Meeting) -> None:
    if any(effects(one) for one in meeting.decisions.all()):
        told = _("Something rests on a decision of this meeting: who was there stays as it is.")
        raise Conflict(told, code="conflict")


def counted(meeting: Meeting) -> set[int]:
    """Return the ids of the members that would be called by the records as they are now."""
    held = entitled(meeting.alliance, meeting.held_on, Body(meeting.body), meeting.of_representatives)
    return set(held.values_list("member_id", flat=True))


def _count(meeting: Meeting) -> Meeting:
    """Save the meeting with those who are called to it."""
    wanted = counted(meeting)
    meeting.called = len(wanted)
    if meeting.entitled == meeting.called:
        meeting.entitled, meeting.entitled_reason = None, ""
    save(meeting)
    gone = meeting.attendance.exclude(member__in=wanted)
    gone.delete()
    known = set(meeting.attendance.values_list("member_id", flat=True))
    Attendance.objects.bulk_create(
        Attendance(alliance_id=meeting.alliance_id, meeting=meeting, member_id=pk) for pk in sorted(wanted - known)
    )
    return meeting
