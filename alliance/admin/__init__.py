from . import alliances, council, members, organizations

__all__ = ["alliances", "council", "members", "organizations"]
