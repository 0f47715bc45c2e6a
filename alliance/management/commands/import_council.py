from argparse import ArgumentParser
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import CommandError

from alliance.certificates.imports.certificates import CertificateImport
from alliance.council.imports.groups import GroupImport
from alliance.council.imports.office_holders import OfficeHolderImport
from alliance.council.imports.seats import SeatImport
from alliance.council.imports.terms import TermImport
from alliance.dues.imports.dues import DueImport
from alliance.dues.imports.payments import PaymentImport
from alliance.dues.imports.standards import StandardImport
from alliance.meetings.imports.decisions import DecisionImport
from alliance.meetings.imports.meetings import MeetingImport
from registry.imports.command import USAGE, ImportCommand
from registry.imports.pipeline.engine import Import

KINDS = (
    *(TermImport, GroupImport, SeatImport, OfficeHolderImport, CertificateImport),
    *(MeetingImport, DecisionImport, StandardImport, DueImport, PaymentImport),
)
LISTS = {kind.TABLE: kind for kind in KINDS}


class Command(ImportCommand):
    help = "Imports a list of one alliance from a CSV or XLSX file: terms, seats, meetings, dues and the like."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("list", choices=LISTS, help="which list")
        super().add_arguments(parser)
        parser.add_argument("--alliance", required=True, metavar="SLUG", help="the alliance that the file is about")

    def make_import(self, **options: Any) -> Import:
        try:
            return LISTS[options["list"]](progress=options["progress"], slug=options["alliance"])
        except ValidationError as error:
            raise CommandError(" ".join(error.messages), returncode=USAGE) from None

    def kept_options(self, **options: Any) -> dict[str, Any]:
        return {"alliance": options["alliance"]}
