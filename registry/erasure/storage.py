"""Takes erased values out of the files of the database, where deleted rows stay readable until they are overwritten.

Tables are rewritten, the statistics of the planner made anew, and the log of the server begun anew. What the role may
not do is reported, and left to the operator.
"""

from collections.abc import Collection

from django.apps import apps
from django.db import DatabaseError, connection, transaction
from django.db.backends.utils import CursorWrapper
from django.utils.translation import gettext as _
from psycopg.sql import SQL, Identifier

from registry.erasure.finding.tables import table_label
from registry.values.punctuation import listed

WAIT = "5s"
"""How long a table is waited for that somebody is using."""
ATTEMPTS = 5
"""How often the rewriting of the statistics is tried, which autovacuum may be working on."""


def rewrite(labels: Collection[str]) -> list[str]:
    """Rewrite the tables of these models, outside of a transaction. Return what could not be done, in words."""
    if connection.in_atomic_block:
        raise transaction.TransactionManagementError("The tables are rewritten after the commit.")
    told = []
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT set_config('lock_timeout', %s, false), set_config('statement_timeout', '0', false)", [WAIT]
        )
        try:
            models = [apps.get_model(label) for label in labels]
            tables = [model._meta.db_table for model in models]
            busy = {table_label(model) for model in models if not _vacuum(cursor, model._meta.db_table)}
            embedded = "EMBEDDED" in connection.settings_dict
            if embedded and not any(_statistics_anew(cursor, tables) for _attempt in range(ATTEMPTS)):
                busy.add(_("statistics of the database"))
            if busy:
                params = {"tables": listed(sorted(busy))}
                told.append(
                    _(
                        "Not rewritten, because it was in use: %(tables)s. Until it is, the files of the database hold "
                        "old values: run manage.py erase_person --clean at a quiet time."
                    )
                    % params
                )
            if embedded:
                _begin_log_anew(cursor)
            else:
                told.append(
                    _(
                        "The log (WAL) and the statistics of the database server, its copies and replicas keep old "
                        "values until they are overwritten: only the operator of the server can end that."
                    )
                )
        finally:
            cursor.execute("RESET lock_timeout; RESET statement_timeout")
    return told


def _vacuum(cursor: CursorWrapper, table: str) -> bool:
    try:
        cursor.execute(SQL("VACUUM (FULL, ANALYZE) {}").format(Identifier(table)).as_string())
    except DatabaseError:
        return False
    return True


def _statistics_anew(cursor: CursorWrapper, tables: list[str]) -> bool:
    """Make the statistics of the planner anew, which hold frequent values. Return whether none of the old are left."""
    try:
        # Those of a table that is empty now would stay as they are.
        cursor.execute(
            "DELETE FROM pg_catalog.pg_statistic WHERE starelid IN (SELECT c.oid FROM pg_catalog.pg_class c"
            " LEFT JOIN pg_catalog.pg_index i ON i.indexrelid = c.oid"
            " JOIN pg_catalog.pg_class t ON t.oid = coalesce(i.indrelid, c.oid) WHERE t.relname = ANY(%s))",
            [tables],
        )
        for table in tables:
            cursor.execute(SQL("ANALYZE {}").format(Identifier(table)).as_string())
        cursor.execute("VACUUM FULL pg_catalog.pg_statistic")
    except DatabaseError:  # "missing chunk": autovacuum took a long value away while its row was being copied
        cursor.execute("SELECT pg_sleep(0.5)")
        return False
    return True


def _begin_log_anew(cursor: CursorWrapper) -> None:
    cursor.execute("ALTER SYSTEM SET wal_recycle = off")
    cursor.execute("SELECT pg_reload_conf(), pg_sleep(0.5)")
    for _number in range(2):
        cursor.execute("SELECT pg_switch_wal()")
        cursor.execute("CHECKPOINT")
    cursor.execute("ALTER SYSTEM RESET wal_recycle")
    cursor.execute("SELECT pg_reload_conf()")
