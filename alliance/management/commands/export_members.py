from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from alliance.models import Alliance
from alliance.views.memberships import MemberViewSet
from registry.api.commandline import add_output_arguments, format_of, write_export
from registry.spreadsheet.output import USAGE


class Command(BaseCommand):
    help = "Writes the members of an alliance on a day, as a table or as the roster that is handed out."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("alliance", help="short address of the alliance")
        add_output_arguments(parser)
        parser.add_argument("--as-of", help="day, for example 2025-12-31; by default today")
        parser.add_argument("--layout", choices=["table", "roster"], default="table")
        parser.add_argument("--edition", choices=["public", "internal"], default="public")
        parser.add_argument("--filter", default="", help='parameters of the API, for example "tier=理事单位"')

    def handle(self, *args: Any, **options: Any) -> None:
        if not Alliance.objects.filter(slug=options["alliance"]).exists():
            known = ", ".join(Alliance.objects.values_list("slug", flat=True))
            message = _("There is no alliance %(slug)s. There are: %(known)s")
            raise CommandError(message % {"slug": options["alliance"], "known": known}, returncode=USAGE)
        kind = format_of(options, "xlsx" if options["layout"] == "roster" else "csv")
        parameters = {"format": kind, "layout": options["layout"]}
        if options["as_of"]:
            parameters["as_of"] = options["as_of"]
        if options["edition"] != "public":
            parameters["edition"] = options["edition"]
        slug = options["alliance"]
        write_export(MemberViewSet, parameters, options, lambda told: self.stderr.write(told, str), slug=slug)
