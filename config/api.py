"""The addresses of the staff's API and of the public API; a view of `alliance` serves resources of both apps."""

from collections.abc import Mapping

from django.urls import URLPattern, URLResolver, include, path, re_path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView
from rest_framework.permissions import IsAuthenticated
from rest_framework.routers import SimpleRouter
from rest_framework.viewsets import ViewSetMixin

from alliance import views as alliance
from alliance.applications import views as applications
from alliance.certificates import views as certificates
from alliance.certificates.public import PublicCertificateView
from alliance.dues import views as dues
from alliance.meetings import views as meetings
from registry import views as registry
from registry.api.description import RememberedDescription
from registry.workplace.undo.api import ChangeViewSet


class Router(SimpleRouter):
    """Routes addresses to views. PATCH is the only update, because it states what changes."""

    methods: frozenset[str] = frozenset(["get", "post", "patch", "delete"])

    def get_method_map(self, viewset: type[ViewSetMixin], method_map: Mapping[str, str]) -> dict[str, str]:
        known = super().get_method_map(viewset, method_map)
        return {method: name for method, name in known.items() if method in self.methods}


class PublicRouter(Router):
    methods = frozenset(["get"])


ORGANIZATION = rf"organizations/(?P<registry_no>{registry.REGISTRY_NO})"
ALLIANCE = rf"alliances/(?P<slug>{alliance.SLUG})"
MEMBER = rf"{ALLIANCE}/members/(?P<member_no>[^/]+)"

staff = Router()
staff.register("plans", registry.PlanViewSet, "plans")
staff.register("sectors", registry.SectorViewSet, "sectors")
staff.register("townships", registry.TownshipViewSet, "townships")
staff.register("zones", registry.ZoneViewSet, "zones")
staff.register("gradings", registry.GradingViewSet, "gradings")
staff.register("organizations/changes", registry.ChangesViewSet, "organization-changes")
staff.register("organizations", alliance.OrganizationInAllianceViewSet, "organizations")
staff.register("enterprises", alliance.EnterpriseInAllianceViewSet, "enterprises")
staff.register("institutes", alliance.InstituteInAllianceViewSet, "institutes")
staff.register("statistics/counts", alliance.CountInAllianceViewSet, "statistics-counts")
staff.register("statistics/figures", alliance.FiguresInAllianceViewSet, "statistics-figures")
staff.register("statistics/releases", registry.ReleaseViewSet, "statistics-releases")
for name, view in registry.PART_VIEWS.items():
    staff.register(rf"{ORGANIZATION}/{name}", view, f"organization-{name}")
staff.register(
    rf"{ORGANIZATION}/memberships/timeline", alliance.OrganizationTimelineView, "organization-memberships-timeline"
)
staff.register(rf"{ORGANIZATION}/memberships", alliance.OrganizationMembershipViewSet, "organization-memberships")
staff.register(rf"{ORGANIZATION}/history", alliance.HistoryInAllianceView, "organization-history")
staff.register(rf"{ORGANIZATION}/proposals", registry.OrganizationProposalsView, "organization-proposals")
staff.register("proposals", registry.ProposalViewSet, "proposals")
staff.register("alliances", alliance.AllianceViewSet, "alliances")
staff.register(rf"{MEMBER}/timeline", alliance.MemberTimelineView, "alliance-members-timeline")
staff.register(rf"{ALLIANCE}/members/compare", alliance.ComparisonViewSet, "alliance-members-compare")
staff.register(rf"{ALLIANCE}/statistics/growth", alliance.GrowthViewSet, "alliance-statistics-growth")
staff.register(rf"{ALLIANCE}/members", alliance.MemberViewSet, "alliance-members")
staff.register(rf"{ALLIANCE}/tiers", alliance.TierViewSet, "alliance-tiers")
for feed, changes in {
    "applications": applications.ApplicationChangesViewSet,
    "meetings": meetings.MeetingChangesViewSet,
    "attendance": meetings.AttendanceChangesViewSet,
    "decisions": meetings.DecisionChangesViewSet,
    "certificates": certificates.CertificateChangesViewSet,
    "dues-standards": dues.DuesStandardChangesViewSet,
    "dues-classes": dues.DuesClassChangesViewSet,
    "dues": dues.DueChangesViewSet,
    "payments": dues.PaymentChangesViewSet,
}.items():
    staff.register(rf"{ALLIANCE}/{feed}/changes", changes, f"alliance-{feed}-changes")
staff.register(rf"{ALLIANCE}/applications", applications.ApplicationViewSet, "alliance-applications")
staff.register(rf"{ALLIANCE}/terms", alliance.TermViewSet, "alliance-terms")
staff.register(rf"{ALLIANCE}/meetings", meetings.MeetingViewSet, "alliance-meetings")
staff.register(rf"{ALLIANCE}/attendance", meetings.AttendanceViewSet, "alliance-attendance")
staff.register(rf"{ALLIANCE}/decisions", meetings.DecisionViewSet, "alliance-decisions")
staff.register(rf"{ALLIANCE}/voting-rules", meetings.VotingRuleViewSet, "alliance-voting-rules")
staff.register(rf"{ALLIANCE}/rules", meetings.AllianceRulesViewSet, "alliance-rules")
staff.register(rf"{ALLIANCE}/groups", alliance.GroupViewSet, "alliance-groups")
staff.register(rf"{ALLIANCE}/seats", alliance.SeatViewSet, "alliance-seats")
staff.register(rf"{ALLIANCE}/certificates", certificates.CertificateViewSet, "alliance-certificates")
staff.register(rf"{ALLIANCE}/office-holders", alliance.OfficeHolderViewSet, "alliance-office-holders")
staff.register(rf"{ALLIANCE}/dues-standards", dues.DuesStandardViewSet, "alliance-dues-standards")
staff.register(rf"{ALLIANCE}/dues-classes", dues.DuesClassViewSet, "alliance-dues-classes")
staff.register(rf"{ALLIANCE}/dues/charges", dues.ChargesViewSet, "alliance-dues-charges")
staff.register(rf"{ALLIANCE}/dues/lapse", dues.LapseViewSet, "alliance-dues-lapse")
staff.register(rf"{ALLIANCE}/dues", dues.DueViewSet, "alliance-dues")
staff.register(rf"{ALLIANCE}/payments", dues.PaymentViewSet, "alliance-payments")
staff.register(rf"{ALLIANCE}/changes", alliance.MembershipChangesViewSet, "alliance-changes")
staff.register("changes", ChangeViewSet, "changes")
staff.register("disclosures", registry.DisclosureViewSet, "disclosures")
staff.register("receipts", registry.ReceiptViewSet, "receipts")
staff.register("security-events", registry.SecurityEventViewSet, "security-events")
staff.register("memberships", alliance.MembershipViewSet, "memberships")

public = PublicRouter()
public.register("plans", registry.PublicPlanViewSet, "plans")
public.register("sectors", registry.PublicSectorViewSet, "sectors")
public.register("organizations/changes", registry.PublicChangesViewSet, "organization-changes")
public.register("organizations", alliance.PublicOrganizationViewSet, "organizations")
public.register("enterprises", alliance.PublicEnterpriseViewSet, "enterprises")
public.register("institutes", alliance.PublicInstituteViewSet, "institutes")
public.register("statistics/counts", alliance.PublicCountInAllianceViewSet, "statistics-counts")
public.register("statistics/releases", registry.PublicReleaseViewSet, "statistics-releases")
public.register("alliances", alliance.PublicAllianceViewSet, "alliances")
public.register(rf"{ALLIANCE}/members", alliance.PublicMemberViewSet, "alliance-members")
public.register(rf"{ALLIANCE}/certificates/(?P<number>.+)", PublicCertificateView, "alliance-certificates-check")
public.register(rf"{ALLIANCE}/changes", alliance.PublicMembershipChangesViewSet, "alliance-changes")


def resources(router: SimpleRouter) -> tuple[str, ...]:
    return tuple(prefix for prefix, _view, _name in router.registry if "/" not in prefix)


# The description of the API, for whoever may use it, with a page to read it and try it out.
described = {"permission_classes": [IsAuthenticated]}
staff_urls = [
    path("schema/", SpectacularAPIView.as_view(generator_class=RememberedDescription, **described), name="schema"),
    path(
        "docs/",
        SpectacularSwaggerSplitView.as_view(url_name="api:schema", template_name="registry/api_docs.html", **described),
        name="docs",
    ),
    path("", registry.IndexView.as_view(resources=resources(staff)), name="index"),
    *staff.urls,
    re_path(
        rf"^{MEMBER}/$",
        alliance.MemberRecordViewSet.as_view({"get": "retrieve"}, detail=True),
        name="alliance-member-detail",
    ),
]
public_urls = [
    path("", registry.PublicIndexView.as_view(resources=resources(public)), name="index"),
    *public.urls,
]

public_only: list[URLPattern | URLResolver] = [
    path("public/v1/", include((public_urls, "public"))),
    re_path("^public/", registry.UnknownView.as_view()),
]
urlpatterns = [
    path("api/v1/", include((staff_urls, "api"))),
    path("public/v1/", include((public_urls, "public"))),
    re_path("^(?:api|public)/", registry.UnknownView.as_view()),
]
