import time
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import DEFAULT_DB_ALIAS, connection
from django.utils import formats, timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from config import embedded
from config.backup import restoring
from config.backup.archive import Backup, BadBackupError, Manifest
from registry.erasure.again import erase_again
from registry.erasure.listed import BadListError
from registry.security.events import record
from registry.security.models import EventKind
from registry.spreadsheet.output import USAGE, reason_of

AGAIN_BY_HAND = gettext_lazy(
    "The data are restored, with those who were erased since the backup. Do not open the site: mend the list, or bring "
    "its copy, and run manage.py erase_person --again."
)


class Command(BaseCommand):
    help = "Brings a backup into an empty database. Exit code 1: it could not be restored, and nothing was written."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", metavar="FILE", help="a file that `backup` has written")
        parser.add_argument(
            "--check", action="store_true", help="only tell whether the file is whole and what it holds"
        )

    def handle(self, *args: Any, file: str, check: bool, **options: Any) -> None:
        began = time.monotonic()
        try:
            with open(file, "rb") as opened:
                backup = Backup(opened)
                older = restoring.pending(backup.manifest)
                backup.check()
                self.stdout.write(self.about(file, backup.manifest))
                if not check:
                    self.restore(backup, older, began)
        except BrokenPipeError:  # of standard output
            raise
        except OSError as error:
            params = {"file": file, "reason": reason_of(error)}
            raise CommandError(_("%(file)s cannot be read: %(reason)s.") % params, returncode=USAGE) from None
        except BadBackupError as error:
            params = {"file": file, "reason": str(error)}
            raise CommandError(_("%(file)s cannot be restored: %(reason)s.") % params, returncode=USAGE) from None

    def restore(self, backup: Backup, older: bool, began: float) -> None:
        if restoring.occupied():
            raise CommandError(occupied(), returncode=USAGE)
        self.check(databases=[DEFAULT_DB_ALIAS])
        try:
            restoring.load(backup)
        except restoring.RestoreError as error:
            message = _("Not restored, and nothing was written: %(reason)s")
            raise CommandError(message % {"reason": error}) from None
        self.stdout.write(_("Restored; each table has as many rows as in the backup, and all constraints hold."))
        restoring.finish(backup.manifest, older)
        record(EventKind.RESTORE, taken_at=backup.manifest.taken_at, version=backup.manifest.version)
        if older:
            self.stdout.write(_("The data were upgraded to this version of the program."))
        self.erase_again()
        self.stdout.write(
            _(
                "The changes are numbered anew: programs that follow organizations/changes/ begin again. Everybody "
                "logs in again. API tokens, accounts and passwords are as they were at the time of the backup."
            )
        )
        self.stdout.write(_("Done in %(seconds)s s.") % {"seconds": f"{time.monotonic() - began:.1f}"})

    def erase_again(self) -> None:
        """Erase those again who were erased since the backup, before anybody can see them."""
        try:
            told = erase_again().told
        except BadListError as error:
            message = _("The list of erasures is damaged: %s") % error
            raise CommandError(f"{message} {AGAIN_BY_HAND}") from None
        for line in told:
            self.stdout.write(line)

    def about(self, file: str, manifest: Manifest) -> str:
        taken_at = parse_datetime(manifest.taken_at)
        assert taken_at  # noqa: S101 - Backup has read it
        params = {
            "file": file,
            "time": formats.date_format(timezone.localtime(taken_at), "DATETIME_FORMAT"),
            "version": manifest.version,
            "postgresql": manifest.postgresql,
            "tables": len(manifest.tables),
            "rows": f"{manifest.rows:,}",
            "attachments": manifest.attachments,
        }
        whole = _(
            "%(file)s is whole: backup of %(time)s, version %(version)s, PostgreSQL %(postgresql)s, %(tables)d "
            "tables with %(rows)s rows, %(attachments)d attached files."
        )
        if not manifest.missing:
            return whole % params
        lacking = _("%(count)d attached files were missing already when it was made; the first: %(key)s.")
        lost = {"count": len(manifest.missing), "key": manifest.missing[0]}
        return "\n".join((whole % params, lacking % lost))


def occupied() -> str:
    """Return the message for a database that is not empty: nothing is restored, and what to do."""
    if "EMBEDDED" in connection.settings_dict:
        folder = embedded.place(settings.DATABASES[DEFAULT_DB_ALIAS]["EMBEDDED"])
        return _(
            "The database is not empty, and nothing in it is overwritten. End the registry, rename the folder "
            "%(folder)s and restore again: an empty database is made there."
        ) % {"folder": folder}
    return _(
        "The database %(name)s is not empty, and nothing in it is overwritten. Create an empty one, name it in "
        "DATABASE_URL and restore again."
    ) % {"name": connection.settings_dict["NAME"]}
