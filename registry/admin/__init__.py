from . import accounts, organizations, reference, tokens

__all__ = ["accounts", "organizations", "reference", "tokens"]
