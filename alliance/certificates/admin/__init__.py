"""Pages of certificates: the list, issuing for many members, and how one ends."""

from . import certificates, settings, shown

__all__ = ["certificates", "settings", "shown"]
