"""Declares meetings to the registry: their imports, and who opens the documents of decisions."""

from alliance.meetings.imports.tables import DECISIONS, MEETINGS
from alliance.meetings.models import Decision
from registry.attachments import holders
from registry.imports import import_tables


def declare() -> None:
    for table in (MEETINGS, DECISIONS):
        import_tables.add(table)
    holders.declare(holders.Holder(Decision, "document", ("alliance.view_decision",)))
