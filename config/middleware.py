"""What happens to each request before and after its view. Other middlewares stand with what they know of:
`registry.security.current`, `registry.api.middleware` and `registry.site.sessions`.
"""

from collections.abc import Callable
from functools import cache
from typing import Any

import pghistory.middleware
from csp.constants import HEADER
from csp.middleware import CSPMiddleware
from csp.utils import build_policy
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware
from django.middleware.locale import LocaleMiddleware

from config.health import healthz, readyz


class MethodsMiddleware:
    """Answers by the method: HEAD by the headers alone, and nothing but GET, HEAD and POST outside the APIs.

    Django makes the whole answer to HEAD, and gunicorn would warn about its body. Pages would treat other methods as
    reading.
    """

    OF_PAGES = ("GET", "HEAD", "POST")

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.method not in self.OF_PAGES and not request.path_info.startswith(("/api/", "/public/")):
            return HttpResponseNotAllowed(self.OF_PAGES)
        response = self.get_response(request)
        if request.method == "HEAD":
            if isinstance(response, StreamingHttpResponse):
                response.streaming_content = ()
            elif isinstance(response, HttpResponse):
                response.content = b""
        return response


class HealthMiddleware:
    """Answers /healthz and /readyz before host names, HTTPS and log-in are checked.

    Monitoring systems ask by IP address and need not know the host names.
    """

    VIEWS = {"/healthz": healthz, "/readyz": readyz}

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.VIEWS.get(request.path_info, self.get_response)(request)


class CompressedPagesMiddleware(GZipMiddleware):
    """Compresses pages. Files and answers of the APIs are streamed or short, and stay uncompressed.

    Two measures prevent that the length of a page reveals a secret in it (BREACH): Django masks each CSRF token anew,
    and this middleware adds a random number of bytes.
    """

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        if not response.headers.get("Content-Type", "").startswith("text/html"):
            return response
        return super().process_response(request, response)


class PolicyMiddleware(CSPMiddleware):
    """Adds the content security policy. That of an answer in JSON, which has no nonce, is built once for all."""

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        if response.headers.get("Content-Type") != "application/json":
            return super().process_response(request, response)
        response.headers.setdefault(HEADER, _usual_policy())
        return response


_usual_policy = cache(build_policy)


class LanguageMiddleware(LocaleMiddleware):
    """Leaves pages alone whose language is given by their address: caches need not tell visitors apart."""

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        if getattr(response, "language_by_address", False):
            return response
        return super().process_response(request, response)


class HistoryMiddleware(pghistory.middleware.HistoryMiddleware):
    """Adds to every change in the history who made it, at which address and in which request."""

    def get_context(self, request: HttpRequest) -> dict[str, Any]:
        own = {"request_id": request.META["REQUEST_ID"]}
        if settings.TWO_PERSONS:  # triggers then exempt nobody from a review
            own["two_persons"] = settings.TWO_PERSONS
        return super().get_context(request) | own
