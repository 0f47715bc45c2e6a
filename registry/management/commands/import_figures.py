from argparse import ArgumentParser
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import CommandError

from registry.collection.importer import figures_import
from registry.imports.command import USAGE, ImportCommand
from registry.imports.pipeline.engine import Import


class Command(ImportCommand):
    help = (
        "Import annual figures of organizations that the registry has. Without --apply it only tells what would happen."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument(
            "--round", type=int, metavar="NUMBER", help="the collection round whose forms come back: year and contacts"
        )

    def make_import(self, **options: Any) -> Import:
        try:
            run = figures_import(round=options["round"])
        except ValidationError as error:
            raise CommandError(" ".join(error.messages), returncode=USAGE) from error
        run.progress = options["progress"]
        return run

    def kept_options(self, **options: Any) -> dict[str, Any]:
        return {"round": options["round"]} if options["round"] else {}
