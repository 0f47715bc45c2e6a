"""Public views of alliances, and of organizations chosen as members of published alliances."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from rest_framework.renderers import BaseRenderer

from alliance.members.filtersets import PublicMembershipFilterSet, PublicOrganizationInAllianceFilterSet
from alliance.models import Alliance
from alliance.papers.pdf import PDFRenderer
from alliance.papers.rows import numbers
from registry import views
from registry.api.errors import InvalidParameters
from registry.api.lists.renderers import CSVRenderer, JSONRenderer
from registry.columns import RenderContext

from .alliances import AllianceViewSet
from .memberships import MemberViewSet
from .organizations import DIMENSIONS, MarkedMembers


class PublicOrganizationViewSet(MarkedMembers, views.PublicOrganizationViewSet):
    filterset_class = PublicOrganizationInAllianceFilterSet
    dimensions = DIMENSIONS
    dimension_names: ClassVar[tuple[str, ...]] = (*views.PublicOrganizationViewSet.dimension_names, "tier")
    parameter_names: ClassVar[tuple[str, ...]] = (
        *views.PublicOrganizationViewSet.parameter_names,
        *("alliance", "tier", "member", "as_of"),
    )

    def sees_members(self) -> bool:
        return True  # the filterset knows published alliances alone


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
        "office_address",
    )
    parameter_names = ("legal_person", "search")
    read_parameters: ClassVar[dict[str, Any]] = {}
    """The public reads the record of today alone."""


class PublicMemberViewSet(views.PublishedMixin, MemberViewSet):
    filterset_class = PublicMembershipFilterSet
    list_renderers: ClassVar[tuple[type[BaseRenderer], ...]] = (JSONRenderer, CSVRenderer, PDFRenderer)
    also_said = ("members_total",)
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
        return {"group": super().own_parameters()["group"]}

    def read_paper(self) -> None:
        """Read the grouping of the one paper for the public, the roster as PDF."""
        self.check_parameters()  # refuses other layouts and editions, as nothing that there is
        if self.kind == "pdf":
            super().read_paper()
        elif "group" in self.request.query_params:
            raise InvalidParameters({"group": _("Groups are of the roster: ask for format=pdf.")})

    def said(self, context: RenderContext) -> dict[str, Any]:
        """Say how many members there are in all, also those that are not shown, with any parameters."""
        return super().said(context) | {"members_total": numbers(self.alliance, self.filterset.on).total}
