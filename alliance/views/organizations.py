"""Organizations, with the parameters by which they are chosen as members."""

from typing import ClassVar

from alliance.filtersets import OrganizationInAllianceFilterSet
from alliance.models import Member, Membership
from registry import history, views


class OrganizationInAllianceViewSet(views.OrganizationViewSet):
    filterset_class = OrganizationInAllianceFilterSet


class EnterpriseInAllianceViewSet(views.EnterpriseViewSet):
    filterset_class = OrganizationInAllianceFilterSet


class InstituteInAllianceViewSet(views.InstituteViewSet):
    filterset_class = OrganizationInAllianceFilterSet


class HistoryInAllianceView(views.HistoryView):
    parts: ClassVar[tuple[history.Part, ...]] = (
        *views.HistoryView.parts,
        (Member, "organization"),
        (Membership, "member__organization"),
    )
