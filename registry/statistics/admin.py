"""The page 交叉统计: the rows of a list counted by two dimensions at once, from the cross-table of the API."""

import copy
from typing import Any
from urllib.parse import urlencode

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.template.response import TemplateResponse
from django.urls import resolve
from django.utils.text import capfirst
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from registry.site.export import API
from registry.statistics.dimensions import BRANCH, Dimension
from registry.values.punctuation import clauses, labelled

AXES = {"rows": "township", "columns": "branch"}
SHADES = 5


def crosstab_view(model_admin: Any, request: HttpRequest) -> HttpResponse:
    """Show the cross-table that the API returns to this user; if the API refuses, go to the table without filters."""
    if not model_admin.has_view_permission(request):
        raise PermissionDenied
    url = f"{API}/{model_admin.export_resource}/crosstab/"
    view: Any = resolve(url).func
    given = {name: str(value) for name, value in request.GET.items() if name != "lang"}
    axes = {name: given.pop(name, "") or usual for name, usual in AXES.items()}
    answer = asked(request, url, {**given, **axes})
    if answer.status_code != 200:
        if not request.GET:
            raise PermissionDenied
        return HttpResponseRedirect(request.path)
    files = [
        (label, f"{url}?{urlencode({**given, **axes, 'format': form})}")
        for label, form in ((_("Export Excel"), "xlsx"), (_("Export CSV"), "csv"))
    ]
    context = {
        **model_admin.admin_site.each_context(request),
        "title": _("Cross-table: %(name)s") % {"name": model_admin.opts.verbose_name_plural},
        "subtitle": None,
        "opts": model_admin.opts,
        "files": files,
        "axes": [
            (name, label, axes[name], _choices(view.cls, request))
            for name, label in (("rows", _("rows")), ("columns", _("columns")))
        ],
        "kept": given,
        "words": _words(model_admin, request, given),
        "table": _shaded(answer.data),
    }
    return TemplateResponse(request, "admin/registry/crosstab.html", context)


def _words(model_admin: Any, request: HttpRequest, given: dict[str, str]) -> str:
    """Return the filters in words: with the labels of the list, or unchanged if the list does not know them."""
    told = []
    for name, value in given.items():
        title, labels = name, {}
        for spec in model_admin.get_list_filter(request):
            if spec.parameter_name == name:
                choices = spec(request, {}, model_admin.model, model_admin).lookup_choices
                title, labels = spec.title, {str(code): str(label).strip("　 ") for code, label in choices}
        told.append(labelled(capfirst(str(title)), labels.get(value, value)))
    return clauses(told)


def asked(request: HttpRequest, url: str, parameters: dict[str, str]) -> Any:
    """Return the answer of the API to the person who looks at the page, in the language of the page."""
    inner = copy.copy(request)
    inner.method = "GET"
    inner.path = inner.path_info = url
    language = {"zh-hans": "zh"}.get(get_language() or "", "en")
    inner.GET = QueryDict(urlencode({**parameters, "lang": language}))
    match = resolve(url)
    return match.func(inner, *match.args, **match.kwargs)


def _choices(view: Any, request: HttpRequest) -> list[tuple[str, str]]:
    known: list[Dimension] = [
        one for one in view.dimensions if not one.permission or request.user.has_perm(one.permission)
    ]
    return [(one.name, capfirst(str(one.label))) for one in (*known, BRANCH)]


def _shaded(table: dict[str, Any]) -> dict[str, Any]:
    """Add a shade to each number, so that the table can be read as a picture: 0 for none, darkest for the largest."""
    largest = max((number for row in table["results"] for number in row["counts"]), default=0)

    def shade(number: int) -> int:
        return -(-number * SHADES // largest) if number else 0

    rows = [{**row, "cells": [(number, shade(number)) for number in row["counts"]]} for row in table["results"]]
    return {**table, "results": rows}
