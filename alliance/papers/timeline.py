"""The periods of a member, or of an organization in all its alliances: data of the picture, the table and the API.

Every period is half-open, `[start, end)`; an open bound is None.
"""

import datetime
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from django.db.models import Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from alliance.council.models import OfficeHolder, Seat
from alliance.members.names import LANGUAGES
from alliance.models import Certificate, EndReason, FormerName, Member, Membership, Representative, Suspension, Tier
from registry.organizations.models.details import Name
from registry.organizations.models.organizations import Organization
from registry.organizations.models.reach import reaches
from registry.values.people import Account

Day = datetime.date
TIER, GAP, SUSPENSION, SEAT, OFFICE = "tier", "gap", "suspension", "seat", "office"
REPRESENTATIVE, NAME, CERTIFICATE = "representative", "name", "certificate"
LANES = {
    TIER: _("tier"),
    SUSPENSION: _("suspension"),
    CERTIFICATE: _("certificates of membership"),
    SEAT: _("seats in groups"),
    OFFICE: _("office holders"),
    REPRESENTATIVE: _("representatives"),
    NAME: _("names"),
}
"""The lanes of a timeline in their order; a gap is in the lane of the tiers."""
KINDS = LANES | {
    GAP: _("not a member"),
    CERTIFICATE: _("certificate of membership"),
    SEAT: _("seat"),
    OFFICE: _("office holder"),
    REPRESENTATIVE: _("person"),
    NAME: _("name"),
}


@dataclass(frozen=True)
class Span:
    kind: str
    label: str
    start: Day | None
    end: Day | None
    detail: str = ""
    """Why it ended, or the role in which somebody acts."""
    rank: int = 0
    """The rank of a tier: 1 is the highest."""
    number: int = 0
    """Its number in the picture and in the table."""

    @property
    def kind_label(self) -> str:
        return str(KINDS[self.kind])


@dataclass
class Lane:
    kind: str
    spans: list[Span]

    @property
    def label(self) -> str:
        return str(LANES[self.kind])


@dataclass
class Chapter:
    """The lanes of one alliance; lanes of the organization itself have no member."""

    member: Member | None
    lanes: list[Lane] = field(default_factory=list)

    @property
    def title(self) -> str:
        return f"{self.member.alliance} {self.member.member_no}" if self.member else ""


@dataclass
class Timeline:
    title: str
    today: Day
    chapters: list[Chapter]

    def rows(self) -> Iterator[tuple[Chapter, Span]]:
        """Yield every period in the order of its number."""
        for chapter in self.chapters:
            for lane in chapter.lanes:
                yield from ((chapter, span) for span in lane.spans)


def timeline(
    organization: Organization,
    members: Iterable[Member],
    user: Account,
    today: Day,
    *,
    memberships_only: bool = False,
) -> Timeline:
    """Return the timeline of an organization in these of its members' alliances, as far as the user may see it.

    The members come with their alliances. The number of queries does not grow with their number.
    """
    known = list(members)
    found: dict[int, dict[str, list[Span]]] = {member.pk: {} for member in known}
    for kind, pk, span in _memberships(known, user) if memberships_only else _spans(known, organization, user):
        found[pk].setdefault(kind, []).append(span)
    chapters = [
        Chapter(member, [Lane(kind, found[member.pk][kind]) for kind in LANES if kind in found[member.pk]])
        for member in known
    ]
    if not memberships_only and (names := _names(organization)):
        chapters.append(Chapter(None, [Lane(NAME, names)]))
    number = 0
    for chapter in chapters:
        for lane in chapter.lanes:
            for position, span in enumerate(lane.spans):
                number += 1
                lane.spans[position] = replace(span, number=number)
    return Timeline(str(organization), today, [chapter for chapter in chapters if chapter.lanes])


def _spans(members: Sequence[Member], organization: Organization, user: Account) -> Iterator[tuple[str, int, Span]]:
    """Yield lane, member and span; a further kind of span is added here."""
    yield from _memberships(members, user)
    if user.has_perm("alliance.view_certificate"):
        for one in Certificate.objects.filter(member__in=members).order_by("valid_from", "id"):
            if one.over_on is None or one.over_on > one.valid_from:
                kind = str(one.get_end_kind_display())
                yield CERTIFICATE, one.member_id, Span(CERTIFICATE, one.number, one.valid_from, one.over_on, kind)
    if user.has_perm("alliance.view_seat"):
        for seat in Seat.objects.filter(member__in=members).select_related("group").order_by("begins_on", "id"):
            role = str(seat.get_role_display())
            yield SEAT, seat.member_id, Span(SEAT, str(seat.group), seat.begins_on, seat.ends_on, role)
    if not reaches(user, organization):
        return
    if user.has_perm("alliance.view_officeholder"):
        for held in OfficeHolder.objects.filter(member__in=members).order_by("begins_on", "id"):
            office = str(held.get_office_display())
            yield OFFICE, held.member_id or 0, Span(OFFICE, held.name, held.begins_on, held.ends_on, office)
    if user.has_perm("alliance.view_representative"):
        people = Representative.objects.filter(member__in=members).order_by("role", "valid_from", "id")
        for person in people:
            role = str(person.get_role_display())
            span = Span(REPRESENTATIVE, person.name, person.valid_from, person.valid_to, role)
            yield REPRESENTATIVE, person.member_id, span


def _memberships(members: Sequence[Member], user: Account) -> Iterator[tuple[str, int, Span]]:
    yield from _tiers(members)
    if user.has_perm("alliance.view_suspension"):
        label = str(KINDS[SUSPENSION])
        for row in Suspension.objects.filter(member__in=members).order_by("suspended_on"):
            yield SUSPENSION, row.member_id, Span(SUSPENSION, label, row.suspended_on, row.resumed_on, row.reason)


def _tiers(members: Sequence[Member]) -> Iterator[tuple[str, int, Span]]:
    """Yield the memberships, each once for every name that its tier bore meanwhile, and the gaps between them."""
    rows = Membership.objects.filter(member__in=members).select_related("tier").order_by("member", "admitted_on")
    former: dict[int, list[FormerName]] = {}
    for name in FormerName.objects.filter(tier__memberships__member__in=members).distinct().order_by("replaced_on"):
        former.setdefault(name.tier_id or 0, []).append(name)
    last: Membership | None = None
    for row in rows:
        if last and last.member_id == row.member_id and last.ended_on and last.ended_on < row.admitted_on:
            yield TIER, row.member_id, Span(GAP, str(KINDS[GAP]), last.ended_on, row.admitted_on)
        for span in _named(row, former.get(row.tier_id, [])):
            yield TIER, row.member_id, span
        last = row


def _named(row: Membership, former: list[FormerName]) -> Iterator[Span]:
    begin = row.admitted_on
    names: list[tuple[FormerName | Tier, Day | None]] = [(name, name.replaced_on) for name in former]
    for name, until in [*names, (row.tier, None)]:
        if until and until <= begin:
            continue
        renamed = until and (row.ended_on is None or until < row.ended_on)
        end = until if renamed else row.ended_on
        reason = (
            str(_("the tier was renamed"))
            if renamed
            else str(EndReason(row.end_reason).label if row.end_reason else "")
        )
        yield Span(TIER, name.label(), begin, end, reason, row.tier.rank)
        if not renamed:
            return
        begin = until or begin


def _names(organization: Organization) -> list[Span]:
    """Return the names of the organization with their days, in the language of the reader; none if it had only one."""
    english = (get_language() or "zh").startswith("en")
    fields = ("name_en", "name_zh") if english else ("name_zh", "name_en")
    shown = next((name for name in fields if getattr(organization, name)), fields[0])
    dated: Any = Name.objects.filter(
        Q(LANGUAGES[shown]), organization=organization.pk, kind=Name.Kind.FORMER, valid_to__isnull=False
    )
    spans: list[Span] = []
    for name in dated.order_by("valid_to", "id"):
        begin = name.valid_from or (spans[-1].end if spans else None)
        spans.append(Span(NAME, name.name, begin, name.valid_to))
    if spans:
        spans.append(Span(NAME, getattr(organization, shown), spans[-1].end, None))
    return spans
