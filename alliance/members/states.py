"""The states that a list of members can be about: members of a day, who came or went in a year, or all ever.

One condition on memberships for the pages and the API, which chooses one row of each member at most.
"""

import datetime

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from alliance.models import Membership, Representative, Suspension
from registry.database.expressions import in_force
from registry.database.paths import Path, own_path
from registry.organizations.models.reach import within
from registry.values.people import Account

Day = datetime.date


class State(models.TextChoices):
    CURRENT = "current", _("In membership")
    JOINED = "joined", _("Joined in the year")
    LEFT = "left", _("Left in the year")
    FORMER = "former", _("Left the alliance")
    ANY = "any", _("Of all times")


OF_A_YEAR = (State.JOINED, State.LEFT, State.ANY)
"""The states that a year may be asked for; the first two are of the year of the day otherwise."""


class MemberStanding(models.TextChoices):
    FULL = "full", _("full member")
    SUSPENDED = "suspended", _("suspended")


def suspended(on: Day) -> Q:
    """Return whether a membership is in force on the day and suspended."""
    found = Suspension.objects.as_of(on).filter(member=OuterRef("member"))
    return in_force(on, "admitted_on", "ended_on") & Q(Exists(found))


def represented(on: Day, path: Path = own_path) -> Q:
    """Return whether a membership is of a member for whom somebody is representative on the day."""
    acting = Representative.objects.filter(in_force(on, "valid_from", "valid_to"), member=OuterRef(path("member")))
    return Q(Exists(acting.filter(role=Representative.Role.REPRESENTATIVE)))


def unrepresented(on: Day, user: Account, path: Path = own_path) -> Q:
    """Return whether a membership is of a member for whom nobody is representative on the day.

    Who represents a member is personal, so that an account learns it of the organizations that it works on.
    """
    return ~represented(on, path) & within(user, lambda field: path(f"member__organization__{field}"))


def condition(state: State, on: Day, year: int | None = None) -> Q:
    """Return the condition on memberships, for the day `on`, or for a year where the state is of one."""
    first, after = _bounds(year or on.year)
    if state == State.JOINED:
        later = _others(admitted_on__gt=OuterRef("admitted_on"), admitted_on__lt=after).filter(_begins())
        return Q(_begins(), ~Exists(later), admitted_on__gte=first, admitted_on__lt=after)
    if state == State.LEFT:
        later = _others(ended_on__gt=OuterRef("ended_on"), ended_on__lt=after).filter(_ends())
        return Q(_ends(), ~Exists(later), ended_on__gte=first, ended_on__lt=after)
    if state == State.FORMER:
        return Q(~Exists(_others(admitted_on__gt=OuterRef("admitted_on"), admitted_on__lte=on)), ended_on__lte=on)
    if state == State.ANY and year is not None:
        last = ~Exists(_others(admitted_on__gt=OuterRef("admitted_on"), admitted_on__lt=after))
        return Q(last, Q(ended_on=None) | Q(ended_on__gt=first), admitted_on__lt=after)
    if state == State.ANY:
        last = ~Exists(_others(admitted_on__gt=OuterRef("admitted_on"), admitted_on__lte=on))
        only_later = ~Exists(_others(admitted_on__lt=OuterRef("admitted_on")))
        return Q(last, admitted_on__lte=on) | Q(only_later, admitted_on__gt=on)
    return in_force(on, "admitted_on", "ended_on")


def _bounds(year: int) -> tuple[Day, Day]:
    """Return the first days of the year and of the next one; there is no year 10000."""
    return Day(year, 1, 1), Day(year + 1, 1, 1) if year < Day.max.year else Day.max


def _others(**conditions: object) -> models.QuerySet[Membership]:
    """Return the other periods of the member of the row."""
    return Membership.objects.filter(member=OuterRef("member"), **conditions)


def _begins() -> Q:
    """Return whether a row is an admission: it continues no other one."""
    return ~Q(Exists(_others(ended_on=OuterRef("admitted_on"))))


def _ends() -> Q:
    """Return whether a row is the end of an unbroken membership: no other one continues it."""
    return ~Q(Exists(_others(admitted_on=OuterRef("ended_on"))))
