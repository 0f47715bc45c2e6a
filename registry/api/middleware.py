"""Refuses what cannot be read, before any part of it is stored: an upload that is too large, an address that is not
UTF-8. Adds headers to answers of the API.
"""

import time
from collections.abc import Callable
from urllib.parse import unquote_to_bytes

from django.conf import settings
from django.contrib import admin
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.template.response import TemplateResponse
from django.utils import translation
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from registry.api.errors import Problem, answer
from registry.api.negotiation import language_of

_BLOCK = 1 << 16
_DRAIN_SECONDS = 20
NOT_UTF8 = gettext_lazy("The address is not UTF-8, so it cannot be read for sure.")


class ApiHeadersMiddleware:
    """Forbids caches to store answers for staff and programs. The views of `/public/` set their own headers."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if request.path_info.startswith("/api/"):
            response.headers["Cache-Control"] = "private, no-store"
            patch_vary_headers(response, ["Authorization", "Cookie", "Accept", "Accept-Language"])
        return response


class ReadableAddressMiddleware:
    """Refuses an address that is not UTF-8; Django would guess the characters in its path and parameters."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        # Django leaves the bytes of a path percent-encoded that are not UTF-8, and replaces those of the parameters.
        query = request.META.get("QUERY_STRING", "").encode("latin-1")
        try:
            unquote_to_bytes(request.path_info).decode()
            unquote_to_bytes(query).decode()
        except UnicodeDecodeError:
            raise BadRequest(NOT_UTF8) from None
        return self.get_response(request)


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
