"""Finds the period of a member that a row is about. A list of members never rewrites the past.

A row says when in one of three ways. 起始日期 names the first day of one period. 入会日期 names the first day of the
unbroken membership: the row is about the period that is in force on the day of the list. 变更日期 names the day on
which the tier of the row takes the place of another. A period that has ended is changed only by a row that names its
own start and end; where a list contradicts what is stored and does not say from when, the row is refused.
"""

import datetime
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from alliance.members import rules
from alliance.models import EndReason
from registry.imports.pipeline.report import Message

Day = datetime.date


class ListRow(NamedTuple):
    """One staged row of a member list."""

    n: int
    on: Day
    """The day of the list with the row."""
    admitted_on: Day | None = None
    joined_on: Day | None = None
    changed_on: Day | None = None
    ended_on: Day | None = None
    """The first day on which the membership no longer holds, regardless of the label in the file."""
    end_reason: str | None = None
    tier: int | None = None
    old_tier: int | None = None


@dataclass(slots=True)
class HeldPeriod:
    """A stored period, or a period that begins with a row of the file."""

    id: int | None
    tier: int | None
    start: Day
    end: Day | None = None
    reason: str = ""
    row: int | None = None
    """The row with which the period begins."""

    def holds_on(self, day: Day) -> bool:
        return self.start <= day and (self.end is None or day < self.end)

    def overlaps(self, start: Day, end: Day | None) -> bool:
        return self.start < (end or Day.max) and start < (self.end or Day.max)

    def __str__(self) -> str:
        return f"{self.start:%Y-%m-%d} – {self.end:%Y-%m-%d}" if self.end else f"{self.start:%Y-%m-%d} –"


@dataclass(slots=True)
class PeriodChoice:
    """The future values of a row's period. A value of None keeps the stored value."""

    n: int
    id: int | None
    """The id of the stored period; None for a new one."""
    admitted_on: Day
    tier: int | None = None
    ended_on: Day | None = None
    end_reason: str | None = None
    closes: int | None = None
    """The stored period that ends on the first day of this one."""
    follows: int | None = None
    """The row whose period ends on the first day of this one."""
    may_rewrite: bool = False
    """Whether the row names the start and the end of its period and so may change an ended period."""
    notes: list[tuple[str, Message]] = field(default_factory=list)
    """The notes about the row, as pairs of column and message."""


class PeriodRefused(Exception):
    """Says that the row contradicts a stored value in a column, with a message that names the remedy."""

    def __init__(self, column: str, message: Promise | str, **params: Any) -> None:
        super().__init__(column)
        self.column = column
        self.message = Message(message, params)


@dataclass
class Chooser:
    """Decides about the rows of one member, one after another."""

    today: Day
    tier_name: Callable[[int | None], object]
    fill_blanks: bool = False
    """Whether the file only fills in blanks: then another tier in the file is ignored."""

    def choose(
        self, rows: Iterable[ListRow], stored: Sequence[HeldPeriod]
    ) -> list[PeriodChoice | tuple[ListRow, PeriodRefused]]:
        """Return for each row of one member its period, or the reason for refusing it. `stored` is ordered by start."""
        decided: dict[int, PeriodChoice] = {}
        found: list[PeriodChoice | tuple[ListRow, PeriodRefused]] = []
        timeline = [*stored]
        dated = [(row.changed_on or row.admitted_on or row.joined_on, row) for row in rows]
        for start, row in sorted((day, row) for day, row in dated if day):
            try:
                if row.changed_on:
                    choice = self._change(row, start, timeline, decided)
                elif row.admitted_on:
                    choice = self._by_start(row, start, stored)
                else:
                    choice = self._by_joining(row, start, stored)
            except PeriodRefused as refused:
                found.append((row, refused))
                continue
            if choice.id is None and not row.changed_on:
                timeline.append(HeldPeriod(None, choice.tier, start, choice.ended_on, row=row.n))
            decided[row.n] = choice
            found.append(choice)
        return found

    # --- 起始日期

    def _by_start(self, row: ListRow, start: Day, stored: Sequence[HeldPeriod]) -> PeriodChoice:
        known = next((period for period in stored if period.start == start), None)
        choice = PeriodChoice(
            row.n, None, start, row.tier, row.ended_on, row.end_reason, may_rewrite=bool(row.ended_on)
        )
        if known is None:
            return choice
        choice.id = known.id
        if self._is_past(known) and self._other_tier(row, known) and row.ended_on not in (None, known.end):
            raise self._rewrites(known)
        if row.joined_on and row.joined_on != (first := unbroken(stored, known)[0].start):
            message = _("It is a member without a break since %(day)s; this follows from its periods and is left so.")
            choice.notes.append(("joined_on", Message(message, {"day": first})))
        return choice

    # --- 入会日期

    def _by_joining(self, row: ListRow, joined: Day, stored: Sequence[HeldPeriod]) -> PeriodChoice:
        known = self._joined(row, joined, stored)
        if known is None:
            new = PeriodChoice(row.n, None, joined, row.tier, row.ended_on, row.end_reason, may_rewrite=True)
            if row.on < self.today and row.ended_on is None:
                message = _(
                    "The list is of %(day)s: recorded as a member since without an end. If it has left, give the end."
                )
                new.notes.append(("joined_on", Message(message, {"day": row.on})))
            return new
        choice = PeriodChoice(row.n, known.id, known.start, end_reason=row.end_reason)
        if self._other_tier(row, known):
            if self._is_past(known):
                raise self._rewrites(known)
            raise PeriodRefused(
                "tier",
                _(
                    "It is %(tier)s since %(day)s, and the list does not say from when it has another tier. Give the "
                    "day of the change in a column 变更日期 “Date of change”. If the tier was recorded wrongly, name "
                    "the period by its start, in a column 起始日期 “Start date” instead of the day of joining."
                ),
                tier=self.tier_name(known.tier),
                day=known.start,
            )
        self._end_joined(row, known, unbroken(stored, known), choice)
        return choice

    def _joined(self, row: ListRow, joined: Day, stored: Sequence[HeldPeriod]) -> HeldPeriod | None:
        """Return the stored period that the row is about; None if the membership is not stored yet."""
        named = [period for period in stored if period.start == joined and period.end and period.end == row.ended_on]
        if named:
            return named[0]
        current = next((period for period in stored if period.holds_on(row.on)), None)
        if current and joined in (unbroken(stored, current)[0].start, current.start):
            return current
        first = next((period for period in stored if unbroken(stored, period)[0].start == joined), None)
        if first:
            last = unbroken(stored, first)[-1]
            if first.start > row.on:
                return first
            if current is None or (row.ended_on and row.ended_on == last.end):
                return last
        if current and (first or current.overlaps(joined, row.ended_on)):
            began = unbroken(stored, current)[0].start
            message = _(
                "Its present membership began on %(day)s. Correct the day of joining in the list; for an earlier "
                "membership give its end too; if the registry is wrong, correct the period there."
            )
            raise PeriodRefused("joined_on", message, day=began)
        return None

    def _end_joined(self, row: ListRow, known: HeldPeriod, membership: list[HeldPeriod], choice: PeriodChoice) -> None:
        """Apply the end of the unbroken membership in the row."""
        first, last = membership[0], membership[-1]
        if row.joined_on != first.start:
            message = _("It is a member without a break since %(day)s; the day in the list is the first at this tier.")
            choice.notes.append(("joined_on", Message(message, {"day": first.start})))
        if row.ended_on is None:
            if last.end and last.end <= min(row.on, self.today):
                message = _("It is no member any more since %(day)s, which the list does not say; nothing is changed.")
                choice.notes.append(("joined_on", Message(message, {"day": last.end})))
        elif row.ended_on not in (known.end, last.end):
            if self._is_past(known):
                raise self._rewrites(known)
            if known is not last:
                message = _("Another tier follows on %(day)s: name the period that ends by its start (起始日期).")
                raise PeriodRefused("ended_on", message, day=known.end)
            choice.ended_on = row.ended_on

    # --- 变更日期

    def _change(
        self, row: ListRow, day: Day, timeline: list[HeldPeriod], decided: dict[int, PeriodChoice]
    ) -> PeriodChoice:
        begun = next((period for period in timeline if period.start == day), None)
        if begun and begun.id and not self._other_tier(row, begun):
            end = row.ended_on if row.ended_on != begun.end else None
            return PeriodChoice(row.n, begun.id, day, None, end, row.end_reason, may_rewrite=bool(row.ended_on))
        if begun and begun.id is None:  # two rows about one change: told as such, of both
            return PeriodChoice(row.n, None, day, row.tier, row.ended_on, row.end_reason)
        if begun:
            raise PeriodRefused("changed_on", rules.SAME_DAY, tier=self.tier_name(begun.tier))
        old = next((period for period in timeline if period.holds_on(day)), None)
        if old is None:
            if day not in (row.admitted_on, row.joined_on):
                remedy = _("For an admission, give the day in a column 入会日期 “Joined on”.")
                rule = Message(rules.NOT_A_MEMBER, {"day": day})
                raise PeriodRefused("changed_on", "%(rule)s %(remedy)s", rule=rule, remedy=remedy)
            new = PeriodChoice(row.n, None, day, row.tier, row.ended_on, row.end_reason, may_rewrite=True)
            timeline.append(HeldPeriod(None, row.tier, day, row.ended_on, row=row.n))
            return new
        self._check_change(row, day, old, timeline)
        return self._split(row, day, old, timeline, decided)

    def _check_change(self, row: ListRow, day: Day, old: HeldPeriod, timeline: list[HeldPeriod]) -> None:
        if row.tier == old.tier:
            raise PeriodRefused("changed_on", rules.SAME_TIER, tier=self.tier_name(old.tier), since=old.start)
        if row.old_tier is not None and row.old_tier != old.tier:
            message = _("Before that day it was %(tier)s (%(period)s).")
            raise PeriodRefused("old_tier", message, tier=self.tier_name(old.tier), period=str(old))
        starts = (None, old.start, unbroken(timeline, old)[0].start)
        for column, named in (("admitted_on", row.admitted_on), ("joined_on", row.joined_on)):
            if named not in starts:
                raise PeriodRefused(
                    column,
                    _("The membership that changes began on %(day)s; the list names another day."),
                    day=starts[-1],
                )
        if self._is_past(old):
            raise self._rewrites(old)

    def _split(
        self, row: ListRow, day: Day, old: HeldPeriod, timeline: list[HeldPeriod], decided: dict[int, PeriodChoice]
    ) -> PeriodChoice:
        """End the period in force and begin one at the other tier, which keeps an end that is already stored."""
        end = row.ended_on or old.end
        reason = row.end_reason if row.ended_on else old.reason or None
        new = PeriodChoice(row.n, None, day, row.tier, end, reason, may_rewrite=True)
        message = _("Read as a change of tier: %(old)s (%(period)s) ends on %(day)s, and %(new)s begins.")
        params = {"old": self.tier_name(old.tier), "new": self.tier_name(row.tier), "period": str(old), "day": day}
        new.notes.append(("changed_on", Message(message, params)))
        if old.row is None:
            new.closes = old.id
        else:
            before = decided[old.row]
            before.ended_on, before.end_reason = day, EndReason.TIER_CHANGE.value
            new.follows = old.row
        timeline.append(HeldPeriod(None, row.tier, day, end, reason or "", row.n))
        timeline[timeline.index(old)] = HeldPeriod(
            old.id, old.tier, old.start, day, EndReason.TIER_CHANGE.value, old.row
        )
        timeline.sort(key=lambda period: period.start)
        return new

    # --- What all have in common

    def _other_tier(self, row: ListRow, period: HeldPeriod) -> bool:
        return row.tier is not None and row.tier != period.tier and not self.fill_blanks

    def _is_past(self, period: HeldPeriod) -> bool:
        return period.end is not None and period.end <= self.today

    def _rewrites(self, period: HeldPeriod) -> PeriodRefused:
        return PeriodRefused("tier", _REWRITES, tier=self.tier_name(period.tier), period=str(period))

    def rewrites(self, tier: int, start: Day, end: Day) -> Message:
        """Return the message why a row does not change an ended period."""
        return self._rewrites(HeldPeriod(None, tier, start, end)).message

    def changes(self, tier: int, start: Day, end: Day | None) -> Message:
        """Return the message that says which period a row changes."""
        message = _("This changes the period %(period)s (%(tier)s).")
        return Message(message, {"period": str(HeldPeriod(None, tier, start, end)), "tier": self.tier_name(tier)})


_REWRITES = _(
    "The period %(period)s (%(tier)s) has ended: a list does not change it. To correct it, name its own start in a "
    "column 起始日期 “Start date” and its end in a column 终止日期 “End date”, and what is to be corrected."
)


def unbroken(periods: Sequence[HeldPeriod], period: HeldPeriod) -> list[HeldPeriod]:
    """Return the periods that follow each other without a gap and include this period, in their order."""
    found = [period]
    while before := next((one for one in periods if one.end == found[0].start), None):
        found.insert(0, before)
    while after := next((one for one in periods if one.start == found[-1].end), None):
        found.append(after)
    return found
