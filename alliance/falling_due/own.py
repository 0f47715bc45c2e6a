"""The sources of this package: terms, certificates, members, representatives, qualifications, verification."""

import datetime
from typing import Any

from django.conf import settings
from django.db.models import Exists, F, Max, Model, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Coalesce, NullIf
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from alliance.models import Certificate, Member, Membership, Representative, Term
from registry.organizations.admin.uscc import page_url
from registry.organizations.freshness import DUE, conditions, first_fresh_day
from registry.organizations.models.choices import GONE_STATUSES
from registry.organizations.models.details import Qualification
from registry.organizations.models.index_tables import OrganizationIndex
from registry.organizations.models.organizations import Organization
from registry.organizations.models.reach import within
from registry.values.days import months_later
from registry.values.punctuation import clauses

from .sources import ONE_DAY, FallingDueQuery, FallingDueSource, FallingRow, add_source

NAME, TIER, ALLIANCE = gettext_lazy("name"), gettext_lazy("tier"), gettext_lazy("alliance")
_LAST_DAY = gettext_lazy("Last valid day")


def _of_alliance(rows: QuerySet[Model], asked: FallingDueQuery, path: str = "alliance") -> QuerySet[Any]:
    return rows.filter(**{path: asked.alliance}) if asked.alliance else rows


def _held(asked: FallingDueQuery, member: str = "member") -> Exists:
    """Return whether the member of a row is one today."""
    return Exists(Membership.objects.as_of(asked.today).filter(member=OuterRef(member)))


def _organizations(asked: FallingDueQuery) -> QuerySet[Organization]:
    """Return the organizations that the account works on: of one alliance its members of today, else all."""
    rows = Organization.objects.unmerged().within_reach_of(asked.user)
    if asked.alliance is None:
        return rows
    held = Membership.objects.as_of(asked.today).filter(alliance=asked.alliance)
    return rows.filter(pk__in=held.values("member__organization"))


def _of_member(member: Member, what: str, day: datetime.date | None, url: str = "") -> FallingRow:
    return FallingRow(
        str(member.organization),
        what,
        day,
        url or reverse("admin:alliance_member_change", args=[member.pk]),
        member.alliance.brief(),
        member.organization.registry_no,
        member.member_no,
    )


# --- Terms


def _terms(asked: FallingDueQuery) -> QuerySet[Model]:
    """Return the last terms of alliances that are over or will be by then, no other one following."""
    later = Term.objects.filter(alliance=OuterRef("alliance"), begins_on__gt=OuterRef("begins_on"))
    rows = Term.objects.annotate(over=Coalesce("postponed_until", "ends_on"))
    rows = rows.filter(~Exists(later), begins_on__lte=asked.today, over__lte=asked.after)
    return _of_alliance(rows, asked).select_related("alliance").order_by("over", "pk")


def _term(term: Any, asked: FallingDueQuery) -> FallingRow:
    put_off = _("%(term)s (put off)") % {"term": term} if term.postponed_until else str(term)
    url = reverse("admin:alliance_term_change", args=[term.pk])
    return FallingRow(term.alliance.label(), put_off, term.over - ONE_DAY, url, term.alliance.brief())


# --- Certificates


def _with_member(certificates: QuerySet[Model], asked: FallingDueQuery) -> QuerySet[Model]:
    return _of_alliance(certificates, asked).select_related("member__organization", "member__alliance")


def _running_out(asked: FallingDueQuery) -> QuerySet[Model]:
    """Return the certificates of today's members that no other one follows, run out or not."""
    known = Certificate.objects.not_ended()
    longer = known.filter(Q(valid_to=None) | Q(valid_to__gt=OuterRef("valid_to")), member=OuterRef("member"))
    rows = known.filter(~Exists(longer), _held(asked), valid_to__lte=asked.after)
    return _with_member(rows, asked).order_by("valid_to", "number", "pk")


def _certificate(one: Any, asked: FallingDueQuery) -> FallingRow:
    url = reverse("admin:alliance_certificate_change", args=[one.pk])
    return _of_member(one.member, one.number, one.valid_to - ONE_DAY, url)


def _to_return(asked: FallingDueQuery) -> QuerySet[Model]:
    rows = Certificate.objects.to_return(asked.today).annotate(left=Max("member__memberships__ended_on"))
    return _with_member(rows, asked).order_by("left", "number", "pk")


def _returning(one: Any, asked: FallingDueQuery) -> FallingRow:
    url = reverse("admin:alliance_certificate_change", args=[one.pk])
    return _of_member(one.member, one.number, one.left, url)


def _outdated(asked: FallingDueQuery) -> QuerySet[Model]:
    """Return the certificates in force that say another name, tier or alliance than the records do today."""
    held = Membership.objects.as_of(asked.today).filter(member=OuterRef("member"))
    rows = Certificate.objects.valid_on(asked.today).annotate(
        present_name=Coalesce(NullIf("member__organization__name_zh", Value("")), F("member__organization__name_en")),
        present_tier=held.values("tier__name_zh")[:1],
    )
    other = ~Q(organization_name=F("present_name")) | ~Q(tier_name=F("present_tier"))
    return _with_member(rows.filter(other | ~Q(alliance_name=F("alliance__name_zh"))), asked).order_by("number", "pk")


def _differing(one: Any, asked: FallingDueQuery) -> FallingRow:
    pairs = (
        (NAME, one.organization_name, one.present_name),
        (TIER, one.tier_name, one.present_tier),
        (ALLIANCE, one.alliance_name, one.member.alliance.name_zh),
    )
    said = [
        _("%(what)s on certificate %(number)s: %(printed)s") % {"what": what, "number": one.number, "printed": printed}
        for what, printed, present in pairs
        if printed != present
    ]
    url = reverse("admin:alliance_certificate_change", args=[one.pk])
    return _of_member(one.member, clauses(said), None, url)


# --- Members and their people


def _gone(asked: FallingDueQuery) -> QuerySet[Model]:
    """Return the memberships of today whose organization has ceased to exist or has left the city."""
    gone = OrganizationIndex.objects.filter(registration_status__in=GONE_STATUSES).values("organization")
    held = Membership.objects.as_of(asked.today).filter(member__organization__in=gone)
    rows = _of_alliance(held, asked).select_related("member__organization", "member__alliance")
    return rows.order_by("member__organization__closed_on", "member__member_no", "pk")


def _gone_member(row: Membership, asked: FallingDueQuery) -> FallingRow:
    organization = row.member.organization
    return _of_member(row.member, str(organization.get_registration_status_display()), organization.closed_on)


def _representatives(asked: FallingDueQuery) -> QuerySet[Model]:
    """Return the people of today's members whose time ends by then, nobody else in their role lasting longer."""
    longer = Representative.objects.filter(
        Q(valid_to=None) | Q(valid_to__gt=OuterRef("valid_to")), member=OuterRef("member"), role=OuterRef("role")
    )
    rows = Representative.objects.filter(
        within(asked.user, lambda field: f"member__organization__{field}"),
        ~Exists(longer),
        _held(asked),
        valid_to__lte=asked.after,
    )
    rows = _of_alliance(rows, asked, "member__alliance").select_related("member__organization", "member__alliance")
    return rows.order_by("valid_to", "member__member_no", "pk")


def _representative(one: Any, asked: FallingDueQuery) -> FallingRow:
    return _of_member(one.member, f"{one.get_role_display()} {one.name}", one.valid_to - ONE_DAY)


# --- Organizations


def _qualifications(asked: FallingDueQuery) -> QuerySet[Model]:
    """Return the qualifications that end from today on until then, no longer one of the same kind being recorded."""
    longer = Qualification.objects.filter(
        Q(valid_to=None) | Q(valid_to__gt=OuterRef("valid_to")),
        organization=OuterRef("organization"),
        grading=OuterRef("grading"),
    )
    rows = Qualification.objects.filter(
        ~Exists(longer),
        organization__in=_organizations(asked).exclude(registration_status__in=GONE_STATUSES),
        valid_to__gt=asked.today,
        valid_to__lte=asked.after,
    )
    return rows.select_related("organization", "grading").order_by("valid_to", "organization__sort_key", "pk")


def _qualification(one: Any, asked: FallingDueQuery) -> FallingRow:
    organization = one.organization
    what = " ".join(filter(None, (one.grading.label(), one.certificate_no)))
    url = f"{page_url(organization)}#card-qualifications"
    return FallingRow(str(organization), what, one.valid_to - ONE_DAY, url, registry_no=organization.registry_no)


def _verification(asked: FallingDueQuery) -> QuerySet[Model]:
    """Return the organizations whose last verification does not hold any more by then, or that never had one."""
    known, due = conditions(asked.until), Q()
    for value in DUE:
        due |= known[value]
    return _organizations(asked).filter(due).order_by(F("verified_on").asc(nulls_first=True), "sort_key", "pk")


def _unverified(organization: Organization, asked: FallingDueQuery) -> FallingRow:
    verified = organization.verified_on
    what = _("verified on %(day)s") % {"day": verified.isoformat()} if verified else _("never verified")
    day = last_fresh_day(verified) if verified else None
    return FallingRow(str(organization), what, day, page_url(organization), registry_no=organization.registry_no)


def last_fresh_day(verified: datetime.date) -> datetime.date:
    """Return the last day on which a verification still holds."""
    day = months_later(verified, settings.VERIFY_MONTHS)
    while day < datetime.date.max and first_fresh_day(day + ONE_DAY) <= verified:  # the ends of short months
        day += ONE_DAY
    return day


_MEMBERS = ("alliance.view_member", "alliance.view_membership", "registry.view_organization")
_CERTIFICATES = (*_MEMBERS, "alliance.view_certificate")

add_source(
    FallingDueSource(
        "terms",
        gettext_lazy("Terms of the council"),
        ("alliance.view_term",),
        _terms,
        _term,
        gettext_lazy("The last term of each alliance, if no other one is entered."),
        gettext_lazy("Last day of the term"),
    ),
    FallingDueSource(
        "certificates",
        gettext_lazy("Certificates that run out"),
        _CERTIFICATES,
        _running_out,
        _certificate,
        gettext_lazy("Of members of today, if no other certificate follows."),
        _LAST_DAY,
    ),
    FallingDueSource(
        "renamed",
        gettext_lazy("Certificates that say something else"),
        _CERTIFICATES,
        _outdated,
        _differing,
        gettext_lazy("The organization was renamed, its tier is another one, or the alliance was renamed since."),
        ends=False,
    ),
    FallingDueSource(
        "to_return",
        gettext_lazy("Certificates to be returned"),
        _CERTIFICATES,
        _to_return,
        _returning,
        gettext_lazy("Of organizations that are members no more, while the paper still says that it is valid."),
        gettext_lazy("Not a member from"),
        ends=False,
    ),
    FallingDueSource(
        "gone",
        gettext_lazy("Members that no longer exist or have moved out"),
        _MEMBERS,
        _gone,
        _gone_member,
        gettext_lazy("Deregistered, licence revoked, moved out or merged, and still a member."),
        gettext_lazy("Day of the deregistration"),
        ends=False,
    ),
    FallingDueSource(
        "representatives",
        gettext_lazy("Representatives"),
        (*_MEMBERS, "alliance.view_representative"),
        _representatives,
        _representative,
        gettext_lazy("Of members of today, if nobody else in the same role is entered for longer."),
        gettext_lazy("Last day in the role"),
    ),
    FallingDueSource(
        "qualifications",
        gettext_lazy("Qualifications"),
        ("registry.view_organization", "registry.view_qualification"),
        _qualifications,
        _qualification,
        gettext_lazy("That end from today on, if no longer one of the same kind is recorded."),
        _LAST_DAY,
    ),
    FallingDueSource(
        "verification",
        gettext_lazy("Verification"),
        ("registry.view_organization",),
        _verification,
        _unverified,
        gettext_lazy("Records that nobody has verified, or whose verification holds no longer."),
        gettext_lazy("Holds until"),
        on_card=False,
    ),
)
