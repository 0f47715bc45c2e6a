"""The common parts of the commands that import tables of the council."""

from argparse import ArgumentParser
from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.core.management.base import CommandError

from alliance.council.imports.council import CouncilImport
from registry.imports.command import USAGE, ImportCommand
from registry.imports.pipeline.engine import Import


class CouncilImportCommand(ImportCommand):
    """A command for the table of `kind`."""

    kind: ClassVar[type[CouncilImport]]

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--alliance", required=True, metavar="SLUG", help="the alliance that the file is about")

    def make_import(self, **options: Any) -> Import:
        try:
            return self.kind(progress=options["progress"], slug=options["alliance"])
        except ValidationError as error:
            raise CommandError(" ".join(error.messages), returncode=USAGE) from None

    def kept_options(self, **options: Any) -> dict[str, Any]:
        return {"alliance": options["alliance"]}
