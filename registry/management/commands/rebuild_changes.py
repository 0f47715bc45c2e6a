from typing import Any

from django.apps import apps
from django.core.management.base import BaseCommand, CommandParser
from django.db import connection, transaction

from registry.organizations.models.changes import IS_FOREIGN, REBUILD, SET_ORIGIN, OrganizationChange


class Command(BaseCommand):
    help = "Number the changes of organizations anew, after the database was restored into another cluster."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--if-restored", action="store_true", help="Only where another cluster has numbered them.")

    def handle(self, *args: Any, **options: Any) -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("LOCK TABLE registry_organization IN SHARE MODE")
            if options["if_restored"]:
                cursor.execute(IS_FOREIGN)
                if not cursor.fetchone()[0]:
                    return
            OrganizationChange.objects.all().delete()
            cursor.execute(REBUILD)
            count = cursor.rowcount
            for model in apps.get_models():  # logs of other apps that are numbered by transactions, too
                if renumber := getattr(model, "RENUMBER", ""):
                    cursor.execute(renumber)
            cursor.execute(SET_ORIGIN)
        self.stdout.write(f"{count} organizations")
