from alliance.certificates import admin as certificates
from alliance.workplace import cards, find

from . import alliances, council, members, organizations

__all__ = ["alliances", "cards", "certificates", "council", "find", "members", "organizations"]
