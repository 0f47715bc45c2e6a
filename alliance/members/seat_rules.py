"""The rules of seats in groups, and their words: a seat lies within the membership, and outside of the council.

Forms and operations ask here; the triggers SEAT_WITHIN_MEMBERSHIP and its sisters hold for whatever else writes.
"""

import datetime
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from django.utils.formats import date_format
from django.utils.translation import gettext as _

Day = datetime.date


class Held(NamedTuple):
    """A membership: the name of its tier, whether that sits in the council, and its half-open period."""

    tier: str
    in_council: bool
    begins_on: Day
    ends_on: Day | None

    @classmethod
    def of(cls, membership: Any) -> "Held":
        return cls(str(membership.tier), membership.tier.in_council, membership.admitted_on, membership.ended_on)


class Sat(NamedTuple):
    """A seat: the name of its group, whether that is the supervisory board, and its half-open period."""

    group: str
    on_board: bool
    begins_on: Day
    ends_on: Day | None

    @classmethod
    def of(cls, seat: Any) -> "Sat":
        group = seat.group
        return cls(str(group), group.kind == group.Kind.SUPERVISORY_BOARD, seat.begins_on, seat.ends_on)


def refusals(seats: Iterable[Sat], held: Sequence[Held]) -> Iterator[str]:
    """Yield what the seats of one member break; `held` are its memberships, the first one first."""
    for seat in seats:
        said = {"group": seat.group, "period": period(seat.begins_on, seat.ends_on)}
        if not _is_within(seat, held):
            said["membership"] = "、".join(period(one.begins_on, one.ends_on) for one in _joined(held)) or _("none")
            yield (
                _(
                    "A seat lies within the membership: the seat in %(group)s is %(period)s, "
                    "the membership %(membership)s."
                )
                % said
            )
        for one in held:
            if seat.on_board and one.in_council and _share_a_day(seat, one):
                said |= {"tier": one.tier, "held": period(one.begins_on, one.ends_on)}
                yield (
                    _(
                        "Nobody sits in the supervisory board and in the council at once: the seat in %(group)s is "
                        "%(period)s, the tier %(tier)s %(held)s."
                    )
                    % said
                )


def period(begins_on: Day, ends_on: Day | None) -> str:
    """Return a half-open period in words, with its last day."""
    day = date_format(begins_on, "DATE_FORMAT")
    if ends_on is None:
        return _("from %(day)s") % {"day": day}
    last = date_format(ends_on - datetime.timedelta(days=1), "DATE_FORMAT")
    return _("from %(day)s to %(last)s") % {"day": day, "last": last}


def _joined(held: Sequence[Held]) -> list[Held]:
    """Return the memberships with those that meet as one."""
    found: list[Held] = []
    for one in held:
        if found and found[-1].ends_on == one.begins_on:
            found[-1] = found[-1]._replace(ends_on=one.ends_on)
        else:
            found.append(one)
    return found


def _is_within(seat: Sat, held: Sequence[Held]) -> bool:
    return any(
        one.begins_on <= seat.begins_on
        and (one.ends_on is None or (seat.ends_on is not None and seat.ends_on <= one.ends_on))
        for one in _joined(held)
    )


def _share_a_day(seat: Sat, one: Held) -> bool:
    return (one.ends_on is None or seat.begins_on < one.ends_on) and (
        seat.ends_on is None or one.begins_on < seat.ends_on
    )
