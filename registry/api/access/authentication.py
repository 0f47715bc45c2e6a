"""Finds out who sends a request: the holder of a bearer token, or somebody logged in to the admin."""

import datetime
from functools import cache
from typing import Any

import pghistory
from django.contrib.auth.models import AbstractBaseUser, Group, Permission, User
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, Q, Subquery, Value
from django.db.models.functions import Concat
from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework import authentication
from rest_framework.exceptions import AuthenticationFailed, PermissionDenied
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request

from registry.api.access.tokens import ApiToken, key_hash
from registry.api.lists.prepared import EqualsParameter, PreparedQuery
from registry.reference.models import ReferenceState

USE_RECORDED_EVERY = datetime.timedelta(hours=1)
"""The precision of `last_used_at`: most requests that only read must not write."""


class BearerAuthentication(authentication.BaseAuthentication):
    """Authenticates by `Authorization: Bearer KEY`. `request.auth` is the token, whose scope the permissions check."""

    def authenticate(self, request: Request) -> tuple[AbstractBaseUser, ApiToken] | None:
        scheme, _blank, key = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer":
            return None
        # What is no key cannot be one: no look-up, and no text in the query that the database might refuse.
        key = key.strip()
        token = _find(key, request) if key else None
        if token is None or not token.belongs_to_password_of(token.user):
            raise AuthenticationFailed(_("This token is unknown, has expired or has been revoked."))
        self._record_use(token)
        # Beside the user, the history names the token by which a change came.
        pghistory.context(token=token.pk)
        return token.user, token

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="api"'

    def _record_use(self, token: ApiToken) -> None:
        now = timezone.now()
        if token.last_used_at is None or now - token.last_used_at >= USE_RECORDED_EVERY:
            ApiToken.objects.filter(pk=token.pk).update(last_used_at=now)


def _find(key: str, request: Request) -> ApiToken | None:
    """Return the valid token of a key, with the account, its permissions and the version of the reference data."""
    for row in _statement().rows(key_hash(key)):
        token = ApiToken.from_db(None, TOKEN, row[: len(TOKEN)])
        token.user = user = User.from_db(None, USER, row[len(TOKEN) : -2])
        if not user.is_superuser:
            # Where Django keeps what it has read once; without it, it would ask twice.
            user._perm_cache = set(row[-2])  # type: ignore[attr-defined]
        if request.method in SAFE_METHODS:
            request.references_version = row[-1]  # type: ignore[attr-defined]
        return token if token.is_usable() else None
    return None


TOKEN = [field.attname for field in ApiToken._meta.concrete_fields]
USER = [field.attname for field in User._meta.concrete_fields]


@cache
def _statement() -> PreparedQuery:
    user = OuterRef(OuterRef("user_id"))
    own = User.user_permissions.through.objects.filter(user=user).values("permission")
    of_groups = Group.permissions.through.objects.filter(group__user=user).values("permission")
    held = Permission.objects.filter(Q(pk__in=own) | Q(pk__in=of_groups)).order_by()
    names = held.values_list(Concat("content_type__app_label", Value("."), "codename"))
    tokens = ApiToken.objects.order_by().filter(EqualsParameter("key_hash"))
    account = (f"user__{name}" for name in USER)
    return PreparedQuery(
        tokens.values_list(*TOKEN, *account, ArraySubquery(names), Subquery(ReferenceState.objects.values("version")))
    )


class SessionAuthentication(authentication.SessionAuthentication):
    """Authenticates by the session of the admin, for staff who use the API in the browser; writes need the CSRF
    token.
    """

    def enforce_csrf(self, request: Any) -> None:
        try:
            # Django's request: REST framework's would read the body before it is known who sent it.
            super().enforce_csrf(request._request)
        except PermissionDenied as error:
            raise PermissionDenied(
                _("A write within a browser session needs the header X-CSRFToken. Programs use a token instead."),
                code="csrf",
            ) from error
