from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from alliance.views.organizations import OrganizationInAllianceViewSet
from registry.api.commandline import add_output_arguments, format_of, write_export


class Command(BaseCommand):
    help = "Writes the organizations with the rows and columns of the API's export."

    def add_arguments(self, parser: ArgumentParser) -> None:
        add_output_arguments(parser)
        parser.add_argument(
            "--filter", default="", help='parameters of the API, for example "sector=robots&township=小榄镇"'
        )

    def handle(self, *args: Any, **options: Any) -> None:
        parameters = {"format": format_of(options)}
        write_export(OrganizationInAllianceViewSet, parameters, options, lambda told: self.stderr.write(told, str))
