from .alliances import SLUG, AllianceViewSet, TierViewSet
from .changes import MembershipChangesViewSet, PublicMembershipChangesViewSet
from .comparisons import ComparisonViewSet
from .council import GroupViewSet, OfficeHolderViewSet, SeatViewSet, TermViewSet
from .growth import GrowthViewSet
from .members import MemberRecordViewSet
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
from .statistics import CountInAllianceViewSet, FiguresInAllianceViewSet, PublicCountInAllianceViewSet
from .timelines import MemberTimelineView, OrganizationTimelineView

__all__ = [
    "SLUG",
    "AllianceViewSet",
    "ComparisonViewSet",
    "CountInAllianceViewSet",
    "EnterpriseInAllianceViewSet",
    "FiguresInAllianceViewSet",
    "GroupViewSet",
    "GrowthViewSet",
    "HistoryInAllianceView",
    "InstituteInAllianceViewSet",
    "MemberRecordViewSet",
    "MemberTimelineView",
    "MemberViewSet",
    "MembershipChangesViewSet",
    "MembershipViewSet",
    "OfficeHolderViewSet",
    "OrganizationInAllianceViewSet",
    "OrganizationMembershipViewSet",
    "OrganizationTimelineView",
    "PublicAllianceViewSet",
    "PublicCountInAllianceViewSet",
    "PublicEnterpriseViewSet",
    "PublicInstituteViewSet",
    "PublicMemberViewSet",
    "PublicMembershipChangesViewSet",
    "PublicOrganizationViewSet",
    "SeatViewSet",
    "TermViewSet",
    "TierViewSet",
]
