import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from alliance.views.organizations import OrganizationInAllianceViewSet
from registry.api.commandline import export, write_to


class Command(BaseCommand):
    help = "Writes the organizations with the rows and columns of the API's export."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("-o", "--output", default="-", help="file to write; without it, standard output")
        parser.add_argument("--format", choices=["csv", "xlsx"], help="by default the ending of the file, else csv")
        parser.add_argument(
            "--filter", default="", help='parameters of the API, for example "sector=robots&township=小榄镇"'
        )
        parser.add_argument("--lang", choices=["zh", "en"], default="zh", help="language of headers and labels")

    def handle(self, *args: Any, **options: Any) -> None:
        kind = options["format"] or ("xlsx" if options["output"].endswith(".xlsx") else "csv")
        parameters = {"format": kind, "lang": options["lang"]}
        write_to(
            options["output"],
            lambda output: export(OrganizationInAllianceViewSet, parameters, options["filter"], output),
            sys.stdout.buffer,
        )
