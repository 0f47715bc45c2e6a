from collections.abc import Iterable
from functools import cached_property
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request
from rest_framework.viewsets import GenericViewSet

from registry.api.errors import InvalidParameters
from registry.api.lists import RowListMixin
from registry.api.paging import Orderings
from registry.columns import Column, Reading
from registry.models import Organization
from registry.views import EnterpriseViewSet, InstituteViewSet, OrganizationViewSet

from .filtersets import MembershipFilterSet, OrganizationInAllianceFilterSet
from .models import Alliance, Membership
from .roster import RosterRenderer, roster_title
from .rows import INTERNAL_ROSTER_COLUMNS, MEMBERSHIP_COLUMNS, ROSTER_COLUMNS, AllianceReading


class OrganizationInAllianceViewSet(OrganizationViewSet):
    filterset_class = OrganizationInAllianceFilterSet


class EnterpriseInAllianceViewSet(EnterpriseViewSet):
    filterset_class = OrganizationInAllianceFilterSet


class InstituteInAllianceViewSet(InstituteViewSet):
    filterset_class = OrganizationInAllianceFilterSet


class MembershipViewSet(RowListMixin, GenericViewSet[Any]):
    queryset: QuerySet[Any] = Membership.objects.with_joined_on()
    permission_models: ClassVar[tuple[type, ...]] = (Membership,)
    parent_models: ClassVar[tuple[type, ...]] = (Organization,)
    columns = MEMBERSHIP_COLUMNS
    filterset_class = MembershipFilterSet
    orderings: ClassVar[Orderings] = {
        "tier": ("tier__rank", "member__organization__sort_key", "id"),
        "name": ("member__organization__sort_key", "id"),
        "member_no": ("member__member_no", "id"),
        "admitted_on": ("admitted_on", "id"),
    }
    export_title = gettext_lazy("Memberships")

    def get_reading(self) -> Reading:
        return AllianceReading(plan=self.filterset.sector_plan, on=self.filterset.on)

    def fixed_parameters(self) -> dict[str, str]:
        return {"as_of": self.filterset.on.isoformat()}

    def said(self, reading: Reading) -> dict[str, Any]:
        return {"as_of": self.request.query_params.get("as_of", reading.on.isoformat())}


class MemberViewSet(MembershipViewSet):
    """The members of one alliance on a day; `layout=roster` gives the list as it is handed out."""

    parent_models = (Organization, Alliance)
    EDITIONS = ("public", "internal")
    LAYOUTS = ("table", "roster")

    @cached_property
    def alliance(self) -> Alliance:
        return get_object_or_404(Alliance, slug=self.kwargs["slug"])

    def get_queryset(self) -> QuerySet[Any]:
        return super().get_queryset().filter(alliance=self.alliance)

    def own_parameters(self) -> Iterable[str]:
        return ("layout", "edition")

    def known_filters(self) -> list[str]:
        return [name for name in super().known_filters() if name != "alliance"]

    def list(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponseBase:
        self._check_layout()
        return super().list(request, *args, **kwargs)

    def _one_of(self, name: str, values: tuple[str, ...]) -> str:
        given = self.request.query_params.get(name, values[0])
        if given not in values:
            said = _("“%(value)s” is not possible here; there are: %(values)s.")
            raise InvalidParameters({name: said % {"value": given, "values": ", ".join(values)}})
        return given

    def _check_layout(self) -> None:
        self.roster = self._one_of("layout", self.LAYOUTS) == "roster"
        self.internal = self._one_of("edition", self.EDITIONS) == "internal"
        renderer: Any = self.request.accepted_renderer
        if self.roster and renderer.format != "xlsx":
            raise InvalidParameters({"layout": _("The roster is a workbook: ask for format=xlsx.")})
        if self.internal and not self.roster:
            raise InvalidParameters({"edition": _("Editions are of the roster: ask for layout=roster.")})
        if self.internal and not self._may_see_people():
            raise PermissionDenied(_("The internal edition needs the permission to export it."))

    def _may_see_people(self) -> bool:
        return self.may("alliance.export_internal_roster") and self.may("alliance.view_representative")

    def get_columns(self) -> tuple[Column, ...]:
        if not self.roster:
            return super().get_columns()
        return INTERNAL_ROSTER_COLUMNS if self.internal else ROSTER_COLUMNS

    def get_export_title(self) -> str:
        if self.roster:
            return roster_title(self.alliance, self.filterset.on)
        return _("Members of %(alliance)s") % {"alliance": self.alliance.short_name or self.alliance.label()}

    def export(self, table: Any) -> Any:
        if self.roster:
            self.request.accepted_renderer = RosterRenderer()
        return super().export(table)
