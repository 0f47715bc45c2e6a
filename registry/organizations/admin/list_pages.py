"""Pages that show a list of organizations in another way: counted, as a picture, by what it lacks."""

from functools import partial
from typing import Any
from urllib.parse import urlencode

from django.urls import path, reverse
from django.utils.translation import gettext as _

from registry.coverage.admin import coverage_view
from registry.landscape.admin import candidates_view, landscape_view
from registry.organizations.models.organizations import Organization
from registry.statistics.admin import crosstab_view
from registry.statistics.page import statistics_view

_VIEWS = {"crosstab": crosstab_view, "landscape": landscape_view, "coverage": coverage_view}


class ListPagesMixin:
    """Adds the pages to an admin of organizations, each with the filters of the list."""

    admin_site: Any
    model: Any
    opts: Any

    def get_urls(self) -> list[Any]:
        views: dict[str, Any] = dict(_VIEWS)
        if self.model is Organization:
            views |= {"candidates": candidates_view, "statistics": statistics_view}
        own = [
            path(f"{page}/", self.admin_site.admin_view(partial(view, self)), name=self._name(page))
            for page, view in views.items()
        ]
        return [*own, *super().get_urls()]  # type: ignore[misc]

    def pages_of_list(self, parameters: dict[str, str]) -> list[tuple[str, str]]:
        """Return label and address of each page, for the current filters."""
        labels = {"crosstab": _("Cross-table"), "landscape": _("Landscape"), "coverage": _("Coverage and growth")}
        of_kind = {} if self.model is Organization else {"kind": self.model.objects.kind}
        statistics = f"{reverse('admin:registry_organization_statistics')}?{urlencode({**parameters, **of_kind})}"
        pages = [(str(label), self.page_url(page, parameters)) for page, label in labels.items()]
        return [*pages, (_("Statistics"), statistics)]

    def page_url(self, page: str, parameters: dict[str, str]) -> str:
        return f"{reverse(f'admin:{self._name(page)}')}?{urlencode(parameters)}"

    def _name(self, page: str) -> str:
        return f"registry_{self.opts.model_name}_{page}"
