"""The sources of what falls due 到期事项, to which every package adds its own.

A source is one section of the page and of the file. It is a query for the rows of a request, and what one of them
says; so a number never needs its rows. Add one with `add_source()` from the package that owns the table.
"""

import datetime
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from django.db.models import Model, QuerySet
from django.utils.functional import Promise

from alliance.models import Alliance
from registry.values.days import months_later
from registry.values.people import Account

Day = datetime.date
MONTHS, MOST_MONTHS = 3, 36
ONE_DAY = datetime.timedelta(days=1)


@dataclass(frozen=True, slots=True)
class FallingDueQuery:
    """One request, for everything that falls due from today until `until`, that day included."""

    user: Account
    today: Day
    months: int = MONTHS
    alliance: Alliance | None = None
    """The only alliance; None for all."""

    @property
    def until(self) -> Day:
        return months_later(self.today, self.months)

    @property
    def after(self) -> Day:
        """Return the first day that is not within, as half-open periods have it."""
        return self.until + ONE_DAY if self.until < Day.max else self.until


@dataclass(frozen=True, slots=True)
class FallingRow:
    """One thing that falls due."""

    subject: str
    """The organization, or the alliance."""
    what: str
    day: Day | None
    """The last day on which it holds, or the day since which something is to be done."""
    url: str
    """The page on which something is done about it."""
    alliance: str = ""
    registry_no: str = ""
    member_no: str = ""
    days_left: int | None = None
    """Days from today on; negative for what is over. None where the day is no end."""

    def counted(self, today: Day) -> "FallingRow":
        return replace(self, days_left=(self.day - today).days if self.day else None)


@dataclass(frozen=True, slots=True)
class FallingDueSource:
    name: str
    label: str | Promise
    permissions: tuple[str, ...]
    """Whoever has all of these sees the section."""
    rows: Callable[[FallingDueQuery], QuerySet[Model]]
    """The query, in the order of the page; it shows no more than the account may see."""
    row: Callable[[Any, FallingDueQuery], FallingRow]
    note: str | Promise = ""
    """A sentence under the heading of the section."""
    day: str | Promise = ""
    """The label of the day; empty where there is none."""
    ends: bool = True
    """Whether the day is an end from which days are counted."""
    on_card: bool = True
    """Whether the card on the start page counts it; not what has a card of its own."""

    def present(self, found: object, asked: FallingDueQuery) -> FallingRow:
        row = self.row(found, asked)
        return row.counted(asked.today) if self.ends else row


_SOURCES: list[FallingDueSource] = []


def add_source(*sources: FallingDueSource) -> None:
    _SOURCES.extend(sources)


def sources_of(user: Account) -> Iterator[FallingDueSource]:
    """Yield the sources whose section the account may see, in the order in which they were added."""
    return (source for source in _SOURCES if user.has_perms(source.permissions))
