"""When dues may be collected, and how much of them a member owes that belongs for a part of a year."""

import datetime
from collections.abc import Collection, Iterable, Iterator
from decimal import ROUND_HALF_UP, Decimal
from typing import NamedTuple

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from alliance.dues.choices import PartOfYear
from alliance.dues.models import MONTHS, NO_DUES, DuesClass, DuesStandard
from alliance.meetings.choices import Ballot, Body, Matter
from alliance.meetings.models import Decision
from alliance.models.alliances import Tier

NOT_BY_PROCEDURE = gettext_lazy("Not passed by the prescribed procedure: dues must not be collected.")
MOST_CLASSES = 4
"""A standard has 4 classes at most as a rule 一般不超过4级 (民发〔2014〕166号)."""
TOO_MANY_CLASSES = gettext_lazy("A standard has at most 4 classes as a rule; this one has %(count)d.")
TIER_TAKEN = gettext_lazy("%(tier)s is proposed for %(other)s already: a tier belongs to one class.")
BY_PROCEDURE = Q(
    alliance__legal_person=True,
    decision__matter=Matter.DUES_STANDARD,
    decision__meeting__body=Body.ASSEMBLY,
    decision__ballot=Ballot.SECRET,
    decision__passed=True,
)
"""The condition of standards of which `wrong_procedure()` tells nothing."""
_FEN = Decimal("0.01")


def wrong_procedure(standard: DuesStandard) -> list[str]:
    """Return why no dues may be collected by the standard; nothing if it was decided as it has to be.

    It has to be decided by the assembly, by secret ballot.
    """
    if not standard.alliance.legal_person:
        return [str(NO_DUES)]
    decision = standard.decision
    if decision is None:
        return [_("No decision of the assembly is recorded.")]
    return list(_of_decision(decision))


def tiers_taken(standard: DuesStandard, tiers: Collection[Tier], but: DuesClass | None = None) -> Iterator[str]:
    """Yield which of the tiers are proposed for another class of the standard than `but`."""
    for one in standard.classes.prefetch_related("tiers"):
        for tier in one.tiers.all():
            if one != but and tier in tiers:
                yield str(TIER_TAKEN % {"tier": tier, "other": one})


def too_many(standard: DuesStandard) -> list[str]:
    """Return the warning that a standard has more classes than standards have as a rule."""
    count = standard.classes.count()
    return [str(TOO_MANY_CLASSES % {"count": count})] if count > MOST_CLASSES else []


def _of_decision(decision: Decision) -> Iterator[str]:
    if decision.matter != Matter.DUES_STANDARD:
        yield _("The decision is about another matter: %(matter)s.") % {"matter": decision.get_matter_display()}
    if decision.meeting.body != Body.ASSEMBLY:
        yield _("Decided by the %(body)s, not by the assembly.") % {"body": decision.meeting.body_name()}
    if decision.ballot != Ballot.SECRET:
        yield _("Decided by %(ballot)s, not by secret ballot.") % {"ballot": decision.get_ballot_display()}
    if not decision.passed:
        yield _("The decision did not pass.")


class Spell(NamedTuple):
    """An unbroken time of a member in a year: the day on which it joined in the year, and its last day in the year.

    A day is None if it belonged before the year, or still belongs after it.
    """

    joined_on: datetime.date | None
    last_day: datetime.date | None


def months_owed(standard: DuesStandard, spells: Iterable[Spell]) -> int:
    """Return for how many months of a year a member owes dues; one that left and came back has several spells."""
    return len({month for spell in spells for month in _months(standard, *spell)})


def _months(standard: DuesStandard, joined_on: datetime.date | None, last_day: datetime.date | None) -> range:
    first, last = 1, MONTHS
    if joined_on and standard.first_year == PartOfYear.MONTHS:
        first = joined_on.month
    elif joined_on and standard.first_year == PartOfYear.HALF:
        first = 7 if joined_on.month > 6 else 1
    if last_day and standard.last_year == PartOfYear.MONTHS:
        last = last_day.month
    elif last_day and standard.last_year == PartOfYear.HALF:
        last = 6 if last_day.month <= 6 else MONTHS
    return range(first, last + 1)


def part_of(amount: Decimal, months: int) -> Decimal:
    """Return the part of a year's amount for so many months, exact to the fen."""
    return (amount * months / MONTHS).quantize(_FEN, ROUND_HALF_UP)
