from .alliances import SLUG, AllianceViewSet, TierViewSet
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
    "HistoryInAllianceView",
    "InstituteInAllianceViewSet",
    "MemberViewSet",
    "MembershipViewSet",
    "OrganizationInAllianceViewSet",
    "OrganizationMembershipViewSet",
    "PublicAllianceViewSet",
    "PublicEnterpriseViewSet",
    "PublicInstituteViewSet",
    "PublicMemberViewSet",
    "PublicOrganizationViewSet",
    "TierViewSet",
]
