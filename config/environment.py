"""What the environment says, in the form that the settings need."""

import contextlib
import os
import secrets
from pathlib import Path
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from psycopg import ProgrammingError
from psycopg.conninfo import conninfo_to_dict

MINIMAL_SECRET_LENGTH = 50


def flag(name: str) -> bool:
    value = os.environ.get(name, "").strip().lower()
    if value in ("", "0", "no", "false", "off"):
        return False
    if value in ("1", "yes", "true", "on"):
        return True
    raise ImproperlyConfigured(f"{name} must be 1 or 0, not {value!r}.")


def number(name: str, default: int) -> int:
    value = os.environ.get(name, "").strip()
    if value and not value.isdecimal():
        raise ImproperlyConfigured(f"{name} must be a whole number, not {value!r}.")
    return int(value) if value else default


def names(name: str) -> list[str]:
    """Values separated by commas."""
    return [part.strip() for part in os.environ.get(name, "").split(",") if part.strip()]


def production() -> bool:
    value = os.environ.get("REGISTRY_ENV", "evaluation")
    if value not in ("evaluation", "production"):
        raise ImproperlyConfigured(f"REGISTRY_ENV must be evaluation or production, not {value!r}.")
    return value == "production"


def secret_key(path: Path) -> str:
    """The key of the environment; for an evaluation one that is generated once and kept in path."""
    if key := os.environ.get("REGISTRY_SECRET_KEY", ""):
        if production() and (len(key) < MINIMAL_SECRET_LENGTH or len(set(key)) < 10):
            raise ImproperlyConfigured(f"REGISTRY_SECRET_KEY needs {MINIMAL_SECRET_LENGTH} random characters.")
        return key
    if production():
        raise ImproperlyConfigured("Production needs REGISTRY_SECRET_KEY, 50 or more random characters.")
    return kept_secret(path)


def kept_secret(path: Path) -> str:
    """The secret in a file, which is generated complete or not at all, whoever else starts at the same moment."""
    try:
        return path.read_text()
    except FileNotFoundError:
        path.parent.mkdir(parents=True, exist_ok=True)
    except PermissionError:
        raise ImproperlyConfigured(f"{path} belongs to another user: run as that user, or set REGISTRY_VAR.") from None
    draft = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(secrets.token_urlsafe(48))
    with contextlib.suppress(FileExistsError):
        os.link(draft, path)
    draft.unlink()
    return path.read_text()


def allowed_hosts() -> list[str]:
    hosts = names("REGISTRY_ALLOWED_HOSTS")
    if production() and (not hosts or "*" in hosts):
        raise ImproperlyConfigured("Production needs REGISTRY_ALLOWED_HOSTS, the host names of the site.")
    return hosts or ["localhost", "127.0.0.1", "[::1]"]


def database(embedded: Path) -> dict[str, Any]:
    """The database that DATABASE_URL names, or the embedded server below the given directory."""
    common = {"ENGINE": "config.postgres", "CONN_MAX_AGE": 600, "CONN_HEALTH_CHECKS": True}
    url = os.environ.get("DATABASE_URL")
    if not url:
        if production():
            raise ImproperlyConfigured("Production needs DATABASE_URL, a PostgreSQL server of version 15 or later.")
        return {"NAME": "registry", "EMBEDDED": embedded, "OPTIONS": {}, **common}
    try:
        given = conninfo_to_dict(url)
    except ProgrammingError as error:
        raise ImproperlyConfigured("DATABASE_URL is not like postgresql://user:password@host:5432/name.") from error
    if not given.get("dbname"):
        raise ImproperlyConfigured("DATABASE_URL names no database: postgresql://user:password@host:5432/name.")
    keys = {"NAME": "dbname", "USER": "user", "PASSWORD": "password", "HOST": "host", "PORT": "port"}
    options = {"connect_timeout": 10} | {k: v for k, v in given.items() if k not in keys.values()}
    located = {key: str(given.get(name) or "") for key, name in keys.items()}
    # Behind a pool that gives each transaction another session, nothing prepared or open is found again.
    pooled = {"DISABLE_SERVER_SIDE_CURSORS": flag("REGISTRY_TRANSACTION_POOL")}
    return {**located, **pooled, "OPTIONS": options, **common}
