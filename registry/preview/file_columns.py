"""The page that tells which columns the file of a list has for oneself, for a viewer and for the public."""

from typing import Any

from django.contrib import admin
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import Resolver404
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from registry.preview import inner, page
from registry.preview.audiences import PUBLIC_EYES, VIEWER_EYES, eyes_of_viewer, label


def view(request: HttpRequest, resource: str) -> HttpResponse:
    if not page.read_only(request):
        return page.not_allowed()
    own = _columns(request, f"{inner.API}/{resource}", request.user)
    if own is None:
        raise Http404
    eyes = eyes_of_viewer(request.user)
    found = [(VIEWER_EYES, _columns(request, f"{inner.API}/{resource}", eyes))] if eyes else []
    found.append((PUBLIC_EYES, _columns(request, f"{inner.PUBLIC_API}/{resource}", None)))
    readers = [(capfirst(str(label(audience))), {one.name for one in columns or ()}) for audience, columns in found]
    context = {
        **admin.site.each_context(request),
        "title": _("Columns of the file, by who gets it"),
        "subtitle": None,
        "readers": [(name, len(names)) for name, names in readers],
        "own": len(own),
        "rows": [(capfirst(str(one.label)), [one.name in names for _name, names in readers]) for one in own],
        "back": page.back_to(request.GET.get(page.PAGE, "")),
    }
    return TemplateResponse(request, "admin/preview/columns.html", context)


def _columns(request: HttpRequest, path: str, user: Any) -> Any:
    """Return the columns of the file that a list of the API is; None if the reader gets no such file."""
    try:
        return inner.columns_of(request, path, user)
    except Resolver404:
        return None
