"""What people are called."""

from typing import Any


def person_name(user: Any) -> str:
    """As people are called: in Chinese the family name comes first."""
    first, last = getattr(user, "first_name", ""), getattr(user, "last_name", "")
    if first and last:
        return f"{last}{first}" if not (first + last).isascii() else f"{first} {last}"
    return first or last or user.get_username()
