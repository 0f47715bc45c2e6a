from .changes import ChangesViewSet, PublicChangesViewSet
from .organizations import REGISTRY_NO, EnterpriseViewSet, InstituteViewSet, OrganizationViewSet
from .parts import (
    PART_VIEWS,
    BelowOrganization,
    ContactViewSet,
    FiguresViewSet,
    HistoryView,
    OrganizationPartViewSet,
    QualificationViewSet,
    RelationViewSet,
)
from .public import (
    PublicEnterpriseViewSet,
    PublicIndexView,
    PublicInstituteViewSet,
    PublicMixin,
    PublicOrganizationViewSet,
    PublicPlanViewSet,
    PublicSectorViewSet,
    PublishedMixin,
)
from .reference import GradingViewSet, PlanViewSet, SectorViewSet, TownshipViewSet, ZoneViewSet
from .root import IndexView, UnknownView

__all__ = [
    "PART_VIEWS",
    "REGISTRY_NO",
    "BelowOrganization",
    "ChangesViewSet",
    "ContactViewSet",
    "EnterpriseViewSet",
    "FiguresViewSet",
    "GradingViewSet",
    "HistoryView",
    "IndexView",
    "InstituteViewSet",
    "OrganizationPartViewSet",
    "OrganizationViewSet",
    "PlanViewSet",
    "PublicChangesViewSet",
    "PublicEnterpriseViewSet",
    "PublicIndexView",
    "PublicInstituteViewSet",
    "PublicMixin",
    "PublicOrganizationViewSet",
    "PublicPlanViewSet",
    "PublicSectorViewSet",
    "PublishedMixin",
    "QualificationViewSet",
    "RelationViewSet",
    "SectorViewSet",
    "TownshipViewSet",
    "UnknownView",
    "ZoneViewSet",
]
