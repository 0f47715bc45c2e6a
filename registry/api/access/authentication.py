"""Finds out who sends a request: the holder of a bearer token, or somebody logged in to the admin."""

import datetime
from functools import cache
from typing import Any

import pghistory
from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser, Group, Permission, User
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Case, OuterRef, Q, Subquery, Value, When
from django.db.models.functions import Concat
from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework import authentication
from rest_framework.exceptions import AuthenticationFailed, PermissionDenied
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request

from registry.api.access.tokens import ApiToken, key_hash
from registry.api.lists.statements import EqualsParameter, PreparedQuery
from registry.reference.models import ReferenceState
from registry.second_factor.rules import needs_factor
from registry.second_factor.state import is_pending

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
        if token.needs_factor:  # type: ignore[attr-defined]
            raise AuthenticationFailed(
                _("This token was made without the second factor that its account needs now. Make a new one with it.")
            )
        # Beside the user, the history names the token by which a change came.
        pghistory.context(token=token.pk)
        request._request.token_start = token.key_start  # type: ignore[attr-defined]
        return token.user, token

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="api"'

    def _record_use(self, token: ApiToken) -> None:
        now = timezone.now()
        if token.last_used_at is None or now - token.last_used_at >= USE_RECORDED_EVERY:
            ApiToken.objects.filter(pk=token.pk).update(last_used_at=now)


def _find(key: str, request: Request) -> ApiToken | None:
    """Return the valid token of a key, with the account, its permissions and the version of the reference data."""
    for row in _statement(settings.SECOND_FACTOR).rows(key_hash(key)):
        token = ApiToken.from_db(None, TOKEN, row[: len(TOKEN)])
        token.user = user = User.from_db(None, USER, row[len(TOKEN) : -3])
        token.needs_factor = row[-3]  # type: ignore[attr-defined]
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
def _statement(start_value: str) -> PreparedQuery:
    """Return the statement; it holds the start value of the rule of second factors (`needs_factor()`)."""
    user = OuterRef(OuterRef("user_id"))
    own = User.user_permissions.through.objects.filter(user=user).values("permission")
    of_groups = Group.permissions.through.objects.filter(group__user=user).values("permission")
    held = Permission.objects.filter(Q(pk__in=own) | Q(pk__in=of_groups)).order_by()
    names = held.values_list(Concat("content_type__app_label", Value("."), "codename"))
    tokens = ApiToken.objects.order_by().filter(EqualsParameter("key_hash"))
    account = (f"user__{name}" for name in USER)
    lacks = Case(When(with_factor=True, then=Value(False)), default=needs_factor("user__"))
    version = Subquery(ReferenceState.objects.values("version"))
    return PreparedQuery(tokens.values_list(*TOKEN, *account, lacks, ArraySubquery(names), version))


class SessionAuthentication(authentication.SessionAuthentication):
    """Authenticates by the session of the admin, for staff who use the API in the browser; writes need the CSRF
    token. A session that has not passed the second factor of its account is refused.
    """

    def authenticate(self, request: Request) -> tuple[Any, None] | None:
        found = super().authenticate(request)
        if found and is_pending(request._request):
            raise PermissionDenied(
                _("Your account needs its second factor first: log in to the pages of the staff with it."),
                code="second_factor",
            )
        return found

    def enforce_csrf(self, request: Any) -> None:
        try:
            # Django's request: REST framework's would read the body before it is known who sent it.
            super().enforce_csrf(request._request)
        except PermissionDenied as error:
            raise PermissionDenied(
                _("A write within a browser session needs the header X-CSRFToken. Programs use a token instead."),
                code="csrf",
            ) from error
