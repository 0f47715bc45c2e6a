"""Certificates of one alliance: lists, files, the paper itself as PDF, and records to write."""

from typing import Any, ClassVar

from django.db.models import Model, QuerySet
from django.utils.translation import gettext_lazy
from rest_framework.renderers import BaseRenderer
from rest_framework.viewsets import GenericViewSet

from alliance.certificates import columns, filtersets, serializers
from alliance.certificates.printing import CertificatePaper, CertificateRenderer
from alliance.models import Alliance, Certificate
from alliance.views.alliances import BelowAlliance
from alliance.views.record_changes import RecordChanges
from registry.api.lists.files import Table
from registry.api.lists.mixins import CreateMixin, UpdateMixin, locked
from registry.api.lists.pagination import Orderings
from registry.api.lists.renderers import CSVRenderer, JSONRenderer, XLSXRenderer
from registry.columns import Column, RenderContext
from registry.history.recorded import RecordedMixin
from registry.organizations.models.organizations import Organization


class CertificateViewSet(BelowAlliance, RecordedMixin, CreateMixin, UpdateMixin, GenericViewSet[Model]):
    action_descriptions: ClassVar[dict[str, str]] = {
        "list": "The certificates of one alliance, of all times. format=pdf prints them as they were issued.",
        "create": "Issues a certificate; with `number` it records one that was printed elsewhere.",
        "partial_update": "Ends a certificate (lost, withdrawn or void), or records that its paper came back.",
    }
    parent_models: ClassVar[tuple[type[Model], ...]] = (Alliance, Organization)
    list_renderers: ClassVar[tuple[type[BaseRenderer], ...]] = (
        JSONRenderer,
        CSVRenderer,
        XLSXRenderer,
        CertificateRenderer,
    )
    queryset: QuerySet[Model] = Certificate.objects.all()
    serializer_class = serializers.CertificateSerializer
    lookup_field = lookup_url_kwarg = location_field = "id"
    lookup_value_regex = "[0-9]{1,18}"
    columns = columns.CERTIFICATE_COLUMNS
    filterset_class = filtersets.CertificateFilterSet
    orderings: ClassVar[Orderings] = {"number": ("number", "id"), "issued_on": ("issued_on", "id")}
    export_title = gettext_lazy("Certificates of membership")

    def said(self, context: RenderContext) -> dict[str, Any]:
        return {}

    def lock(self) -> Model:
        """Lock the organization first, as every operation on memberships does."""
        found: Any = self.get_object()
        locked(Organization.objects.all(), alliance_members=found.member_id)
        return super().lock()

    def get_table(self, ordered: QuerySet[Model], columns: tuple[Column, ...], context: RenderContext) -> Table:
        if isinstance(self.request.accepted_renderer, CertificateRenderer):
            return CertificatePaper(self.get_export_title(), ordered, columns)
        return super().get_table(ordered, columns, context)


class CertificateChangesViewSet(RecordChanges, of=CertificateViewSet, feed="certificates"):
    pass
