"""Adds to the start page the numbers of members to work off, and the members of each tier."""

import datetime
from collections.abc import Iterator

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.http import HttpRequest
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from alliance.members.states import State, condition, unrepresented
from alliance.models import Alliance, Application, Member, Membership, Term, Tier
from registry.site.export import API
from registry.workplace.bars import bars
from registry.workplace.cards.card import StartCard, add, bounded, list_address
from registry.workplace.start import Panel, add_panels

MEMBERS, TERMS = "alliance_member_changelist", "alliance_term_changelist"
APPLICATIONS = "alliance_application_changelist"
OPERATE = ("alliance.add_membership",)
MOST_ALLIANCES = 4
"""The number of alliances that have a panel of their own; the list of members has all."""


def _members(state: State, *conditions: Q | Exists) -> QuerySet[Member]:
    rows = Membership.objects.filter(condition(state, localdate()), *conditions, member=OuterRef("pk"))
    return Member.objects.filter(Exists(rows))


CARDS = (
    StartCard(
        "members-joined",
        gettext_lazy("Joined this year"),
        OPERATE,
        lambda request: bounded(_members(State.JOINED)),
        lambda request: list_address(MEMBERS, state=State.JOINED.value),
    ),
    StartCard(
        "members-left",
        gettext_lazy("Left this year"),
        OPERATE,
        lambda request: bounded(_members(State.LEFT)),
        lambda request: list_address(MEMBERS, state=State.LEFT.value),
    ),
    StartCard(
        "members-unrepresented",
        gettext_lazy("Members without a representative"),
        (*OPERATE, "alliance.view_representative"),
        lambda request: bounded(_members(State.CURRENT, unrepresented(localdate(), request.user))),
        lambda request: list_address(MEMBERS, unrepresented="true"),
    ),
    StartCard(
        "applications-to-check",
        gettext_lazy("To check: applications"),
        ("alliance.view_application", "alliance.check_application"),
        lambda request: bounded(Application.objects.filter(state="submitted")),
        lambda request: list_address(APPLICATIONS, state="submitted"),
        if_any=True,
    ),
    StartCard(
        "applications-to-decide",
        gettext_lazy("Waiting for a decision: applications"),
        ("alliance.view_application", "alliance.confirm_application"),
        lambda request: bounded(Application.objects.filter(state="to_decide")),
        lambda request: list_address(APPLICATIONS, state="to_decide"),
        if_any=True,
    ),
    StartCard(
        "terms-ending",
        gettext_lazy("Terms that end within half a year"),
        (*OPERATE, "alliance.view_term"),
        lambda request: bounded(Term.objects.ending_soon(localdate())),
        lambda request: list_address(TERMS, ends="soon"),
        if_any=True,
    ),
)
add(*CARDS)


def tier_panels(request: HttpRequest) -> Iterator[Panel]:
    """Yield for each alliance how many members each tier has today, with its rosters to hand out."""
    if not request.user.has_perms(("alliance.view_member", "alliance.view_membership")):
        return
    today = localdate()
    alliances = list(Alliance.objects.order_by("pk")[:MOST_ALLIANCES])
    held = Membership.objects.as_of(today).filter(alliance__in=alliances)
    numbers = dict(held.order_by().values_list("tier").annotate(number=Count("pk")))
    tiers = list(Tier.objects.filter(alliance__in=alliances).order_by("rank", "code"))
    for alliance in alliances:
        shown = bars(
            (tier.label(), numbers.get(tier.pk, 0), list_address(MEMBERS, alliance=alliance.slug, tier=tier.code))
            for tier in tiers
            if tier.alliance_id == alliance.pk and (tier.disabled_on is None or numbers.get(tier.pk))
        )
        last_year = datetime.date(today.year - 1, 12, 31)
        rosters = [(_("Roster of today"), today), (_("Roster of the end of last year"), last_year)]
        yield Panel(
            _("%(alliance)s: members by tier") % {"alliance": alliance.brief()},
            shown,
            [(label, roster_address(alliance.slug, day)) for label, day in rosters],
        )


def roster_address(slug: str, day: datetime.date) -> str:
    return f"{API}/alliances/{slug}/members/?format=xlsx&layout=roster&edition=full&as_of={day}"


add_panels(tier_panels)
