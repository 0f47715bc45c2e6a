from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandError
from django.utils.translation import gettext as _

from registry.imports.command import USAGE, ImportCommand
from registry.imports.pipeline.engine import Import
from registry.imports.tables.organizations import OrganizationImport
from registry.reference.models import Plan


class Command(ImportCommand):
    help = "Import organizations from a CSV or XLSX file. Without --apply it only tells what would happen."

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--plan", help="code of the plan whose sectors the file names; default: the current plan")

    def make_import(self, **options: Any) -> Import:
        plan = None
        if options["plan"]:
            plan = Plan.objects.filter(code=options["plan"]).first()
            if plan is None:
                known = ", ".join(Plan.objects.values_list("code", flat=True))
                message = _("There is no plan %(plan)s; there are: %(known)s")
                raise CommandError(message % {"plan": options["plan"], "known": known}, returncode=USAGE)
        return OrganizationImport(progress=options["progress"], plan=plan)

    def kept_options(self, **options: Any) -> dict[str, Any]:
        return {"plan": options["plan"]} if options["plan"] else {}
