"""Limits the duration of a session: the time since the log-in and the time without a request."""

import time
from collections.abc import Callable

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

ADDRESSES = ("/admin/", "/api/")
BEGAN, SEEN = "began", "seen"
"""Keys of the session; their values are seconds since 1970."""
SECONDS_BETWEEN_WRITES = 60


def begin(request: HttpRequest) -> None:
    """Store the time of the log-in in the session."""
    request.session[BEGAN] = request.session[SEEN] = int(time.time())


class SessionLimitMiddleware:
    """Ends sessions that were unused for SESSION_IDLE_SECONDS, or that are older than SESSION_COOKIE_AGE.

    Django's own limit counts from the time when the session was last stored.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path_info.startswith(ADDRESSES) and settings.SESSION_COOKIE_NAME in request.COOKIES:
            self.check(request)
        return self.get_response(request)

    def check(self, request: HttpRequest) -> None:
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
