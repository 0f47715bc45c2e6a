"""Reads the environment: which registry, with which token, in which language, and how long to wait."""

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from registry.assistants.texts import LANGUAGES, speak
from registry.assistants.texts import gettext as _

URL, TOKEN = "REGISTRY_ASSISTANT_URL", "REGISTRY_ASSISTANT_TOKEN"
LANGUAGE, TIMEOUT = "REGISTRY_ASSISTANT_LANGUAGE", "REGISTRY_ASSISTANT_TIMEOUT"


class UnusableSetting(Exception):
    """A sentence that names the variable and the remedy."""


@dataclass(frozen=True)
class Settings:
    url: str
    """The address of the site without a slash at its end."""
    token: str
    timeout: int
    """Seconds that one request may take, its answer included."""


def read_settings(environment: Mapping[str, str]) -> Settings:
    """Read the settings, and speak their language from then on. Raises UnusableSetting."""
    language = environment.get(LANGUAGE, "") or "zh"
    if language not in LANGUAGES:
        raise UnusableSetting(f"{LANGUAGE} must be zh or en, not {language!r}. {LANGUAGE} 只能是 zh 或 en。")
    try:
        speak(language)
    except OSError:
        raise UnusableSetting(
            "The translations are not compiled: run `make assistants`. 请先执行 make assistants。"
        ) from None
    token = environment.get(TOKEN, "").strip()
    if not token.isascii() or not token.isprintable() or not token or " " in token:
        raise UnusableSetting(_("%s must hold a token: issue one of scope “read” on the page API tokens.") % TOKEN)
    return Settings(_url(environment.get(URL, "").strip()), token, _timeout(environment.get(TIMEOUT, "") or "30"))


def _url(given: str) -> str:
    try:
        parts = urlsplit(given)
        usable = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        usable = False
    if not usable or parts.query or parts.fragment or parts.username is not None:
        raise UnusableSetting(_("%s must be the address of the registry, such as https://registry.example.") % URL)
    if parts.scheme == "http" and not _is_this_computer(parts.hostname or ""):
        raise UnusableSetting(
            _("%s must begin with https://, so that nobody on the way reads the token. Only this computer needs none.")
            % URL
        )
    return given.rstrip("/").removesuffix("/api/v1")


def _is_this_computer(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _timeout(given: str) -> int:
    if not (given.isascii() and given.isdigit() and len(given) < 4 and 1 <= int(given) <= 300):
        raise UnusableSetting(_("%s must be a whole number of seconds from 1 to 300.") % TIMEOUT)
    return int(given)
