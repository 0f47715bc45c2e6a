"""What the public sees of alliances, and organizations chosen as members of published ones."""

from functools import cached_property
from typing import Any, ClassVar

from django.shortcuts import get_object_or_404

from alliance.filtersets import PublicMembershipFilterSet, PublicOrganizationInAllianceFilterSet
from alliance.models import Alliance
from registry import views

from .alliances import AllianceViewSet
from .memberships import MemberViewSet
from .organizations import DIMENSIONS

CHOSEN_AS_MEMBERS = ("alliance", "tier", "member", "as_of")


class PublicOrganizationViewSet(views.PublicOrganizationViewSet):
    filterset_class = PublicOrganizationInAllianceFilterSet
    dimensions = DIMENSIONS
    dimension_names = (*views.PublicOrganizationViewSet.dimension_names, "tier")
    parameter_names: ClassVar[tuple[str, ...]] = (*views.PublicOrganizationViewSet.parameter_names, *CHOSEN_AS_MEMBERS)


class PublicEnterpriseViewSet(views.PublicEnterpriseViewSet):
    filterset_class = PublicOrganizationInAllianceFilterSet
    dimensions = DIMENSIONS
    dimension_names = (*views.PublicEnterpriseViewSet.dimension_names, "tier")
    parameter_names: ClassVar[tuple[str, ...]] = (*views.PublicEnterpriseViewSet.parameter_names, *CHOSEN_AS_MEMBERS)


class PublicInstituteViewSet(views.PublicInstituteViewSet):
    filterset_class = PublicOrganizationInAllianceFilterSet
    dimensions = DIMENSIONS
    dimension_names = (*views.PublicInstituteViewSet.dimension_names, "tier")
    parameter_names: ClassVar[tuple[str, ...]] = (*views.PublicInstituteViewSet.parameter_names, *CHOSEN_AS_MEMBERS)


class PublicAllianceViewSet(views.PublishedMixin, AllianceViewSet):
    column_names = (
        "slug",
        "name_zh",
        "name_en",
        "short_name",
        "legal_person",
        "founded_on",
        "dissolved_on",
        "website",
        "introduction",
    )
    parameter_names = ("legal_person", "search")


class PublicMemberViewSet(views.PublishedMixin, MemberViewSet):
    filterset_class = PublicMembershipFilterSet
    column_names = (
        "member_no",
        "registry_no",
        "uscc",
        "name_zh",
        "name_en",
        "kind",
        "township",
        "organization_sectors",
        "tier",
        "joined_on",
    )
    parameter_names = (
        "as_of",
        "tier",
        "kind",
        "sector",
        "sector_all",
        "sector_not",
        "sector_primary",
        "plan",
        "township",
        "joined_after",
        "joined_before",
        "search",
    )

    @cached_property
    def alliance(self) -> Alliance:
        return get_object_or_404(Alliance.objects.published(), slug=self.kwargs["slug"])

    def own_parameters(self) -> dict[str, Any]:
        return {}

    def _check_layout(self) -> None:
        self.roster = self.internal = False
