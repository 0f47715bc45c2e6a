"""Errors outside the views: below the API's addresses problem documents, elsewhere Django's pages."""

from typing import Any

from django.core.exceptions import BadRequest, RequestDataTooBig
from django.http import HttpRequest, HttpResponseBase
from django.utils import translation
from django.views import defaults

from registry.api.errors import Problem, answer
from registry.api.negotiation import language_of
from registry.api.uploads import too_large

ADDRESSES = ("/api/", "/public/")


def _problem(request: HttpRequest, code: str, detail: object = "") -> HttpResponseBase | None:
    if not request.path_info.startswith(ADDRESSES):
        return None
    with translation.override(language_of(request) or translation.get_language()):
        return answer(request, Problem(code, str(detail)))


def bad_request(request: HttpRequest, exception: Exception, *args: Any) -> HttpResponseBase:
    if isinstance(exception, RequestDataTooBig) and not request.path_info.startswith(ADDRESSES):
        return too_large(request)
    detail = exception if isinstance(exception, BadRequest) else ""
    return _problem(request, "invalid_request", detail) or defaults.bad_request(request, exception)


def permission_denied(request: HttpRequest, exception: Exception, *args: Any) -> HttpResponseBase:
    return _problem(request, "permission_denied") or defaults.permission_denied(request, exception)


def page_not_found(request: HttpRequest, exception: Exception, *args: Any) -> HttpResponseBase:
    return _problem(request, "not_found") or defaults.page_not_found(request, exception)


def server_error(request: HttpRequest, *args: Any) -> HttpResponseBase:
    return _problem(request, "error") or defaults.server_error(request)
