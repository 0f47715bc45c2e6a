"""The succession of a member: its organization was merged into another one, which takes its place."""

import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from alliance.models import EndReason, Member, Membership, Representative
from registry.database.db_errors import integrity_errors_as_conflicts
from registry.database.expressions import in_force
from registry.organizations.models.organizations import Organization
from registry.values.people import Account

from . import actions
from .direct import SUCCESSOR_BY_APPLICATION, refuse_direct
from .operating import told_as


def succeed(
    member: Member,
    successor: Organization,
    on: datetime.date,
    by: Account | None = None,
    *,
    with_sectors: bool = False,
    with_representatives: bool = False,
    end_seats: bool = False,
    remarks: str = "",
) -> Membership:
    """End the membership on the day `on` for a merger, and give its tier to the successor on the same day.

    The successor is admitted with a number of its own; if it is a member already, it keeps the higher of both tiers.
    Where the alliance asks for applications, only a successor that is a member at such a tier takes over directly.
    Sectors of participation and representatives are taken over only if asked for; seats in groups are not, and end if
    `end_seats` says that the person agreed. Returns the successor's membership.
    """
    if successor.pk == member.organization_id:
        raise ValidationError({"successor": _("An organization does not succeed itself.")})
    both = Organization.objects.filter(pk__in=(member.organization_id, successor.pk))
    with integrity_errors_as_conflicts(), transaction.atomic(), told_as("succeed", by):
        list(both.select_for_update(no_key=True).order_by("pk"))
        named = _("Merged into %(name)s (%(number)s).") % {"name": successor, "number": successor.registry_no}
        said = "\n".join(filter(None, (named, remarks)))
        ended = actions.end(member, on, EndReason.SUCCESSION, remarks=said, end_seats=end_seats)
        membership = _taken_over(ended, successor, on, remarks)
        if with_sectors:
            membership.member.sectors.add(*member.sectors.all())
        if with_representatives:
            _take_people(member, membership.member, on)
        return membership


def _taken_over(ended: Membership, successor: Organization, on: datetime.date, remarks: str) -> Membership:
    """Return the membership of the successor on the day, begun or changed where its tier was lower."""
    old, tier = ended.member, ended.tier
    said = {"name": old.organization, "number": old.member_no}
    remarks = "\n".join(filter(None, (_("Successor of %(name)s (member number %(number)s).") % said, remarks)))
    held = Membership.objects.as_of(on).filter(member__alliance=old.alliance, member__organization=successor)
    current = held.select_related("tier", "member").first()
    if current is None or current.tier.rank > tier.rank:
        refuse_direct(old.alliance_id, SUCCESSOR_BY_APPLICATION)
    if current is None:
        return actions.admit(successor, old.alliance, tier, on, remarks=remarks)
    if current.tier.rank <= tier.rank:
        return current
    return actions.change_tier(current.member, tier, on, remarks=remarks)


def _take_people(old: Member, new: Member, on: datetime.date) -> None:
    """Copy the representatives of the day; the old member keeps its own."""
    for person in Representative.objects.filter(in_force(on, "valid_from", "valid_to"), member=old):
        person.pk, person.member, person.valid_from = None, new, on
        person.save()
