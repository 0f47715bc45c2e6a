from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from registry.api.access.idempotency import forget
from registry.imports.command import USAGE
from registry.imports.retention import clear
from registry.proposals.public import forget_numbers


class Command(BaseCommand):
    help = (
        "Drop the files of old imports, old imports that were never applied, answers that the API has kept for "
        "requests sent again, and telephone numbers that the public left for an answer 30 days ago."
    )
    requires_migrations_checks = True

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--days", type=int, help="older than so many days; default: REGISTRY_IMPORT_KEEP_DAYS")

    def handle(self, *args: Any, days: int | None, **options: Any) -> None:
        if days is not None and days < 0:
            raise CommandError(_("--days must be 0 or more."), returncode=USAGE)
        cleared = clear(days)
        answers = forget()
        numbers = forget_numbers()
        told = f"files {cleared.files}, imports {cleared.batches}, kept answers {answers}, telephone numbers {numbers}"
        self.stdout.write(told)
