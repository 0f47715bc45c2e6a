"""Filters of the list of members, among them the day and the alliance of the list."""

import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Exists, Max, Min, OuterRef
from django.http import HttpRequest, QueryDict
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from alliance.members.states import OF_A_YEAR, MemberStanding, State, condition, suspended, unrepresented
from alliance.models import Alliance, EndReason, Membership, Term, Tier
from registry.organizations.models.organizations import Organization
from registry.site.filters import ChoiceFilter, Choices, DayFilter
from registry.spreadsheet import parse_date

CHANGELIST_FILTERS = "_changelist_filters"
"""The parameter in which Django hands the filters of a list on to its forms."""
SUSPENDED = "suspended"
"""The state of members that are suspended; a parameter of its own in the API."""


def as_of(request: HttpRequest) -> datetime.date:
    """Return the day of the list (名录截止日期), by default today. `AsOfFilter` reports a text that is no day."""
    try:
        return parse_date(request.GET.get("as_of")) or timezone.localdate()
    except ValidationError:
        return timezone.localdate()


def chosen_alliance(request: HttpRequest) -> Alliance | None:
    """Return the alliance of the filter; without a filter the only alliance, if there is only one."""
    alliances = list(Alliance.objects.all())
    asked = [alliance for alliance in alliances if alliance.slug == request.GET.get("alliance")]
    return (asked or alliances)[0] if asked or len(alliances) == 1 else None


def alliance_of_list(request: HttpRequest) -> Alliance | None:
    """Return the alliance of the list from which a form for a new record was opened, if that was filtered."""
    slug = QueryDict(request.GET.get(CHANGELIST_FILTERS, "")).get("alliance", "")
    return Alliance.objects.filter(slug=str(slug).replace("\0", "")).first()


def initial_alliance(request: HttpRequest) -> dict[str, Any]:
    """Return what such a form begins with."""
    found = alliance_of_list(request)
    return {"alliance": found.pk} if found else {}


def chosen_state(request: HttpRequest) -> State:
    """Return the state of the list; suspended ones are members, too."""
    given = request.GET.get("state", "")
    return State(given) if given in State.values else State.CURRENT


def chosen_year(request: HttpRequest) -> int | None:
    """Return the year of the filter, if the list is of a year."""
    given = request.GET.get("year", "")
    return int(given) if given and chosen_state(request) in OF_A_YEAR and given in map(str, years(request)) else None


def years(request: HttpRequest) -> list[int]:
    """Return the years in which memberships begin or end, without gaps, and the year of the list; the latest first."""
    if not hasattr(request, "member_years"):
        days = Membership.objects.aggregate(first=Min("admitted_on"), last=Max("admitted_on"), end=Max("ended_on"))
        known = [day.year for day in (*days.values(), as_of(request), timezone.localdate()) if day]
        request.member_years = list(range(max(known), min(known) - 1, -1))  # type: ignore[attr-defined]
    return request.member_years  # type: ignore[attr-defined]


def only_suspended(request: HttpRequest) -> bool:
    return request.GET.get("state") == SUSPENDED and request.user.has_perm("alliance.view_suspension")


def listed(request: HttpRequest) -> Any:
    """Return the membership by which the list shows a member (the outer row)."""
    on = as_of(request)
    rows = Membership.objects.filter(condition(chosen_state(request), on, chosen_year(request)), member=OuterRef("pk"))
    return rows.filter(suspended(on)) if only_suspended(request) else rows


class AsOfFilter(DayFilter):
    """Shows only a field for the day; `as_of()` reads the day, and the list is made for it."""

    title = gettext_lazy("list as of")
    parameter_name = "as_of"

    def named_days(self) -> list[tuple[Any, datetime.date]]:
        today = timezone.localdate()
        return [(_("Today"), today), (_("End of last year"), datetime.date(today.year - 1, 12, 31))]


class AllianceFilter(ChoiceFilter):
    title = gettext_lazy("alliance")
    parameter_name = "alliance"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Choices:
        return [(a.slug, a.brief()) for a in Alliance.objects.all()]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        return queryset.filter(alliance__slug=self.value()) if self.value() else queryset

    def api_parameters(self) -> dict[str, str]:
        return {}  # stands in the address


class MembershipStateFilter(ChoiceFilter):
    """Who is listed: members of the day, who came or went in a year, or all there ever were."""

    title = gettext_lazy("state")
    parameter_name = "state"
    all_label = State.CURRENT.label
    as_tabs = True

    def lookups(self, request: HttpRequest, model_admin: Any) -> Choices:
        labels: dict[str, Any] = dict(State.choices)
        year = chosen_year(request) or as_of(request).year
        if year != timezone.localdate().year:
            labels[State.JOINED] = _("Joined in %(year)s") % {"year": year}
            labels[State.LEFT] = _("Left in %(year)s") % {"year": year}
        listed = [(state.value, labels[state]) for state in State if state != State.CURRENT]
        may = request.user.has_perm("alliance.view_suspension")
        return [(SUSPENDED, MemberStanding.SUSPENDED.label), *listed] if may else listed

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        if chosen_state(request) == State.ANY and chosen_year(request) is None:
            return queryset
        return queryset.filter(Exists(listed(request)))

    def api_parameters(self) -> dict[str, str]:
        return {"suspended": "true"} if self.value() == SUSPENDED else super().api_parameters()


class UnrepresentedFilter(ChoiceFilter):
    """Members for whom nobody is representative on the day of the list; for accounts that may see who is."""

    title = gettext_lazy("representative")
    parameter_name = "unrepresented"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Choices:
        may = request.user.has_perm("alliance.view_representative")
        return [("true", _("nobody"))] if may else []

    def has_output(self) -> bool:
        return bool(self.lookup_choices)

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        if self.value() is None:
            return queryset
        return queryset.filter(Exists(listed(request).filter(unrepresented(as_of(request), request.user))))


class TermEndFilter(ChoiceFilter):
    title = gettext_lazy("last day of the term")
    parameter_name = "ends"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Choices:
        return [("soon", _("within half a year"))]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        if self.value() is None:
            return queryset
        return queryset.filter(pk__in=Term.objects.ending_soon(timezone.localdate()).values("pk"))


class YearFilter(ChoiceFilter):
    """The year in which members came, went, or were members."""

    title = gettext_lazy("year")
    parameter_name = "year"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Choices:
        if chosen_state(request) not in OF_A_YEAR:
            return []
        if chosen_state(request) != State.ANY:
            self.all_label = _("Year of the list")
        return [(str(year), str(year)) for year in years(request)]

    def has_output(self) -> bool:
        return bool(self.lookup_choices)

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        return queryset  # the state has it


class TierFilter(ChoiceFilter):
    """The last of the filters, so that it knows the list without it."""

    title = gettext_lazy("tier")
    parameter_name = "tier"
    as_tabs = True
    others: Any = None

    def lookups(self, request: HttpRequest, model_admin: Any) -> Choices:
        tiers = Tier.objects.order_by("rank", "code")
        if alliance := chosen_alliance(request):
            tiers = tiers.filter(alliance=alliance)
        return list(dict.fromkeys((tier.code, tier.label()) for tier in tiers))

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        self.others = queryset
        if self.value() is None:
            return queryset
        return queryset.filter(Exists(listed(request).filter(tier__code=self.value())))


class EndReasonFilter(ChoiceFilter):
    title = gettext_lazy("reason of the end")
    parameter_name = "end_reason"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Choices:
        return [(str(value), str(label)) for value, label in EndReason.of_ends()]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        if self.value() is None:
            return queryset
        return queryset.filter(Exists(listed(request).filter(end_reason=self.value())))


def of_organization(base: type[ChoiceFilter]) -> type[ChoiceFilter]:
    """Return a filter of organizations that works on the list of members."""

    class Filter(base):  # type: ignore[misc, valid-type]
        def queryset(self, request: HttpRequest, queryset: Any) -> Any:
            if self.value() is None:
                return queryset
            return queryset.filter(organization__in=super().queryset(request, Organization.objects.all()).values("pk"))

    Filter.__name__ = base.__name__
    return Filter
