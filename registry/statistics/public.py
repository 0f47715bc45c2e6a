"""Statistics that everybody may see: counts of published organizations, and released figures."""

from typing import ClassVar

from rest_framework.renderers import BaseRenderer

from registry.api.lists.renderers import CSVRenderer, JSONRenderer
from registry.landscape.files import SVGRenderer
from registry.organizations.views.public import PublicMixin, PublicOrganizationViewSet, PublishedOrganizationsMixin
from registry.statistics.counts import CountStatisticsViewSet
from registry.statistics.figures.views import ReleaseViewSet

_RENDERERS: tuple[type[BaseRenderer], ...] = (JSONRenderer, CSVRenderer, SVGRenderer)


class PublicCountStatisticsViewSet(PublishedOrganizationsMixin, CountStatisticsViewSet):
    column_names: ClassVar[tuple[str, ...]] = PublicOrganizationViewSet.column_names
    parameter_names: ClassVar[tuple[str, ...]] = PublicOrganizationViewSet.parameter_names
    dimension_names: ClassVar[tuple[str, ...]] = PublicOrganizationViewSet.dimension_names
    list_renderers = _RENDERERS


class PublicReleaseViewSet(PublicMixin, ReleaseViewSet):
    """It shows a release that has not been withdrawn, as the staff's view does; figures are not read for it."""

    parameter_names: ClassVar[tuple[str, ...]] = ()
    list_renderers = _RENDERERS
