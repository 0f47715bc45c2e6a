"""Refuses uploads that are too large, before any part of them is stored."""

import time
from collections.abc import Callable

from django.conf import settings
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import translation
from django.utils.translation import gettext as _

from registry.api.errors import Problem, answer
from registry.api.negotiation import language_of

_BLOCK = 1 << 16
_DRAIN_SECONDS = 20


class UploadLimitMiddleware:
    """Answers 413 to forms and uploads with a Content-Length above UPLOAD_MAX_BYTES.

    A request cannot be longer than it says: nothing beyond that is read.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.content_type == "multipart/form-data" and _announced(request) > settings.UPLOAD_MAX_BYTES:
            _drain(request)
            programs = request.path_info.startswith(("/api/", "/public/"))
            return too_large_problem(request) if programs else too_large(request)
        return self.get_response(request)


def _announced(request: HttpRequest) -> int:
    length = request.META.get("CONTENT_LENGTH") or "0"
    return int(length) if length.isdecimal() else 0


def _drain(request: HttpRequest) -> None:
    """Read the body without storing it, for a limited time: a browser shows an answer only after sending everything."""
    deadline = time.monotonic() + _DRAIN_SECONDS
    try:
        while request.read(_BLOCK) and time.monotonic() < deadline:
            pass
    except OSError:
        pass  # the browser has gone


def too_large_problem(request: HttpRequest) -> HttpResponse:
    """Return the problem document that says how large a body may be."""
    with translation.override(language_of(request) or settings.LANGUAGE_CODE):
        told = _("The body has more than %(limit)d MB; an attached file may have %(attached)d MB at most.")
        said = {"limit": settings.UPLOAD_MAX_BYTES >> 20, "attached": settings.ATTACHMENT_MAX_BYTES >> 20}
        return answer(request, Problem("body_too_large", told % said))


def too_large(request: HttpRequest) -> HttpResponse:
    """Return the page that says how large a file may be."""
    context = {
        **admin.site.each_context(request),
        "title": _("The file is too large"),
        "limit": settings.UPLOAD_MAX_BYTES >> 20,
        "attached": settings.ATTACHMENT_MAX_BYTES >> 20,
        "pasted": (settings.DATA_UPLOAD_MAX_MEMORY_SIZE or 0) >> 20,
    }
    return TemplateResponse(request, "admin/registry/too_large.html", context, status=413).render()
