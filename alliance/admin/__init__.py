from alliance.dues import admin as dues
from alliance.workplace import cards, find

from . import alliances, council, members, organizations

__all__ = ["alliances", "cards", "council", "dues", "find", "members", "organizations"]
