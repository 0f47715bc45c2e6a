from typing import Any, ClassVar

from django.db import transaction
from django.db.models import Model, QuerySet
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer
from rest_framework.viewsets import GenericViewSet

from alliance.members.columns import MEMBERSHIP_COLUMNS, AllianceRenderContext
from alliance.members.filtersets import ALL, EveryPeriodFilterSet, MemberFilterSet, MembershipFilterSet
from alliance.members.serializers import (
    AdmissionSerializer,
    CorrectionSerializer,
    EndSerializer,
    MembershipAdmissionSerializer,
    TierChangeSerializer,
)
from alliance.models import Alliance, Membership
from registry.api.access.idempotency import idempotent
from registry.api.lists.list_mixin import RowListMixin
from registry.api.lists.mixins import CreateMixin, UpdateMixin, locked, require_match
from registry.api.lists.pagination import Orderings
from registry.columns import RenderContext
from registry.database.db_errors import integrity_errors_as_conflicts
from registry.history.recorded import RecordedMixin
from registry.organizations.models.organizations import Organization
from registry.organizations.models.reach import within
from registry.organizations.views.parts import BelowOrganization

from .alliances import BelowAlliance
from .papers import PapersMixin
from .standing import STANDING_PERMISSIONS, StandingMixin


class MembershipListMixin(RowListMixin):
    queryset: QuerySet[Model] = Membership.objects.with_joined_on()
    action_permissions: ClassVar[dict[str, tuple[str, ...]]] = {
        "create": ("alliance.view_membership", "alliance.add_membership", "alliance.add_member"),
        "change_tier": ("alliance.view_membership", "alliance.add_membership", "alliance.change_membership"),
        "end": ("alliance.view_membership", "alliance.change_membership"),
        **STANDING_PERMISSIONS,
    }
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

    def get_render_context(self) -> RenderContext:
        context = AllianceRenderContext(self.filterset.sector_plan, self.filterset.on, self.filterset.references)
        context.visible = within(self.request.user, lambda field: f"member__organization__{field}")
        return context

    def fixed_parameters(self) -> dict[str, str]:
        return {"as_of": ALL if self.filterset.every_period else self.filterset.on.isoformat()}

    def said(self, context: RenderContext) -> dict[str, Any]:
        return self.fixed_parameters()


class MembershipViewSet(
    StandingMixin, MembershipListMixin, RecordedMixin, CreateMixin, UpdateMixin, GenericViewSet[Model]
):
    """Memberships in force on a day, or every period with `as_of=all`, or where `joined_...` or `ended_...` ask for it.

    A PATCH puts right what was recorded wrongly; what happens has addresses of its own below.
    """

    action_descriptions: ClassVar[dict[str, str]] = {
        "list": "Memberships are those in force today. `as_of` names another day or, with `all`, every period; so do "
        "`joined_after`, `joined_before`, `ended_after`, `ended_before` and `end_reason` without it.",
        "create": "Admits an organization to an alliance.",
        "partial_update": "Puts right what was recorded wrongly, in the fields that the body names; with "
        "the `reason` where a tier or a day that has passed changes; for a change of tier and for an end that happen "
        "there are `change-tier/` and `end/`.",
    }
    lookup_field = lookup_url_kwarg = "id"
    lookup_value_regex = "[0-9]{1,18}"
    serializer_classes: ClassVar[dict[str, type[Serializer]]] = {
        "partial_update": CorrectionSerializer,
        "change_tier": TierChangeSerializer,
        "end": EndSerializer,
        **StandingMixin.standing_serializers,
    }

    def get_serializer_class(self) -> type[Serializer]:
        return self.serializer_classes.get(self.action or "", MembershipAdmissionSerializer)

    def lock(self) -> Membership:
        """Lock the organization, then the membership, in the order of every operation, and return the membership."""
        found = get_object_or_404(self.get_queryset(), **self.get_lookup())
        locked(Organization.objects.all(), alliance_members=found.member_id)
        return locked(self.get_queryset(), pk=found.pk)

    @action(detail=True, methods=["post"], url_path="change-tier")
    def change_tier(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """A new membership at another tier begins on the day `on`, where this one ends."""
        return self._operate(request)

    @action(detail=True, methods=["post"])
    def end(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The open membership ends: `ended_on` is the first day without."""
        return self._operate(request)

    @idempotent
    def _operate(self, request: Request) -> Response:
        with integrity_errors_as_conflicts(), transaction.atomic():
            membership = self.lock()
            require_match(request, lambda: self.represent({"pk": membership.pk}), required=False)
            context = {**self.get_serializer_context(), "membership": membership}
            serializer = self.get_serializer_class()(data=request.data, context=context)
            serializer.is_valid(raise_exception=True)
            result = serializer.save()
        return self.answer({"pk": result.pk}, 200 if result.pk == membership.pk else 201)

    def get_location(self, shown: dict[str, Any]) -> str:
        return reverse("api:memberships-detail", kwargs={"id": shown["id"]})


class OrganizationMembershipViewSet(BelowOrganization, MembershipListMixin, GenericViewSet[Model]):
    action_descriptions: ClassVar[dict[str, str]] = {
        "list": "Every membership of one organization, past and to come, unless `as_of` names a day."
    }
    filterset_class = EveryPeriodFilterSet

    def known_filters(self) -> list[str]:
        return [name for name in super().known_filters() if name != "organization"]

    def get_queryset(self) -> QuerySet[Model]:
        queryset = super().get_queryset()
        if getattr(self, "swagger_fake_view", False):
            return queryset
        return queryset.filter(member__organization=self.organization)


class MemberViewSet(PapersMixin, BelowAlliance, MembershipListMixin, CreateMixin, GenericViewSet[Model]):
    """The members of one alliance on a day; `layout=roster` gives the list as it is handed out. POST admits."""

    action_descriptions: ClassVar[dict[str, str]] = {
        "list": "The members of one alliance on a day; `layout=roster` gives the list as it is handed out.",
        "create": "Admits an organization to the alliance.",
    }
    parent_models = (Organization, Alliance)
    filterset_class = MemberFilterSet
    serializer_class = AdmissionSerializer

    @classmethod
    def further_properties(cls) -> dict[str, Any]:
        """Return the properties of a membership: it is the record that an admission answers with."""
        return MembershipViewSet.further_properties()

    def get_location(self, shown: dict[str, Any]) -> str:
        return reverse("api:memberships-detail", kwargs={"id": shown["id"]})

    def known_filters(self) -> list[str]:
        return [name for name in super().known_filters() if name != "alliance"]

    def get_export_title(self) -> str:
        return super().get_export_title() or _("Members of %(alliance)s") % {"alliance": self.alliance.brief()}
