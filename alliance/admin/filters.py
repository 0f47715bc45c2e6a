"""Filters of the list of members, among them the day and the alliance of the list."""

import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Exists, OuterRef, Q
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from alliance.models import Alliance, Membership, Tier
from registry.organizations.models.organizations import Organization
from registry.site.filters import ChoiceFilter, Choices, DayFilter
from registry.spreadsheet import parse_date


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
    title = gettext_lazy("state")
    parameter_name = "state"
    all_label = gettext_lazy("Members")

    def lookups(self, request: HttpRequest, model_admin: Any) -> Choices:
        return [("former", _("No longer members")), ("any", _("All ever listed"))]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        in_force = Exists(Membership.objects.as_of(as_of(request)).filter(member=OuterRef("pk")))
        if self.value() == "any":
            return queryset
        if self.value() == "former":
            ended = Exists(Membership.objects.filter(member=OuterRef("pk"), ended_on__lte=as_of(request)))
            return queryset.filter(~Q(in_force), ended)
        return queryset.filter(in_force)

    def api_parameters(self) -> dict[str, str]:
        return {}


class TierFilter(ChoiceFilter):
    title = gettext_lazy("tier")
    parameter_name = "tier"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Choices:
        tiers = Tier.objects.order_by("rank", "code")
        if alliance := chosen_alliance(request):
            tiers = tiers.filter(alliance=alliance)
        return list(dict.fromkeys((tier.code, tier.label()) for tier in tiers))

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        if self.value() is None:
            return queryset
        held = Membership.objects.as_of(as_of(request)).filter(member=OuterRef("pk"), tier__code=self.value())
        return queryset.filter(Exists(held))


def of_organization(base: type[ChoiceFilter]) -> type[ChoiceFilter]:
    """Return a filter of organizations that works on the list of members."""

    class Filter(base):  # type: ignore[misc, valid-type]
        def queryset(self, request: HttpRequest, queryset: Any) -> Any:
            if self.value() is None:
                return queryset
            return queryset.filter(organization__in=super().queryset(request, Organization.objects.all()).values("pk"))

    Filter.__name__ = base.__name__
    return Filter
