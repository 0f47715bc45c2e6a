"""The second factor of accounts: a code of an authenticator app beside the password."""

NONE, PRIVATE, ALL = "none", "private", "all"
START_VALUES = (NONE, PRIVATE, ALL)
"""Which roles need a factor to begin with: none, those that see private data or look after accounts, or all."""
