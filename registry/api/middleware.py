"""Headers that every answer below the API's addresses carries, errors outside the views included."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponseBase
from django.utils.cache import patch_vary_headers


class ApiHeadersMiddleware:
    """What staff and programs see is theirs alone and kept by no cache. `/public/` decides in its views."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if request.path_info.startswith("/api/"):
            response.headers["Cache-Control"] = "private, no-store"
            patch_vary_headers(response, ["Authorization", "Cookie", "Accept", "Accept-Language"])
        return response
