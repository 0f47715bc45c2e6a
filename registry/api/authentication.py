"""Who asks: the holder of a bearer token, or somebody logged in to the admin."""

import datetime
from typing import Any

import pghistory
from django.contrib.auth.models import AbstractBaseUser
from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework import authentication
from rest_framework.exceptions import AuthenticationFailed, PermissionDenied
from rest_framework.request import Request

from registry.models import ApiToken
from registry.models.tokens import key_hash

USE_RECORDED_EVERY = datetime.timedelta(hours=1)
"""How exact `last_used_at` is: reading must write next to nothing."""


class BearerAuthentication(authentication.BaseAuthentication):
    """`Authorization: Bearer KEY`. `request.auth` is the token, whose scope the permissions look at."""

    def authenticate(self, request: Request) -> tuple[AbstractBaseUser, ApiToken] | None:
        scheme, _blank, key = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer":
            return None
        # What is no key cannot be one: no look-up, and no text in the query that the database might refuse.
        key = key.strip()
        token = ApiToken.objects.usable().select_related("user").filter(key_hash=key_hash(key)).first() if key else None
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


class SessionAuthentication(authentication.SessionAuthentication):
    """The session of the admin, so that staff can look at the API in the browser; writes need the CSRF token."""

    def enforce_csrf(self, request: Any) -> None:
        try:
            # Django's request: REST framework's would read the body before it is known who sent it.
            super().enforce_csrf(request._request)
        except PermissionDenied as error:
            raise PermissionDenied(
                _("A write within a browser session needs the header X-CSRFToken. Programs use a token instead."),
                code="csrf",
            ) from error
