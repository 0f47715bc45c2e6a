"""Prints what a database role needs that serves the public directory alone, and nothing else."""

from argparse import ArgumentParser
from typing import Any

from django.apps import apps
from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _
from psycopg.sql import SQL, Identifier

READ: dict[str, tuple[str, ...]] = {
    "registry.organization": (
        *("source", "remarks", "verified_by", "capital_text", "uscc_override_reason", "introduced_on", "created_at"),
    ),
    "registry.name": (),
    "registry.identifier": (),
    "registry.sectortag": ("evidence", "evidence_url"),
    "registry.qualification": ("certificate_no", "issuer", "batch"),
    "registry.publicchange": (),
    "registry.organizationindex": (),
    "registry.searchindex": (),
    "registry.sectorindex": (),
    "registry.plan": (),
    "registry.sector": (),
    "registry.township": (),
    "registry.zone": (),
    "registry.grading": (),
    "registry.referencestate": (),
    "registry.figuresrelease": ("released_by", "withdrawal_reason"),
    "alliance.alliance": (),
    "alliance.tier": (),
    "alliance.member": (),
    "alliance.membership": ("remarks", "end_reason"),
}
"""Model -> its fields that the role does not read."""


class Command(BaseCommand):
    help = "Print the SQL that makes a database role for REGISTRY_PUBLIC_ONLY=1: psql runs it as the owner's superuser."
    requires_migrations_checks = True

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name", help="name of the role")

    def handle(self, *args: Any, name: str, **options: Any) -> None:
        if not name or len(name) > 63 or not name.isprintable():
            raise CommandError(_("This is no name of a role."))
        self.stdout.write("\n".join(f"{statement};" for statement in statements(name)))


def statements(name: str) -> list[str]:
    """Return the statements: what the role may read of each table. It can write the counts of requests alone."""
    role = Identifier(name)
    made = [
        SQL("REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {}").format(role),
        SQL("GRANT USAGE ON SCHEMA public TO {}").format(role),
        SQL("GRANT SELECT ON django_migrations TO {}").format(role),
        SQL("GRANT SELECT, INSERT, UPDATE, DELETE ON registry_requestcount TO {}").format(role),
        SQL("GRANT EXECUTE ON FUNCTION registry_correct TO {}").format(role),
    ]
    for label, hidden in READ.items():
        model = apps.get_model(label)
        columns = [Identifier(one.column) for one in model._meta.concrete_fields if one.name not in hidden]
        table = Identifier(model._meta.db_table)
        made.append(SQL("GRANT SELECT ({}) ON {} TO {}").format(SQL(", ").join(columns), table, role))
    return [one.as_string() for one in made]
