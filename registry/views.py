from registry.api.root import IndexView, UnknownView
from registry.disclosure.views import DisclosureViewSet, ReceiptViewSet
from registry.history.views import ChangesViewSet, PublicChangesViewSet
from registry.organizations.views.organizations import (
    REGISTRY_NO,
    EnterpriseViewSet,
    InstituteViewSet,
    OrganizationViewSet,
)
from registry.organizations.views.parts import (
    PART_VIEWS,
    BelowOrganization,
    ContactViewSet,
    FiguresViewSet,
    HistoryView,
    OrganizationPartViewSet,
    QualificationViewSet,
    RelationViewSet,
)
from registry.organizations.views.public import (
    PublicEnterpriseViewSet,
    PublicIndexView,
    PublicInstituteViewSet,
    PublicMixin,
    PublicOrganizationViewSet,
    PublicPlanViewSet,
    PublicSectorViewSet,
    PublishedMixin,
)
from registry.proposals.views import OrganizationProposalsView, ProposalViewSet
from registry.reference.views import GradingViewSet, PlanViewSet, SectorViewSet, TownshipViewSet, ZoneViewSet
from registry.security.views import SecurityEventViewSet
from registry.statistics.counts import CountStatisticsViewSet
from registry.statistics.figures.views import FigureStatisticsViewSet, ReleaseViewSet
from registry.statistics.public import PublicCountStatisticsViewSet, PublicReleaseViewSet
