"""Keeps everything closed until the second factor is passed: pages here, the API in its authentication."""

from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import Resolver404, resolve, reverse

from registry.second_factor.state import is_pending

PAGES = "/admin/"
OPEN = {"login", "logout", "new_password", "jsi18n", "second_factor", "second_factor_set_up"}
"""Names of the pages that answer to somebody who has given the password alone; all others lead to the factor."""
NEXT = "next"


def to_second_factor(request: HttpRequest) -> HttpResponse | None:
    """Return the redirect of a session to the page of its factor; None if the page that it asks for is open to it."""
    if request.path_info.startswith(PAGES) and is_pending(request) and _name(request) not in OPEN:
        return HttpResponseRedirect(factor_address(request))
    return None


def factor_address(request: HttpRequest) -> str:
    """Return the address of the page that asks for the factor, and leads back to what was asked for by GET."""
    address = reverse("admin:second_factor")
    return f"{address}?{urlencode({NEXT: request.get_full_path()})}" if request.method == "GET" else address


def _name(request: HttpRequest) -> str:
    try:
        return resolve(request.path_info).url_name or ""
    except Resolver404:
        return ""
