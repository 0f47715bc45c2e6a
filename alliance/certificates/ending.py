"""How a certificate ends before its last valid day: lost 遗失, withdrawn 收回, void 作废; and its paper comes back."""

import datetime

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from alliance.members.operations.operating import operation, save
from alliance.models import Certificate, Member
from registry.database.db_errors import Conflict
from registry.values.people import Account

BY_HAND = (Certificate.End.LOST, Certificate.End.WITHDRAWN, Certificate.End.VOID)
"""How a person ends one; replaced is what issuing another one does."""


def end(
    certificate: Certificate,
    kind: str,
    on: datetime.date,
    reason: str,
    by: Account | None = None,
    *,
    returned_on: datetime.date | None = None,
) -> Certificate:
    """End a certificate from the day `on`, for the reason; `returned_on` is the day on which its paper came back."""
    with operation("end_certificate", certificate.member.organization_id, by, reason.strip()):
        stored = _locked(certificate)
        if stored.ended_on:
            said = {"kind": stored.get_end_kind_display(), "day": date_format(stored.ended_on, "DATE_FORMAT")}
            raise Conflict(_("It has ended already: %(kind)s, %(day)s.") % said, code="conflict")
        if kind not in BY_HAND:
            raise ValidationError({"kind": _("Say how it ends: lost, withdrawn or void.")})
        if not reason.strip():
            raise ValidationError({"reason": _("Say why it ends.")})
        if on < stored.issued_on:
            raise ValidationError({"on": _before_issue(stored)})
        stored.ended_on, stored.end_kind, stored.end_reason = on, kind, reason.strip()
        return _returned(stored, returned_on) if returned_on else save(stored, ended_on="on")


def give_back(certificate: Certificate, on: datetime.date, by: Account | None = None) -> Certificate:
    """Record that the paper came back 交回; what has not ended yet is withdrawn with it."""
    with operation("return_certificate", certificate.member.organization_id, by):
        stored = _locked(certificate)
        if stored.ended_on is None:
            stored.ended_on, stored.end_kind = on, Certificate.End.WITHDRAWN
            stored.end_reason = str(_("the paper was returned"))
        return _returned(stored, on)


def give_back_of_withdrawal(member: Member, on: datetime.date, by: Account | None = None) -> list[Certificate]:
    """Record that a member, which leaves on the day `on`, handed its certificate back with the notice.

    The certificate holds as long as the membership. The day of its end is taken as the day of its return, but for one
    in the future: the paper is here today.
    """
    found = Certificate.objects.not_ended().filter(member=member, returned_on=None).order_by("valid_from", "id")
    given_back = []
    with operation("return_certificate", member.organization_id, by):
        for stored in found.select_for_update(of=("self",)).select_related("member"):
            stored.ended_on, stored.end_kind = max(on, stored.issued_on), Certificate.End.WITHDRAWN
            stored.end_reason = str(_("the paper was returned"))
            given_back.append(_returned(stored, max(min(on, timezone.localdate()), stored.issued_on)))
    return given_back


def _locked(certificate: Certificate) -> Certificate:
    return Certificate.objects.select_for_update(of=("self",)).select_related("member").get(pk=certificate.pk)


def _returned(stored: Certificate, on: datetime.date) -> Certificate:
    if on < stored.issued_on:
        raise ValidationError({"returned_on": _before_issue(stored)})
    stored.returned_on = on
    return save(stored, ended_on="on")


def _before_issue(stored: Certificate) -> str:
    return _("It was issued on %(day)s: give that day or a later one.") % {
        "day": date_format(stored.issued_on, "DATE_FORMAT")
    }
