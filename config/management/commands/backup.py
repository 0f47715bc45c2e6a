import os
import time
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import connection
from django.template.defaultfilters import filesizeformat
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from config.backup import dumping
from config.backup.archive import Manifest
from config.postgres.programs import ProgramMissingError
from registry.database.backups import LastBackup
from registry.spreadsheet.output import USAGE, output_file, unwritable


class Command(BaseCommand):
    help = "Writes the whole database into one file, for `restore`. The site may go on meanwhile."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", metavar="FILE", help="the file to write, or a folder: named by day and time then")
        parser.add_argument("--overwrite", action="store_true", help="replace the file where there is one")

    def handle(self, *args: Any, file: str, overwrite: bool, **options: Any) -> None:
        began = time.monotonic()
        if file == "-":
            raise CommandError(_("A backup is nothing for a terminal: name a file."), returncode=USAGE)
        if os.path.isdir(file):
            file = os.path.join(file, f"registry-{timezone.localtime():%Y%m%d-%H%M%S}.tar")
        if os.path.exists(file) and not (overwrite and os.path.isfile(file)):
            message = _("There is %(file)s already: name another file, or add --overwrite.")
            raise CommandError(message % {"file": file}, returncode=USAGE)
        try:
            with output_file(file) as output:
                os.fchmod(output.fileno(), 0o600)
                manifest = dumping.write(output)
        except OSError as error:
            raise unwritable(file, error) from None
        except (dumping.DumpError, ProgramMissingError) as error:
            raise CommandError(str(error), returncode=USAGE) from None
        if LastBackup._meta.db_table in connection.introspection.table_names():  # made before an update
            LastBackup.note(parse_datetime(manifest.taken_at))
        for line in told(file, manifest, time.monotonic() - began):
            self.stdout.write(line)


def told(file: str, manifest: Manifest, seconds: float) -> list[str]:
    params = {
        "file": file,
        "size": filesizeformat(os.path.getsize(file)),
        "tables": len(manifest.tables),
        "rows": f"{manifest.rows:,}",
        "seconds": f"{seconds:.1f}",
        "attachments": manifest.attachments,
        "version": manifest.version,
        "postgresql": manifest.postgresql,
    }
    return [
        _("Backup written to %(file)s: %(size)s, %(tables)d tables with %(rows)s rows, in %(seconds)s s.") % params,
        _("Version %(version)s, PostgreSQL %(postgresql)s.") % params,
        _(
            "In it: the whole database, with history, accounts, API tokens and the files of imports, and "
            "%(attachments)d attached files."
        )
        % params,
        _(
            "Not in it: log-ins that are open now, the secret key and the password of the database. Another "
            "computer has its own; only open log-ins, password links and cursors end with that."
        ),
        _("It holds personal data: only you can read the file. Keep a copy of it on another computer."),
        *_missing(manifest),
    ]


def _missing(manifest: Manifest) -> list[str]:
    if not manifest.missing:
        return []
    params = {"count": len(manifest.missing), "folder": settings.MEDIA_ROOT, "key": manifest.missing[0]}
    return [
        _(
            "Not in it: %(count)d attached files, because they are not on the disk below %(folder)s any more; the "
            "first: %(key)s. Bring them back from an older backup."
        )
        % params
    ]
