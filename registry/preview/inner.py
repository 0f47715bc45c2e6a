"""Asks for a page from within, as somebody else gets it: by GET, without what the visitor brings.

The page is made by the same view as always. It only has an address below another, so that its links stay in the
preview: Django builds every address below the script prefix.
"""

import copy
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import orjson
from django.conf import settings
from django.contrib.messages.storage import default_storage
from django.contrib.sessions.backends.base import SessionBase
from django.db import connection, models, transaction
from django.http import HttpRequest, HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.urls import Resolver404, get_script_prefix, resolve, set_script_prefix
from django.utils import translation
from django.utils.http import urlencode
from rest_framework.authentication import BaseAuthentication

from registry.api.lists.files import Table
from registry.columns import Column
from registry.directory.asking import KEPT
from registry.second_factor.rules import standing
from registry.second_factor.state import passes
from registry.values.people import Account

API = "/api/v1"
PUBLIC_API = "/public/v1"
LOCK_WAIT = "1s"


def request_for(request: HttpRequest, path: str, parameters: QueryDict) -> HttpRequest:
    """Return a request of nobody for a path of the site, from the visitor's place. Raises Resolver404."""
    inner = HttpRequest()
    inner.method = "GET"
    inner.path_info = path
    root = get_script_prefix().removesuffix("/")
    inner.path = root + path
    inner.META = {name: request.META[name] for name in KEPT if name in request.META}
    inner.META |= {"SCRIPT_NAME": root, "QUERY_STRING": parameters.urlencode()}
    inner.GET = parameters  # type: ignore[assignment]
    inner.resolver_match = resolve(path)
    return inner


def in_the_name_of(inner: HttpRequest, user: Account) -> HttpRequest:
    """Give the request an account and a session of its own, which is not stored.

    The account has passed the second factor that it has: no preview answers before.
    """
    inner.user = user  # type: ignore[assignment]
    inner.session = SessionBase()
    if factor := standing(user)[0]:
        passes(inner.session, factor)
    inner._messages = default_storage(inner)  # type: ignore[attr-defined]
    inner.previewed = True  # type: ignore[attr-defined]
    return inner


def with_rights(user: Account, rights: set[str]) -> Account:
    """Return the account with other rights: who is it stays, so that nothing is done in somebody else's name."""
    eyes = copy.copy(user)
    eyes.is_superuser = False
    for name in ("_perm_cache", "_user_perm_cache", "_group_perm_cache"):
        setattr(eyes, name, {*rights})
    eyes.__dict__.pop("_reach", None)
    return eyes


@contextmanager
def mounted(root: str) -> Iterator[None]:
    """Build all addresses below `root`, as if the whole site were there."""
    settings.STATIC_URL  # noqa: B018 - Django reads it once and keeps it, and it must not be below `root`
    before = get_script_prefix()
    set_script_prefix(root)
    try:
        yield
    finally:
        set_script_prefix(before)


def answered(inner: HttpRequest) -> HttpResponseBase:
    """Return the finished answer of the view."""
    match: Any = inner.resolver_match
    response: Any = match.func(inner, *match.args, **match.kwargs)
    if hasattr(response, "render") and not response.is_rendered:
        response.render()
    return response


@contextmanager
def storing_nothing() -> Iterator[None]:
    """Let the database refuse every write."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION READ ONLY")
        yield


@contextmanager
def as_if_published(record: models.Model) -> Iterator[None]:
    """Publish the record within a transaction that is taken back: the page is made by the triggers and queries that
    would make it, and nobody else ever sees it.
    """
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('lock_timeout', %s, true)", [LOCK_WAIT])
        type(record)._base_manager.filter(pk=record.pk).update(published=True)
        try:
            yield
        finally:
            transaction.set_rollback(True)


# --- Lists of the API


class _Known(BaseAuthentication):
    def __init__(self, user: Account) -> None:
        self.user = user

    def authenticate(self, request: HttpRequest) -> tuple[Account, None]:
        return self.user, None


def _list(
    request: HttpRequest, path: str, parameters: Mapping[str, str], user: Account | None, base: Any = None
) -> Any:
    """Return what a list of the API answers to the account, or to anybody. Raises Resolver404."""
    inner = request_for(request, path, QueryDict(urlencode(parameters)))
    match: Any = inner.resolver_match
    if not hasattr(match.func, "actions"):  # what answers for all addresses that are none
        raise Resolver404
    options = {**match.func.initkwargs, "throttle_classes": []}
    if user is not None:
        options["authentication_classes"] = [lambda: _Known(user)]
    view = base(match.func.cls) if base else match.func.cls
    with translation.override(translation.get_language()):  # the API would leave the language of its own request
        return view.as_view(match.func.actions, **options)(inner, *match.args, **match.kwargs)


def count_of(request: HttpRequest, path: str, parameters: Mapping[str, str], user: Account | None) -> int | None:
    """Return how many rows a list has for the account, or for anybody; None if it does not take the parameters."""
    asked = {"format": "json", "page_size": "1", "count": "exact", **parameters}
    answer = _list(request, path, asked, user)
    if answer.status_code != 200:
        return None
    count: int = orjson.loads(answer.render().content)["count"]
    return count


def columns_of(request: HttpRequest, path: str, user: Account | None) -> tuple[Column, ...] | None:
    """Return the columns of the file that the list is for the account, or for anybody; None without such a file."""
    found: list[tuple[Column, ...]] = []

    def told(view: Any) -> Any:
        class Told(view):
            def export(self, table: Table) -> HttpResponseBase:
                found.append(tuple(table.columns))
                return HttpResponse()

        return Told

    _list(request, path, {"format": "csv"}, user, told)
    return found[0] if found else None
