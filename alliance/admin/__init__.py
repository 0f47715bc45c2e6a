from alliance.applications.admin import applications
from alliance.meetings.admin import decisions, meetings, rules
from alliance.workplace import cards, find

from . import alliances, council, members, organizations

__all__ = [
    "alliances",
    "applications",
    "cards",
    "council",
    "decisions",
    "find",
    "meetings",
    "members",
    "organizations",
    "rules",
]
