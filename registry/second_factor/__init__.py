"""The second factor of accounts: a code of an authenticator app beside the password."""

NONE, PRIVATE, ALL = "none", "private", "all"
START_VALUES = (NONE, PRIVATE, ALL)
"""Choices of the roles that need a factor to begin with: none, all, or only roles with private data or accounts."""
