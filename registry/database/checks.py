"""Checks that the database server has what the registry needs."""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register
from django.db import DatabaseError, connections, transaction
from django.db.migrations.recorder import MigrationRecorder

from registry.database.upgrades import partly_applied

MINIMAL_VERSION = 15


@register(Tags.database)
def check_server(databases: Sequence[str] | None = None, **kwargs: Any) -> list[CheckMessage]:
    return [message for alias in databases or () for message in _check(alias)]


def _check(alias: str) -> list[CheckMessage]:
    messages: list[CheckMessage] = []
    with connections[alias].cursor() as cursor:
        cursor.execute(
            "SELECT current_setting('server_version_num')::int / 10000, '中' ~ '[[:alpha:]]', getdatabaseencoding(),"
            " rolsuper, rolname FROM pg_roles WHERE rolname = current_user"
        )
        version, letters, encoding, superuser, role = cursor.fetchone()
    if version < MINIMAL_VERSION:
        messages.append(
            Error(f"PostgreSQL {version} is too old: version {MINIMAL_VERSION} or later is needed.", id="registry.E001")
        )
    if encoding != "UTF8":
        messages.append(Error(f"The encoding of the database is {encoding}; it must be UTF8.", id="registry.E002"))
    if not letters:
        messages.append(
            Error(
                "The database does not take Chinese characters for letters, so searches in Chinese would find nothing.",
                hint="Create it with a UTF-8 locale: CREATE DATABASE ... TEMPLATE template0 LOCALE 'C.UTF-8'.",
                id="registry.E003",
            )
        )
    if superuser and settings.PRODUCTION:
        messages.append(
            Error(
                f"The role “{role}” of DATABASE_URL is a superuser of the server: who breaks into the registry would "
                "rule every database and the files of the machine.",
                hint=f'ALTER ROLE "{role}" NOSUPERUSER, or name a role of its own that owns the database.',
                id="registry.E004",
            )
        )
    messages += _partly_migrated(alias)
    return messages


def _partly_migrated(alias: str) -> list[CheckMessage]:
    """Return an error for each migration that replaces several of which the database has only some.

    Django would fail with a traceback; `migrate` runs these checks before it does anything.
    """
    try:
        with transaction.atomic(using=alias):
            applied = MigrationRecorder(connections[alias]).applied_migrations().keys()
    except DatabaseError:  # a role without rights, of which `migrate` tells more
        return []
    return [
        Error(
            f"The database is of an earlier version: of the {len(migration.replaces)} migrations of "
            f"“{migration.app_label}” that are one now, it has those up to {last}.",
            hint="Run `migrate` of version 0.12.0 of the registry first, then that of this version.",
            id="registry.E005",
        )
        for migration, last in partly_applied(applied)
    ]
