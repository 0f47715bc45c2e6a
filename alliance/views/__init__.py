from .alliances import SLUG, AllianceViewSet, TierViewSet
from .council import GroupViewSet, OfficeHolderViewSet, SeatViewSet, TermViewSet
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

__all__ = [
    "SLUG",
    "AllianceViewSet",
    "EnterpriseInAllianceViewSet",
    "GroupViewSet",
    "HistoryInAllianceView",
    "InstituteInAllianceViewSet",
    "MemberViewSet",
    "MembershipViewSet",
    "OfficeHolderViewSet",
    "OrganizationInAllianceViewSet",
    "OrganizationMembershipViewSet",
    "PublicAllianceViewSet",
    "PublicEnterpriseViewSet",
    "PublicInstituteViewSet",
    "PublicMemberViewSet",
    "PublicOrganizationViewSet",
    "SeatViewSet",
    "TermViewSet",
    "TierViewSet",
]
