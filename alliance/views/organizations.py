"""Organizations, with the parameters by which they are chosen as members."""

from typing import ClassVar

from alliance.members.filtersets import OrganizationInAllianceFilterSet
from alliance.members.statistics import TIER
from alliance.models import Member, Membership, Suspension
from registry import views
from registry.history.events import Part
from registry.statistics.dimensions import ORGANIZATION_DIMENSIONS

DIMENSIONS = (*ORGANIZATION_DIMENSIONS, TIER)


class OrganizationInAllianceViewSet(views.OrganizationViewSet):
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
