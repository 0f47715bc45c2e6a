"""Public views of alliances, and of organizations chosen as members of published alliances."""

from typing import Any, ClassVar

from django.db.models import QuerySet

from alliance.members.filtersets import PublicMembershipFilterSet, PublicOrganizationInAllianceFilterSet
from alliance.models import Alliance
from registry import views

from .alliances import AllianceViewSet
from .memberships import MemberViewSet
from .organizations import DIMENSIONS


class PublicOrganizationViewSet(views.PublicOrganizationViewSet):
    filterset_class = PublicOrganizationInAllianceFilterSet
    dimensions = DIMENSIONS
    dimension_names: ClassVar[tuple[str, ...]] = (*views.PublicOrganizationViewSet.dimension_names, "tier")
    parameter_names: ClassVar[tuple[str, ...]] = (
        *views.PublicOrganizationViewSet.parameter_names,
        *("alliance", "tier", "member", "as_of"),
    )


class PublicEnterpriseViewSet(PublicOrganizationViewSet, views.PublicEnterpriseViewSet):
    pass


class PublicInstituteViewSet(PublicOrganizationViewSet, views.PublicInstituteViewSet):
    pass


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
        "charter",
        "organs",
        "admission",
        "office_phone",
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

    def known_alliances(self) -> QuerySet[Alliance]:
        return Alliance.objects.published()

    def own_parameters(self) -> dict[str, Any]:
        return {}

    def _check_layout(self) -> None:
        self.roster = self.internal = False
