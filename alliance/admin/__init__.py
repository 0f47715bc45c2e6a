from alliance.certificates import admin as certificates
from alliance.dues import admin as dues
from alliance.meetings.admin import decisions, meetings, rules
from alliance.workplace import cards, find, preview

from . import alliances, council, members, organizations

__all__ = [
    "alliances",
    "cards",
    "certificates",
    "council",
    "decisions",
    "dues",
    "find",
    "meetings",
    "members",
    "organizations",
    "preview",
    "rules",
]
