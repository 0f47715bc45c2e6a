"""Writes a backup of the whole database as of one moment, and of the files that are attached to its records."""

import os
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

from django.conf import settings
from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper
from django.db.migrations.recorder import MigrationRecorder
from django.utils import timezone
from django.utils.translation import gettext as _

from config.backup.archive import MOST_MISSING, Manifest, write_attachments, write_dump, write_manifest
from config.postgres import programs
from registry.attachments.models import Attachment, path_of

EXTENSIONS = ("btree_gist", "pg_trgm")
"""The extensions that the registry uses. Others in the database are not dumped: another server may lack them."""
SESSIONS = "django_session"
LEFT_OUT = ("--no-owner", "--no-acl", "--no-tablespaces", "--no-publications", "--no-subscriptions")


class DumpError(Exception):
    """Says that there is nothing to dump, or that pg_dump has failed; the message gives the reason."""


def write(file: BinaryIO) -> Manifest:
    """Write the backup. Raises DumpError and ProgramMissingError."""
    program = programs.pg_dump(connection)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        # This transaction waits for pg_dump, which reads what this one sees.
        cursor.execute("SET LOCAL idle_in_transaction_session_timeout = 0; SET LOCAL statement_timeout = 0")
        migrations = MigrationRecorder(connection).applied_migrations()
        if not migrations:
            raise DumpError(_("The database holds no registry: there is nothing to back up."))
        taken_at = timezone.now()
        cursor.execute("SELECT pg_export_snapshot()")
        (snapshot,) = cursor.fetchone()
        tables = counts(cursor)
        options = (*LEFT_OUT, "--no-unlogged-table-data", f"--exclude-table-data={SESSIONS}", "--encoding=UTF8", "-Z6")
        extensions = [f"--extension={name}" for name in EXTENSIONS]
        size, digest = _run([*program, *options, *extensions, f"--snapshot={snapshot}"], file)
        attached, attached_digest, missing = write_attachments(file, _attachments(tables))
    manifest = Manifest(
        version=settings.VERSION,
        taken_at=taken_at.isoformat(timespec="seconds"),
        postgresql=connection.connection.info.parameter_status("server_version") or "",
        migrations=sorted(list(one) for one in migrations),
        tables=tables,
        sha256=digest,
        size=size,
        attachments=attached,
        attachments_sha256=attached_digest,
        missing=missing[:MOST_MISSING],
    )
    write_manifest(file, manifest)
    file.flush()
    os.fsync(file.fileno())
    return manifest


def _attachments(tables: dict[str, int]) -> Iterator[tuple[str, Path]]:
    """Yield key and place of each attached file whose row is in the dump; none before an update that brings them."""
    if Attachment._meta.db_table in tables:
        for key in Attachment.objects.order_by("pk").values_list("key", flat=True):
            yield key.hex, path_of(key)


def counts(cursor: CursorWrapper) -> dict[str, int]:
    """Return the number of rows of each table whose rows are dumped."""
    cursor.execute(
        "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'"
        " AND relpersistence = 'p' AND relname <> %s ORDER BY relname",
        [SESSIONS],
    )
    names = [name for (name,) in cursor.fetchall()]
    found = {}
    for name in names:
        cursor.execute(f"SELECT count(*) FROM public.{connection.ops.quote_name(name)}")
        found[name] = cursor.fetchone()[0]
    return found


def _run(command: list[str | Path], file: BinaryIO) -> tuple[int, str]:
    """Write the output of pg_dump, and return its size and SHA-256. pg_dump ends with this process at the latest."""
    with tempfile.TemporaryFile() as errors:
        streams: dict[str, Any] = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": errors}
        with subprocess.Popen[bytes](command, env=programs.environment(connection), **streams) as process:
            assert process.stdout  # noqa: S101 - it is a pipe
            try:
                written = write_dump(file, process.stdout)
            except BaseException:
                process.kill()
                raise
        if process.returncode:
            errors.seek(0)
            reason = " ".join(errors.read().decode(errors="replace").split())
            raise DumpError(_("pg_dump has failed: %(reason)s") % {"reason": reason[:500]})
    return written
