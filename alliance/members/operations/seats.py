"""Seats of members in groups, as operations on memberships meet them."""

import datetime
from collections import defaultdict
from collections.abc import Collection

from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils.translation import gettext as _

from alliance.members.rules import Sat, period, seat_refusals
from alliance.models import Member, Seat
from registry.database.db_errors import Conflict
from registry.organizations.models.organizations import Organization
from registry.values.punctuation import bracketed, labelled, listed


def check_seats(organization: Organization) -> None:
    """Refuse what leaves a seat of the organization outside of its membership, or on the board and in the council."""
    seats: dict[Member, list[Sat]] = defaultdict(list)
    for seat in Seat.objects.filter(member__organization=organization).select_related("group", "member"):
        seats[seat.member].append(Sat.of(seat))
    for member, sat in seats.items():
        if told := list(seat_refusals(sat, member.tiers_held())):
            raise ValidationError(told)


def check_seats_of(members: Collection[int]) -> None:
    """Refuse what a list leaves of the seats of these members, with the names of the organizations."""
    seated = Organization.objects.filter(alliance_members__in=members, alliance_members__seats__isnull=False).distinct()
    told = []
    for organization in seated:
        try:
            check_seats(organization)
        except ValidationError as error:
            told += [labelled(organization, message) for message in error.messages]
    if told:
        raise Conflict(told, code="conflict")


def seats_beyond(member: Member, on: datetime.date) -> list[Seat]:
    """Return the seats that the member holds on the day `on` or later."""
    later = Q(ends_on__isnull=True) | Q(ends_on__gt=on)
    return list(Seat.objects.filter(later, member=member).select_related("group").order_by("begins_on", "id"))


def end_with_membership(member: Member, on: datetime.date, agreed: bool) -> None:
    """End the seats of a member whose membership ends on the day `on`, if the person agreed to it."""
    seats = seats_beyond(member, on)
    if not seats:
        return
    if not agreed:
        told = _("It sits in %(seats)s beyond that day. Agree to end these seats too, or end them first.")
        raise ValidationError({"end_seats": told % {"seats": names_of(seats)}})
    for seat in seats:
        if seat.begins_on >= on:
            told = _("A seat begins only after that day: %(seats)s. Correct it first.")
            raise ValidationError({"end_seats": told % {"seats": names_of([seat])}})
        seat.ends_on = on
        seat.save()


def names_of(seats: list[Seat]) -> str:
    return listed(bracketed(seat.group, period(seat.begins_on, seat.ends_on)) for seat in seats)
