from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from alliance.models import Alliance
from alliance.papers.layouts import LAYOUTS, PDF_ONLY, Edition
from alliance.papers.rows import Grouping
from alliance.views.memberships import MemberViewSet
from alliance.views.papers import TABLE
from registry.api.commandline import add_output_arguments, format_of, write_export
from registry.spreadsheet.output import USAGE


class Command(BaseCommand):
    help = (
        "Writes the members of an alliance on a day, as a table, as the roster that is handed out, or as another paper."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("alliance", help="short address of the alliance")
        add_output_arguments(parser, ("csv", "xlsx", "pdf"))
        parser.add_argument("--as-of", help="day, for example 2025-12-31; by default today")
        parser.add_argument("--layout", choices=[TABLE, *LAYOUTS], help="by default the table, of a PDF the roster")
        parser.add_argument("--edition", choices=Edition.values, default=Edition.PUBLIC, help="of the roster")
        parser.add_argument("--group", choices=Grouping.values, help="what the members of a roster stand under")
        parser.add_argument("--filter", default="", help='parameters of the API, for example "tier=理事单位"')

    def handle(self, *args: Any, **options: Any) -> None:
        if not Alliance.objects.filter(slug=options["alliance"]).exists():
            known = ", ".join(Alliance.objects.values_list("slug", flat=True))
            message = _("There is no alliance %(slug)s. There are: %(known)s")
            raise CommandError(message % {"slug": options["alliance"], "known": known}, returncode=USAGE)
        usual = {"roster": "xlsx"} | dict.fromkeys(PDF_ONLY, "pdf")
        given = {name: options[name] for name in ("layout", "as_of", "group") if options[name]}
        parameters = {"format": format_of(options, usual.get(options["layout"], "csv")), **given}
        if options["edition"] != Edition.PUBLIC:
            parameters["edition"] = options["edition"]
        slug = options["alliance"]
        write_export(MemberViewSet, parameters, options, lambda told: self.stderr.write(told, str), slug=slug)
