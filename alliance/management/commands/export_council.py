from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from alliance.certificates.views import CertificateViewSet
from alliance.dues.views import DuesClassViewSet, DueViewSet
from alliance.meetings.views import DecisionViewSet, MeetingViewSet
from alliance.models import Alliance
from alliance.views.council import GroupViewSet, OfficeHolderViewSet, SeatViewSet, TermViewSet
from registry.api.commandline import add_output_arguments, format_of, write_export
from registry.spreadsheet.output import USAGE

LISTS = {
    "terms": TermViewSet,
    "groups": GroupViewSet,
    "seats": SeatViewSet,
    "certificates": CertificateViewSet,
    "office-holders": OfficeHolderViewSet,
    "dues-classes": DuesClassViewSet,
    "dues": DueViewSet,
    "meetings": MeetingViewSet,
    "decisions": DecisionViewSet,
}


class Command(BaseCommand):
    help = "Writes a list of an alliance, of all times or of a day: terms, seats, meetings, dues and the like."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("alliance", help="short address of the alliance")
        parser.add_argument("list", choices=LISTS, help="which list")
        add_output_arguments(parser, ("csv", "xlsx"))
        parser.add_argument("--as-of", help="day, for example 2025-12-31; by default of all times")
        parser.add_argument("--filter", default="", help='parameters of the API, for example "kind=监事会"')

    def handle(self, *args: Any, **options: Any) -> None:
        slug = options["alliance"]
        if not Alliance.objects.filter(slug=slug).exists():
            known = ", ".join(Alliance.objects.values_list("slug", flat=True))
            message = _("There is no alliance %(slug)s. There are: %(known)s")
            raise CommandError(message % {"slug": slug, "known": known}, returncode=USAGE)
        parameters = {"format": format_of(options, "csv")}
        if options["as_of"]:
            parameters["as_of"] = options["as_of"]
        write_export(LISTS[options["list"]], parameters, options, lambda told: self.stderr.write(told, str), slug=slug)
