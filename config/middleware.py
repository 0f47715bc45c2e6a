import logging
import re
import uuid
from collections.abc import Callable
from contextvars import ContextVar
from typing import Any

import pghistory.middleware
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware
from django.middleware.locale import LocaleMiddleware

_current: ContextVar[tuple[str, str]] = ContextVar("request_ids", default=("-", "-"))
_SANE = re.compile(r"[A-Za-z0-9._-]{8,64}")


class RequestIdMiddleware:
    """Gives every request an id, which its answer, its log lines and its history carry.

    The client's own X-Request-ID is only added to the log: a client may send any text, even the same one twice.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        client_id = request.headers.get("X-Request-ID", "")
        request_id = request.META["REQUEST_ID"] = uuid.uuid4().hex
        token = _current.set((request_id, client_id if _SANE.fullmatch(client_id) else "-"))
        try:
            response = self.get_response(request)
        finally:
            _current.reset(token)
        response.headers["X-Request-ID"] = request_id
        return response


class HeadMiddleware:
    """Sends only the headers in answer to HEAD:

    Django makes the whole answer, and gunicorn would warn about its body.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if request.method == "HEAD":
            if isinstance(response, StreamingHttpResponse):
                response.streaming_content = ()
            elif isinstance(response, HttpResponse):
                response.content = b""
        return response


class PlainMethodsMiddleware:
    """Refuses methods other than GET, HEAD and POST outside the APIs: pages would treat them as reading."""

    KNOWN = ("GET", "HEAD", "POST")

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.method not in self.KNOWN and not request.path_info.startswith(("/api/", "/public/")):
            return HttpResponseNotAllowed(self.KNOWN)
        return self.get_response(request)


class CompressedPagesMiddleware(GZipMiddleware):
    """Compresses pages. Files and answers of the APIs are streamed or short, and stay uncompressed.

    Two measures prevent that the length of a page reveals a secret in it (BREACH): Django masks each CSRF token anew,
    and this middleware adds a random number of bytes.
    """

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        if not response.headers.get("Content-Type", "").startswith("text/html"):
            return response
        return super().process_response(request, response)


class LanguageMiddleware(LocaleMiddleware):
    """Leaves pages alone whose language is given by their address: caches need not tell visitors apart."""

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        if getattr(response, "language_by_address", False):
            return response
        return super().process_response(request, response)


class RequestIdFilter(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        record.request_id, record.client_request_id = _current.get()
        return True


class HistoryMiddleware(pghistory.middleware.HistoryMiddleware):
    """Adds to every change in the history who made it, at which address and in which request."""

    def get_context(self, request: HttpRequest) -> dict[str, Any]:
        own = {"request_id": request.META["REQUEST_ID"]}
        if settings.TWO_PERSONS:  # triggers then exempt nobody from a review
            own["two_persons"] = settings.TWO_PERSONS
        return super().get_context(request) | own
