"""Prints what a database role needs that serves the registry and owns nothing, so that it cannot rewrite its history.

The owner migrates; the role reads and writes rows. Events are written by the triggers alone, in the name of the owner:
the role may read them and nothing else, and no setting of its session keeps a trigger from writing one.
"""

from argparse import ArgumentParser
from collections.abc import Iterator
from typing import Any

import pghistory.models
from django.apps import apps
from django.core.management.base import BaseCommand, CommandError
from django.db import connection, models
from django.utils.translation import gettext as _
from pgtrigger import Delete, Protect, Update
from psycopg.sql import SQL, Composable, Identifier

from registry.database.fields import column_of
from registry.imports.undo.tracked_tables import tracked_tables

_MAINTAIN = 170_000
"""The version of PostgreSQL from which a role may be allowed to ANALYZE tables that it does not own."""
_RECORDING = r"""
    SELECT DISTINCT n.nspname, p.proname FROM pg_trigger t
    JOIN pg_proc p ON p.oid = t.tgfoid JOIN pg_namespace n ON n.oid = p.pronamespace
    WHERE t.tgrelid = ANY(%s::regclass[]) AND t.tgname ~ '^pgtrigger_(insert_insert|update_update|delete_delete)_'
    UNION SELECT n.nspname, p.proname FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
    WHERE p.proname = '_pgh_attach_context' ORDER BY 2
"""
"""The functions that write events and their context."""


class Command(BaseCommand):
    help = "Print the SQL that makes a database role for the registry which owns nothing: psql runs it as a superuser."
    requires_migrations_checks = True

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name", help="name of the role")

    def handle(self, *args: Any, name: str, **options: Any) -> None:
        if not name or len(name) > 63 or not name.isprintable():
            raise CommandError(_("This is no name of a role."))
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_get_userbyid(relowner) FROM pg_class WHERE oid = 'django_migrations'::regclass")
            (owner,) = cursor.fetchone()
        if name == owner:
            raise CommandError(_("This role owns the tables. Name another one, which the registry is to work with."))
        self.stdout.write("\n".join(f"{statement};" for statement in statements(name)))


def statements(name: str) -> list[str]:
    """Return the statements. They may be run again, and are after each upgrade."""
    role = Identifier(name)
    made: list[Composable] = [
        SQL("REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {}").format(role),
        SQL("REVOKE CREATE ON SCHEMA public FROM PUBLIC, {}").format(role),
        SQL("GRANT USAGE ON SCHEMA public TO {}").format(role),
        SQL("GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {}").format(role),
        SQL("GRANT SELECT ON ALL TABLES IN SCHEMA public TO {}").format(role),
        *(SQL("GRANT {} ON {} TO {}").format(*one, role) for one in _writes()),
        *(_in_the_name_of_the_owner(schema, function) for schema, function in _recording()),
    ]
    if connection.pg_version >= _MAINTAIN:  # type: ignore[attr-defined]
        made.append(SQL("GRANT MAINTAIN ON ALL TABLES IN SCHEMA public TO {}").format(role))
    return [one.as_string() for one in made]


def _writes() -> Iterator[tuple[Composable, Composable]]:
    """Yield what the role may write, table by table."""
    tracked = {table.table for table in tracked_tables(also=tuple(apps.get_models()))}
    done: set[str] = set()
    for model in apps.get_models(include_auto_created=True):
        meta = model._meta
        if meta.db_table in done or not meta.managed or meta.proxy or _written_by_triggers(model):
            continue
        done.add(meta.db_table)
        table = Identifier("public", meta.db_table)
        if _append_only(model):
            yield SQL("INSERT"), table
        elif meta.db_table in tracked:
            # A row that changes its number would leave its history behind, and the trigger would not see it.
            columns = [Identifier(column_of(one)) for one in meta.local_concrete_fields if not one.primary_key]
            yield SQL("INSERT, DELETE"), table
            yield SQL("UPDATE ({})").format(SQL(", ").join(columns)), table
        else:
            yield SQL("INSERT, UPDATE, DELETE"), table


def _written_by_triggers(model: type[models.Model]) -> bool:
    """Return whether only the functions of the history write the table."""
    return issubclass(model, pghistory.models.Event | pghistory.models.Context)


def _append_only(model: type[models.Model]) -> bool:
    """Return whether a trigger forbids that rows are changed or deleted."""
    protected = (one for one in getattr(model._meta, "triggers", []) if isinstance(one, Protect))
    return any(one.operation == Update | Delete or str(one.operation) == str(Update | Delete) for one in protected)


def _recording() -> list[tuple[str, str]]:
    with connection.cursor() as cursor:
        cursor.execute(_RECORDING, [[table.table for table in tracked_tables(also=tuple(apps.get_models()))]])
        return cursor.fetchall()


def _in_the_name_of_the_owner(schema: str, function: str) -> Composable:
    """Let the function write with the rights of its owner; settings of the session do not change that."""
    return SQL(
        "ALTER FUNCTION {}() SECURITY DEFINER SET search_path = public, pg_temp SET pgtrigger.ignore = '{{}}'"
    ).format(Identifier(schema, function))
