"""The page 统计: a list counted, its figures for who may see them, and the figures that were released for all."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from registry.landscape.words import filter_words
from registry.organizations.columns.parts import FIGURES
from registry.site.base import RegistryAdmin
from registry.site.export import API
from registry.statistics.admin import asked
from registry.statistics.bars import bar_width, no_link
from registry.statistics.counts import CountTable, share
from registry.statistics.dimensions import BRANCH
from registry.statistics.figures.files import shown_table
from registry.statistics.figures.sums import CUTS

SEES_FIGURES, RELEASES_FIGURES = "registry.view_annualfigures", "registry.add_figuresrelease"
SHAPING = ("by", "year", "figure")
COUNTS_URL, FIGURES_URL, RELEASES_URL = (f"{API}/statistics/{name}/" for name in ("counts", "figures", "releases"))


def statistics_view(model_admin: RegistryAdmin, request: HttpRequest) -> HttpResponse:
    """Show the statistics that the API gives this user; if the API refuses, go to the page without parameters."""
    if not model_admin.has_view_permission(request):
        raise PermissionDenied
    query = _StatisticsQuery(request, model_admin)
    answer = query.ask(COUNTS_URL, query.filters)
    if answer.status_code != 200:
        if not request.GET:
            raise PermissionDenied
        return HttpResponseRedirect(request.path)
    view = answer.renderer_context["view"]
    table = view.counted()
    (dimension,) = table.dimensions
    context = {
        **model_admin.admin_site.each_context(request),
        "title": _("Statistics"),
        "subtitle": None,
        "opts": model_admin.opts,
        "words": filter_words(view.filterset),
        "notices": answer.data.get("notices", ()),
        "count": table.organizations,
        "given": query.filters,
        "by": query.by,
        "choices": _choices(view),
        "label": capfirst(str(dimension.label)),
        "counted": query.counted_rows(table),
        "counted_files": query.files(COUNTS_URL, query.filters),
        "figures": FIGURES,
        "figure": query.figure,
        "internal": query.internal_figures(),
        "released": query.released_figures(),
        "may_release": request.user.has_perm(RELEASES_FIGURES),
    }
    return TemplateResponse(request, "admin/registry/statistics.html", context)


@dataclass(frozen=True)
class _StatisticsQuery:
    """One request for the page: the filters of the list, and the dimension, year and figure that it is shown by."""

    request: HttpRequest
    model_admin: RegistryAdmin

    def _value(self, name: str) -> str:
        return self.request.GET.get(name, "")

    @property
    def by(self) -> str:
        return self._value("by") or "sector"

    @property
    def figure(self) -> str:
        return self._value("figure") if self._value("figure") in {column.name for column in FIGURES} else "revenue"

    @cached_property
    def filters(self) -> dict[str, str]:
        given = self.request.GET.items()
        return {name: str(value) for name, value in given if name not in ("lang", *SHAPING) and value}

    def ask(self, url: str, parameters: Mapping[str, str]) -> Any:
        """Return the answer of the API to these parameters, counted by the dimension of the page."""
        return asked(self.request, url, {**parameters, "by": self.by})

    def files(self, url: str, parameters: Mapping[str, str], **of_picture: str) -> list[tuple[str, str]]:
        """Return label and address of each file that the API makes of the same answer."""
        forms: list[tuple[str, str, dict[str, str]]] = [(_("Excel"), "xlsx", {}), (_("CSV"), "csv", {})]
        forms += [(_("Picture (PDF)"), "pdf", of_picture), (_("Picture (PNG)"), "png", of_picture)]
        given = {**parameters, "by": self.by}
        return [(label, f"{url}?{urlencode({**given, **more, 'format': form})}") for label, form, more in forms]

    # --- Numbers of organizations

    def counted_rows(self, table: CountTable) -> list[dict[str, Any]]:
        (dimension,) = table.dimensions
        lines = list(table.lines(dimension))
        largest = max((count for _entry, count, _parent in lines), default=0)
        return [
            {
                "name": entry.name,
                "count": count,
                "share": share(count, table.organizations),
                "below": "parent" in parent,
                "url": self.list_url(entry.code),
                "width": bar_width(count, largest),
            }
            for entry, count, parent in lines
        ]

    def list_url(self, code: str | None) -> str:
        """Return the address of the list with this value of the dimension; empty if the list cannot be filtered so."""
        parameter = {"branch": "sector"}.get(self.by, self.by)
        if not code or parameter not in self._list_filters:
            return ""
        return f"{reverse('admin:registry_organization_changelist')}?{urlencode({**self.filters, parameter: code})}"

    @cached_property
    def _list_filters(self) -> set[str]:
        return {getattr(spec, "parameter_name", "") for spec in self.model_admin.get_list_filter(self.request)}

    # --- Annual figures

    def internal_figures(self) -> dict[str, Any] | None:
        """Return the figures of the list as they are, for who may see each of them; None for everybody else."""
        if self.by not in CUTS or not self.request.user.has_perm(SEES_FIGURES):
            return None
        return self._figures(FIGURES_URL, self.filters, linked=True)

    def released_figures(self) -> dict[str, Any] | None:
        """Return the released figures, which know no filters."""
        return self._figures(RELEASES_URL, {}, linked=False) if self.by in CUTS else None

    def _figures(self, url: str, given: Mapping[str, str], *, linked: bool) -> dict[str, Any] | None:
        """Return what the API answers of the chosen year, or of the latest one where the chosen year has nothing."""
        years: list[dict[str, str]] = [{"year": self._value("year")}, {}] if self._value("year") else [{}]
        for year in years:
            answer = self.ask(url, {**given, **year})
            if answer.status_code == 200:
                view = answer.renderer_context["view"]
                return {
                    "year": view.year,
                    "years": answer.data["years"],
                    "table": shown_table(view.table, self.figure, self.list_url if linked else no_link),
                    "notes": view.notes(),
                    "files": self.files(url, {**given, **year}, figure=self.figure),
                }
        return None


def _choices(view: Any) -> list[tuple[str, str]]:
    known = [*view.known_dimensions.values()]
    known.insert(1, BRANCH)
    return [(one.name, capfirst(str(one.label))) for one in known]
