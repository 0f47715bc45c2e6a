"""Proposals over HTTP: lists, proposing a value of an organization's field, and decisions."""

from collections.abc import Sequence
from typing import Any, ClassVar

from django.db.models import Model, QuerySet
from django.urls import reverse
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from registry.api.access.idempotency import idempotent
from registry.api.lists.mixins import CreateMixin, RetrieveMixin
from registry.api.lists.pagination import Orderings
from registry.api.lists.renderers import JSONRenderer
from registry.api.serializers import LineField, StrictSerializer, TextField
from registry.columns import Column, RenderContext
from registry.database.db_errors import Conflict
from registry.organizations.models.reach import reach_of
from registry.organizations.serializers.organizations import OrganizationSerializer
from registry.organizations.views.parts import BelowOrganization
from registry.proposals import rights
from registry.proposals.actions import PROPOSABLE, Decided, accept, propose, refuse
from registry.proposals.columns import PROPOSAL_COLUMNS, ProposalFilterSet
from registry.proposals.models import Origin, Proposal
from registry.proposals.values import standings


class DecisionSerializer(StrictSerializer):
    told = "`seen` is that of the proposal as it was read, so that nobody decides what they did not see."
    seen = TextField()

    class Meta(StrictSerializer.Meta):
        model = Proposal
        fields: tuple[str, ...] = ("seen",)


class RefusalSerializer(DecisionSerializer):
    reason = LineField(max_length=500)

    class Meta(DecisionSerializer.Meta):
        fields = ("seen", "reason")


@extend_schema_field({})
class AnyField(serializers.Field):
    """A value as the field of the organization takes it."""

    def to_internal_value(self, data: object) -> object:
        return data


class ProposingSerializer(StrictSerializer):
    told = "`new` is what a PATCH of the organization would give to the field."
    field = serializers.ChoiceField(choices=[(name, name) for name in PROPOSABLE])
    new = AnyField(allow_null=True)
    evidence = TextField(required=False, allow_blank=True, max_length=2_000)
    evidence_url = LineField(required=False, allow_blank=True, max_length=500)

    class Meta(StrictSerializer.Meta):
        model = Proposal
        fields = ("field", "new", "evidence", "evidence_url", "name_change")

    def create(self, validated_data: dict[str, Any]) -> Proposal:
        user, name = self.context["request"].user, validated_data.pop("field")
        value = self._value(name, validated_data.pop("new"))
        origin = Origin.STAFF if reach_of(user) is None else Origin.TOWNSHIP
        return propose(self.context["organization"], name, value, origin=origin, proposer=user, **validated_data)

    @staticmethod
    def _value(name: str, given: object) -> object:
        """Read the value as a change of the organization would."""
        reader = OrganizationSerializer(data={name: given}, partial=True)
        if not reader.is_valid():
            raise serializers.ValidationError({"new": reader.errors.get(name, reader.errors)})
        return next(iter(reader.validated_data.values()))


class ProposalListMixin(RetrieveMixin):
    queryset: QuerySet[Model] = Proposal.objects.all()
    permission_models: ClassVar[tuple[type[Model], ...]] = (Proposal,)
    columns = PROPOSAL_COLUMNS
    filterset_class = ProposalFilterSet
    orderings: ClassVar[Orderings] = {"at": ("at", "id")}
    list_renderers = (JSONRenderer,)
    lookup_field = lookup_url_kwarg = location_field = "id"
    lookup_value_regex = "[0-9]{1,18}"

    def get_queryset(self) -> QuerySet[Model]:
        if getattr(self, "swagger_fake_view", False):
            return super().get_queryset()
        return rights.visible_to(self.request.user)

    def present(
        self, pks: Sequence[object], columns: tuple[Column, ...], context: RenderContext
    ) -> dict[object, dict[str, Any]]:
        shown = super().present(pks, columns, context)
        if {"current", "seen"} & {column.name for column in columns}:
            _fill(shown)
        return shown

    def represent(self, lookup: dict[str, Any]) -> dict[str, Any]:
        shown = super().represent(lookup)
        _fill({shown["id"]: shown})
        return shown

    def said(self, context: RenderContext) -> dict[str, Any]:
        return {}


def _fill(shown: dict[Any, dict[str, Any]]) -> None:
    """Say of each proposal that is still open what its record holds now."""
    found = Proposal.objects.filter(pk__in=shown, state=Proposal.State.OPEN)
    now = {one.proposal.pk: one for one in standings(list(found))}
    for pk, row in shown.items():
        standing = now.get(pk)
        for name, value in (("current", standing and standing.current), ("seen", standing and standing.seen)):
            if name in row:
                row[name] = value


class ProposalViewSet(ProposalListMixin, GenericViewSet[Model]):
    """Proposals that the caller made or may decide."""

    action_descriptions: ClassVar[dict[str, str]] = {
        "list": "Lists the proposals that the caller made, and those that accounts with its rights decide."
    }
    action_permissions: ClassVar[dict[str, tuple[str, ...]]] = {
        "accept": (rights.VIEW,),
        "refuse": (rights.VIEW,),
    }

    def get_serializer_class(self) -> type[serializers.BaseSerializer]:
        return RefusalSerializer if self.action == "refuse" else DecisionSerializer

    @action(detail=True, methods=["post"])
    def accept(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Writes the proposed value, or confirms a change that is in effect already."""
        return self._decide(request)

    @action(detail=True, methods=["post"])
    def refuse(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Refuses the proposal; of a change that is in effect, the old value is written back."""
        return self._decide(request)

    @idempotent
    def _decide(self, request: Request) -> Response:
        proposal = self.get_object()
        serializer = self.get_serializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        given = serializer.validated_data
        picks = {proposal.pk: given["seen"]}
        reason = given.get("reason")
        _tell(accept(picks, request.user) if reason is None else refuse(picks, request.user, reason))
        return self.answer({"pk": proposal.pk})


def _tell(decided: Decided) -> None:
    """Raise what kept the proposal from being decided."""
    for note in decided.notes:
        if note.code in ("own", "forbidden"):
            raise PermissionDenied(note.text)
        raise Conflict(note.text, code="conflict")


class OrganizationProposalsView(BelowOrganization, ProposalListMixin, CreateMixin, GenericViewSet[Model]):
    """The proposals about one organization; every account that may see it may propose."""

    action_descriptions: ClassVar[dict[str, str]] = {
        "create": "Proposes a value of one field of the organization. Who proposes what is proposed already joins in."
    }
    action_permissions: ClassVar[dict[str, tuple[str, ...]]] = {"create": ()}
    written_by_all = True
    serializer_class = ProposingSerializer

    def get_queryset(self) -> QuerySet[Model]:
        queryset = super().get_queryset()
        if getattr(self, "swagger_fake_view", False):
            return queryset
        if self.action == "create":  # answered to whoever proposes
            queryset = Proposal.objects.all()
        return queryset.filter(organization=self.organization)

    def get_serializer_context(self) -> dict[str, Any]:
        context = dict(super().get_serializer_context())
        if not getattr(self, "swagger_fake_view", False):
            context["organization"] = self.organization
        return context

    def get_location(self, shown: dict[str, Any]) -> str:
        return reverse("api:proposals-detail", kwargs={"id": shown["id"]})
