"""Checks that the address of a request can be decoded, and adds headers to answers of the API."""

from collections.abc import Callable
from urllib.parse import unquote_to_bytes

from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponseBase
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext_lazy

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
        if _is_utf8(request.path_info) and _is_utf8(query):
            return self.get_response(request)
        raise BadRequest(NOT_UTF8)


def _is_utf8(quoted: str | bytes) -> bool:
    try:
        unquote_to_bytes(quoted).decode()
    except UnicodeDecodeError:
        return False
    return True
