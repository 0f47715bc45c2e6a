"""Keeps what a session has passed: the password alone, or the second factor, too.

Whoever asks is in as long as the session names the factor that the account has now: a factor that was replaced or reset
ends what it has let in.
"""

from django.contrib.sessions.backends.base import SessionBase
from django.http import HttpRequest

from registry.second_factor.rules import standing
from registry.values.people import Account

PASSED = "second_factor"
"""The key in the session: the id of the factor that was passed."""


def forget(session: SessionBase) -> None:
    """Let the session ask for the factor: each log-in begins with the password alone."""
    session.pop(PASSED, None)


def passes(session: SessionBase, factor: int) -> None:
    session[PASSED] = factor


def waits(user: Account, session: SessionBase) -> bool:
    """Return whether the second factor of the account is still to be passed, or to be set up."""
    factor, needed = standing(user)
    return needed if factor is None else session.get(PASSED) != factor


def is_pending(request: HttpRequest) -> bool:
    """Return whether somebody is logged in who has given the password alone, and has more to give."""
    user = request.user
    return bool(user.is_authenticated) and waits(user, request.session)


def has_passed(request: HttpRequest) -> bool:
    """Return whether the session has passed a second factor, whether or not the account needs one."""
    factor = standing(request.user)[0] if request.user.is_authenticated else None
    return factor is not None and request.session.get(PASSED) == factor
