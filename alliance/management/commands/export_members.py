import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from alliance.models import Alliance
from alliance.views.memberships import MemberViewSet
from registry.api.commandline import export, write_to


class Command(BaseCommand):
    help = "Writes the members of an alliance on a day, as a table or as the roster that is handed out."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("alliance", help="short address of the alliance")
        parser.add_argument("-o", "--output", default="-", help="file to write; without it, standard output")
        parser.add_argument("--as-of", help="day, for example 2025-12-31; by default today")
        parser.add_argument("--layout", choices=["table", "roster"], default="table")
        parser.add_argument("--edition", choices=["public", "internal"], default="public")
        parser.add_argument("--format", choices=["csv", "xlsx"], help="by default the ending of the file")
        parser.add_argument("--filter", default="", help='parameters of the API, for example "tier=理事单位"')
        parser.add_argument("--lang", choices=["zh", "en"], default="zh", help="language of headers and labels")

    def handle(self, *args: Any, **options: Any) -> None:
        if not Alliance.objects.filter(slug=options["alliance"]).exists():
            known = ", ".join(Alliance.objects.values_list("slug", flat=True))
            raise CommandError(f"There is no alliance {options['alliance']!r}. There are: {known}", returncode=2)
        roster = options["layout"] == "roster"
        kind = options["format"] or ("xlsx" if roster or options["output"].endswith(".xlsx") else "csv")
        parameters = {"format": kind, "layout": options["layout"], "lang": options["lang"]}
        if options["as_of"]:
            parameters["as_of"] = options["as_of"]
        if options["edition"] != "public":
            parameters["edition"] = options["edition"]
        write_to(
            options["output"],
            lambda output: export(MemberViewSet, parameters, options["filter"], output, slug=options["alliance"]),
            sys.stdout.buffer,
        )
