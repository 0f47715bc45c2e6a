"""Says whether the history holds everything that the tables hold, however it was written."""

from collections import Counter
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from registry.history.complete import gaps


class Command(BaseCommand):
    help = "Compare every row with its last event; fails where something was written past the history."
    requires_migrations_checks = True

    def handle(self, *args: Any, **options: Any) -> None:
        found = gaps()
        for table, number in sorted(Counter(gap.table for gap in found).items()):
            first = ", ".join(str(gap.pk) for gap in found if gap.table == table)[:200]
            self.stdout.write(f"{table}: {number} ({first})")
        if found:
            raise CommandError(_("The history does not tell how these rows came to be as they are."))
        self.stdout.write(_("The history is complete."))
