"""Ends sessions that last too long, and closes those to the pages that have not passed their second factor."""

import time
from collections.abc import Callable

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from registry.second_factor.gate import to_second_factor

ADDRESSES = ("/admin/", "/api/")
BEGAN, SEEN = "began", "seen"
"""Keys of the session; their values are seconds since 1970."""
SECONDS_BETWEEN_WRITES = 60


def begin(request: HttpRequest) -> None:
    """Store the time of the log-in in the session."""
    request.session[BEGAN] = request.session[SEEN] = int(time.time())


class SessionRulesMiddleware:
    """Limits what a session may do. A request without a session, such as one with a token, passes by."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        closed = None
        if request.path_info.startswith(ADDRESSES) and settings.SESSION_COOKIE_NAME in request.COOKIES:
            _end_if_old(request)
            closed = to_second_factor(request)
        return closed or self.get_response(request)


def _end_if_old(request: HttpRequest) -> None:
    """End a session that was unused for SESSION_IDLE_SECONDS, or that is older than SESSION_COOKIE_AGE.

    Django's own limit counts from the time when the session was last stored.
    """
    if not request.user.is_authenticated:
        return
    now = int(time.time())
    began, seen = request.session.get(BEGAN, now), request.session.get(SEEN, now)
    if now - began >= settings.SESSION_COOKIE_AGE or now - seen >= settings.SESSION_IDLE_SECONDS:
        request.idle = True  # type: ignore[attr-defined] # for the log of security events
        logout(request)
        if not request.path_info.startswith("/api/"):
            messages.info(request, _("You were logged out, because nothing was done here for a long time."))
    elif BEGAN not in request.session or now - seen >= SECONDS_BETWEEN_WRITES:
        request.session[BEGAN], request.session[SEEN] = began, now
