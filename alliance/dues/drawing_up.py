"""Draws up the dues of a year 生成会费 for all members of a day or of the year, as one operation.

It is shown first and does what was shown. Run again it adds only what is missing; `undo()` removes what nobody has
worked on since.
"""

import datetime
import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.utils.translation import pgettext_lazy as _p

from alliance.dues.models import MONTHS, NO_DUES, ZERO, Due, DuesClass, DuesStandard, Payment
from alliance.dues.rules import NOT_BY_PROCEDURE, Spell, months_owed, part_of, wrong_procedure
from alliance.members.operations.operating import told_as
from alliance.models import Alliance, Member, Membership, Tier
from registry.database.db_errors import Conflict, integrity_errors_as_conflicts
from registry.values.people import Account
from registry.values.punctuation import clauses

Day = datetime.date
NO_STANDARD = gettext_lazy("No standard of the alliance applies on this day. Enter one first.")
OTHERWISE = gettext_lazy("The members or their classes have changed since you looked. This is what would happen now.")


OPERATIONS = {
    "draw_up_dues": gettext_lazy("drawing up of dues"),
    "undo_dues": gettext_lazy("taking back of dues"),
}
"""The names of the operations in the history."""


class Who(models.TextChoices):
    DAY = "day", _p("dues", "the members of this day")
    YEAR = "year", _p("dues", "all who were members on some day of the year")


@dataclass(frozen=True)
class DrawUpRequest:
    """One drawing up of dues as it was asked for. `chosen` maps ids of members to the ids of the chosen classes.

    An id that is no class leaves the member out.
    """

    alliance: Alliance
    year: int
    on: Day
    who: Who = Who.DAY
    chosen: Mapping[int, int] = field(default_factory=dict)


@dataclass
class MemberInYear:
    """The time of a member in the year, and the tier that it has on the day."""

    member: Member
    tier: Tier
    spells: list[Spell]


@dataclass(frozen=True)
class DueLine:
    """A member with what it owes; without a class it owes nothing yet."""

    span: MemberInYear
    dues_class: DuesClass | None
    basis: str
    months: int
    amount: Decimal

    @property
    def member(self) -> Member:
        return self.span.member

    def write(self, year: int) -> Due:
        """Store the dues of a member that has a class."""
        due = Due(member=self.member, year=year, basis=self.basis, months=self.months, amount=self.amount)
        due.dues_class_id = self.dues_class.pk  # type: ignore[union-attr]
        due.save()
        return due

    @property
    def why(self) -> str:
        """Say why it is this amount."""
        if self.basis and self.dues_class is None:
            return _("left out by choice")
        said = [str(Due.Basis(self.basis).label)] if self.basis else []
        if self.months != MONTHS:
            said.append(_("for %(months)d months") % {"months": self.months})
        for spell in self.span.spells:
            if spell.joined_on:
                said.append(_("joined on %(day)s") % {"day": spell.joined_on})
            if spell.last_day:
                said.append(_("member until %(day)s") % {"day": spell.last_day})
        return clauses(said)


@dataclass
class DrawnUp:
    standard: DuesStandard
    classes: list[DuesClass]
    lines: list[DueLine]
    """The members that get dues."""
    without: list[DueLine]
    """The members without a class, who get none."""
    known: int
    """How many of them have dues of the year already."""
    done: bool = False

    @property
    def total(self) -> Decimal:
        return sum((line.amount for line in self.lines), ZERO)

    @property
    def seal(self) -> str:
        """Return a text that is the same only if the same would be drawn up."""
        said = [f"{line.member.pk}:{line.dues_class and line.dues_class.pk}:{line.amount}" for line in self.lines]
        return hashlib.sha256("\n".join(said).encode()).hexdigest()


def draw_up(asked: DrawUpRequest, by: Account | None = None, *, seal: str | None = None) -> DrawnUp:
    """Draw up the dues if they are those that `seal` tells of; without it only return what would be drawn up.

    Raises ValidationError if no dues may be collected, and Conflict if it would be something else meanwhile.
    """
    with integrity_errors_as_conflicts(), transaction.atomic(), told_as("draw_up_dues", by, year=asked.year):
        # Whoever draws up dues of the alliance at the same time waits.
        Alliance.objects.select_for_update(no_key=True).get(pk=asked.alliance.pk)
        found = look(asked)
        if seal is None:
            return found
        if seal != found.seal:
            raise Conflict(OTHERWISE)
        for line in found.lines:
            line.write(asked.year)
        found.done = True
    return found


def standard_for(alliance: Alliance, on: Day) -> DuesStandard:
    """Return the standard by which dues are collected on the day. Raises ValidationError if there is none."""
    if not alliance.legal_person:
        raise ValidationError(NO_DUES)
    known = DuesStandard.objects.as_of(on).filter(alliance=alliance)
    standard = known.select_related("alliance", "decision__meeting").first()
    if standard is None:
        raise ValidationError(NO_STANDARD)
    if reasons := wrong_procedure(standard):
        raise ValidationError([str(NOT_BY_PROCEDURE), *reasons])
    return standard


def look(asked: DrawUpRequest) -> DrawnUp:
    """Return what would be drawn up. Raises ValidationError if no dues may be collected."""
    standard = standard_for(asked.alliance, asked.on)
    classes = list(standard.classes.prefetch_related("tiers"))
    spans = _spans(asked)
    known = set(Due.objects.filter(alliance=asked.alliance, year=asked.year).values_list("member", flat=True))
    choose = _Choice(asked, classes)
    lines = [_line(span, standard, choose) for span in spans if span.member.pk not in known]
    return DrawnUp(
        standard,
        classes,
        [line for line in lines if line.dues_class],
        [line for line in lines if not line.dues_class],
        sum(span.member.pk in known for span in spans),
    )


def _spans(asked: DrawUpRequest) -> list[MemberInYear]:
    """Return who is asked for dues, the highest tier first."""
    begin, after = Day(asked.year, 1, 1), Day(asked.year + 1, 1, 1)
    rows = (
        Membership.objects.filter(alliance=asked.alliance, admitted_on__lt=after)
        .exclude(ended_on__lte=begin)
        .with_joined_on()
        .select_related("tier", "member__organization")
        .order_by("member", "admitted_on")
    )
    periods: dict[int, list[Membership]] = {}
    for row in rows:
        periods.setdefault(row.member_id, []).append(row)
    spans = []
    for own in periods.values():
        today = [one for one in own if one.admitted_on <= asked.on and not (one.ended_on and one.ended_on <= asked.on)]
        if not today and asked.who == Who.DAY:
            continue
        spans.append(MemberInYear(own[0].member, (today or own[-1:])[0].tier, list(_spells(own, begin, after))))
    return sorted(spans, key=lambda one: (one.tier.rank, one.member.organization.sort_key, one.member.pk))


def _spells(own: list[Membership], begin: Day, after: Day) -> Iterator[Spell]:
    """Yield the unbroken times in `[begin, after)` of one member; a change of tier breaks none."""
    unbroken: dict[Day, Day | None] = {row.joined_on: row.ended_on for row in own}  # type: ignore[attr-defined]
    for joined_on, ended_on in unbroken.items():
        last_day = ended_on - datetime.timedelta(days=1) if ended_on and ended_on < after else None
        yield Spell(joined_on if joined_on >= begin else None, last_day)


def _line(span: MemberInYear, standard: DuesStandard, choose: "_Choice") -> DueLine:
    found, basis = choose(span)
    months = months_owed(standard, span.spells)
    return DueLine(span, found, basis, months, part_of(found.amount, months) if found else ZERO)


class _Choice:
    """Finds the class of a member: chosen now, else chosen the year before, else the class for its tier."""

    def __init__(self, asked: DrawUpRequest, classes: list[DuesClass]) -> None:
        self._chosen, self._by_pk = asked.chosen, {one.pk: one for one in classes}
        by_name = {one.name: one for one in classes}
        by_hand = (Due.Basis.CHOSEN, Due.Basis.BEFORE)
        before = Due.objects.filter(alliance=asked.alliance, year__lt=asked.year).order_by("year")
        self._before = {
            member: by_name.get(name) if basis in by_hand else None
            for member, name, basis in before.values_list("member", "dues_class__name", "basis")
        }
        self._by_tier: dict[int, list[DuesClass]] = {}
        for one in classes:
            for tier in one.tiers.all():
                self._by_tier.setdefault(tier.pk, []).append(one)
        self._only = classes[0] if len(classes) == 1 and not self._by_tier else None

    def __call__(self, span: MemberInYear) -> tuple[DuesClass | None, str]:
        if (chosen := self._chosen.get(span.member.pk)) is not None:
            return self._by_pk.get(chosen), Due.Basis.CHOSEN
        if before := self._before.get(span.member.pk):
            return before, Due.Basis.BEFORE
        of_tier = self._by_tier.get(span.tier.pk, [])
        if len(of_tier) == 1:
            return of_tier[0], Due.Basis.TIER
        return (self._only, Due.Basis.ONLY) if self._only else (None, "")


@dataclass
class Removed:
    """The dues of a year that are removed, and those that stay because somebody has paid or was relieved."""

    gone: list[Due]
    staying: list[Due]


def undo(alliance: Alliance, year: int, by: Account | None = None, *, trial: bool = False) -> Removed:
    """Remove the dues of the year for which nothing was paid and nobody was relieved."""
    with integrity_errors_as_conflicts(), transaction.atomic(), told_as("undo_dues", by, year=year):
        Alliance.objects.select_for_update(no_key=True).get(pk=alliance.pk)
        dues = Due.objects.filter(alliance=alliance, year=year).select_related("member__organization", "dues_class")
        paid = Exists(Payment.objects.filter(due=OuterRef("pk")))
        rows = dues.select_for_update(of=("self",)).annotate(has_payment=paid)
        found = Removed([], [])
        for due in rows.order_by("member__organization__sort_key", "pk"):
            (found.staying if due.has_payment or due.relief else found.gone).append(due)
        if not trial:
            Due.objects.filter(pk__in=[due.pk for due in found.gone]).delete()
    return found
