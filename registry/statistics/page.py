"""The page 统计: a list counted, its figures for who may see them, and the figures that were released for all."""

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
from registry.site.export import API
from registry.statistics.admin import asked
from registry.statistics.bars import bar_width
from registry.statistics.counts import share
from registry.statistics.dimensions import BRANCH
from registry.statistics.figures.files import shown_table
from registry.statistics.figures.sums import CUTS

SEES_FIGURES, RELEASES_FIGURES = "registry.view_annualfigures", "registry.add_figuresrelease"
SHAPING = ("by", "year", "figure")


def statistics_view(model_admin: Any, request: HttpRequest) -> HttpResponse:
    """Show the statistics that the API gives this user; if the API refuses, go to the page without parameters."""
    if not model_admin.has_view_permission(request):
        raise PermissionDenied
    shaping = {name: request.GET.get(name, "") for name in SHAPING}
    by = shaping["by"] or "sector"
    given = {name: str(value) for name, value in request.GET.items() if name not in ("lang", *SHAPING) and value}
    url = f"{API}/statistics/counts/"
    answer = asked(request, url, {**given, "by": by})
    if answer.status_code != 200:
        if not request.GET:
            raise PermissionDenied
        return HttpResponseRedirect(request.path)
    view = answer.renderer_context["view"]
    table = view.counted()
    listed = reverse("admin:registry_organization_changelist")
    parameter = {"branch": "sector"}.get(by, by)
    offered = _offered(model_admin, request)

    def link(code: str | None) -> str:
        return f"{listed}?{urlencode({**given, parameter: code})}" if code and parameter in offered else ""

    (dimension,) = table.dimensions
    lines = list(table.lines(dimension))
    largest = max((count for _entry, count, _parent in lines), default=0)
    counted = [
        {
            "name": entry.name,
            "count": count,
            "share": share(count, table.organizations),
            "below": "parent" in parent,
            "url": link(entry.code),
            "width": bar_width(count, largest),
        }
        for entry, count, parent in lines
    ]
    context = {
        **model_admin.admin_site.each_context(request),
        "title": _("Statistics"),
        "subtitle": None,
        "opts": model_admin.opts,
        "words": filter_words(view.filterset),
        "notices": answer.data.get("notices", ()),
        "count": table.organizations,
        "given": given,
        "by": by,
        "choices": _choices(view),
        "label": capfirst(str(dimension.label)),
        "counted": counted,
        "counted_files": _files(url, {**given, "by": by}),
        "figures": FIGURES,
        "figure": _figure(shaping),
        "internal": _figures(request, given, by, shaping, link),
        "released": _released(request, by, shaping),
        "may_release": request.user.has_perm(RELEASES_FIGURES),
    }
    return TemplateResponse(request, "admin/registry/statistics.html", context)


def _offered(model_admin: Any, request: HttpRequest) -> set[str]:
    """Return the filters that the list of the staff knows, so that a number leads nowhere else."""
    return {getattr(spec, "parameter_name", "") for spec in model_admin.get_list_filter(request)}


def _choices(view: Any) -> list[tuple[str, str]]:
    known = [*view.known_dimensions.values()]
    known.insert(1, BRANCH)
    return [(one.name, capfirst(str(one.label))) for one in known]


def _figure(shaping: dict[str, str]) -> str:
    return shaping["figure"] if shaping["figure"] in {column.name for column in FIGURES} else "revenue"


def _files(url: str, given: dict[str, str], **of_picture: str) -> list[tuple[str, str]]:
    forms: list[tuple[str, str, dict[str, str]]] = [(_("Excel"), "xlsx", {}), (_("CSV"), "csv", {})]
    forms += [(_("Picture (PDF)"), "pdf", of_picture), (_("Picture (PNG)"), "png", of_picture)]
    return [(label, f"{url}?{urlencode({**given, **more, 'format': form})}") for label, form, more in forms]


def _figures(request: HttpRequest, given: dict[str, str], by: str, shaping: dict[str, str], link: Any) -> Any:
    """Return the figures of the list as they are, for who may see each of them; None for everybody else."""
    if by not in CUTS or not request.user.has_perm(SEES_FIGURES):
        return None
    return _table(request, f"{API}/statistics/figures/", {**given, "by": by}, shaping, link)


def _released(request: HttpRequest, by: str, shaping: dict[str, str]) -> Any:
    """Return the released figures, which know no filters."""
    if by not in CUTS:
        return None
    return _table(request, f"{API}/statistics/releases/", {"by": by}, shaping, lambda _code: "")


def _table(request: HttpRequest, url: str, given: dict[str, str], shaping: dict[str, str], link: Any) -> Any:
    """Return what the API answers of a year; of the latest one where there is nothing of the year that was chosen."""
    years = [{"year": shaping["year"]}, {}] if shaping["year"] else [{}]
    for year in years:
        answer = asked(request, url, {**given, **year})
        if answer.status_code == 200:
            view, figure = answer.renderer_context["view"], _figure(shaping)
            return {
                "year": view.year,
                "years": answer.data["years"],
                "table": shown_table(view.table, figure, link),
                "notes": view.notes(),
                "files": _files(url, {**given, **year}, figure=figure),
            }
    return None
