"""Organizations, with the parameters by which they are chosen as members."""

from typing import ClassVar

from django.db.models import Exists, OuterRef, Q
from django.db.models.expressions import Combinable

from alliance.members.filtersets import OrganizationInAllianceFilterSet
from alliance.members.statistics import TIER
from alliance.models import Member, Membership, Suspension
from registry import views
from registry.history.events import Part
from registry.landscape.views import LandscapeMixin
from registry.statistics.dimensions import ORGANIZATION_DIMENSIONS

DIMENSIONS = (*ORGANIZATION_DIMENSIONS, TIER)


class MarkedMembers(LandscapeMixin):
    """Marks in a landscape who is a member on the day: of the alliances that the request names, or of any."""

    def member_mark(self) -> Combinable | Q:
        if not self.sees_members():
            return super().member_mark()
        alliances = self.filterset.form.cleaned_data.get("alliance") or self.filterset.known_alliances()
        held = Membership.objects.as_of(self.filterset.on).filter(alliance__in=alliances)
        return Exists(held.filter(member__organization=OuterRef("organization")))

    def sees_members(self) -> bool:
        return self.may("alliance.view_membership")


class OrganizationInAllianceViewSet(MarkedMembers, views.OrganizationViewSet):
    filterset_class = OrganizationInAllianceFilterSet
    dimensions = DIMENSIONS


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
    )
