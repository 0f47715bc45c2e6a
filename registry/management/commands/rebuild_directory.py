from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import translation
from django.utils.translation import gettext as _

from registry.directory import files
from registry.spreadsheet.output import USAGE, reason_of


class Command(BaseCommand):
    help = "Write the whole published list as CSV and XLSX, which the public directory offers with their checksums."
    requires_migrations_checks = True

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--if-missing", action="store_true", help="only where there are no files yet")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["if_missing"] and files.told():
            return
        language = translation.get_language()
        try:
            with translation.override("zh-hans"):
                made = files.rebuild()
        except OSError as error:
            said = {"file": files.folder(), "reason": reason_of(error)}
            raise CommandError(_("%(file)s cannot be written: %(reason)s.") % said, returncode=USAGE) from None
        finally:
            translation.activate(language)
        if options["verbosity"]:
            self.stdout.write(f"organizations {made['count']}")
            for form, one in made["files"].items():
                self.stdout.write(f"{one['sha256']}  {files.folder() / files.NAME}.{form}")
