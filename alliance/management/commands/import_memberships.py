from argparse import ArgumentParser
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import CommandError

from alliance.members.imports.memberships import MembershipImport
from registry.imports.command import USAGE, ImportCommand
from registry.imports.pipeline.engine import Import


class Command(ImportCommand):
    help = (
        "Import memberships of one alliance from a CSV or XLSX file. Without --apply it only tells what would happen."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument(
            "--alliance", required=True, metavar="SLUG", help="the alliance whose memberships these are"
        )
        parser.add_argument(
            "--create-missing", action="store_true", help="create the alliance and the tiers that do not exist yet"
        )

    def make_import(self, **options: Any) -> Import:
        try:
            return MembershipImport(
                progress=options["progress"], slug=options["alliance"], create_missing=options["create_missing"]
            )
        except ValidationError as error:
            raise CommandError(" ".join(error.messages), returncode=USAGE) from None

    def kept_options(self, **options: Any) -> dict[str, Any]:
        return {"alliance": options["alliance"]}
