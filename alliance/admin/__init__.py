from alliance.workplace import cards, find, preview

from . import alliances, council, members, organizations

__all__ = ["alliances", "cards", "council", "find", "members", "organizations", "preview"]
