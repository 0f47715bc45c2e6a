"""Declares to the registry who opens the documents of decisions."""

from alliance.meetings.models import Decision
from registry.attachments import holders


def declare() -> None:
    holders.declare(holders.Holder(Decision, "document", ("alliance.view_decision",)))
