# In the order of the menu.
from . import organizations, rounds, reference, tokens, accounts  # isort: skip

__all__ = ["accounts", "organizations", "reference", "rounds", "tokens"]
