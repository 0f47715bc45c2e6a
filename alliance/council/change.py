"""The change of council 换届: a new term, and the tiers of members from its first day on, as one operation.

Tier changes follow the rules of `alliance.members.operations`. A refusal names the member, and nothing is
stored then; `undo()` takes the whole back as long as nothing that it wrote has changed since.
"""

import datetime
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from alliance.meetings.choices import Matter
from alliance.members.operations import actions
from alliance.members.operations.direct import decided, goes_by_application
from alliance.members.operations.operating import told_as
from alliance.models import Alliance, Decision, Member, Membership, Term, Tier
from registry.database.db_errors import Conflict, integrity_errors_as_conflicts
from registry.imports import locks
from registry.imports.undo.outcome import KeptReason, Reversal, TableOutcome, words_of
from registry.imports.undo.undo import take_back
from registry.organizations.models.organizations import Organization
from registry.values.people import Account
from registry.values.punctuation import bracketed, labelled, listed

CHANGE = "change_council"
"""The name of the operation in the history, by which its writes are found again."""
GROUPS = {
    "again": gettext_lazy("Stays in the council at the same tier"),
    "moved": gettext_lazy("Changes tier"),
    "new": gettext_lazy("Newly elected"),
    "left": gettext_lazy("No longer in the council"),
}
"""The four groups in which people read a change of council."""


@dataclass(frozen=True, slots=True)
class Step:
    """A member with its tier before and from the first day of the term on."""

    member: Member
    before: Tier
    after: Tier

    @property
    def group(self) -> str:
        """Return in which of the groups it is; empty for a member outside of the council that stays as it is."""
        if self.before == self.after:
            return "again" if self.before.in_council else ""
        if self.before.in_council == self.after.in_council:
            return "moved"
        return "new" if self.after.in_council else "left"


@dataclass(slots=True)
class CouncilChange:
    """One change of council as it was asked for.

    `choices` has the tier of each member by ids; `shown` the tiers that the person saw before.
    """

    alliance: Alliance
    number: int
    begins_on: datetime.date
    ends_on: datetime.date
    choices: Mapping[int, int]
    shown: Mapping[int, int]
    decision: Decision | None = None
    """The decision by which it was elected: needed where the alliance takes no changes of membership directly."""


@dataclass(slots=True)
class CouncilOutcome:
    term: Term
    shortened: Term | None
    """The term before, which ends earlier than planned."""
    steps: list[Step] = field(default_factory=list)

    def in_groups(self) -> list[tuple[str, list[Step]]]:
        return [(str(label), [one for one in self.steps if one.group == name]) for name, label in GROUPS.items()]


class MembersRefused(ValidationError):
    """Says which members cannot change their tier, and why; `reasons` has the words by the id of the member."""

    def __init__(self, reasons: Mapping[Member, list[str]]) -> None:
        self.reasons = {member.pk: words for member, words in reasons.items()}
        super().__init__([labelled(member.organization, " ".join(words)) for member, words in reasons.items()])


class ShownTiersDiffer(Conflict):
    """Says that members hold other tiers on the day than the person has seen; `members` are their ids."""

    def __init__(self, members: Iterable[Membership]) -> None:
        self.members = {one.member_id for one in members}
        names = listed(bracketed(one.member.organization, one.tier) for one in members)
        told = _("Others hold another tier on this day than was shown: %(members)s. They are shown anew: look again.")
        super().__init__(told % {"members": names}, code="conflict")


def held_on(alliance: Alliance, on: datetime.date) -> dict[int, Membership]:
    """Return the memberships of the alliance on the day by the id of the member, the highest tier first."""
    held = Membership.objects.as_of(on).filter(alliance=alliance).select_related("tier", "member__organization")
    return {one.member_id: one for one in held.order_by("tier__rank", "member__organization__sort_key", "id")}


def change_council(change: CouncilChange, by: Account | None = None, *, trial: bool = False) -> CouncilOutcome:
    """Change the council, or with `trial` tell what would happen: a trial does the same and rolls it back.

    Raises MembersRefused, ShownTiersDiffer, Conflict, and ValidationError with errors of the term by field.
    """
    by_decision = change.decision.reference() if change.decision else ""
    with integrity_errors_as_conflicts(), transaction.atomic(), told_as(CHANGE, by, by_decision):
        # Changes of one alliance wait for each other; NO KEY, because members go on referring to it.
        Alliance.objects.select_for_update(no_key=True).get(pk=change.alliance.pk)
        _check_decision(change)
        steps = _steps(change)
        outcome = CouncilOutcome(_new_term(change), _shorten_term_before(change), steps)
        outcome.term.full_clean()
        moved = [step for step in steps if step.before != step.after]
        _change_tiers(moved, change.begins_on, by, by_decision)
        outcome.term.save()
        if trial:
            transaction.set_rollback(True)
    return outcome


def elections(alliance: Alliance) -> QuerySet[Decision]:
    """Return the passed decisions of the alliance on an election, the latest first."""
    passed = Decision.objects.filter(alliance=alliance, matter=Matter.ELECTION, passed=True)
    return passed.select_related("meeting__term", "meeting__alliance").order_by("-meeting__held_on", "-number", "-id")


def _check_decision(change: CouncilChange) -> None:
    """Refuse a change without the decision on the election, where the alliance's rules ask for one.

    The decision is locked; whether it is one on an election, in time, is a rule of the term.
    """
    if change.decision is not None:
        list(Decision.objects.select_for_update(of=("self",), no_key=True).filter(pk=change.decision.pk))
        change.decision.refresh_from_db()
    elif goes_by_application(change.alliance):
        told = _("In this alliance memberships are not changed directly: choose the decision on the election.")
        raise ValidationError({"decision": told})


def _steps(change: CouncilChange) -> list[Step]:
    held = held_on(change.alliance, change.begins_on)
    differing = [one for member, one in held.items() if _differs(one, change.shown.get(member))]
    if differing:
        raise ShownTiersDiffer(differing)
    tiers = {tier.pk: tier for tier in change.alliance.tiers.all()}
    gone = change.choices.keys() - held.keys()
    if gone:
        names = listed(str(one.organization) for one in Member.objects.filter(pk__in=gone))
        raise ValidationError(_("Not a member of the alliance on this day: %(members)s.") % {"members": names or "—"})
    if change.choices.values() - tiers.keys():
        raise ValidationError(_("A tier of another alliance was chosen."))
    return [
        Step(one.member, one.tier, tiers[change.choices.get(member, one.tier_id)])
        for member, one in held.items()
        if one.tier.in_council or member in change.choices
    ]


def _differs(held: Membership, shown: int | None) -> bool:
    """Return whether the person has seen another tier of the member, or none although it sits in the council."""
    return held.tier.in_council if shown is None else shown != held.tier_id


def _new_term(change: CouncilChange) -> Term:
    return Term(
        alliance=change.alliance,
        number=change.number,
        begins_on=change.begins_on,
        ends_on=change.ends_on,
        decision=change.decision,
    )


def _shorten_term_before(change: CouncilChange) -> Term | None:
    """End the term in force on the day; return it if it ends earlier than planned."""
    term = Term.objects.as_of(change.begins_on).filter(alliance=change.alliance).first()
    if term is None:
        return None
    if term.begins_on == change.begins_on:
        told = _("%(term)s begins on this very day. Choose a later day.") % {"term": term}
        raise ValidationError({"begins_on": told})
    if change.begins_on <= term.ends_on:
        term.ends_on, term.postponed_until, term.approval_no = change.begins_on, None, ""
    else:
        term.postponed_until = change.begins_on
    term.full_clean()
    term.save()
    return term


def _change_tiers(steps: list[Step], on: datetime.date, by: Account | None, remarks: str) -> None:
    """Change the tiers, whose remarks name the decision; all refusals are reported together."""
    ids = {step.member.organization_id for step in steps}
    list(Organization.objects.select_for_update(no_key=True).filter(pk__in=ids).order_by("pk"))
    refused: dict[Member, list[str]] = {}
    for step in steps:
        try:
            with decided():
                actions.change_tier(step.member, step.after, on, by, remarks=remarks)
        except ValidationError as error:
            refused[step.member] = error.messages
    if refused:
        raise MembersRefused(refused)


def undo(term: Term, by: Account | None = None, *, trial: bool = False) -> Reversal:
    """Take back the term with all that was written together with it; where something has changed since, nothing.

    What prevents it is in the answer, whose `done` then is False. A term that was entered by hand has nothing
    but itself.
    """
    with integrity_errors_as_conflicts(), transaction.atomic(), told_as("undo_change_council", by):
        locks.prepare(waiting=by is not None)
        Alliance.objects.select_for_update(no_key=True).get(pk=term.alliance_id)
        outcome = Reversal()
        written_in = _context_of_change(term)
        if written_in is None:
            term.delete()
            outcome.tables = [TableOutcome(Term, removed=1)]
        else:
            take_back(outcome, written_in, by)
        outcome.done = not (trial or outcome.staying or outcome.lacking)
        if not outcome.done:
            transaction.set_rollback(True)
    return outcome


def _context_of_change(term: Term) -> uuid.UUID | None:
    """Return the history context of the change of council that made the term; None for one that was entered alone."""
    event = apps.get_model("alliance.TermEvent").objects.filter(pgh_obj_id=term.pk, pgh_label="insert")
    made = event.filter(pgh_context__metadata__operation=CHANGE).values_list("pgh_context_id", flat=True)
    return made.first()


def changed_since(outcome: Reversal, user: Account | None = None) -> list[str]:
    """Return what prevents undoing, each with the name of the organization or the term."""
    stays = [stay for table in outcome.tables for stay in table.stays]
    # A rule stands in the way of other rows only because of those that have changed.
    stays = [stay for stay in stays if stay.why != KeptReason.RULE] or stays
    about = Organization.objects.in_bulk({stay.organization for stay in stays if stay.organization})
    terms = Term.objects.in_bulk([stay.pk for stay in stays if stay.model is Term])
    return [labelled(about.get(stay.organization or 0) or terms.get(stay.pk), words_of(stay, user)) for stay in stays]
