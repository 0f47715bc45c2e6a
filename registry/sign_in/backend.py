"""Finds the account of somebody whom another system has identified.

The account exists: an administrator has opened it, and a declared claim names it. Roles follow a declared claim where a
map says so. Whoever looks after accounts logs in with the password: the other system makes nobody an administrator, nor
lets anybody in as one.
"""

import logging
from typing import Any

import jwt
import pghistory
import requests
from django.conf import settings
from django.contrib.auth.models import Group, User
from django.core.exceptions import SuspiciousOperation, ValidationError
from django.db import transaction
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from mozilla_django_oidc.auth import OIDCAuthenticationBackend

from registry.accounts.actions import locked
from registry.accounts.log import record
from registry.accounts.rights import rights_of
from registry.accounts.roles import must_stay_apart
from registry.second_factor.rules import AccountBackend
from registry.sign_in.provider import metadata

logger = logging.getLogger(__name__)
LOOKS_AFTER_ACCOUNTS = "auth.change_user"
NAME = "sign_in_name"
"""The attribute of a request that holds the name by which the other system knows the person, for the log."""


class OpenIdBackend(OIDCAuthenticationBackend):
    """mozilla-django-oidc does the exchange; what it leaves open is checked here: issuer, audience, subject."""

    get_user = AccountBackend.get_user

    def __init__(self) -> None:
        """Read no settings of the other system yet: every request makes a backend."""
        self.OIDC_RP_CLIENT_ID = settings.OIDC_RP_CLIENT_ID
        self.OIDC_RP_CLIENT_SECRET = settings.OIDC_RP_CLIENT_SECRET
        self.OIDC_RP_SIGN_ALGO = settings.OIDC_RP_SIGN_ALGO
        self.OIDC_RP_IDP_SIGN_KEY = None
        self.UserModel = User

    def authenticate(self, request: HttpRequest | None, **kwargs: Any) -> User | None:
        if request is None or not kwargs.get("nonce"):  # a log-in with a password, whatever its address says
            return None
        try:
            document = metadata()
            self.OIDC_OP_TOKEN_ENDPOINT = document["token_endpoint"]
            self.OIDC_OP_USER_ENDPOINT = document["userinfo_endpoint"]
            self.OIDC_OP_JWKS_ENDPOINT = document["jwks_uri"]
            return super().authenticate(request, **kwargs)
        except (SuspiciousOperation, requests.RequestException, jwt.PyJWTError, KeyError, ValueError) as error:
            logger.warning("The sign-in by the other system has failed: %s", error)
            return None

    def verify_token(self, token: str, **kwargs: Any) -> dict[str, Any]:
        payload: dict[str, Any] = super().verify_token(token, **kwargs)
        if "nonce" in kwargs:  # the identity; what else is signed is checked by its subject
            audience = payload.get("aud")
            for_us = self.OIDC_RP_CLIENT_ID in (audience if isinstance(audience, list) else [audience])
            if str(payload.get("iss", "")).rstrip("/") != settings.OIDC_ISSUER.rstrip("/") or not for_us:
                raise SuspiciousOperation("the identity comes from another issuer, or is for another system")
            if "exp" not in payload:
                raise SuspiciousOperation("the identity has no end")
        return payload

    def retrieve_matching_jwk(self, token: str) -> jwt.PyJWK:
        """Return the key that the identity names; where it names none, the one there is."""
        answer = requests.get(self.OIDC_OP_JWKS_ENDPOINT, timeout=settings.OIDC_TIMEOUT)
        answer.raise_for_status()
        header = jwt.get_unverified_header(token)
        named, algorithm = header.get("kid"), header["alg"]
        keys = [
            key
            for key in answer.json()["keys"]
            if named in (None, key.get("kid")) and key.get("alg", algorithm) == algorithm
        ]
        if len(keys) != 1:
            raise SuspiciousOperation("it is not certain by which key the identity is signed")
        return jwt.PyJWK(keys[0])

    def get_userinfo(self, access_token: str, id_token: str, payload: dict[str, Any]) -> dict[str, Any]:
        told: dict[str, Any] = super().get_userinfo(access_token, id_token, payload)
        if not payload.get("sub") or told.get("sub") != payload["sub"]:
            raise SuspiciousOperation("identity and claims are of two people")
        return payload | told

    def verify_claims(self, claims: dict[str, Any]) -> bool:
        name = claims.get(settings.OIDC_CLAIM)
        setattr(self.request, NAME, name if isinstance(name, str) else "")
        return bool(getattr(self.request, NAME))

    def filter_users_by_claims(self, claims: dict[str, Any]) -> QuerySet[User]:
        return User.objects.filter(username=claims[settings.OIDC_CLAIM])

    def update_user(self, user: User, claims: dict[str, Any]) -> User | None:
        """Give the account the roles of the map, and return it if it may sign in this way."""
        if looks_after_accounts(user):
            logger.warning("%s looks after accounts, and logs in with the password.", user)
            return None
        if settings.OIDC_ROLES:
            try:
                give_roles(user, claims.get(settings.OIDC_GROUPS_CLAIM))
            except ValidationError as error:
                logger.warning("The roles of %s are not as they may be: %s", user, " ".join(error.messages))
                return None
        user.refresh_from_db()
        return user if user.is_active and user.is_staff else None


def looks_after_accounts(user: User) -> bool:
    return user.is_superuser or LOOKS_AFTER_ACCOUNTS in rights_of(user)


@transaction.atomic
@pghistory.context(operation="roles_by_sign_in")
def give_roles(user: User, groups: Any) -> None:
    """Give the account the roles of the map for its groups, and take away roles of the map that it has no group for."""
    account = locked(user.pk)
    named = set(groups) if isinstance(groups, list) else {groups}
    app, _dot, codename = LOOKS_AFTER_ACCOUNTS.partition(".")
    administrators = Q(permissions__content_type__app_label=app, permissions__codename=codename)
    mapped = set(Group.objects.filter(name__in=settings.OIDC_ROLES.values()).exclude(administrators))
    wanted = {role for role in mapped if any(settings.OIDC_ROLES.get(name) == role.name for name in named)}
    has = set(account.groups.all())
    given, taken = wanted - has, (mapped - wanted) & has
    must_stay_apart([role.name for role in (has | given) - taken])
    if not given | taken:
        return
    account.groups.add(*given)
    account.groups.remove(*taken)
    account.is_staff = account.groups.exists() or account.user_permissions.exists()
    account.save(update_fields=["is_staff"])
    names = {"given": sorted(role.name for role in given), "taken": sorted(role.name for role in taken)}
    record(account, account, "by_sign_in", **names)
