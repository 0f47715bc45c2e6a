"""Moves memberships when the record of an organization is merged into another one (ADR 0032)."""

from collections.abc import Iterable, Iterator
from itertools import product
from typing import Any

from django.db import models
from django.utils.translation import gettext as _

from alliance.members.rules import period
from alliance.members.suspensions import Suspension
from alliance.models import (
    Attendance,
    Certificate,
    Due,
    Member,
    Membership,
    OfficeHolder,
    Representative,
    Seat,
    Supporter,
)
from registry.duplicates import references
from registry.duplicates.pairs import Chosen, Fate, ForeignKey, Looked, RecordPair, RowFate
from registry.duplicates.rows import Rows
from registry.values.punctuation import bracketed, listed

from .seats import check_seats

OF_MEMBER: tuple[type[models.Model], ...] = (
    Membership,
    Representative,
    Seat,
    OfficeHolder,
    Suspension,
    Attendance,
    Certificate,
    Due,
)
"""The tables whose rows belong to a member (`member`), besides its sectors."""
JOINS = "alliance.change_membership"
SEES_DUES = "alliance.view_due"


class Members:
    """A member moves with everything that is its own. Where both records are members of one alliance, periods that do
    not overlap are joined under the member number of the record that stays; overlapping ones refuse the merger.
    """

    keys: tuple[ForeignKey, ...] = ((Member, "organization"),)

    def rows(self, pair: RecordPair) -> Iterable[models.QuerySet[Any]]:
        for model in (*OF_MEMBER, Member.sectors.through):
            yield model._default_manager.filter(member__organization__in=pair.ids)

    def members(self, pair: RecordPair) -> list[tuple[Member, Member | None]]:
        """Return each member that the merged record is, with the member of that alliance that the other one is."""
        found = Member.objects.select_related("alliance", "organization").order_by("alliance__slug")
        own = {member.alliance_id: member for member in found.filter(organization=pair.kept)}
        return [(member, own.get(member.alliance_id)) for member in found.filter(organization=pair.merged)]

    def look(self, pair: RecordPair) -> Looked:
        looked = Looked(_("Memberships"))
        for member, own in self.members(pair):
            told = _("%(alliance)s, member number %(number)s: %(periods)s")
            periods = list(member.memberships.select_related("tier").order_by("admitted_on"))
            text = told % {
                "alliance": member.alliance,
                "number": member.member_no,
                "periods": listed(map(_named, periods)) or "—",
            }
            if own is None:
                looked.lines.append(RowFate(Fate.MOVES, text, _belongings(member, pair)))
                continue
            looked.refusals += [
                *_clashes(member, own, periods),
                *_second_dues(member, own, pair),
                *_certificates_at_once(member, own),
            ]
            if not pair.may(JOINS):
                told = _("Both are members of %(alliance)s: whoever merges them needs the right to change memberships.")
                looked.refusals.append(told % {"alliance": member.alliance})
            why = _("Joined under the member number %(own)s; the number %(number)s is not given again.")
            looked.lines.append(RowFate(Fate.CHANGES, text, why % {"own": own.member_no, "number": member.member_no}))
        return looked

    def move(self, pair: RecordPair, chosen: Chosen) -> None:
        for member, own in self.members(pair):
            if own is None:
                member.organization = pair.kept
                member.save(update_fields=["organization"])
                continue
            for model in OF_MEMBER:
                model._default_manager.filter(member=member).update(member=own)
            own.sectors.add(*member.sectors.all())
        check_seats(pair.kept)


def _named(membership: Membership) -> str:
    return bracketed(membership.tier, period(membership.admitted_on, membership.ended_on))


def _belongings(member: Member, pair: RecordPair) -> str:
    """Say what moves with the member, in numbers: names of people stay with those who may see them, and dues whole."""
    counted = [
        (model._meta.verbose_name_plural, model._default_manager.filter(member=member).count())
        for model in OF_MEMBER
        if model is not Membership and (model is not Due or pair.may(SEES_DUES))
    ]
    counted.append((_("sectors of participation"), member.sectors.count()))
    told = listed(f"{name} {count}" for name, count in counted if count)
    return _("with %(all)s") % {"all": told} if told else ""


def _clashes(member: Member, own: Member, periods: list[Membership]) -> list[str]:
    """Say which memberships of the two overlap, and what to do first."""
    told = _(
        "Both are members of %(alliance)s at the same time: %(own)s and %(other)s. Correct or end one of the two "
        "memberships first."
    )
    mine = list(own.memberships.select_related("tier").order_by("admitted_on"))
    return [
        told % {"alliance": member.alliance, "own": _named(one), "other": _named(other)}
        for one in mine
        for other in periods
        if _overlap(one, other)
    ]


def _second_dues(member: Member, own: Member, pair: RecordPair) -> Iterator[str]:
    """Say that both have dues of one year, and to who may see dues for which years, and what to do first."""
    told = _("Both have dues to %(alliance)s for %(years)s: take back those of one of the two first.")
    dues = Due.objects.filter(member=member, year__in=own.dues.values("year"))
    years = [str(year) for year in dues.order_by("year").values_list("year", flat=True)]
    if years and pair.may(SEES_DUES):
        yield told % {"alliance": member.alliance, "years": listed(years)}
    elif years:
        yield _("Joining them needs the secretariat of %(alliance)s.") % {"alliance": member.alliance}


def _certificates_at_once(member: Member, own: Member) -> Iterator[str]:
    """Say which certificates of the two hold on the same days, and what to do first."""
    told = _(
        "Both have a certificate that is valid at the same time: %(own)s and %(other)s. End one of the two first "
        "(lost, withdrawn or void)."
    )
    mine, others = (
        [one for one in who.certificates.order_by("valid_from") if one.over_on is None or one.over_on > one.valid_from]
        for who in (own, member)
    )
    for one, other in product(mine, others):
        begins_before = other.over_on is None or one.valid_from < other.over_on
        if begins_before and (one.over_on is None or other.valid_from < one.over_on):
            yield told % {"own": one.number, "other": other.number}


def _overlap(one: Membership, other: Membership) -> bool:
    begins_before = other.ended_on is None or one.admitted_on < other.ended_on
    return begins_before and (one.ended_on is None or other.admitted_on < one.ended_on)


class Supporters(Rows):
    def text(self, row: Any) -> str:
        return bracketed(row.alliance, row.get_role_display())


def declare() -> None:
    """Declare the foreign keys to organizations that alliances have."""
    references.declare(Members(), Supporters(Supporter, same=("alliance", "role")))
