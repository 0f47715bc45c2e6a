"""The request that is being answered: its id, and the request itself for logs that are written far from a view."""

import logging
import re
import uuid
from collections.abc import Callable
from contextvars import ContextVar

from django.http import HttpRequest, HttpResponse

_request: ContextVar[HttpRequest | None] = ContextVar("current_request", default=None)
_SANE = re.compile(r"[A-Za-z0-9._-]{8,64}")


def current_request() -> HttpRequest | None:
    """Return the request; None where a command is run on the server."""
    return _request.get()


class CurrentRequestMiddleware:
    """Gives the request an id, which its answer, its log lines and its history carry, and makes it known to
    `current_request()` until it is answered.

    The client's own X-Request-ID is only added to the log: a client may send any text, even the same one twice.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.META["REQUEST_ID"] = uuid.uuid4().hex
        token = _request.set(request)
        try:
            response = self.get_response(request)
        finally:
            _request.reset(token)
        response.headers["X-Request-ID"] = request.META["REQUEST_ID"]
        return response


class RequestIdFilter(logging.Filter):
    """Adds to a log line the id of the request, and the id that the client gave it."""

    def filter(self, record: logging.LogRecord) -> bool:
        request = current_request()
        of_client = request.headers.get("X-Request-ID", "") if request else ""
        record.request_id = request.META["REQUEST_ID"] if request else "-"
        record.client_request_id = of_client if _SANE.fullmatch(of_client) else "-"
        return True
