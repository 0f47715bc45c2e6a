"""Removes the demonstration data from a registry before real use: the rows that load_demo wrote, by its history."""

from argparse import ArgumentParser
from typing import Any

import pghistory
import pghistory.models
from django.core.management.base import BaseCommand
from django.db import connection, transaction
from django.utils.translation import gettext as _

from registry.imports import locks
from registry.imports.undo.outcome import Reversal, lines_of
from registry.imports.undo.undo import take_back


class Command(BaseCommand):
    help = (
        "Removes the demonstration data that load_demo has loaded. Without --apply it only tells what would happen. "
        "What somebody has changed since stays, and what other records refer to."
    )
    requires_migrations_checks = True

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--apply", action="store_true", help="remove them")

    def handle(self, *args: Any, apply: bool, **options: Any) -> None:
        outcome = remove_demo(apply=apply)
        if outcome is None or not (outcome.back or outcome.staying):
            self.stdout.write(_("There are no demonstration data."))
            return
        *lines, counts = lines_of(outcome)
        result = _("A trial: nothing was removed. --apply removes it.")
        if outcome.done:
            result = _("The demonstration data have been removed.")
            if outcome.staying:
                result = _("The demonstration data have been removed, but for what stays.")
        numbers = _("Registry numbers go on after %(number)s: none is given twice.") % {"number": _last_number()}
        for line in (*lines, numbers, result, counts):
            self.stdout.write(line)


def remove_demo(*, apply: bool) -> Reversal | None:
    """Remove the demonstration data, or report what would be removed; return None if there never were any."""
    outcome = Reversal(done=apply)
    with transaction.atomic(), pghistory.context(command="remove_demo"):
        locks.prepare(waiting=False)
        locks.imports()
        loaded = pghistory.models.Context.objects.filter(metadata__command="load_demo").first()
        if loaded is None:
            return None
        take_back(outcome, loaded.pk)
        transaction.set_rollback(not apply)
    return outcome


def _last_number() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 'ZSAI-' || to_char(last_value, 'FM999999999000000') FROM registry_organization_no_seq")
        return str(cursor.fetchone()[0])
