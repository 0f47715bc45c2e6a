"""Names people in the order of their language."""

from typing import Any


def person_name(user: Any) -> str:
    """Return the full name of a user, in Chinese with the family name first; the user name if there is none."""
    first, last = getattr(user, "first_name", ""), getattr(user, "last_name", "")
    if first and last:
        return f"{last}{first}" if not (first + last).isascii() else f"{first} {last}"
    return first or last or user.get_username()
