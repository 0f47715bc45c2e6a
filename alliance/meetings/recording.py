"""The one way to record a decision, and to correct what was recorded wrongly.

Both lock the meeting: decisions of one meeting wait for each other, and for changes of who was present.
"""

from collections.abc import Iterator
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max, Model
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from alliance.meetings.models import VOTES_EXCEED_PRESENT
from alliance.meetings.rules import voting_rule
from alliance.members.operations.operating import save, told_as
from alliance.models import Decision, Meeting
from registry.attachments.models import Attachment
from registry.database.db_errors import Conflict, integrity_errors_as_conflicts
from registry.values.people import Account
from registry.values.punctuation import listed

OVERRIDE = "alliance.override_quorum"


def locked(meeting: Meeting) -> Meeting:
    """Return the meeting as it is stored now, locked until the end of the transaction."""
    # NO KEY: other rows may go on referring to the meeting meanwhile.
    found = Meeting.objects.select_for_update(no_key=True, of=("self",)).select_related("alliance", "term")
    return found.get(pk=meeting.pk)


def record(
    meeting: Meeting,
    by: Account | None = None,
    *,
    subject: str,
    votes_for: int,
    votes_against: int = 0,
    abstentions: int = 0,
    override_reason: str = "",
    number: int | None = None,
    **values: Any,
) -> Decision:
    """Record what the meeting has decided, by the rule that its alliance has now for this body.

    `values` are other fields of the decision: `matter`, `ballot`. Without a number it becomes the next one. Too few
    present are refused, unless `by` may override it and says why. Raises ValidationError by parameter.
    """
    with integrity_errors_as_conflicts(), transaction.atomic(), told_as("record_decision", by):
        meeting = locked(meeting)
        if meeting.held_on > timezone.localdate():
            told = _("The meeting is only on %(day)s: decisions are recorded once it was held.")
            raise ValidationError(told % {"day": date_format(meeting.held_on, "DATE_FORMAT")})
        last = _last_number(meeting)
        if number is not None and meeting.decisions.filter(number=number).exists():
            told = _("The meeting has a decision %(number)d already; the next one is %(next)d. Look at what it says.")
            raise Conflict({"number": told % {"number": number, "next": last + 1}}, code="conflict")
        decision = Decision(
            meeting=meeting,
            alliance=meeting.alliance,
            number=last + 1 if number is None else number,
            subject=subject.strip(),
            votes_for=votes_for,
            votes_against=votes_against,
            abstentions=abstentions,
            recorded_by_id=by.pk if by else None,
            **voting_rule(meeting.alliance, meeting.body).shares(),
            **values,
        )
        _take_numbers(decision, meeting)
        _check(decision, override_reason.strip(), by)
        return save(decision)


def _last_number(meeting: Meeting) -> int:
    return meeting.decisions.aggregate(last=Max("number"))["last"] or 0


def _take_numbers(decision: Decision, meeting: Meeting) -> None:
    decision.entitled, decision.present = meeting.number_entitled(), meeting.number_present()


def _check(decision: Decision, reason: str, by: Account | None) -> None:
    """Refuse more votes than members present, and too few present without a reason of somebody who may give one.

    Where the rule asks for a share of those present, somebody has to be there: no votes are any share of nobody.
    """
    cast = decision.votes_for + decision.votes_against + decision.abstentions
    if not decision.present and (cast or decision.majority_denominator):
        raise ValidationError({"votes_for": _("Nobody is ticked as present: tick who was there first.")})
    if cast > decision.present:
        said = {"cast": cast, "present": decision.present}
        told = _("%(cast)d votes, but %(present)d members were present.") % said
        raise ValidationError({"votes_for": f"{told} {VOTES_EXCEED_PRESENT}"})
    needed = decision.needed(decision.entitled)
    decision.override_reason = ""
    if decision.present >= needed:
        return
    said = {"present": decision.present, "entitled": decision.entitled, "needed": needed}
    told = _("%(present)d of %(entitled)d members were present; the rule asks for %(needed)d.") % said
    if not reason:
        remedy = _("Nothing was recorded. Whoever may decide with too few gives a reason.")
        raise ValidationError({"override_reason": f"{told} {remedy}"})
    if by is not None and not by.has_perm(OVERRIDE):
        raise ValidationError({"override_reason": f"{told} {_('Your account may not decide with too few.')}"})
    decision.override_reason = reason


def effects(decision: Decision, *, begun: bool = False) -> list[str]:
    """Return what rests on the decision, in words: the rows of other tables that refer to it.

    With `begun` only those that hold already: a row may be of a day to come, or wait for a second person. Of
    confidential tables only the number: not everybody who sees decisions sees these.
    """
    found: list[str] = []
    for model, field in _referring():
        rows: list[Any] = list(model._default_manager.filter(**{field: decision}))
        if begun:
            rows = [row for row in rows if _has_begun(row)]
        if getattr(model, "CONFIDENTIAL", False):
            found += [f"{model._meta.verbose_name} ({len(rows)})"] if rows else []
        else:
            found += [f"{model._meta.verbose_name} {row}" for row in rows]
    return found


def _has_begun(row: Any) -> bool:
    if hasattr(row, "has_begun"):
        return bool(row.has_begun())
    first_day = getattr(row, "begins_on", None)
    return first_day is None or first_day <= timezone.localdate()


def _referring() -> Iterator[tuple[type[Model], str]]:
    """Yield the tables that refer to decisions, with the field; the history is none of them."""
    relations: Any = Decision._meta.get_fields(include_hidden=True)
    for relation in relations:
        model: Any = relation.related_model
        refers = relation.auto_created and not relation.concrete
        if refers and not hasattr(model, "pgh_tracked_model"):
            yield model, relation.remote_field.name


def correct(decision: Decision, by: Account | None, reason: str, **values: Any) -> Decision:
    """Put right what was recorded wrongly: any field that `record()` takes, or `meeting`.

    Called and present are read from the meeting again. The rule stays the one by which the decision was taken, unless
    it moves to a meeting of another body. The history keeps the reason. Refused once something rests on it.
    """
    if not reason.strip():
        raise ValidationError({"reason": _("Say why it is corrected: the history keeps it.")})
    with integrity_errors_as_conflicts(), transaction.atomic(), told_as("correct_decision", by, reason.strip()):
        target = values.pop("meeting", None) or decision.meeting
        for pk in sorted({decision.meeting_id, target.pk}):
            Meeting.objects.select_for_update(no_key=True).get(pk=pk)
        stored = (
            Decision.objects.select_for_update(of=("self",)).select_related("meeting__alliance").get(pk=decision.pk)
        )
        check_no_effect(stored)
        meeting = Meeting.objects.select_related("alliance", "term").get(pk=target.pk)
        if meeting.alliance_id != stored.alliance_id:
            raise ValidationError({"meeting": _("This meeting belongs to another alliance.")})
        if meeting.body != stored.meeting.body:
            values |= voting_rule(meeting.alliance, meeting.body).shares()
        if meeting.pk != stored.meeting_id and "number" not in values:
            values["number"] = _last_number(meeting) + 1
        override = values.pop("override_reason", stored.override_reason)
        for name, value in values.items():
            setattr(stored, name, value)
        stored.meeting = meeting
        _take_numbers(stored, meeting)
        _check(stored, override.strip(), by)
        return save(stored)


def attach(decision: Decision, by: Account | None, reason: str, document: Attachment) -> Decision:
    """Attach the signed decision or the minutes, in place of the document that it has.

    Minutes are signed days after: a decision without a document takes one when something holds by it, too. The history
    keeps which document it had before.
    """
    if not reason.strip():
        raise ValidationError({"reason": _("Say why it is corrected: the history keeps it.")})
    with integrity_errors_as_conflicts(), transaction.atomic(), told_as("correct_decision", by, reason.strip()):
        locked(decision.meeting)
        stored = Decision.objects.select_for_update(of=("self",)).get(pk=decision.pk)
        if stored.document_id is not None and (found := effects(stored, begun=True)):
            told = _("Something has taken effect by this decision: %(what)s. The document that it has stays.")
            raise Conflict(told % {"what": listed(found[:5])}, code="conflict")
        stored.document = document
        return save(stored)


def check_undecided(meeting: Any) -> None:
    """Refuse to remove a meeting that has decided."""
    if meeting.decisions.exists():
        raise Conflict(_("Decisions of this meeting are recorded: it stays."), code="conflict")


def check_no_effect(decision: Decision) -> None:
    """Refuse if something rests on the decision, in effect already or not yet."""
    if found := effects(decision):
        told = _("Something rests on this decision: %(what)s. It stays; record a new decision instead.")
        raise Conflict(told % {"what": listed(found[:5])}, code="conflict")
