from alliance.certificates import admin as certificates
from alliance.falling_due import admin as falling_due
from alliance.workplace import cards, find

from . import alliances, council, members, organizations

__all__ = ["alliances", "cards", "certificates", "council", "falling_due", "find", "members", "organizations"]
