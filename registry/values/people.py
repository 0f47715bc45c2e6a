"""The type of an account, and the names of people in the order of their language."""

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AbstractUser, AnonymousUser

Account = AbstractUser | AnonymousUser
"""The user of a request; both classes answer in the same way which rights they have."""


def person_name(user: AbstractBaseUser | AnonymousUser) -> str:
    """Return the full name of a user, in Chinese with the family name first; the user name if there is none."""
    first, last = getattr(user, "first_name", ""), getattr(user, "last_name", "")
    if first and last:
        return f"{last}{first}" if not (first + last).isascii() else f"{first} {last}"
    return first or last or user.get_username()
