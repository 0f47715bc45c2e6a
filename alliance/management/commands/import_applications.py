from argparse import ArgumentParser
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import CommandError

from alliance.applications.imports.applications import ApplicationImport
from registry.imports.command import USAGE, ImportCommand
from registry.imports.pipeline.engine import Import


class Command(ImportCommand):
    help = "Import application forms of one alliance as drafts. Without --apply it only tells what would happen."

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--alliance", required=True, metavar="SLUG", help="the alliance that is applied to")

    def make_import(self, **options: Any) -> Import:
        try:
            return ApplicationImport(progress=options["progress"], slug=options["alliance"])
        except ValidationError as error:
            raise CommandError(" ".join(error.messages), returncode=USAGE) from None

    def kept_options(self, **options: Any) -> dict[str, Any]:
        return {"alliance": options["alliance"]}
