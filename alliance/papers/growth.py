"""How an alliance grows: who was admitted and who left in each year, by tier, and the rates of renewal and attrition.

A year's figures fit together: the members at its beginning, with those who came and less those who went, are those at
its end. An end on 1 January belongs to the new year, because the member was one on 31 December.
"""

import datetime
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import NamedTuple

from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy as _p

from alliance.members.names import label_on
from alliance.models import Alliance, Membership, Tier
from registry.api.lists.files import Table
from registry.columns import Column, file_column

Day = datetime.date


class TierPeriod(NamedTuple):
    member: int
    tier: int
    start: Day
    end: Day | None
    joins: bool
    """Whether it begins an unbroken membership, by admission for the first time or again."""
    leaves: bool
    """Whether the member was no member any more when it ended."""

    def holds(self, on: Day) -> bool:
        return self.start <= on and (self.end is None or self.end > on)


@dataclass
class Flow:
    """The figures of one year, of one tier or of all."""

    start: int = 0
    admitted: int = 0
    changed_in: int = 0
    ended: int = 0
    changed_out: int = 0
    end: int = 0

    @property
    def net(self) -> int:
        return self.end - self.start


@dataclass
class Year:
    year: int
    until: Day
    """Its last day; of the present year, today."""
    total: Flow
    tiers: dict[int, Flow]
    kept: int
    """How many of the members at the beginning were members at the end."""

    @property
    def renewal(self) -> Decimal | None:
        """The share of the members at the beginning who still were members at the end, in percent."""
        return _percent(self.kept, self.total.start)

    @property
    def attrition(self) -> Decimal | None:
        """The share of them who were members no more, in percent."""
        return _percent(self.total.start - self.kept, self.total.start)


@dataclass
class Growth:
    alliance: Alliance
    today: Day
    tiers: list[Tier]
    """The tiers that somebody held, the highest first."""
    years: list[Year] = field(default_factory=list)

    @property
    def title(self) -> str:
        return _("%(alliance)s: growth of membership") % {"alliance": label_on(self.alliance, self.today)}


def _percent(part: int, whole: int) -> Decimal | None:
    return (Decimal(part) * 100 / whole).quantize(Decimal("0.1")) if whole else None


def growth(alliance: Alliance, today: Day) -> Growth:
    """Return the figures of every year since the first admission, by two queries."""
    periods = [period for period in _periods(alliance) if period.start <= today]
    held = {period.tier for period in periods}
    tiers = [tier for tier in Tier.objects.filter(alliance=alliance).order_by("rank", "code") if tier.pk in held]
    found = Growth(alliance, today, tiers)
    first = min((period.start.year for period in periods), default=today.year + 1)
    for year in range(first, today.year + 1):
        found.years.append(_year(year, min(Day(year, 12, 31), today), periods))
    return found


def _periods(alliance: Alliance) -> Iterator[TierPeriod]:
    rows = list(
        Membership.objects.filter(alliance=alliance).order_by().values_list("member", "tier", "admitted_on", "ended_on")
    )
    starts = {(member, start) for member, _tier, start, _end in rows}
    ends = {(member, end) for member, _tier, _start, end in rows}
    for member, tier, start, end in rows:
        yield TierPeriod(member, tier, start, end, (member, start) not in ends, (member, end) not in starts)


def _year(year: int, until: Day, periods: Sequence[TierPeriod]) -> Year:
    eve = Day(year - 1, 12, 31)
    flows: dict[int, Flow] = {}
    before, after = set(), set()
    total = Flow()
    for period in periods:
        began = eve < period.start <= until
        ended = period.end is not None and eve < period.end <= until
        at_start, at_end = period.holds(eve), period.holds(until)
        if not (began or ended or at_start or at_end):
            continue
        counted = Counter(
            start=at_start,
            end=at_end,
            admitted=began and period.joins,
            changed_in=began and not period.joins,
            ended=ended and period.leaves,
            changed_out=ended and not period.leaves,
        )
        for flow in (flows.setdefault(period.tier, Flow()), total):
            for name, number in counted.items():
                setattr(flow, name, getattr(flow, name) + number)
        if at_start:
            before.add(period.member)
        if at_end:
            after.add(period.member)
    total.changed_in = total.changed_out = 0
    return Year(year, until, total, flows, len(before & after))


FLOWS: tuple[Column, ...] = (
    file_column(_p("column", "At the beginning"), 10, "start"),
    file_column(_p("column", "Admitted"), 10, "admitted"),
    file_column(_p("column", "From other tiers"), 10, "changed_in"),
    file_column(_p("column", "Left"), 10, "ended"),
    file_column(_p("column", "To other tiers"), 10, "changed_out"),
    file_column(_p("column", "Net"), 10, "net"),
    file_column(_p("column", "At the end"), 10, "end"),
)
RATES: tuple[Column, ...] = (
    file_column(_p("column", "Renewal in percent"), 10, "renewal"),
    file_column(_p("column", "Attrition in percent"), 10, "attrition"),
)


class GrowthFile(Table):
    """A row for each year and tier, and one for each year with all tiers, which has the rates."""

    def __init__(self, found: Growth) -> None:
        self.growth = found
        self.title = found.title
        self.columns = (
            file_column(_p("column", "Year"), 10, "year"),
            file_column(_p("column", "Last day"), 12, "until"),
            file_column(_p("column", "Tier"), 16, "tier"),
            *FLOWS,
            *RATES,
        )

    def cells(self) -> Iterator[Sequence[object]]:
        for year in self.growth.years:
            for tier in self.growth.tiers:
                if flow := year.tiers.get(tier.pk):
                    figures = [getattr(flow, column.name) for column in FLOWS]
                    yield [year.year, year.until, tier.label(), *figures, None, None]
            figures = [getattr(year.total, column.name) for column in FLOWS]
            yield [year.year, year.until, _("All tiers"), *figures, year.renewal, year.attrition]
