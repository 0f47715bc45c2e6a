"""Reads the addresses of the other system from the document that OpenID Connect Discovery names."""

import time
from typing import Any

import requests
from django.conf import settings
from django.core.exceptions import SuspiciousOperation

_KEPT_SECONDS = 3600
_kept: dict[str, tuple[float, dict[str, Any]]] = {}


def metadata() -> dict[str, Any]:
    """Return the document of the issuer, which is asked for once in an hour. Raises RequestException, ValueError."""
    issuer = settings.OIDC_ISSUER
    read, found = _kept.get(issuer, (0.0, {}))
    if time.monotonic() - read < _KEPT_SECONDS and found:
        return found
    answer = requests.get(f"{issuer.rstrip('/')}/.well-known/openid-configuration", timeout=settings.OIDC_TIMEOUT)
    answer.raise_for_status()
    document: dict[str, Any] = answer.json()
    if str(document.get("issuer", "")).rstrip("/") != issuer.rstrip("/"):
        raise SuspiciousOperation("the document names another issuer")
    _kept[issuer] = time.monotonic(), document
    return document
