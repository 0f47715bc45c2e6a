from . import alliances, members, organizations

__all__ = ["alliances", "members", "organizations"]
