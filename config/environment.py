"""Reads the environment variables in the form that the settings need.

A wrong value raises ImproperlyConfigured with one sentence: the variable or file, what is wrong, and the remedy.
"""

import contextlib
import ipaddress
import os
import re
import secrets
import zlib
from pathlib import Path
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from psycopg import ProgrammingError
from psycopg.conninfo import conninfo_to_dict

from registry.api.access.clients import SOCKET
from registry.second_factor import NONE, START_VALUES

MINIMAL_SECRET_LENGTH = 50
EXAMPLES = ("insecure", "change-me", "changeme", "change_me", "example", "password")
# A database on this computer is reached without a network, so that nothing needs to be encrypted.
LOCAL_HOSTS = ("", "localhost", "127.0.0.1", "::1")
ENCRYPTED = ("require", "verify-ca", "verify-full")
# A page that is read out of order costs little more than the next one on solid-state disks, or in memory. With 4, as
# PostgreSQL takes it for magnetic disks, searches of common parts of names read the whole table instead of the index.
PLANNING = "-c random_page_cost=1.1"
LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")


def flag(name: str, default: bool = False) -> bool:
    value = os.environ.get(name, "").strip().lower()
    if not value:
        return default
    if value in ("0", "no", "false", "off"):
        return False
    if value in ("1", "yes", "true", "on"):
        return True
    raise ImproperlyConfigured(f"{name} must be 1 or 0, not {value!r}.")


def number(name: str, default: int, minimum: int = 0) -> int:
    value = os.environ.get(name, "").strip()
    if value and not (value.isdecimal() and len(value) < 10):
        raise ImproperlyConfigured(f"{name} must be a whole number, not {value[:40]!r}.")
    result = int(value) if value else default
    if result < minimum:
        raise ImproperlyConfigured(f"{name} must be {minimum} or more, not {result}.")
    return result


def text(name: str, most: int = 200) -> str:
    """Return the text of a variable, which pages show."""
    value = os.environ.get(name, "").strip()
    if len(value) > most or not value.isprintable():
        raise ImproperlyConfigured(f"{name} must be a text of one line, of at most {most} characters.")
    return value


def web_address(name: str) -> str:
    value = text(name, 500)
    if value and not value.startswith(("https://", "http://")):
        raise ImproperlyConfigured(f"{name} must begin with https:// or http://, not {value[:40]!r}.")
    return value


def names(name: str) -> list[str]:
    """Return the values of a variable, separated by commas."""
    return [part.strip() for part in os.environ.get(name, "").split(",") if part.strip()]


def pairs(name: str) -> dict[str, str]:
    """Return the pairs of a variable, written as `a=b, c=d`."""
    found: dict[str, str] = {}
    for given in names(name):
        key, _sign, value = (part.strip() for part in given.partition("="))
        if not key or not value:
            raise ImproperlyConfigured(f"{name} takes pairs such as group=role, not {given[:80]!r}.")
        found[key] = value
    return found


def needed_with(name: str, other: str) -> str:
    """Return the variable `other`, which must be set where `name` is."""
    value = text(other, 500)
    if os.environ.get(name, "").strip() and not value:
        raise ImproperlyConfigured(f"{name} needs {other}, too.")
    return value


def production() -> bool:
    value = os.environ.get("REGISTRY_ENV", "evaluation")
    if value not in ("evaluation", "production"):
        raise ImproperlyConfigured(f"REGISTRY_ENV must be evaluation or production, not {value!r}.")
    return value == "production"


def practice() -> bool:
    """Return whether this is the practice copy, which has fictional data in a database of its own."""
    if not flag("REGISTRY_PRACTICE"):
        return False
    if production():
        raise ImproperlyConfigured("REGISTRY_PRACTICE is for practice only: leave it out, or leave out REGISTRY_ENV.")
    if os.environ.get("DATABASE_URL"):
        raise ImproperlyConfigured(
            "REGISTRY_PRACTICE has a database of its own: leave it out, or leave out DATABASE_URL."
        )
    return True


def two_persons() -> str:
    """Return what two persons have to agree on: `published`, or nothing."""
    value = os.environ.get("REGISTRY_TWO_PERSONS", "").strip().lower()
    if value in ("", "0", "none"):
        return ""
    if value != "published":
        raise ImproperlyConfigured(f"REGISTRY_TWO_PERSONS must be published, or left out, not {value[:40]!r}.")
    return value


def second_factor() -> str:
    """Return which roles need a second factor to begin with: none, private or all."""
    value = os.environ.get("REGISTRY_SECOND_FACTOR", "").strip().lower() or NONE
    if value not in START_VALUES:
        raise ImproperlyConfigured(
            f"REGISTRY_SECOND_FACTOR must be one of {', '.join(START_VALUES)}, not {value[:40]!r}."
        )
    return value


def security_log() -> dict[str, Any] | None:
    """Return the handler of the lines of security events: `-` is standard output, else a file that is appended to."""
    place = os.environ.get("REGISTRY_SECURITY_LOG", "").strip()
    if not place:
        return None
    if place == "-":
        return {"class": "logging.StreamHandler", "stream": "ext://sys.stdout", "formatter": "message"}
    path = Path(place)
    if not path.is_absolute() or not os.access(path if path.exists() else path.parent, os.W_OK) or path.is_dir():
        raise ImproperlyConfigured(
            f"REGISTRY_SECURITY_LOG must be - or the whole path of a file that can be written, not {place[:200]!r}."
        )
    # Watched: whoever renames the file to keep it (logrotate) needs to tell nobody.
    return {
        "class": "logging.handlers.WatchedFileHandler",
        "filename": place,
        "encoding": "utf-8",
        "delay": True,
        "formatter": "message",
    }


def log_level() -> str:
    value = os.environ.get("REGISTRY_LOG_LEVEL", "").strip().upper() or "INFO"
    if value not in LOG_LEVELS:
        raise ImproperlyConfigured(f"REGISTRY_LOG_LEVEL must be one of {', '.join(LOG_LEVELS)}, not {value!r}.")
    return value


def language() -> str:
    """Return the language of the terminal as gettext finds it: Chinese if it is set, otherwise English."""
    wanted = os.environ.get("LC_ALL") or os.environ.get("LC_MESSAGES") or os.environ.get("LANG") or ""
    if wanted not in ("C", "POSIX"):
        wanted = os.environ.get("LANGUAGE") or wanted
    for name in wanted.lower().split(":"):
        if name.startswith(("zh", "en")):
            return "zh-hans" if name.startswith("zh") else "en"
    return "en"


# --- Secrets


def secret_key(path: Path) -> str:
    """Return the key of the environment; for an evaluation, a key that is generated once and stored in `path`."""
    if key := os.environ.get("REGISTRY_SECRET_KEY", ""):
        if production() and (fault := _weakness(key)):
            cure = "python3 -c 'import secrets; print(secrets.token_urlsafe(48))' makes a good one."
            raise ImproperlyConfigured(f"REGISTRY_SECRET_KEY {fault}: {cure}")
        return key
    if production():
        raise ImproperlyConfigured("Production needs REGISTRY_SECRET_KEY, 50 or more random characters.")
    return kept_secret(path, "Nothing is lost but open sessions")


def _weakness(key: str) -> str:
    """Say what makes the key easy to guess, if anything does."""
    if len(key) < MINIMAL_SECRET_LENGTH:
        return f"is shorter than {MINIMAL_SECRET_LENGTH} characters"
    if any(word in key.lower() for word in EXAMPLES):
        return "is an example"
    # A random key does not become shorter by compression; one of repeated parts or of a row of signs does.
    if len(set(key)) < 15 or len(zlib.compress(key.encode())) < 0.8 * len(key):
        return "repeats itself"
    if key in {value for name, value in os.environ.items() if name != "REGISTRY_SECRET_KEY"}:
        return "is used for something else as well"
    return "holds the password of the database" if _database_password() in key else ""


def _database_password() -> str:
    """Return the password in DATABASE_URL; without one, a text that no key contains."""
    try:
        return str(conninfo_to_dict(os.environ.get("DATABASE_URL", "")).get("password") or "\0")
    except ProgrammingError:
        return "\0"


def kept_secret(path: Path, after_deleting: str) -> str:
    """Return the secret in a file, which is generated once even if several processes start at the same moment.

    `after_deleting` is the effect of deleting the file, which is the remedy if it is damaged.
    """
    try:
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            write_whole(path, secrets.token_urlsafe(48), replace=False)
        secret = path.read_text()
    except (OSError, UnicodeDecodeError) as error:
        raise ImproperlyConfigured(unusable(path, error)) from None
    if len(secret) < MINIMAL_SECRET_LENGTH:
        raise ImproperlyConfigured(f"{path} is empty or cut off: delete it and start again. {after_deleting}.")
    return secret


def write_whole(path: Path, text: str, replace: bool = True) -> None:
    """Write a file so that readers find the old or the new content, also after a power failure. Raises OSError.

    Only the owner may read it. Unless `replace` is set, a file that another process has just written stays.
    """
    draft = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    try:
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        if replace:
            draft.replace(path)
        else:
            with contextlib.suppress(FileExistsError):
                os.link(draft, path)
    finally:
        draft.unlink(missing_ok=True)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)  # the name of the file is kept by its folder
    finally:
        os.close(folder)


def unusable(path: Path, error: Exception) -> str:
    """Return a sentence about a file of ours that cannot be read or written."""
    if isinstance(error, PermissionError):
        return f"{path} belongs to another user: run as that user, or set REGISTRY_VAR to a directory of your own."
    reason = getattr(error, "strerror", "") or "it is no text"
    return f"{path} cannot be read or written ({reason}): mend that, or set REGISTRY_VAR to another directory."


# --- Network


def allowed_hosts() -> list[str]:
    hosts = names("REGISTRY_ALLOWED_HOSTS")
    if production():
        if not hosts:
            raise ImproperlyConfigured("Production needs REGISTRY_ALLOWED_HOSTS, the host names of the site.")
        for host in hosts:
            if "*" in host or host.startswith("."):
                raise ImproperlyConfigured(
                    f"REGISTRY_ALLOWED_HOSTS must name each host: {host!r} would answer to names of strangers."
                )
            if not re.fullmatch(r"[\w.-]+|\[[0-9a-fA-F:.]+\]", host):
                raise ImproperlyConfigured(
                    f"REGISTRY_ALLOWED_HOSTS takes host names such as registry.example, without https:// and port, "
                    f"not {host!r}."
                )
    return hosts or ["localhost", "127.0.0.1", "[::1]"]


def behind_proxy() -> bool:
    """Return whether a trusted proxy sets the protocol of a request.

    It must be set explicitly: clients could forge it.
    """
    if not flag("REGISTRY_BEHIND_PROXY"):
        return False
    if not trusted_proxies():
        raise ImproperlyConfigured(
            "REGISTRY_BEHIND_PROXY needs REGISTRY_TRUSTED_PROXIES, the addresses of the proxy (unix for a socket): "
            "without them all clients count as one, and one of them can lock everybody out."
        )
    return True


def trusted_proxies() -> list[str]:
    proxies = names("REGISTRY_TRUSTED_PROXIES")
    for name in proxies:
        try:
            everybody = name != SOCKET and not ipaddress.ip_network(name).prefixlen
        except ValueError as error:
            raise ImproperlyConfigured(f"REGISTRY_TRUSTED_PROXIES must hold addresses or networks: {error}.") from None
        if everybody:
            raise ImproperlyConfigured(f"REGISTRY_TRUSTED_PROXIES must not trust everybody: {name} is every address.")
    return proxies


_PREPARES = {"prepare_threshold": 5}
"""psycopg prepares a statement that has run so often, where a cursor binds values (registry.api.lists.statements)."""


def database(embedded: Path) -> dict[str, Any]:
    """Return the settings of the database in DATABASE_URL, or of the embedded server in the given directory."""
    common = {"ENGINE": "config.postgres", "CONN_MAX_AGE": 600, "CONN_HEALTH_CHECKS": True}
    url = os.environ.get("DATABASE_URL")
    if not url:
        if production():
            raise ImproperlyConfigured("Production needs DATABASE_URL, a PostgreSQL server of version 15 or later.")
        options = {"options": PLANNING, **_PREPARES}
        return {"NAME": "registry", "EMBEDDED": embedded, "OPTIONS": options, **common}
    try:
        params = conninfo_to_dict(url)
    except ProgrammingError as error:
        raise ImproperlyConfigured("DATABASE_URL is not like postgresql://user:password@host:5432/name.") from error
    if not params.get("dbname"):
        raise ImproperlyConfigured("DATABASE_URL names no database: postgresql://user:password@host:5432/name.")
    if production() and not _is_private(params):
        raise ImproperlyConfigured(
            "DATABASE_URL leads over the network without encryption: add ?sslmode=verify-full (or require), or name "
            "a socket or this computer."
        )
    keys = {"NAME": "dbname", "USER": "user", "PASSWORD": "password", "HOST": "host", "PORT": "port"}
    options = {"connect_timeout": 10} | {k: v for k, v in params.items() if k not in keys.values()}
    options["options"] = f"{PLANNING} {options.get('options', '')}".strip()  # what was given comes last, and counts
    located = {key: str(params.get(name) or "") for key, name in keys.items()}
    # Behind a pool that gives each transaction another session, nothing prepared or open is found again.
    pool = flag("REGISTRY_TRANSACTION_POOL")
    options |= {} if pool else _PREPARES
    return {**located, "DISABLE_SERVER_SIDE_CURSORS": pool, "OPTIONS": options, **common}


def _is_private(params: dict[str, Any]) -> bool:
    """Return whether nobody on the way can read the traffic to the database."""
    if params.get("service") or os.environ.get("PGSERVICE"):  # a file that libpq reads names the place
        return _is_encrypted(params)
    places = ",".join(str(params.get(key) or os.environ.get(f"PG{key}".upper(), "")) for key in ("host", "hostaddr"))
    if all(place.startswith(("/", "@")) or place in LOCAL_HOSTS for place in places.split(",")):
        return True
    return _is_encrypted(params)


def _is_encrypted(params: dict[str, Any]) -> bool:
    return (params.get("sslmode") or os.environ.get("PGSSLMODE")) in ENCRYPTED
