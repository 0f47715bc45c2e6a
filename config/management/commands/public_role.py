"""Prints what a database role needs that serves the public directory alone, and nothing else.

Tables that also hold what is not public are hidden behind views of the same names, in a schema in which the role looks
first: so the code of the directory is the same for every role, and the server itself leaves out what is not public.
"""

from argparse import ArgumentParser
from typing import Any, NamedTuple

from django.apps import apps
from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _
from psycopg.sql import SQL, Identifier

# Looked up for each row: for EXISTS the server may read all organizations first.
_OF_PUBLISHED = "(SELECT o.published FROM public.registry_organization o WHERE o.id = t.organization_id)"
_OF_ALLIANCE = "(SELECT a.published FROM public.alliance_alliance a WHERE a.id = t.alliance_id)"
_OF_MEMBER = (
    "(SELECT o.published FROM public.registry_organization o JOIN public.alliance_member m"
    " ON m.organization_id = o.id WHERE m.id = t.member_id)"
)
SCHEMA = "directory"


class ReadableTable(NamedTuple):
    """The rows and columns of a table that the role may read."""

    rows: str = ""
    """The condition on the rows `t`; empty where all are public."""
    hidden: tuple[str, ...] = ()
    """Fields that it does not read."""
    barrier: bool = False
    """Whether the server tests no other condition before `rows`: a search could not use its index then, nor a join."""


READ: dict[str, ReadableTable] = {
    "registry.organization": ReadableTable(
        "t.published",
        ("source", "remarks", "verified_by", "capital_text", "uscc_override_reason", "introduced_on", "created_at"),
        barrier=True,
    ),
    "registry.name": ReadableTable(f"t.kind = 'former' AND {_OF_PUBLISHED}"),
    "registry.identifier": ReadableTable(_OF_PUBLISHED),
    "registry.sectortag": ReadableTable(_OF_PUBLISHED, ("evidence", "evidence_url")),
    "registry.qualification": ReadableTable(_OF_PUBLISHED, ("certificate_no", "issuer", "batch")),
    # A search without a result asks which names are alike.
    "registry.distinction": ReadableTable(_OF_PUBLISHED, ("decided_at", "decided_by")),
    "registry.publicchange": ReadableTable(),
    "registry.organizationindex": ReadableTable("t.published", barrier=True),
    "registry.searchindex": ReadableTable("t.published"),
    "registry.sectorindex": ReadableTable("t.published", barrier=True),
    "registry.plan": ReadableTable(),
    "registry.sector": ReadableTable(),
    "registry.township": ReadableTable(),
    "registry.zone": ReadableTable(),
    "registry.grading": ReadableTable(),
    "registry.referencestate": ReadableTable(),
    "registry.figuresrelease": ReadableTable("t.withdrawn_on IS NULL", ("released_by", "withdrawal_reason")),
    "alliance.alliance": ReadableTable("t.published", barrier=True),
    "alliance.tier": ReadableTable(_OF_ALLIANCE),
    "alliance.member": ReadableTable(f"{_OF_ALLIANCE} AND {_OF_PUBLISHED}"),
    # Whether a number is valid on a day: no name, and not how it ended.
    "alliance.certificate": ReadableTable(
        f"{_OF_ALLIANCE} AND {_OF_MEMBER}",
        (
            *("issued_on", "organization_name", "organization_name_en", "alliance_name", "alliance_name_en"),
            *("tier_name", "tier_name_en", "member_number", "signature", "from_list"),
            *("end_kind", "end_reason", "replaced_by", "returned_on"),
        ),
    ),
    # Of those who are not published, too: they are counted, and nothing here says who they are.
    "alliance.membership": ReadableTable(_OF_ALLIANCE, ("remarks", "end_reason")),
}
"""Model -> what the role reads of it."""


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
    role, schema = Identifier(name), Identifier(SCHEMA)
    made = [
        SQL("REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {}").format(role),
        SQL("DROP SCHEMA IF EXISTS {} CASCADE").format(schema),
        SQL("CREATE SCHEMA {}").format(schema),
        SQL("GRANT USAGE ON SCHEMA {}, public TO {}").format(schema, role),
        SQL("ALTER ROLE {} SET search_path = {}, public").format(role, schema),
        SQL("GRANT SELECT ON django_migrations TO {}").format(role),
        SQL("GRANT SELECT, INSERT, UPDATE, DELETE ON registry_requestcount TO {}").format(role),
        SQL("GRANT EXECUTE ON FUNCTION registry_correct, registry_public_successor TO {}").format(role),
    ]
    for label, part in READ.items():
        model = apps.get_model(label)
        columns = SQL(", ").join(
            Identifier(one.column) for one in model._meta.concrete_fields if one.name not in part.hidden
        )
        table = Identifier("public", model._meta.db_table)
        if part.rows:
            view = Identifier(SCHEMA, model._meta.db_table)
            barrier = SQL("true" if part.barrier else "false")
            made.append(
                SQL("CREATE VIEW {} WITH (security_barrier = {}) AS SELECT {} FROM {} t WHERE {}").format(
                    view, barrier, columns, table, SQL(part.rows)
                )
            )
            made.append(SQL("GRANT SELECT ON {} TO {}").format(view, role))
        else:
            made.append(SQL("GRANT SELECT ({}) ON {} TO {}").format(columns, table, role))
    return [one.as_string() for one in made]
