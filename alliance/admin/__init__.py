from alliance.applications.admin import applications
from alliance.certificates import admin as certificates
from alliance.dues import admin as dues
from alliance.falling_due import admin as falling_due
from alliance.meetings.admin import decisions, meetings, rules
from alliance.workplace import cards, find, preview

from . import alliances, council, members, organizations

__all__ = [
    "alliances",
    "applications",
    "cards",
    "certificates",
    "council",
    "decisions",
    "dues",
    "falling_due",
    "find",
    "meetings",
    "members",
    "organizations",
    "preview",
    "rules",
]
