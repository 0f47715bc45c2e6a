"""Whether changes of membership may be entered directly, or only by way of an application."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from alliance.models import Alliance, AllianceRules, EndReason

BY_APPLICATION = _(
    "In this alliance, admission, change of tier, withdrawal and expulsion go by way of an application: enter it under "
    "Applications."
)
FACTS = (EndReason.LAPSE, EndReason.DISSOLUTION, EndReason.SUCCESSION)
"""The ends that nobody applies for: they are entered directly in any case."""
_decided: ContextVar[bool] = ContextVar("membership_decided", default=False)


@contextmanager
def decided() -> Iterator[None]:
    """Let what runs inside change memberships: an application, a change of council or a succession is its reason."""
    token = _decided.set(True)
    try:
        yield
    finally:
        _decided.reset(token)


def goes_by_application(alliance: Alliance | int) -> bool:
    """Return whether the alliance takes changes of membership by applications alone."""
    pk = alliance if isinstance(alliance, int) else alliance.pk
    return AllianceRules.objects.filter(alliance=pk, direct_entry=False).exists()


def refuse_direct(alliance: Alliance | int) -> None:
    """Refuse a change of membership without an application, in an alliance that asks for one."""
    if not _decided.get() and goes_by_application(alliance):
        raise ValidationError(BY_APPLICATION, code="by_application")
