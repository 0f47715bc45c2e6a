"""Views of what is below an organization, at addresses of its own."""

from collections.abc import Mapping
from contextlib import AbstractContextManager
from functools import cached_property
from typing import Any, ClassVar

from django.db.models import Model, QuerySet
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_lazy
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from registry.api.lists.filters import StrictFilterSet
from registry.api.lists.mixins import CreateMixin, DestroyMixin, RetrieveMixin, UpdateMixin
from registry.api.lists.pagination import KeyPages, Orderings
from registry.columns import Column, RenderContext
from registry.disclosure.log import Subject
from registry.history import rendering
from registry.history.events import Part
from registry.history.schemas import EVENTS_ANSWER
from registry.organizations.columns.parts import (
    CONTACT_COLUMNS,
    FIGURES_COLUMNS,
    QUALIFICATION_COLUMNS,
    RELATION_COLUMNS,
)
from registry.organizations.models.confidential import AnnualFigures, Contact
from registry.organizations.models.details import Identifier, Name, Qualification, Relation, SectorTag
from registry.organizations.models.organizations import Organization
from registry.organizations.models.reach import require_reach, visible_parts
from registry.organizations.serializers.parts import (
    ContactSerializer,
    FiguresSerializer,
    QualificationSerializer,
    RelationSerializer,
)
from registry.proposals.holding import Held, holding


class BelowOrganization:
    """The address names the organization; an account that may not see organizations learns nothing of their parts."""

    kwargs: dict[str, Any]
    parent_models: ClassVar[tuple[type[Model], ...]] = (Organization,)

    confidential: ClassVar[bool] = False
    """Whether an account that does not work on the organization may not even read."""
    written_by_all: ClassVar[bool] = False
    """Whether an account that does not work on the organization may write."""

    @cached_property
    def organization(self) -> Organization:
        organization = get_object_or_404(Organization, registry_no=self.kwargs["registry_no"])
        request: Request = self.request  # type: ignore[attr-defined]
        if self.confidential or not (self.written_by_all or request.method in SAFE_METHODS):
            require_reach(request.user, organization)
        return organization


class OrganizationPartViewSet(
    BelowOrganization, RetrieveMixin, CreateMixin, UpdateMixin, DestroyMixin, GenericViewSet[Model]
):
    lookup_field = lookup_url_kwarg = location_field = "id"
    lookup_value_regex = "[0-9]{1,18}"
    filterset_class = StrictFilterSet
    orderings: ClassVar[Orderings] = {"id": ("id",)}

    def get_queryset(self) -> QuerySet[Model]:
        queryset = super().get_queryset()
        if getattr(self, "swagger_fake_view", False):
            return queryset
        return queryset.filter(organization=self.organization)

    def writing(self) -> AbstractContextManager[Held]:
        return holding(self.request.user)

    def record_columns(self) -> tuple[Column, ...]:
        return tuple(column for column in super().record_columns() if column.in_list)

    def get_serializer_context(self) -> dict[str, Any]:
        context = dict(super().get_serializer_context())
        if not getattr(self, "swagger_fake_view", False):
            context["organization"] = self.organization
        return context

    def said(self, context: RenderContext) -> dict[str, Any]:
        return {}

    def subjects(self, lookup: Mapping[str, Any]) -> list[Subject]:
        return [(self.organization.registry_no, str(self.organization), "")]


class ContactViewSet(OrganizationPartViewSet):
    queryset: QuerySet[Model] = Contact.objects.all()
    confidential = True
    serializer_class = ContactSerializer
    columns = CONTACT_COLUMNS


class FiguresViewSet(OrganizationPartViewSet):
    queryset: QuerySet[Model] = AnnualFigures.objects.all()
    confidential = True
    serializer_class = FiguresSerializer
    lookup_field = lookup_url_kwarg = location_field = "year"
    lookup_value_regex = "[0-9]{4}"
    columns = FIGURES_COLUMNS
    orderings = {"year": ("year",)}


class QualificationViewSet(OrganizationPartViewSet):
    queryset: QuerySet[Model] = Qualification.objects.all()
    serializer_class = QualificationSerializer
    columns = QUALIFICATION_COLUMNS


class RelationViewSet(OrganizationPartViewSet):
    queryset: QuerySet[Model] = Relation.objects.all()
    serializer_class = RelationSerializer
    columns = RELATION_COLUMNS


PART_VIEWS: dict[str, type[OrganizationPartViewSet]] = {
    "contacts": ContactViewSet,
    "figures": FiguresViewSet,
    "qualifications": QualificationViewSet,
    "relations": RelationViewSet,
}
"""Name below an organization -> view."""


class HistoryView(BelowOrganization, GenericViewSet[Model]):
    """Shows what was entered, changed and removed, when and by whom, in the tables that the caller may see."""

    action_descriptions: ClassVar[dict[str, str]] = {
        "list": "What was entered, changed and removed in a record, when and by whom, as far as the caller may see it."
    }
    permission_models: ClassVar[tuple[type[Model], ...]] = (Organization,)
    queryset: QuerySet[Model] = Organization.objects.all()
    action_parameters: ClassVar[dict[str, dict[str, Any]]] = {
        "list": {
            "page_size": gettext_lazy("Rows of a page."),
            "cursor": gettext_lazy("Place of a page, from `next`."),
        }
    }
    action_answers: ClassVar[dict[str, dict[str, Any]]] = {"list": EVENTS_ANSWER}
    parts: ClassVar[tuple[Part, ...]] = (
        (Organization, "pgh_obj"),
        (Name, "organization"),
        (Identifier, "organization"),
        (SectorTag, "organization"),
        (Qualification, "organization"),
        (Relation, "organization"),
        (Contact, "organization"),
        (AnnualFigures, "organization"),
    )

    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        pages = KeyPages(request, salt=request.path)
        visible = visible_parts(self.parts, request.user, self.organization)
        events = rendering.events_of(visible, self.organization.pk, request.user)
        return Response(pages.answer([*rendering.for_programs(events)]))
