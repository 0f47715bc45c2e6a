"""Adds to the box that finds: members, tiers beside organizations, and representatives."""

from collections.abc import Sequence

from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.timezone import localdate
from django.utils.translation import gettext_lazy

from alliance.models import Application, Member, Membership, Representative
from registry.disclosure.models import Disclosure
from registry.organizations.models.reach import within
from registry.values.masking import mask_phone
from registry.values.people import Account
from registry.values.punctuation import listed
from registry.workplace.find.hits import MEMBERS, FindQuery, Hit, HitGroup, People, add, add_notes, add_people


def _tiers(request: HttpRequest, organizations: Sequence[int]) -> dict[int, str]:
    """Return the tiers that the organizations hold today."""
    if not request.user.has_perm("alliance.view_membership"):
        return {}
    held = Membership.objects.as_of(localdate()).filter(member__organization__in=organizations)
    said: dict[int, list[str]] = {}
    for row in held.select_related("tier", "member").order_by("tier__rank", "pk"):
        said.setdefault(row.member.organization_id, []).append(f"{row.tier.label()} {row.member.member_no}")
    return {pk: listed(texts) for pk, texts in said.items()}


def _members(asked: FindQuery) -> HitGroup | None:
    """Find members by their number, and members among the organizations that were found."""
    if not asked.request.user.has_perm("alliance.view_member"):
        return None
    number = Q(member_no__istartswith="".join(asked.text.split()))
    found = Member.objects.filter(number | Q(organization__in=asked.organizations))
    rows = found.select_related("organization", "alliance").order_by("member_no", "pk")[: asked.most]
    hits = [Hit(str(row.organization), _page(row), (row.member_no, row.alliance.brief())) for row in rows]
    return HitGroup("members", gettext_lazy("Members"), hits)


def _applications(asked: FindQuery) -> HitGroup | None:
    """Find open applications of the organizations that were found."""
    if not asked.request.user.has_perm("alliance.view_application"):
        return None
    found = Application.objects.open().filter(organization__in=asked.organizations)
    rows = found.select_related("organization", "alliance").order_by("-applied_on", "-pk")[: asked.most]
    hits = [
        Hit(
            str(row.organization),
            reverse("admin:alliance_application_change", args=[row.pk]),
            (row.kind_name(), row.get_state_display(), row.alliance.brief()),
        )
        for row in rows
    ]
    return HitGroup("applications", gettext_lazy("Applications"), hits)


def _page(member: Member) -> str:
    return reverse("admin:alliance_member_change", args=[member.pk])


def _representatives(user: Account) -> QuerySet[Representative]:
    rows = Representative.objects.filter(within(user, lambda field: f"member__organization__{field}"))
    return rows.select_related("member__organization", "member__alliance").order_by("name", "pk")


def _hit(row: Representative) -> Hit:
    said = (row.get_role_display(), str(row.member.organization), row.member.alliance.brief(), mask_phone(row.phone))
    return Hit(row.name, _page(row.member), tuple(filter(None, said)))


add(_members, MEMBERS)
add(_applications, MEMBERS)
add_notes(_tiers)
add_people(
    People(
        "representatives",
        gettext_lazy("Representatives"),
        Disclosure.What.REPRESENTATIVES,
        "alliance.view_representative",
        _representatives,
        _hit,
        lambda row: (
            row.member.organization.registry_no,
            str(row.member.organization),
            f"{row.member.alliance.slug}/{row.member.member_no}",
        ),
    )
)
