"""The rules of memberships: the facts that they depend on, and the message of each rule.

Operations (and through them forms and the API), imports and the constraints of the models use these functions and
messages.
"""

import datetime
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from registry.organizations.models.choices import ENDED_STATUSES, RegistrationStatus
from registry.values.punctuation import listed

Day = datetime.date


TIER_OF_ANOTHER_ALLIANCE = _("This tier belongs to another alliance.")
NUMBER_KEPT = _("It was a member before and keeps its number %(value)s.")
NUMBER_TAKEN = _("Another member of the alliance has this number.")
NO_MEMBER_ON = _("It is not a member on %(day)s.")
NOT_A_MEMBER = _("It is not a member on %(day)s, so that no tier can change.")
SAME_TIER = _("It is %(tier)s since %(since)s already. If the day is wrong, correct that period.")
SAME_DAY = _("It has become %(tier)s on this very day. Choose a later day.")


REASON_ASKED = _(
    "This changes who was a member, or at which tier, on days that have passed. Say why, for example which document "
    "shows it: the reason stands in the history."
)


class StoredPeriod(NamedTuple):
    """Who holds which tier over a half-open period, as one membership says it."""

    tier: int
    admitted_on: Day
    ended_on: Day | None


def rewrites_the_past(was: StoredPeriod, now: StoredPeriod, today: Day) -> bool:
    """Return whether a correction changes the tier, or who is a member, on a day before `today`."""
    differing = []
    if was.tier != now.tier or was.admitted_on != now.admitted_on:
        differing.append(min(was.admitted_on, now.admitted_on))
    if was.ended_on != now.ended_on:
        differing.append(min(day for day in (was.ended_on, now.ended_on) if day))
    return any(day < today for day in differing)


class Beginning(NamedTuple):
    """The facts that decide whether a member may begin at a tier on a day, by admission or by change of tier.

    `founded_on` and `dissolved_on` are days of the alliance; `status` and `closed_on` belong to the organization.
    """

    on: Day
    ended_on: Day | None
    """The end of the period, if it is known already."""
    founded_on: Day | None
    dissolved_on: Day | None
    tier_disabled_on: Day | None
    status: str
    closed_on: Day | None


class Refusal(NamedTuple):
    """A broken rule: the wrong parameter of the operation, and the message with its parameters."""

    parameter: str
    message: Promise
    params: dict[str, Any]

    def text(self) -> str:
        """Return the words in the active language, with days as pages write them."""
        params = {
            name: date_format(value, "DATE_FORMAT") if isinstance(value, Day) else value
            for name, value in self.params.items()
        }
        return str(self.message % params)


def refusals(begin: Beginning) -> Iterator[Refusal]:
    """Yield the rules that a beginning breaks."""
    if begin.tier_disabled_on and begin.on >= begin.tier_disabled_on:
        message = _("This tier is not given any more since %(day)s.")
        yield Refusal("tier", message, {"day": begin.tier_disabled_on})
    if begin.founded_on and begin.on < begin.founded_on:
        yield Refusal("on", _("The alliance was founded on %(day)s."), {"day": begin.founded_on})
    if begin.dissolved_on and begin.on >= begin.dissolved_on:
        yield Refusal("on", _("The alliance was dissolved on %(day)s."), {"day": begin.dissolved_on})
    # Days before the end of an organization are open, to record what was.
    if begin.closed_on:
        if begin.on >= begin.closed_on:
            yield Refusal("on", _("The organization was closed on %(day)s."), {"day": begin.closed_on})
    elif begin.status in ENDED_STATUSES and begin.ended_on is None:
        message = _(
            "Its registration status is “%(status)s”: a body that is closed cannot be admitted, nor change its tier. "
            "For a day before its end, record first when it was closed."
        )
        yield Refusal("organization", message, {"status": RegistrationStatus(begin.status).label})


# --- Seats in groups: a seat lies within the membership, and one in the supervisory board outside of the council.
# Forms and operations ask here; the triggers SEAT_WITHIN_MEMBERSHIP and its sisters hold for whatever else writes.


class TierHeld(NamedTuple):
    """A membership: the name of its tier, whether that sits in the council, and its half-open period."""

    tier: str
    in_council: bool
    begins_on: Day
    ends_on: Day | None

    @classmethod
    def of(cls, membership: Any) -> "TierHeld":
        return cls(str(membership.tier), membership.tier.in_council, membership.admitted_on, membership.ended_on)


class Sat(NamedTuple):
    """A seat: the name and the days of its group, whether that is the supervisory board, and its half-open period."""

    group: str
    on_board: bool
    begins_on: Day
    ends_on: Day | None
    founded_on: Day | None = None
    dissolved_on: Day | None = None

    @classmethod
    def of(cls, seat: Any) -> "Sat":
        group = seat.group
        on_board = group.kind == group.Kind.SUPERVISORY_BOARD
        return cls(str(group), on_board, seat.begins_on, seat.ends_on, group.founded_on, group.dissolved_on)


def group_refusals(seat: Sat) -> Iterator[str]:
    """Yield that the group does not exist on all days of the seat."""
    from_first = seat.founded_on is None or seat.founded_on <= seat.begins_on
    to_last = seat.dissolved_on is None or (seat.ends_on is not None and seat.ends_on <= seat.dissolved_on)
    if not (from_first and to_last):
        said = {
            "group": seat.group,
            "period": period(seat.begins_on, seat.ends_on),
            "days": period(seat.founded_on, seat.dissolved_on),
        }
        yield (
            gettext(
                "A seat lies within the days of its group: the seat in %(group)s is %(period)s, "
                "the group exists %(days)s."
            )
            % said
        )


def seat_refusals(seats: Iterable[Sat], held: Sequence[TierHeld]) -> Iterator[str]:
    """Yield what the seats of one member break; `held` are its memberships, the first one first."""
    for seat in seats:
        said = {"group": seat.group, "period": period(seat.begins_on, seat.ends_on)}
        if not _is_within(seat, held):
            said["membership"] = listed(period(one.begins_on, one.ends_on) for one in _joined(held)) or gettext("none")
            yield (
                gettext(
                    "A seat lies within the membership: the seat in %(group)s is %(period)s, "
                    "the membership %(membership)s."
                )
                % said
            )
        for one in held:
            if seat.on_board and one.in_council and _share_a_day(seat, one):
                said |= {"tier": one.tier, "held": period(one.begins_on, one.ends_on)}
                yield (
                    gettext(
                        "Nobody sits in the supervisory board and in the council at once: the seat in %(group)s is "
                        "%(period)s, the tier %(tier)s %(held)s."
                    )
                    % said
                )


def period(begins_on: Day | None, ends_on: Day | None) -> str:
    """Return a half-open period in words, with its last day. One of both days is known."""
    day = begins_on and date_format(begins_on, "DATE_FORMAT")
    if ends_on is None:
        return gettext("from %(day)s") % {"day": day}
    last = date_format(ends_on - datetime.timedelta(days=1), "DATE_FORMAT")
    if begins_on is None:
        return gettext("until %(last)s") % {"last": last}
    return gettext("from %(day)s to %(last)s") % {"day": day, "last": last}


def _joined(held: Sequence[TierHeld]) -> list[TierHeld]:
    """Return the memberships with those that meet as one."""
    found: list[TierHeld] = []
    for one in held:
        if found and found[-1].ends_on == one.begins_on:
            found[-1] = found[-1]._replace(ends_on=one.ends_on)
        else:
            found.append(one)
    return found


def within_on(on: Day, held: Sequence[TierHeld]) -> bool:
    """Return whether one of the memberships holds on the day."""
    return any(one.begins_on <= on and (one.ends_on is None or on < one.ends_on) for one in held)


def _is_within(seat: Sat, held: Sequence[TierHeld]) -> bool:
    return any(
        one.begins_on <= seat.begins_on
        and (one.ends_on is None or (seat.ends_on is not None and seat.ends_on <= one.ends_on))
        for one in _joined(held)
    )


def _share_a_day(seat: Sat, one: TierHeld) -> bool:
    return (one.ends_on is None or seat.begins_on < one.ends_on) and (
        seat.ends_on is None or one.begins_on < seat.ends_on
    )
