"""Whether changes of membership may be entered directly, or only by way of an application."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from django.core.exceptions import ValidationError
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from alliance.models import Alliance, AllianceRules, EndReason
from registry.organizations.models.choices import ENDED_STATUSES
from registry.organizations.models.organizations import Organization

BY_APPLICATION = _(
    "In this alliance, admission, change of tier, withdrawal, lapse and expulsion go by way of an application: enter "
    "it under Applications."
)
SUCCESSOR_BY_APPLICATION = _(
    "In this alliance, a successor is admitted or changes its tier by way of an application: enter it under "
    "Applications, and end this membership because of the merger."
)
FACTS = (EndReason.DISSOLUTION, EndReason.SUCCESSION)
"""The ends on which nobody decides, as the organization is gone: they are entered directly in any case."""
NO_FACT = _(
    "By the registry the organization exists: enter first that it is deregistered, revoked or merged. Any other end "
    "goes by way of an application."
)
_decided: ContextVar[bool] = ContextVar("membership_decided", default=False)


@contextmanager
def decided() -> Iterator[None]:
    """Let what runs inside change memberships: an application or a change of council is its reason."""
    token = _decided.set(True)
    try:
        yield
    finally:
        _decided.reset(token)


def goes_by_application(alliance: Alliance | int) -> bool:
    """Return whether the alliance takes changes of membership by applications alone."""
    pk = alliance if isinstance(alliance, int) else alliance.pk
    return AllianceRules.objects.filter(alliance=pk, direct_entry=False).exists()


def refuse_direct(alliance: Alliance | int, told: str | Promise = BY_APPLICATION) -> None:
    """Refuse a change of membership without an application, in an alliance that asks for one."""
    if not _decided.get() and goes_by_application(alliance):
        raise ValidationError(str(told), code="by_application")


def refuse_direct_end(alliance: Alliance | int, organization: Organization, reason: str) -> None:
    """Refuse an end without an application, in an alliance that asks for one, unless the organization is gone."""
    if reason not in FACTS:
        refuse_direct(alliance)
    elif organization.registration_status not in ENDED_STATUSES:
        refuse_direct(alliance, NO_FACT)
