# In the order of the menu.
from . import organizations, reference, tokens, accounts  # isort: skip

__all__ = ["accounts", "organizations", "reference", "tokens"]
