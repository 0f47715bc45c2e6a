"""Databases of the tests: a migrated one that each process copies, as copying takes a tenth of a second."""

import hashlib
from functools import cache
from pathlib import Path

from django.core.management import call_command
from django.db import DEFAULT_DB_ALIAS, connection, connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from registry.history import complete

ROOT = Path(__file__).resolve().parent.parent


def write_carelessly() -> None:
    """Let the embedded server of the tests, which has nothing to lose, not wait for the disk."""
    if "EMBEDDED" in connection.settings_dict:
        with connection._nodb_cursor() as cursor:
            cursor.execute("ALTER SYSTEM SET fsync = off")
            cursor.execute("ALTER SYSTEM SET full_page_writes = off")
            cursor.execute("SELECT pg_reload_conf()")


def template() -> str:
    """The name of a database with the present migrations, made by the first who asks for it."""
    sources = [ROOT / "requirements.lock", *sorted(ROOT.glob("*/migrations/*.[ps]*"))]
    state = hashlib.sha256(b"".join(path.read_bytes() for path in sources)).hexdigest()[:16]
    name = f"template_registry_{state}"
    with connection._nodb_cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(hashtext('registry: test template'))")  # until the cursor is closed
        cursor.execute("SELECT datname FROM pg_database WHERE datname LIKE 'template_registry_%%'")
        existing = {row[0] for row in cursor.fetchall()}
        if name not in existing:
            wanted = connection.settings_dict["NAME"]
            made = connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
            connection.close()
            connection.settings_dict["NAME"] = wanted
            cursor.execute(f'ALTER DATABASE "{made}" RENAME TO "{name}"')
            for old in existing:
                cursor.execute(f'DROP DATABASE IF EXISTS "{old}"')
    return name


def with_reference() -> BaseDatabaseWrapper:
    """A second database of this process, with the reference data: loading them takes as long as many a test."""
    wrapper = connection.copy()
    wrapper.settings_dict["NAME"] += "_reference"
    with connection._nodb_cursor() as cursor:
        cursor.execute(f'DROP DATABASE IF EXISTS "{wrapper.settings_dict["NAME"]}"')
        cursor.execute(f'CREATE DATABASE "{wrapper.settings_dict["NAME"]}" TEMPLATE "{template()}"')
    own, connections[DEFAULT_DB_ALIAS] = connections[DEFAULT_DB_ALIAS], wrapper
    try:
        call_command("load_reference", verbosity=0)
    finally:
        connections[DEFAULT_DB_ALIAS] = own
    return wrapper


def drop(wrapper: BaseDatabaseWrapper) -> None:
    wrapper.close()
    with wrapper._nodb_cursor() as cursor:
        cursor.execute(f'DROP DATABASE "{wrapper.settings_dict["NAME"]}"')


def empty() -> None:
    """Delete all rows of the models, as `flush` does by new files for all tables, which takes a second.

    What it would make anew stays, and the reference data have another version, as after every change of them.
    """
    kept = {"auth_permission", "django_content_type", "registry_referencestate"}
    tables = [f'"{name}"' for name in _tables() if name not in kept]
    with transaction.atomic(), connection.cursor() as cursor:
        # Waits for those who are still writing.
        cursor.execute(f"LOCK TABLE {', '.join(tables)} IN SHARE ROW EXCLUSIVE MODE")
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute("; ".join(f"DELETE FROM {name}" for name in tables))
        cursor.execute("UPDATE registry_referencestate SET version = gen_random_uuid()")


@cache
def _tables() -> list[str]:
    return connection.introspection.django_table_names(only_existing=True, include_views=False)


def gaps() -> list[tuple[str, int]]:
    """What `complete.gaps` finds, by a statement that stays prepared: planning it takes longer than the answer."""
    with connection.cursor() as cursor:
        # The driver drops all prepared statements when a transaction is rolled back in which it made one itself.
        cursor.execute("SELECT FROM pg_prepared_statements WHERE name = 'gaps'")
        if not cursor.rowcount:
            cursor.execute(f"PREPARE gaps AS {complete.gaps_sql()}")
        cursor.execute("EXECUTE gaps")
        return cursor.fetchall()


def past_the_triggers(sql: str, *values: object) -> None:
    """Run a statement as somebody does who can leave out the triggers."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(sql, values)
        cursor.execute("SET LOCAL session_replication_role = origin")
