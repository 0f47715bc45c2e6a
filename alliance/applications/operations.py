"""Entering, changing and checking applications. What is decided, and takes effect, is in `deciding`.

Every operation locks the organization first, as those on memberships do, then the application, and works in one
transaction. Raises ValidationError by parameter; Conflict if somebody else was faster.
"""

from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from alliance.applications.models import Application, ApplicationKind, ApplicationState
from alliance.applications.transitions import SUBMIT, Transition, possible
from alliance.members.operations.actions import is_member
from alliance.members.operations.operating import operation, save
from alliance.models import Alliance, Member, Membership
from registry.attachments.models import Attachment
from registry.attachments.storage import Keep, keeping
from registry.database.db_errors import Conflict
from registry.organizations.models.organizations import Organization
from registry.values.people import Account

WRITTEN = (
    *("tier", "applied_on", "notice_on", "certificate_returned", "announced_from", "announced_until", "remarks"),
)
"""The fields that a form, a request or a file fills in, besides the organization and the kind."""


@contextmanager
def locked(
    application: Application, name: str, by: Account | None, reason: str = "", seen: str = ""
) -> Iterator[Application]:
    """Run one operation on the application as it is stored now. `seen` is the state that the person has seen."""
    with operation(name, application.organization_id, by, reason):
        stored = (
            Application.objects.select_for_update(of=("self",))
            .select_related("alliance", "organization", "tier")
            .get(pk=application.pk)
        )
        if seen and stored.state != seen:
            raise changed(stored)
        yield stored


def changed(application: Application) -> Conflict:
    """Return the refusal of an operation for which somebody else was faster."""
    told = _("Somebody was faster: the application is now “%(state)s”. Nothing was changed.")
    return Conflict(told % {"state": application.get_state_display()}, code="conflict")


def enter(application: Application, by: Account | None, files: Iterable[UploadedFile] = ()) -> Application:
    """Enter a new application as a draft, with its attachments."""
    with keeping(by) as keep, operation("enter_application", application.organization_id, by):
        application.entered_by_id = by.pk if by else None
        application.state = ApplicationState.DRAFT
        check_member(application)
        save(application)
        _attach(application, files, keep)
    return application


def change(
    application: Application, by: Account | None, files: Iterable[UploadedFile] = (), **values: Any
) -> Application:
    """Change a draft, or one that was sent back; `values` are of WRITTEN."""
    with keeping(by) as keep, _editable(application, by) as stored:
        for name in WRITTEN:
            if name in values:
                setattr(stored, name, values[name])
        save(stored)
        _attach(stored, files, keep)
    return stored


def attach(application: Application, by: Account | None, attachment: Attachment) -> None:
    """Attach a file that is kept already to an application that may still be changed."""
    with _editable(application, by) as stored:
        save(stored)
        stored.attachments.add(attachment)


@contextmanager
def _editable(application: Application, by: Account | None) -> Iterator[Application]:
    with locked(application, "change_application", by) as stored:
        if not stored.is_editable:
            raise changed(stored)
        yield stored


def _attach(application: Application, files: Iterable[UploadedFile], keep: Keep) -> None:
    kept: list[Attachment] = [keep(file) for file in files]
    if kept:
        application.attachments.add(*kept)


def act(
    application: Application, transition: Transition, by: Account | None, *, reason: str = "", seen: str = ""
) -> Application:
    """Take an application one step further, by a line of the table that changes nothing else."""
    require(by, transition)
    reason = reason.strip()
    if transition.asks_reason and not reason:
        raise ValidationError({"reason": _("Say why: the applicant is told.")})
    with locked(application, f"{transition.name}_application", by, reason, seen) as stored:
        if not possible(stored, transition):
            raise changed(stored)
        if transition is SUBMIT:
            stored.submitted_by_id = by.pk if by else None
            check_member(stored)
        if transition.asks_reason:
            stored.answer = reason
        stored.state = transition.after
        return save(stored)


def require(by: Account | None, transition: Transition) -> None:
    if by is not None and not by.has_perm(transition.permission):
        raise PermissionDenied


def check_member(application: Application) -> None:
    """Refuse an admission of a member, and everything else of an organization that is none."""
    pk = application.organization_id
    if why := hindrances(application.alliance, application.kind, [pk]).get(pk):
        raise ValidationError({"organization": why})


def able(alliance: Alliance, kind: str) -> QuerySet[Organization]:
    """Return the organizations that can apply for it: who is no member for an admission, else the members of today."""
    held = Membership.objects.filter(member__alliance=alliance)
    if kind == ApplicationKind.ADMISSION:
        return Organization.objects.exclude(pk__in=held.open().values("member__organization"))
    return Organization.objects.filter(pk__in=held.as_of(timezone.localdate()).values("member__organization"))


def hindrances(alliance: Alliance, kind: str, organizations: Collection[int]) -> dict[int, str]:
    """Return by organization why it cannot apply for this; those that can are left out."""
    if kind == ApplicationKind.ADMISSION:
        held = Membership.objects.open().filter(member__alliance=alliance, member__organization__in=organizations)
        return {one.member.organization_id: is_member(one) for one in held.select_related("member", "tier")}
    can = set(able(alliance, kind).filter(pk__in=organizations).values_list("pk", flat=True))
    told = _("It is no member of %(alliance)s today: only an admission can be applied for.") % {"alliance": alliance}
    return {pk: told for pk in organizations if pk not in can}


def member_of(application: Application) -> Member | None:
    found = Member.objects.select_related("alliance", "organization")
    return found.filter(alliance=application.alliance_id, organization=application.organization_id).first()
