from alliance.workplace import cards

from . import alliances, council, members, organizations

__all__ = ["alliances", "cards", "council", "members", "organizations"]
