"""Decisions about applications, and how what has passed takes effect.

The rules of the alliance say which body decides. Where none has to, a second person confirms; where the alliance asks
for two persons in any case, a second person confirms what the body has decided, too.
"""

import datetime
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from alliance.applications.models import Application, ApplicationKind, ApplicationState
from alliance.applications.operations import changed, locked, member_of, require
from alliance.applications.transitions import CONFIRM_IT, DECIDE, REJECT, possible
from alliance.certificates import ending
from alliance.meetings import recording
from alliance.meetings.choices import Body
from alliance.meetings.rules import rules_of
from alliance.members.operations import actions
from alliance.members.operations.direct import decided
from alliance.members.operations.operating import save, told_as
from alliance.models import Alliance, Decision, EndReason, Meeting, Membership, Representative
from registry.database.db_errors import Conflict, integrity_errors_as_conflicts
from registry.organizations.models.organizations import Organization
from registry.values.people import Account
from registry.values.punctuation import labelled

PEOPLE = ("alliance.view_representative", "alliance.add_representative", "alliance.change_representative")
ENDS = {
    ApplicationKind.WITHDRAWAL: EndReason.WITHDRAWAL,
    ApplicationKind.LAPSE: EndReason.LAPSE,
    ApplicationKind.EXPULSION: EndReason.EXPULSION,
}


def body_for(application: Application) -> str:
    """Return the body that decides on it; empty if no decision is needed."""
    return rules_of(application.alliance).body_for(application.kind)


def needs_confirmation(application: Application) -> bool:
    """Return whether a second person has to confirm it now: no body decides on it, or one has decided."""
    return not body_for(application) or application.decision_id is not None


def early(application: Application, decided_on: datetime.date) -> str:
    """Say that a decision of the day comes before the announcement 公示 is over; empty if it does not."""
    last = application.announced_last
    if last is None or decided_on > last:
        return ""
    said = {
        "organization": application.organization,
        "day": date_format(decided_on, "DATE_FORMAT"),
        "last": date_format(last, "DATE_FORMAT"),
    }
    told = _("%(organization)s: decided on %(day)s, but announced until %(last)s. Check whether objections came.")
    return told % said


def still_announced(application: Application) -> str:
    """Say that it is announced still and waits for its decision, or was decided before the announcement was over."""
    if application.decision is not None:
        return early(application, application.decision.meeting.held_on)
    last = application.announced_last
    if last is None or last < timezone.localdate() or application.state != ApplicationState.TO_DECIDE:
        return ""
    told = _("It is announced until %(last)s: decide on it after that day.")
    return told % {"last": date_format(last, "DATE_FORMAT")}


def second_person_missing(application: Application, by: Account | None) -> str:
    """Say why this account is not the second person; empty if it may confirm. None is the program itself."""
    if by is None or application.kind == ApplicationKind.REPRESENTATIVE:
        return ""
    if by.pk in (application.entered_by_id, application.submitted_by_id):
        return _("You have entered or submitted this application yourself: a second person confirms it.")
    if application.decision is not None and application.decision.recorded_by_id == by.pk:
        return _("You have recorded the decision yourself: a second person confirms it.")
    return ""


def confirm(
    application: Application,
    by: Account | None,
    on: datetime.date,
    *,
    seen: str = "",
    representative: Mapping[str, Any] | None = None,
) -> Application:
    """Confirm as the second person: what is applied for takes effect on the day `on`, which is that of the decision if
    a meeting has decided.

    `representative` are the fields of the new one, which the attached notice names.
    """
    require(by, CONFIRM_IT)
    with locked(application, "confirm_application", by, seen=seen) as stored:
        if not possible(stored, CONFIRM_IT):
            raise changed(stored)
        if not needs_confirmation(stored):
            raise _left_to(body_for(stored))
        if why := second_person_missing(stored, by):
            raise ValidationError(why)
        if stored.kind == ApplicationKind.REPRESENTATIVE and by is not None and not by.has_perms(PEOPLE):
            raise PermissionDenied
        if stored.effective_on and on != stored.effective_on:
            told = _("The meeting has decided on it from %(day)s: it takes effect on that day.")
            raise ValidationError({"on": told % {"day": date_format(stored.effective_on, "DATE_FORMAT")}})
        stored.confirmed_by_id = by.pk if by else None
        return take_effect(stored, on, by, representative)


def reject(application: Application, by: Account | None, reason: str, *, seen: str = "") -> Application:
    """Do not pass an application on which no body has to decide, or, as the second person, one that a body has decided
    on: without a second opinion it would wait for ever, and keep the organization from applying anew.
    """
    require(by, REJECT)
    if not reason.strip():
        raise ValidationError({"reason": _("Say why: the applicant is told.")})
    with locked(application, "reject_application", by, reason.strip(), seen) as stored:
        if not possible(stored, REJECT):
            raise changed(stored)
        if not needs_confirmation(stored):
            raise _left_to(body_for(stored))
        if stored.decision and (why := second_person_missing(stored, by)):
            raise ValidationError(why)
        stored.state, stored.answer, stored.effective_on = ApplicationState.REJECTED, reason.strip(), None
        return save(stored)


def _left_to(body: str) -> ValidationError:
    """Return the refusal of a single person where a body decides."""
    return ValidationError(_("%(body)s decides on this: record its decision.") % {"body": Body(body).label})


def decide(
    meeting: Meeting,
    applications: Sequence[Application],
    by: Account | None,
    on: datetime.date,
    **said: Any,
) -> Decision:
    """Record what a meeting has decided on one or several applications of one kind, and let it take effect.

    The organizations are locked first, in one order; then the applications, then the meeting. `said` is what
    `recording.record()` takes.
    """
    if by is not None and not by.has_perm(DECIDE):
        raise PermissionDenied
    with integrity_errors_as_conflicts(), transaction.atomic(), told_as("decide_applications", by):
        waiting = _lock(applications)
        kind, alliance = _check_same(waiting, meeting)
        decision = recording.record(meeting, by, matter=kind.matter, **said)
        decision.refresh_from_db(fields=["passed"])
        two = rules_of(alliance).two_persons
        for one in waiting:
            one.decision = decision
            if not decision.passed:
                one.state = ApplicationState.REJECTED
                save(one)
            elif two:
                one.effective_on = on
                save(one)
            else:
                with _naming(one):
                    take_effect(one, on, by)
        return decision


@contextmanager
def _naming(application: Application) -> Iterator[None]:
    """Name the organization in what is refused: one of several keeps all from taking effect."""

    def named(messages: list[str]) -> list[str]:
        return [labelled(application, why) for why in messages]

    try:
        yield
    except ValidationError as refused:
        of_fields = refused.message_dict if hasattr(refused, "error_dict") else None
        told = {name: named(said) for name, said in of_fields.items()} if of_fields else named(refused.messages)
        if isinstance(refused, Conflict):
            raise Conflict(told, code="conflict") from refused
        raise ValidationError(told) from refused


def _lock(applications: Sequence[Application]) -> list[Application]:
    pks = [one.pk for one in applications]
    organizations = [one.organization_id for one in applications]
    list(Organization.objects.select_for_update(no_key=True).filter(pk__in=organizations).order_by("pk"))
    found = Application.objects.select_for_update(of=("self",)).select_related("alliance", "organization", "tier")
    return list(found.filter(pk__in=pks).order_by("pk"))


def _check_same(waiting: Sequence[Application], meeting: Meeting) -> tuple[ApplicationKind, Alliance]:
    """Refuse unless all wait for a decision of this meeting's body, on one kind of matter."""
    if not waiting:
        raise ValidationError({"applications": _("Choose the applications that were decided.")})
    for one in waiting:
        if one.state != ApplicationState.TO_DECIDE or one.decision_id is not None:
            told = _("%(application)s is now “%(state)s”. Nothing was recorded.")
            raise Conflict(told % {"application": one, "state": one.get_state_display()}, code="conflict")
    kind, alliance = ApplicationKind(waiting[0].kind), meeting.alliance
    if any(one.alliance_id != alliance.pk for one in waiting):
        raise ValidationError({"meeting": _("This meeting belongs to another alliance.")})
    if any(one.kind != kind for one in waiting):
        raise ValidationError({"applications": _("One decision is about one kind of applications.")})
    body = rules_of(alliance).body_for(kind)
    if not body:
        raise ValidationError({"applications": _("No body has to decide on this: a second person confirms it.")})
    if body != meeting.body:
        told = _("By the rules of the alliance, %(body)s decides on this.")
        raise ValidationError({"meeting": told % {"body": Body(body).label}})
    return kind, alliance


def take_effect(
    application: Application,
    on: datetime.date,
    by: Account | None,
    representative: Mapping[str, Any] | None = None,
) -> Application:
    """Do what is applied for, from the day `on`, and close the application. The organization is locked."""
    application.state, application.effective_on = ApplicationState.PASSED, on
    with decided():
        if application.kind == ApplicationKind.REPRESENTATIVE:
            application.representative = _represent(application, on, representative or {})
        else:
            application.membership = _membership(application, on, by)
    return save(application, effective_on="on")


def _membership(application: Application, on: datetime.date, by: Account | None) -> Membership:
    remarks = application.decision.reference() if application.decision else ""
    organization, tier = application.organization, application.tier
    if application.kind == ApplicationKind.ADMISSION:
        assert tier is not None  # noqa: S101 - a constraint asks for it
        return actions.admit(organization, application.alliance, tier, on, by, remarks=remarks)
    member = member_of(application)
    if member is None:
        raise Conflict(_("It is no member any more."), code="conflict")
    if application.kind == ApplicationKind.TIER_CHANGE:
        assert tier is not None  # noqa: S101 - a constraint asks for it
        return actions.change_tier(member, tier, on, by, remarks=remarks)
    ended = actions.end(member, on, ENDS[ApplicationKind(application.kind)], by, remarks=remarks, end_seats=True)
    if application.certificate_returned:
        ending.give_back_of_withdrawal(member, on, by)
    return ended


def _represent(application: Application, on: datetime.date, values: Mapping[str, Any]) -> Representative:
    """End the representatives in office, and enter the new one."""
    member = member_of(application)
    if member is None or not member.memberships.as_of(on).exists():
        told = _("It was no member on %(day)s.") % {"day": date_format(on, "DATE_FORMAT")}
        raise Conflict({"on": told}, code="conflict")
    role = Representative.Role.REPRESENTATIVE
    for old in member.representatives.filter(role=role).filter(valid_to__isnull=True):
        if old.valid_from and old.valid_from >= on:
            told = _("A representative is entered from %(day)s already.")
            raise ValidationError({"on": told % {"day": date_format(old.valid_from, "DATE_FORMAT")}})
        old.valid_to = on
        save(old, valid_to="on")
    return save(Representative(member=member, role=role, valid_from=on, **values), valid_from="on")
