"""Issues certificates: who needs one and why, the next numbers, and what is printed.

`issue()` is the one way to a new certificate with a number of the alliance. It locks organizations and alliance, so
that two people who issue at once wait for each other, and keeps on each certificate the names of the day of issue.
"""

import datetime
import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import Q
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy

from alliance.members.names import on_day, rename_back
from alliance.members.operations.operating import save, told_as
from alliance.models import Alliance, Certificate, CertificateSettings, Member, Membership
from registry.database.db_errors import Conflict, integrity_errors_as_conflicts
from registry.organizations.models.organizations import Organization
from registry.values.people import Account
from registry.values.punctuation import listed

Day = datetime.date
MOST = 2_000
"""The largest number of certificates that one operation issues: their PDF has to fit into the memory of its process."""


class Why(models.TextChoices):
    """Why a member needs a certificate."""

    NONE = "none", pgettext_lazy("certificate", "has none")
    EXPIRING = "expiring", pgettext_lazy("certificate", "runs out")
    RENAMED = "renamed", pgettext_lazy("certificate", "the organization was renamed")
    TIER = "tier", pgettext_lazy("certificate", "the tier is another one")
    ALLIANCE = "alliance", pgettext_lazy("certificate", "the alliance was renamed")


@dataclass
class CertificateCandidate:
    """A member of the day with the certificate that it has, and why it needs another one."""

    membership: Membership
    present: Certificate | None
    printed: dict[str, str]
    """The texts that a certificate would bear if it were issued on the day."""
    why: list[Why] = field(default_factory=list)

    @property
    def member(self) -> Member:
        return self.membership.member

    @property
    def reasons(self) -> str:
        return listed(str(one.label) for one in self.why)


def settings_of(alliance: Alliance) -> CertificateSettings:
    """Return how the alliance numbers and signs: its own row, or the defaults."""
    return CertificateSettings.objects.filter(alliance=alliance).first() or CertificateSettings(alliance=alliance)


# --- Who needs one


def candidates(
    alliance: Alliance, on: Day, until: Day, *, named_on: Day | None = None, members: Collection[int] | None = None
) -> list[CertificateCandidate]:
    """Return the members on a day, the highest tier first; `why` says why one needs a certificate, and is empty if it
    needs none.

    A certificate runs out if its last valid day is not after `until`. Names are as of `named_on`, the day of issue.
    """
    held = Membership.objects.as_of(on).filter(alliance=alliance)
    if members is not None:
        held = held.filter(member__in=members)
    rows = list(
        held.select_related("tier", "member__organization", "member__alliance").order_by(
            "tier__rank", "member__organization__sort_key", "id"
        )
    )
    present = latest([row.member_id for row in rows])
    texts = _printed(rows, named_on or on, settings_of(alliance).signature)
    found = [CertificateCandidate(row, present.get(row.member_id), text) for row, text in zip(rows, texts, strict=True)]
    for one in found:
        one.why = list(_why(one, until))
    return found


def latest(members: Iterable[int]) -> dict[int, Certificate]:
    """Return of each member the certificate that has not ended and holds longest, run out or not."""
    rows = Certificate.objects.not_ended().filter(member__in=members).order_by("valid_from", "id")
    return {row.member_id: row for row in rows}


def _why(one: CertificateCandidate, until: Day) -> Iterator[Why]:
    present = one.present
    if present is None:
        yield Why.NONE
        return
    if present.valid_to and present.valid_to <= until + datetime.timedelta(days=1):
        yield Why.EXPIRING
    yield from differences(present, one.printed)


def differences(present: Certificate, printed: dict[str, str]) -> Iterator[Why]:
    """Yield in what a certificate differs from what it would say today."""
    for why, names in _COMPARED.items():
        if any(getattr(present, name) != printed[name] for name in names if getattr(present, name)):
            yield why


_COMPARED = {
    # A text that is missing on paper, such as the English name, makes no certificate wrong.
    Why.RENAMED: ("organization_name", "organization_name_en"),
    Why.TIER: ("tier_name", "tier_name_en"),
    Why.ALLIANCE: ("alliance_name", "alliance_name_en"),
}


# --- What is printed


def _printed(rows: Sequence[Membership], on: Day, signature: str) -> list[dict[str, str]]:
    """Return what certificates of the memberships say on the day, with the names of the day."""
    rename_back((row.member.organization for row in rows), on)
    tiers = {tier.pk: tier for tier in on_day({row.tier_id: row.tier for row in rows}.values(), on)}
    known = {row.alliance_id: row.member.alliance for row in rows}
    alliances = {alliance.pk: alliance for alliance in on_day(known.values(), on)}
    said = []
    for row in rows:
        alliance, tier = alliances[row.alliance_id], tiers[row.tier_id]
        name, name_en = _both(row.member.organization)
        said.append(
            {
                "organization_name": name,
                "organization_name_en": name_en,
                "alliance_name": alliance.name_zh,
                "alliance_name_en": alliance.name_en,
                "tier_name": tier.name_zh,
                "tier_name_en": tier.name_en,
                "member_number": row.member.member_no,
                "signature": signature or alliance.name_zh,
            }
        )
    return said


def _both(organization: Organization) -> tuple[str, str]:
    """Return the name and the English one below it; who has no Chinese name has one line."""
    chinese, english = organization.name_zh, organization.name_en
    return (chinese, english) if chinese else (english, "")


def printed_for(member: Member, valid_from: Day, issued_on: Day) -> dict[str, str]:
    """Return what a certificate of one member says. Raises ValidationError if it is no member on the first day."""
    held = Membership.objects.as_of(valid_from).filter(member=member)
    row = held.select_related("tier", "member__organization", "member__alliance").first()
    if row is None:
        said = {"organization": member.organization, "day": _day(valid_from)}
        raise ValidationError({"valid_from": _("%(organization)s is not a member on %(day)s.") % said})
    return _printed([row], issued_on, settings_of(member.alliance).signature)[0]


# --- Numbers


class _Numbers:
    """Gives the next numbers of an alliance in the year of issue; the caller holds the lock on the alliance."""

    def __init__(self, alliance: Alliance, issued_on: Day) -> None:
        text = settings_of(alliance).number_format.replace("YYYY", f"{issued_on:%Y}")
        self._before, _hash, rest = text.partition("#")
        self._after = rest.lstrip("#")
        self._digits = 1 + len(rest) - len(self._after)
        known = Certificate.objects.filter(alliance=alliance, number__startswith=self._before)
        pattern = re.compile(re.escape(self._before) + r"([0-9]{1,9})" + re.escape(self._after))
        found = [pattern.fullmatch(number) for number in known.values_list("number", flat=True)]
        self._last = max((int(one[1]) for one in found if one), default=0)

    def take(self) -> str:
        self._last += 1
        return f"{self._before}{self._last:0{self._digits}d}{self._after}"


def next_number(alliance: Alliance, issued_on: Day) -> str:
    """Return the number that the next certificate would have, to be shown before anything is issued."""
    return _Numbers(alliance, issued_on).take()


# --- Issuing


def issue(
    alliance: Alliance,
    members: Collection[int],
    valid_from: Day,
    valid_to: Day | None,
    issued_on: Day,
    by: Account | None = None,
    *,
    reason: str = "",
) -> list[Certificate]:
    """Issue a certificate to each of the members, the highest tier first, and replace what they have.

    `valid_to` is the first day on which they do not hold. What a member has is replaced from the first day of the new
    one; one that runs out by then stays as it is. `reason` is why the present ones are replaced.
    """
    _check_period(valid_from, valid_to)
    if len(members) > MOST:
        raise ValidationError(_("At most %(most)d certificates are issued at once.") % {"most": MOST})
    organizations = Organization.objects.filter(alliance_members__in=members)
    with integrity_errors_as_conflicts(), transaction.atomic(), told_as("issue_certificates", by, reason):
        # NO KEY: other rows may go on referring to them meanwhile.
        list(organizations.select_for_update(no_key=True).order_by("pk"))
        alliance = Alliance.objects.select_for_update(no_key=True).get(pk=alliance.pk)
        rows = candidates(alliance, valid_from, valid_from, named_on=issued_on, members=members)
        if missing := {*members} - {one.member.pk for one in rows}:
            _refuse_others(missing, valid_from)
        numbers, issued = _Numbers(alliance, issued_on), []
        days: dict[str, Any] = {"issued_on": issued_on, "valid_from": valid_from, "valid_to": valid_to}
        for one in rows:
            new = Certificate(member=one.member, alliance=alliance, number=numbers.take(), **days, **one.printed)
            olds = list(_replaced(one.member, valid_from, valid_to))
            for old in olds:
                old.ended_on, old.end_kind = valid_from, Certificate.End.REPLACED
                old.end_reason = reason.strip() or one.reasons or str(_("issued anew"))
                save(old, ended_on="valid_from")
            issued.append(save(new))
            _point_to(new, olds)
        return issued


def _check_period(valid_from: Day, valid_to: Day | None) -> None:
    if valid_to and valid_to <= valid_from:
        raise ValidationError({"valid_to": _("The last valid day lies before the first one.")})


def _refuse_others(missing: Collection[int], on: Day) -> None:
    """Name the chosen members that are none on the day."""
    found = Member.objects.filter(pk__in=missing).select_related("organization")
    names = listed(str(member.organization) for member in found[:5])
    said = {"names": names or "—", "day": _day(on)}
    raise Conflict({"valid_from": _("Not a member of this alliance on %(day)s: %(names)s.") % said}, code="conflict")


def _replaced(member: Member, valid_from: Day, valid_to: Day | None) -> Iterator[Certificate]:
    """Yield the certificates of the member that hold in a part of the period."""
    rows = Certificate.objects.not_ended().filter(Q(valid_to=None) | Q(valid_to__gt=valid_from), member=member)
    yield from rows.filter(valid_from__lt=valid_to) if valid_to else rows


def _point_to(new: Certificate, olds: Collection[Certificate]) -> None:
    """Name the successor in what was replaced, and in what was lost before without one."""
    lost = Certificate.objects.filter(member=new.member, end_kind=Certificate.End.LOST, replaced_by=None)
    rows = Certificate.objects.filter(pk__in=[old.pk for old in olds]) | lost
    rows.update(replaced_by=new)


def record(member: Member, by: Account | None = None, **values: Any) -> Certificate:
    """Record a certificate that was printed elsewhere, with its own number; what is not given follows from the names
    of its day of issue.
    """
    _check_period(values["valid_from"], values.get("valid_to"))
    with integrity_errors_as_conflicts(), transaction.atomic(), told_as("record_certificate", by):
        Organization.objects.select_for_update(no_key=True).get(pk=member.organization_id)
        texts = printed_for(member, values["valid_from"], values["issued_on"])
        given = {name: value for name, value in values.items() if value not in ("", None)}
        return save(Certificate(member=member, alliance=member.alliance, from_list=True, **{**texts, **given}))


def _day(day: Day) -> str:
    return date_format(day, "DATE_FORMAT")
