# In the order of the menu.
from . import organizations, imports, rounds, reference, tokens, accounts  # isort: skip

__all__ = ["accounts", "imports", "organizations", "reference", "rounds", "tokens"]
