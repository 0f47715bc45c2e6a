"""The page 补链强链: board of the sectors, map of the townships, growth by year."""

from typing import Any
from urllib.parse import urlencode

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _

from registry.coverage.board import MEASURES, Board, SectorLine, Strength
from registry.coverage.growth import labels
from registry.coverage.views import BY, ORDERS, SEES_MEASURES
from registry.landscape.words import filter_words
from registry.reference.models import Township
from registry.site.export import API
from registry.statistics.admin import asked


def coverage_view(model_admin: Any, request: HttpRequest) -> HttpResponse:
    """Show the board, the map and the growth of the list whose filters the address has."""
    if not model_admin.has_view_permission(request):
        raise PermissionDenied
    base = f"{API}/{model_admin.export_resource}"
    shaping = {name: request.GET.get(name, usual) for name, usual in (("columns", BY[0]), ("order", ORDERS[0]))}
    given = {name: str(value) for name, value in request.GET.items() if name not in ("lang", *shaping) and value}
    answer = asked(request, f"{base}/coverage/", {**given, **shaping})
    if answer.status_code != 200:
        if not request.GET:
            raise PermissionDenied
        return HttpResponseRedirect(request.path)
    view = answer.renderer_context["view"]
    board = view.board
    listed = reverse(f"admin:registry_{model_admin.opts.model_name}_changelist")
    growth = view.grown()
    context = {
        **model_admin.admin_site.each_context(request),
        "title": _("Coverage: %(name)s") % {"name": model_admin.opts.verbose_name_plural},
        "subtitle": None,
        "opts": model_admin.opts,
        "files": _files(base, given, shaping),
        "given": given,
        "shaping": shaping,
        "townships": [(town.code, town.label()) for town in Township.objects.current()],
        "words": filter_words(view.filterset),
        "said_of_day": view.said_of_day(),
        "day": view.filterset.on,
        "knows_days": "as_of" in view.known_filters(),
        "board": board,
        "strengths": [(strength.label, strength.value, board.with_strength(strength)) for strength in Strength],
        "lines": [_line(board, line, listed, given, shaping["columns"]) for line in board.lines],
        "sees_measures": view.may(SEES_MEASURES),
        "changes_measures": request.user.has_perm("registry.change_sectormeasures"),
        "map": mark_safe(view.map_of(view.counted_townships(), _town_link(listed, given)).svg),  # noqa: S308 - our own
        "growth": growth,
        "growth_labels": labels(),
        "growth_picture": mark_safe(view.growth_picture(growth)),  # noqa: S308 - made by us, every text escaped
    }
    return TemplateResponse(request, "admin/registry/coverage.html", context)


def _files(base: str, given: dict[str, str], shaping: dict[str, str]) -> list[tuple[str, str]]:
    return [
        (_("Board (Excel)"), f"{base}/coverage/?{urlencode({**given, **shaping, 'format': 'xlsx'})}"),
        (_("Map (PDF)"), f"{base}/townships/?{urlencode({**given, 'format': 'pdf'})}"),
        (_("Growth (Excel)"), f"{base}/growth/?{urlencode({**given, 'format': 'xlsx'})}"),
    ]


def _town_link(listed: str, given: dict[str, str]) -> object:
    return lambda code: f"{listed}?{urlencode({**given, 'township': code})}"


def _line(board: Board, line: SectorLine, listed: str, given: dict[str, str], by: str) -> dict[str, Any]:
    """Return a line of the page: each number with the address of its list, and the addresses of what to do about it."""
    of_sector = {**given, "sector": line.sector.code}
    cells = [
        (count, f"{listed}?{urlencode({**of_sector, by: entry.code})}" if entry.code else "")
        for entry, count in zip(board.columns, line.counts, strict=True)
    ]
    measures = line.measures
    if measures:
        edit = reverse("admin:registry_sectormeasures_change", args=[measures.pk])
    else:
        edit = f"{reverse('admin:registry_sectormeasures_add')}?{urlencode({'sector': line.sector.pk})}"
    near = reverse("admin:registry_organization_candidates")
    return {
        "line": line,
        "cells": cells,
        "total": f"{listed}?{urlencode(of_sector)}",
        "candidates": f"{near}?{urlencode({'sector': line.sector.code})}",
        "measures": [getattr(measures, name, "") for name in MEASURES],
        "edit": edit,
    }
