"""Operations on the rights of members: suspension, and its end."""

import datetime

from django.core.exceptions import ValidationError
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from alliance.members import rules
from alliance.members.suspensions import span_on
from alliance.models import Member, Suspension
from registry.database.db_errors import Conflict
from registry.values.people import Account

from .operating import operation, save


def suspend(
    member: Member,
    on: datetime.date,
    reason: str,
    by: Account | None = None,
    *,
    until: datetime.date | None = None,
) -> Suspension:
    """Suspend the member from the day `on`, until the day `until` or until it is resumed.

    A suspension ends with the membership at the latest.
    """
    with operation("suspend", member.organization_id, by):
        span = span_on(member, on)
        if span is None:
            raise Conflict({"on": rules.NO_MEMBER_ON % {"day": _day(on)}}, code="conflict")
        if not reason.strip():
            raise ValidationError({"reason": _("Say why the member is suspended.")})
        if until is not None and until <= on:
            raise ValidationError({"until": _("The end must be later than the beginning.")})
        if until is not None and span[1] is not None and until > span[1]:
            raise ValidationError({"until": _("The membership ends on %(day)s.") % {"day": _day(span[1])}})
        _check_free(member, on, until or span[1])
        suspension = Suspension(member=member, suspended_on=on, resumed_on=until or span[1], reason=reason.strip())
        return save(suspension, suspended_on="on", resumed_on="until")


def resume(member: Member, on: datetime.date, by: Account | None = None) -> Suspension:
    """End the suspension in force, from the day `on`; one that begins on this very day is taken back."""
    with operation("resume", member.organization_id, by):
        suspension = Suspension.objects.as_of(on).filter(member=member).first()
        if suspension is None:
            raise Conflict({"on": _("It is not suspended on %(day)s.") % {"day": _day(on)}}, code="conflict")
        suspension.resumed_on = on
        if suspension.suspended_on == on:
            Suspension.objects.filter(pk=suspension.pk).delete()
            return suspension
        return save(suspension, resumed_on="on")


def _check_free(member: Member, on: datetime.date, until: datetime.date | None) -> None:
    """Refuse if the member is suspended on a day of the period already."""
    clashes = Suspension.objects.filter(member=member).exclude(resumed_on__lte=on)
    if until is not None:
        clashes = clashes.filter(suspended_on__lt=until)
    clash = clashes.order_by("suspended_on").first()
    if clash is None:
        return
    since = {"day": _day(clash.suspended_on)}
    if clash.resumed_on is None:
        raise Conflict({"on": _("It is suspended since %(day)s already.") % since}, code="conflict")
    text = _("It is suspended from %(day)s until %(end)s already.") % {**since, "end": _day(clash.resumed_on)}
    raise Conflict({"on": text}, code="conflict")


def _day(day: datetime.date) -> str:
    return date_format(day, "DATE_FORMAT")
