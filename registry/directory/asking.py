"""Asks the public API from within: the one way by which a page of the directory comes to records.

So a page shows nothing that the public API does not answer to anybody, and counts against the same limit.
"""

import time
from collections.abc import Hashable
from typing import Any, ClassVar

import orjson
from django.http import Http404, HttpRequest, QueryDict
from django.urls import resolve
from django.utils.http import urlencode
from django.utils.translation import get_language

from registry.organizations.views.public import MAX_AGE

API = "/public/v1"
KEPT = (
    "REMOTE_ADDR",
    "HTTP_X_FORWARDED_FOR",
    "HTTP_HOST",
    "SERVER_NAME",
    "SERVER_PORT",
    "REQUEST_ID",
    "wsgi.url_scheme",
)
"""The headers that an inner request takes over from the visitor's: where it comes from, and nothing of who it is."""


class RequestRefused(Exception):
    """Says that the public API did not accept a request; the texts are for people."""

    def __init__(self, status: int, texts: list[str], retry_after: str = "") -> None:
        super().__init__(status, texts)
        self.status = status
        self.texts = texts
        self.retry_after = retry_after


def asked(request: HttpRequest, address: str, **parameters: Any) -> Any:
    """Return the response of the public API to anybody at the visitor's place. Raises RequestRefused and Http404."""
    inner = HttpRequest()
    inner.method = "GET"
    inner.path = inner.path_info = f"{API}/{address}"
    # Neither cookies nor credentials nor conditions of the outer request go with it.
    inner.META = {name: request.META[name] for name in KEPT if name in request.META}
    language = "en" if (get_language() or "").startswith("en") else "zh"
    given = {name: value for name, value in parameters.items() if value not in ("", None)}
    inner.GET = QueryDict(urlencode({"format": "json", **given, "lang": language}))
    match = resolve(inner.path)
    answer = match.func(inner, *match.args, **match.kwargs)
    if answer.status_code == 404:
        raise Http404
    if answer.status_code >= 400:
        problem = orjson.loads(answer.content)
        texts = [one["detail"] for one in problem.get("errors", ())] or [problem["detail"]]
        raise RequestRefused(answer.status_code, list(dict.fromkeys(texts)), answer.get("Retry-After", ""))
    return answer


def ask(request: HttpRequest, address: str, **parameters: Any) -> dict[str, Any]:
    """Return what the public API answers, read from the very bytes that anybody would get."""
    shown: dict[str, Any] = orjson.loads(asked(request, address, **parameters).render().content)
    return shown


class Counts:
    """Remembers costly numbers as long as caches on the way may, and until the public sees a change.

    They are the counts of whole lists, of which there are few, and of long lists, which only a few common words find.
    """

    MOST: ClassVar[int] = 500
    LONG: ClassVar[int] = 1000
    """A list of so many organizations takes longer to count than to remember."""
    _kept: ClassVar[dict[Hashable, tuple[float, dict[str, Any]]]] = {}

    @classmethod
    def ask(
        cls, request: HttpRequest, changed_at: Hashable, seconds: float = MAX_AGE, /, **parameters: str
    ) -> dict[str, Any]:
        """Return the facets of a list, which may be remembered for so many seconds."""
        key = (tuple(sorted(parameters.items())), get_language(), changed_at)
        now = time.monotonic()
        kept = cls._kept.get(key)
        if kept is not None and now - kept[0] <= seconds:
            return kept[1]
        counted = ask(request, "organizations/facets/", **parameters)
        whole = len(parameters) <= 2 and "search" not in parameters
        if whole or counted["count"] >= cls.LONG:
            if len(cls._kept) >= cls.MOST:
                cls._kept.clear()
            cls._kept[key] = now, counted
        return counted

    @classmethod
    def cache_clear(cls) -> None:
        cls._kept.clear()


def everything(request: HttpRequest, address: str, **parameters: Any) -> list[dict[str, Any]]:
    """Return all rows of a list that is known to be short, such as the sectors of a plan."""
    rows: list[dict[str, Any]] = []
    cursor = ""
    while True:
        page = ask(request, address, **parameters, page_size=200, count="none" if cursor else "", cursor=cursor)
        rows += page["results"]
        cursor = cursor_of(page["next"])
        if not cursor:
            return rows


def cursor_of(address: str | None) -> str:
    """Return the cursor in the address of the next or the previous page; empty without one."""
    return QueryDict((address or "").partition("?")[2]).get("cursor", "")
