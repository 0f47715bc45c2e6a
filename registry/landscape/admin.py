"""The page 产业图谱: the landscape of a list, with the files to print and hand on."""

from typing import Any
from urllib.parse import urlencode

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _

from registry.landscape.candidates import GapCandidate, candidates, neighbours
from registry.landscape.chart import SectorEntry
from registry.landscape.svg import Links
from registry.landscape.words import filter_words
from registry.organizations.models.organizations import Organization
from registry.reference.cache import references
from registry.reference.models import Sector
from registry.site.export import API
from registry.statistics.admin import asked
from registry.suggestions.admin import in_context
from registry.suggestions.engine import FIELDS


def landscape_view(model_admin: Any, request: HttpRequest) -> HttpResponse:
    """Show the landscape that the API gives this user; if the API refuses, go to the one without filters."""
    if not model_admin.has_view_permission(request):
        raise PermissionDenied
    url = f"{API}/{model_admin.export_resource}/landscape/"
    given = {name: str(value) for name, value in request.GET.items() if name != "lang"}
    answer = asked(request, url, given)
    if answer.status_code != 200:
        if not request.GET:
            raise PermissionDenied
        return HttpResponseRedirect(request.path)
    view = answer.renderer_context["view"]
    drawn = view.on_screen(view.chart, _links(model_admin, request, given))
    context = {
        **model_admin.admin_site.each_context(request),
        "title": _("Landscape: %(name)s") % {"name": model_admin.opts.verbose_name_plural},
        "subtitle": None,
        "opts": model_admin.opts,
        "files": [(label, f"{url}?{urlencode({**given, **more})}") for more, label in _files()],
        "words": filter_words(view.filterset),
        "day": view.filterset.on,
        "kept": {name: value for name, value in given.items() if name != "as_of"},
        "knows_days": "as_of" in view.known_filters(),
        "count": answer.data["count"],
        "picture": mark_safe(drawn.svg),  # noqa: S308 - made by us, every text escaped
    }
    return TemplateResponse(request, "admin/registry/landscape.html", context)


def _files() -> list[tuple[dict[str, str], str]]:
    return [
        ({"format": "pdf", "paper": "A3"}, _("PDF, one A3 sheet")),
        ({"format": "pdf", "paper": "A3", "pages": "layer"}, _("PDF, a sheet for each layer")),
        ({"format": "png"}, _("Picture (PNG)")),
        ({"format": "svg"}, _("Picture (SVG)")),
    ]


def _links(model_admin: Any, request: HttpRequest, given: dict[str, str]) -> Links:
    listed = reverse(f"admin:registry_{model_admin.opts.model_name}_changelist")
    kept = {name: value for name, value in given.items() if name not in ("sector", "plan")}

    def organization(entry: SectorEntry) -> str:
        return str(model_admin.record_url(entry.key))

    def sector(code: str) -> str:
        return f"{listed}?{urlencode({**kept, 'sector': code})}"

    def near(code: str) -> str:
        return f"{reverse('admin:registry_organization_candidates')}?{urlencode({'sector': code})}"

    return Links(organization, sector, near)


def candidates_view(model_admin: Any, request: HttpRequest) -> HttpResponse:
    """Show who might belong to a sector of the current plan; without one, go to the picture in which one is chosen."""
    if not model_admin.has_view_permission(request):
        raise PermissionDenied
    plan = references().current_plan
    sector = Sector.objects.filter(plan=plan, code=request.GET.get("sector", "")).first()
    if plan is None or sector is None:
        return HttpResponseRedirect(reverse("admin:registry_organization_landscape"))
    named = candidates(Organization.objects.all(), plan, sector)
    context = {
        **model_admin.admin_site.each_context(request),
        "title": _("Candidates for %(sector)s") % {"sector": sector.label()},
        "subtitle": None,
        "opts": model_admin.opts,
        "sector": sector,
        "named": [(one.organization, _evidence(one)) for one in named],
        "neighbours": [] if named else neighbours(Organization.objects.all(), sector),
    }
    return TemplateResponse(request, "admin/registry/candidates.html", context)


def _evidence(candidate: GapCandidate) -> list[tuple[object, Any]]:
    """Return each text that names the sector, with the words in it."""
    organization, suggestion = candidate.organization, candidate.suggestion
    return [
        (FIELDS[field], in_context(getattr(organization, field), [m for m in suggestion.matches if m.field == field]))
        for field in suggestion.words()
    ]
