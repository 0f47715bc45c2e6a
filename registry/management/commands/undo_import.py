import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from registry.database.db_errors import Conflict
from registry.imports.command import USAGE
from registry.imports.models import ImportBatch
from registry.imports.undo.outcome import UndoOutcome, lines_of
from registry.imports.undo.undo import NotUndoable, undo


class Command(BaseCommand):
    help = "Undo an import. Without --apply it only tells what would happen. Exit code 1: something stays."
    requires_migrations_checks = True

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("batch", type=int, help="number of the import, as the staff's site shows it")
        parser.add_argument("--apply", action="store_true", help="undo it")
        parser.add_argument(
            "--leave-changed",
            action="store_true",
            help="undo the rest where something has been changed since; without it nothing is undone then",
        )

    def handle(self, *args: Any, batch: int, apply: bool, leave_changed: bool, **options: Any) -> None:
        try:
            undoing = undo(batch, apply=apply, leave=None if leave_changed else 0)
        except ImportBatch.DoesNotExist:
            raise CommandError(_("There is no import %(number)d.") % {"number": batch}, returncode=USAGE) from None
        except (NotUndoable, Conflict) as error:
            raise CommandError(" ".join(error.messages), returncode=USAGE) from None
        *lines, summary = lines_of(undoing)
        for line in (*lines, _outcome(undoing, apply), summary):
            self.stdout.write(line)
        if undoing.staying and not (undoing.done and leave_changed):
            sys.exit(1)


def _outcome(undoing: UndoOutcome, apply: bool) -> str:
    """Return the line before the counts: whether anything has been undone."""
    if undoing.done:
        return _("Import %(number)d has been undone.") % {"number": undoing.batch.pk}
    if apply:
        return _("Nothing was undone: something has been changed since. --leave-changed undoes the rest.")
    return _("A trial: nothing was undone. --apply undoes it.")
