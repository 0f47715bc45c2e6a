from .alliances import SLUG, AllianceViewSet, TierViewSet
from .comparisons import ComparisonViewSet
from .council import GroupViewSet, OfficeHolderViewSet, SeatViewSet, TermViewSet
from .growth import GrowthViewSet
from .memberships import MembershipViewSet, MemberViewSet, OrganizationMembershipViewSet
from .organizations import (
    EnterpriseInAllianceViewSet,
    HistoryInAllianceView,
    InstituteInAllianceViewSet,
    OrganizationInAllianceViewSet,
)
from .public import (
    PublicAllianceViewSet,
    PublicEnterpriseViewSet,
    PublicInstituteViewSet,
    PublicMemberViewSet,
    PublicOrganizationViewSet,
)
from .timelines import MemberTimelineView, OrganizationTimelineView

__all__ = [
    "SLUG",
    "AllianceViewSet",
    "ComparisonViewSet",
    "EnterpriseInAllianceViewSet",
    "GroupViewSet",
    "GrowthViewSet",
    "HistoryInAllianceView",
    "InstituteInAllianceViewSet",
    "MemberTimelineView",
    "MemberViewSet",
    "MembershipViewSet",
    "OfficeHolderViewSet",
    "OrganizationInAllianceViewSet",
    "OrganizationMembershipViewSet",
    "OrganizationTimelineView",
    "PublicAllianceViewSet",
    "PublicEnterpriseViewSet",
    "PublicInstituteViewSet",
    "PublicMemberViewSet",
    "PublicOrganizationViewSet",
    "SeatViewSet",
    "TermViewSet",
    "TierViewSet",
]
