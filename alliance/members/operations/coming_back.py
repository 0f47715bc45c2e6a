"""Restores the seats and suspensions that ended together with a membership, when its end is cancelled.

The history knows them: each row that the operation has cut short gets the end that it had before.
"""

import datetime
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from alliance.members.rules import period
from alliance.models import EndReason, Membership, Seat, Suspension

Day = datetime.date | None


@dataclass(frozen=True)
class CutShort:
    """The suspensions and seats that end with a membership, each with the end that it has without that."""

    suspensions: list[tuple[Suspension, Day]] = field(default_factory=list)
    seats: list[tuple[Seat, Day]] = field(default_factory=list)
    changed: list[Seat] = field(default_factory=list)
    """Seats that ended with it too, whose end somebody has changed since."""


def cut_short(membership: Membership) -> CutShort:
    """Return what ends with the membership. To be asked before its end is taken away."""
    ends, found = dict(_ends(membership)), CutShort()
    member, end = membership.member, membership.ended_on
    for suspension in member.suspensions.filter(resumed_on=end):
        before = _before(suspension, "resumed_on", ends)
        # One that was entered after the end was known ends with the membership because it has no end of its own.
        found.suspensions.append((suspension, before[0] if before else None))
    for seat in (
        member.seats.filter(ends_on__isnull=False).select_related("group", "member").order_by("begins_on", "id")
    ):
        if before := _before(seat, "ends_on", ends):
            if seat.ends_on == end:
                found.seats.append((seat, before[0]))
            else:
                found.changed.append(seat)
    return found


def bring_back(cut: CutShort) -> list[str]:
    """Give suspensions and seats their ends of before, and say what became of each. The membership has no end now."""
    said = []
    for suspension, before in cut.suspensions:
        suspension.resumed_on = before
        suspension.save()
        days = {"day": _day(suspension.suspended_on), "end": before and _day(before)}
        goes_on = _("The suspension from %(day)s goes on until it is resumed.")
        said.append((_("The suspension from %(day)s ends on %(end)s again, as before.") if before else goes_on) % days)
    for seat, before in cut.seats:
        ended, seat.ends_on = seat.ends_on, before
        try:
            seat.full_clean()
        except ValidationError as error:
            seat.ends_on = ended
            said.append(_stays(seat, " ".join(error.messages)))
        else:
            seat.save()
            told = _("Back in its seat as before: %(group)s (%(period)s).")
            said.append(told % {"group": seat.group, "period": period(seat.begins_on, seat.ends_on)})
    return said + [_stays(seat, _("Its end has been changed since.")) for seat in cut.changed]


def _stays(seat: Seat, why: str) -> str:
    said = {"group": seat.group, "period": period(seat.begins_on, seat.ends_on), "why": why}
    return _("A seat stays ended: %(group)s (%(period)s). %(why)s") % said


def _ends(membership: Membership) -> Iterator[tuple[Any, Day]]:
    """Yield the contexts that have set or moved the end since there was none, each with the end before."""
    events = list(membership.events.order_by("pgh_id").values_list("ended_on", "pgh_context_id"))  # type: ignore[attr-defined]
    opened = max((place for place, (end, _context) in enumerate(events) if end is None), default=None)
    if opened is None:  # it took over the end of the tier before
        siblings = Membership.objects.filter(member=membership.member_id, end_reason=EndReason.TIER_CHANGE)
        if before := siblings.filter(ended_on=membership.admitted_on).first():
            yield from _ends(before)
    for (was, _context), (end, context) in pairwise(events[opened or 0 :]):
        if end != was:
            yield context, was


def _before(row: Any, name: str, ends: dict[Any, Day]) -> tuple[Day] | None:
    """Return the end of a row before the first of these contexts that has moved it; None if none has.

    A row that only followed the end of the membership had no end of its own.
    """
    events = list(row.events.order_by("pgh_id").values_list(name, "pgh_context_id"))
    for (was, _context), (end, context) in pairwise(events):
        if context in ends and end != was:
            return None if was == ends[context] and was is not None else (was,)
    return None


def _day(day: datetime.date) -> str:
    return date_format(day, "DATE_FORMAT")
