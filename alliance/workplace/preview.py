"""Adds alliances and members to the preview: what the public has in their place, and what is hidden of them."""

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import ResolverMatch, reverse
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from alliance.admin.filters import as_of, chosen_alliance
from alliance.directory import memberships_of
from alliance.models import (
    Alliance,
    Due,
    FormerName,
    Group,
    Member,
    Membership,
    OfficeHolder,
    Representative,
    Seat,
    Supporter,
    Suspension,
    Term,
)
from registry.database.permission_names import permission
from registry.preview import hidden, places, publishing
from registry.preview.audiences import Eyes
from registry.preview.hidden import Hidden
from registry.preview.places import Place, titles_of_filters
from registry.preview.publishing import Unpublished
from registry.values.people import Account

_OF_ALLIANCE = (
    *((model, "alliance") for model in (Supporter, OfficeHolder, FormerName, Term, Group)),
    (Seat, "member__alliance"),
    (Representative, "member__alliance"),
    (Suspension, "member__alliance"),
    (Due, "alliance"),
)
_OF_MEMBER = ((Representative, "member"), (Suspension, "member"), (Seat, "member"), (Due, "member"))


def _alliance(request: HttpRequest, match: ResolverMatch) -> Place | None:
    found = Alliance.objects.filter(pk=match.kwargs["object_id"]).values_list("slug", flat=True).first()
    return Place(f"alliances/{found}/") if found else None


def _alliances(request: HttpRequest, match: ResolverMatch) -> Place:
    return Place("alliances/")


def _members(request: HttpRequest, match: ResolverMatch) -> Place:
    """Return the public page of the alliance, with the members of the same day."""
    alliance, day = chosen_alliance(request), as_of(request)
    if alliance is None:
        return Place("alliances/", left_out=titles_of_filters(request, Member, set()))
    known = {"as_of": day.isoformat()} if request.GET.get("as_of") and day <= localdate() else {}
    left = titles_of_filters(request, Member, {"alliance", *known})
    return Place(f"alliances/{alliance.slug}/", known, left)


def _member(request: HttpRequest, match: ResolverMatch) -> Place | None:
    found = Member.objects.filter(pk=match.kwargs["object_id"]).values_list("organization__registry_no", flat=True)
    return Place(f"o/{found[0]}/") if found else None


def _resource(request: HttpRequest) -> str:
    alliance = chosen_alliance(request)
    return f"alliances/{alliance.slug}/members/" if alliance else ""


def _back(words: dict[str, str]) -> str:
    found = Alliance.objects.filter(slug=words["slug"]).values_list("pk", flat=True).first()
    return reverse("admin:alliance_alliance_change", args=[found]) if found else ""


# --- What is hidden


def _of_page(user: Account, eyes: Eyes, words: dict[str, Any]) -> list[Hidden]:
    alliance = Alliance.objects.filter(slug=words["slug"]).first()
    if alliance is None or not user.has_perm(permission("view", Alliance)):
        return []
    today = Membership.objects.as_of(localdate()).filter(alliance=alliance)
    members = today.count() - today.published().count()
    hidden_members = [(_("Members today that are not public"), members)] if members else []
    return hidden_members + hidden.unseen(user, eyes, _OF_ALLIANCE, alliance.pk)


def _of_alliance(user: Account, eyes: Eyes, words: dict[str, Any]) -> list[Hidden]:
    return hidden.unseen(user, eyes, _OF_ALLIANCE, words["object_id"])


def _of_member(user: Account, eyes: Eyes, words: dict[str, Any]) -> list[Hidden]:
    return hidden.unseen(user, eyes, _OF_MEMBER, words["object_id"])


# --- Not published


def _unpublished(user: Account, words: dict[str, Any]) -> Unpublished | None:
    found = _not_published().filter(slug=words["slug"]).first()
    if found is None or not user.has_perm(permission("view", Alliance)):
        return None
    may = user.has_perm(permission("change", Alliance))
    return Unpublished(found, reverse("admin:alliance_alliance_change", args=[found.pk]) if may else "")


def _not_published() -> QuerySet[Alliance]:
    return Alliance.objects.filter(published=False)


def add() -> None:
    pages = ("changelist", "change", "history")
    places.add_place(("alliance_alliance_changelist",), _alliances)
    places.add_place(tuple(f"alliance_alliance_{page}" for page in pages[1:]), _alliance)
    places.add_place(("alliance_member_changelist",), _members)
    places.add_place(tuple(f"alliance_member_{page}" for page in pages[1:]), _member)
    places.add_way_back("alliance", _back)
    places.add_way_back("alliances", lambda words: reverse("admin:alliance_alliance_changelist"))
    places.add_list("alliance_member_changelist", _resource)
    places.add_public_list("alliance", lambda words: f"alliances/{words['slug']}/members/")
    hidden.add_page("alliance", _of_page)
    hidden.add_page("alliance_alliance_change", _of_alliance)
    hidden.add_page("alliance_member_change", _of_member)
    hidden.add_part(Membership, "member__organization", lambda registry_no: len(memberships_of(registry_no)))
    hidden.add_part(Representative, "member__organization")
    hidden.add_part(Due, "member__organization")
    publishing.add("alliance", _unpublished)


add()
