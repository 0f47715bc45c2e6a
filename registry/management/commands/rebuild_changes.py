from typing import Any

from django.core.management.base import BaseCommand
from django.db import connection, transaction

from registry.organizations.models.changes import REBUILD, OrganizationChange


class Command(BaseCommand):
    help = "Number the changes of organizations anew, after the database was restored into another cluster."

    def handle(self, *args: Any, **options: Any) -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("LOCK TABLE registry_organization IN SHARE MODE")
            OrganizationChange.objects.all().delete()
            cursor.execute(REBUILD)
            self.stdout.write(f"{cursor.rowcount} organizations")
