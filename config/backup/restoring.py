"""Brings a backup into an empty database: whole, and proved by its own counts, or not at all.

The dump is SQL, and psycopg executes it: that needs no program of PostgreSQL, which might be too old for an archive of
pg_dump or know no TLS, and counts in the same transaction. `psql -1` would also commit half of a dump whose reader was
killed.
"""

import hashlib
import io
import uuid
from collections.abc import Iterable, Iterator

import psycopg
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.db import connection, transaction
from django.db.migrations.loader import MigrationLoader
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from psycopg import sql
from psycopg.rows import TupleRow

from config.backup.archive import MOST_MISSING, Backup, BadBackupError, Manifest
from registry.attachments import storage
from registry.attachments.models import path_of
from registry.database.backups import LastBackup
from registry.database.upgrades import partly_applied

PIECE = 1 << 18
LEFT_OUT = (
    b"\\restrict ",  # words to psql
    b"\\unrestrict ",
    b"SET transaction_timeout = ",  # PostgreSQL 16 and older do not know it
    b"COMMENT ON EXTENSION ",  # only the owner may, who need not be the owner of the database
)
"""Lines outside the data that are not needed here."""
NO_CLUSTER = "UPDATE public.registry_changeorigin SET cluster = ''"
"""Closes the feed of changes until the changes are numbered anew.

This is needed in the same cluster, too: changes after the backup are undone, so readers that have seen them must start
again.
"""


class RestoreError(Exception):
    """Says that the backup could not be restored and nothing was written; the message gives the reason."""


def pending(manifest: Manifest) -> bool:
    """Return whether the backup is of an older version.

    Raises BadBackupError if it is of a newer one, or of one so old that this version cannot upgrade it.
    """
    loader = MigrationLoader(None, ignore_no_migrations=True)
    known = set(loader.disk_migrations)
    replaced = {key for migration in loader.disk_migrations.values() for key in migration.replaces}
    applied = {(app, name) for app, name in manifest.migrations}
    if unknown := sorted(applied - known - replaced):
        params = {"version": manifest.version, "migration": ".".join(unknown[0])}
        message = _(
            "it is of a newer version of the registry (%(version)s, with %(migration)s): update the program first"
        )
        raise BadBackupError(message % params)
    if any(partly_applied(applied)):
        message = _("it is of version %(version)s, too old to be upgraded here: restore it with version 0.12.0 first")
        raise BadBackupError(message % {"version": manifest.version})
    return bool(known - replaced - applied)


def occupied() -> bool:
    """Return whether the database holds anything but extensions."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT 1 FROM pg_class c WHERE relnamespace = 'public'::regnamespace AND NOT EXISTS"
            " (SELECT 1 FROM pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e'))"
        )
        return bool(cursor.fetchone()[0])


def load(backup: Backup) -> None:
    """Load the dump and compare it with the manifest, in one transaction. Raises RestoreError."""
    connection.ensure_connection()
    here: psycopg.Connection[TupleRow] = connection.connection
    try:
        with transaction.atomic(), here.cursor() as cursor:
            _execute(cursor, iter(backup.lines()))
            cursor.execute("RESET ALL")  # what the dump has set for its session
            _compare(cursor, backup.manifest)
            _attach(cursor, backup)
            if "registry_changeorigin" in backup.manifest.tables:
                cursor.execute(NO_CLUSTER)
    except psycopg.OperationalError:
        raise
    except psycopg.Error as error:
        raise RestoreError(" ".join(str(error).split())[:500]) from error
    finally:
        connection.close()


def finish(manifest: Manifest, older: bool) -> None:
    """Migrate the restored data to this version, number the changes anew, and record the backup as the last one."""
    if older:
        call_command("migrate", verbosity=0, interactive=False)
    call_command("rebuild_changes", stdout=io.StringIO())
    LastBackup.note(parse_datetime(manifest.taken_at))
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def _execute(cursor: psycopg.Cursor[TupleRow], lines: Iterator[bytes]) -> None:
    """Execute the dump: the statements between two tables at once, the rows by COPY."""
    statements: list[bytes] = []
    for line in lines:
        if line.startswith(b"COPY ") and line.endswith(b" FROM stdin;\n"):
            cursor.execute(b"".join(statements))
            statements.clear()
            with cursor.copy(line) as copy:
                for piece in _pieces(lines):
                    copy.write(piece)
        elif not line.startswith(LEFT_OUT):
            statements.append(line)
    cursor.execute(b"".join(statements))


def _pieces(lines: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the rows of one table in larger pieces, up to the line that ends them."""
    piece = bytearray()
    for line in lines:
        if line == b"\\.\n":
            break
        piece += line
        if len(piece) > PIECE:
            yield bytes(piece)
            piece.clear()
    yield bytes(piece)


def _attach(cursor: psycopg.Cursor[TupleRow], backup: Backup) -> None:
    """Put the attached files in their places, each proved by its row.

    A file under such a key has the same content, where one is there already. What is written before something fails
    stays without a row, and is never served.
    """
    if "registry_attachment" not in backup.manifest.tables:
        return
    cursor.execute("SELECT key, sha256 FROM public.registry_attachment")
    expected: dict[uuid.UUID, str] = dict(cursor.fetchall())
    for key, content in backup.attachments():
        sha256 = expected.pop(uuid.UUID(hex=key), "")
        if hashlib.sha256(content).hexdigest() != sha256:
            raise RestoreError(_("The attached file %(key)s is not the one that its record names.") % {"key": key})
        try:
            storage.write(path_of(uuid.UUID(hex=key)), iter([content]))
        except ValidationError as error:
            raise RestoreError(" ".join(error.messages)) from None
    if len(expected) > len(backup.manifest.missing) < MOST_MISSING:
        raise RestoreError(_("%(count)d attached files are not in the backup.") % {"count": len(expected)})


def _compare(cursor: psycopg.Cursor[TupleRow], manifest: Manifest) -> None:
    for table, rows in manifest.tables.items():
        cursor.execute(sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier("public", table)))
        (found,) = cursor.fetchone() or (0,)
        if found != rows:
            params = {"table": table, "found": found, "rows": rows}
            raise RestoreError(_("%(table)s has %(found)d rows and not %(rows)d.") % params)
    cursor.execute(
        "SELECT conname FROM pg_constraint WHERE connamespace = 'public'::regnamespace AND NOT convalidated LIMIT 1"
    )
    if unproved := cursor.fetchone():
        raise RestoreError(_("The constraint %(name)s does not hold for all rows.") % {"name": unproved[0]})
