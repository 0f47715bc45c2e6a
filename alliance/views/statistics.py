"""Statistics of organizations, with the parameters by which they are chosen as members."""

from typing import ClassVar

from alliance.members.filtersets import OrganizationInAllianceFilterSet, PublicOrganizationInAllianceFilterSet
from alliance.views.organizations import DIMENSIONS
from alliance.views.public import PublicOrganizationViewSet
from registry import views


class CountInAllianceViewSet(views.CountStatisticsViewSet):
    filterset_class = OrganizationInAllianceFilterSet
    dimensions = DIMENSIONS


class FiguresInAllianceViewSet(views.FigureStatisticsViewSet):
    filterset_class = OrganizationInAllianceFilterSet


class PublicCountInAllianceViewSet(views.PublicCountStatisticsViewSet):
    filterset_class = PublicOrganizationInAllianceFilterSet
    dimensions = DIMENSIONS
    dimension_names: ClassVar[tuple[str, ...]] = (*views.PublicCountStatisticsViewSet.dimension_names, "tier")
    parameter_names: ClassVar[tuple[str, ...]] = PublicOrganizationViewSet.parameter_names
