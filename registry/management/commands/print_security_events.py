from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from registry.security.events import line
from registry.security.settled import settled_events


class Command(BaseCommand):
    help = (
        "Prints the security events after the one with this id as lines of JSON, the earliest first: for a collector "
        "of logs, which keeps the id of the last line. It has the events that triggers record, too."
    )
    requires_migrations_checks = True

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--since", type=int, default=0, metavar="ID", help="the id of the last event that is known")
        parser.add_argument(
            "--wait", type=float, default=60, metavar="SECONDS", help="how long to wait for acts that are under way"
        )

    def handle(self, *args: Any, since: int, wait: float, **options: Any) -> None:
        events = settled_events(since, wait)
        if events is None:
            told = _("An act that may record an event has been under way for %(seconds)g seconds. Nothing was printed.")
            raise CommandError(told % {"seconds": wait})
        for event in events:
            self.stdout.write(line(event))
