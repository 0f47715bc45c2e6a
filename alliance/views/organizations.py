"""Organizations, with the parameters by which they are chosen as members."""

from collections.abc import Collection, Mapping
from typing import ClassVar

from django.db.models import Exists, F, OuterRef, Q
from django.db.models.expressions import Combinable

from alliance.members.columns import MEMBERSHIP_COLUMNS, AllianceRenderContext
from alliance.members.filtersets import OrganizationInAllianceFilterSet
from alliance.members.names import FIELDS, former_name, is_past
from alliance.members.statistics import TIER
from alliance.models import Certificate, Due, Member, Membership, Payment, Suspension
from registry import views
from registry.columns import chosen
from registry.history.events import Part
from registry.history.recorded import PastPart
from registry.landscape.chart import first_given, name_fields
from registry.landscape.views import LandscapeMixin
from registry.organizations.models.details import Name
from registry.organizations.models.organizations import Organization
from registry.statistics.views import DimensionsMixin

DIMENSIONS = (*DimensionsMixin.dimensions, TIER)
MEMBERSHIPS_BELOW = chosen(
    MEMBERSHIP_COLUMNS, ("id", "alliance", "member_no", "tier", "admitted_on", "ended_on", "end_reason")
)
"""The columns of the memberships of an organization of whose past a request asks."""


class MarkedMembers(LandscapeMixin):
    """Marks in a landscape who is a member on the day: of the alliances that the request names, or of any."""

    def member_mark(self) -> Combinable | Q:
        if not self.sees_members():
            return super().member_mark()
        alliances = self.filterset.values.get("alliance") or self.filterset.known_alliances()
        held = Membership.objects.as_of(self.filterset.on).filter(alliance__in=alliances)
        return Exists(held.filter(member__organization=OuterRef("organization")))

    def renamed(self, pks: Collection[int]) -> Mapping[int, str]:
        """Return the names of the day: what was in use then and is no more, else a name of today in that language."""
        on = self.filterset.on
        if not is_past(on):
            return {}
        known = Name.objects.filter(kind=Name.Kind.FORMER, valid_to__gt=on, organization__in=pks).values("organization")
        former = {field: former_name(field, on) for field in FIELDS}
        names: list[Combinable] = []
        for field in name_fields():
            language = "name_zh" if field == "short_name" else field
            if language in former:
                names.append(former.pop(language))
            names.append(F(field))
        return dict(Organization.objects.filter(pk__in=known).values_list("pk", first_given(*names)))

    def sees_members(self) -> bool:
        return self.may("alliance.view_membership")


class OrganizationInAllianceViewSet(MarkedMembers, views.OrganizationViewSet):
    filterset_class = OrganizationInAllianceFilterSet
    dimensions = DIMENSIONS
    past_parts = (
        *views.OrganizationViewSet.past_parts,
        PastPart("memberships", Membership, MEMBERSHIPS_BELOW, AllianceRenderContext, "member__organization"),
    )


class EnterpriseInAllianceViewSet(OrganizationInAllianceViewSet, views.EnterpriseViewSet):
    pass


class InstituteInAllianceViewSet(OrganizationInAllianceViewSet, views.InstituteViewSet):
    pass


class HistoryInAllianceView(views.HistoryView):
    parts: ClassVar[tuple[Part, ...]] = (
        *views.HistoryView.parts,
        (Member, "organization"),
        (Membership, "member__organization"),
        (Suspension, "member__organization"),
        (Certificate, "member__organization"),
        (Due, "member__organization"),
        (Payment, "due__member__organization"),
    )
