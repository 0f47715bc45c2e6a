"""Takes back what one operation wrote, by the history: all that was asked for, or nothing with the reasons.

The twin of the undoing of an import, which leaves what has changed since. The same rights are asked as for the change,
and what another person has to agree on is held back here as there.
"""

import uuid
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from typing import Any

import pghistory
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from pghistory.models import Context

from registry.database.db_errors import Conflict, integrity_errors_as_conflicts
from registry.imports import locks
from registry.imports.undo.outcome import KeptReason, KeptRecord, Reversal, kind_name, words_of
from registry.imports.undo.tracked_tables import tables_written
from registry.imports.undo.undo import Chosen, take_back
from registry.organizations.models.organizations import Organization
from registry.proposals.actions import withdraw
from registry.proposals.holding import holding
from registry.proposals.models import Proposal, ProposalSource
from registry.values.people import Account
from registry.values.punctuation import bracketed, labelled
from registry.workplace.changes.asked import visible_tables
from registry.workplace.undo.rules import HOURS, may_undo
from registry.workplace.undo.undone import IN_PART, UNDONE
from registry.workplace.undo.ways import HIDDEN, TABLES, ways_of


@dataclass
class Undone(Reversal):
    """The outcome of taking an operation back."""

    refused: list[str] = field(default_factory=list)
    """Why nothing was taken back, in sentences."""
    held: str = ""
    """The message about changes that wait for another person, because the public sees the values."""
    withdrawn: int = 0
    """How many of the operation's proposals were withdrawn."""
    ways: list[tuple[str, str]] = field(default_factory=list)
    """Why the history does not take it back, and the address where it is done."""


def undo(change: uuid.UUID, user: Account) -> Undone:
    """Take the operation back. Where something prevents it nothing is done, and `refused` says what."""
    outcome = Undone()
    context = Context.objects.filter(pk=change).first()
    if context is None or not may_undo(context, user, timezone.now()):
        told = _("Only what you have done yourself on a page within %(hours)d hours is taken back here.")
        outcome.refused = [told % {"hours": HOURS}]
        return outcome
    said = {"operation": "undo", UNDONE: str(change)}
    return _in_one(outcome, said, True, lambda: _take_back(change, user, outcome))


def revert(
    change: uuid.UUID, user: Account, *, chosen: Chosen | None = None, reason: str = "", apply: bool = True
) -> Undone:
    """Take back what anybody did at any time, or the chosen values of it alone; with `apply=False` only try.

    All of what was asked goes back, or nothing does, and `refused` says why and `ways` where else it is done.
    """
    outcome = Undone()
    context = Context.objects.filter(pk=change).first()
    said = (context.metadata or {}) if context else {}
    written = [one.model for one in tables_written(change, also=TABLES) if chosen is None or one.table in chosen]
    outcome.ways = list(ways_of(said, written, _visible(user)))
    if context is None or not written:
        outcome.refused = [_("There is nothing to take back.")]
    elif outcome.ways:
        outcome.refused = [text for text, _url in outcome.ways]
    if outcome.refused:
        return outcome
    told = {"operation": "undo", UNDONE: str(change)} | ({"reason": reason} if reason else {})
    if chosen is not None:
        told[IN_PART] = "yes"
    return _in_one(outcome, told, apply, lambda: _take_back(change, user, outcome, chosen))


def _in_one(outcome: Undone, told: dict[str, str], apply: bool, write: Callable[[], None]) -> Undone:
    """Write in one transaction; where something is refused, or it is a trial, nothing stays of it."""
    try:
        with integrity_errors_as_conflicts(), transaction.atomic(), pghistory.context(**told):
            write()
            if outcome.refused or not apply:
                transaction.set_rollback(True)
    except Conflict as conflict:
        outcome.refused = list(conflict.messages)
    outcome.done = apply and not outcome.refused
    return outcome


def _take_back(change: uuid.UUID, user: Account, outcome: Undone, chosen: Chosen | None = None) -> None:
    locks.prepare(waiting=True)
    with holding(user) as held:
        take_back(outcome, change, user, only=chosen)
    outcome.withdrawn = 0 if chosen else _withdraw_proposals(change, user)
    outcome.held = held.text if held else ""
    if outcome.lacking:
        outcome.refused = [_rights(outcome.lacking, user)]
    elif outcome.staying:
        outcome.refused = in_the_way(outcome, user)
    elif not outcome.back and not outcome.withdrawn:
        outcome.refused = [_("There is nothing to take back: it has been taken back already.")]


def _withdraw_proposals(change: uuid.UUID, user: Account) -> int:
    """Withdraw what the operation has proposed, because another person had to agree, and nobody has decided."""
    events: Any = ProposalSource.pgh_event_model.objects  # type: ignore[attr-defined]
    proposals = events.filter(pgh_context=change, pgh_label="insert").values("proposal_id")
    waiting = Proposal.objects.filter(pk__in=proposals, in_effect=False, state=Proposal.State.OPEN)
    return withdraw(list(waiting.values_list("pk", flat=True)), user)


def _visible(user: Account) -> set[type[models.Model]]:
    return {table.model for table in visible_tables(user)}


def _rights(lacking: Collection[str], user: Account) -> str:
    """Return the sentence about the first missing right, without the names of tables that the account may not view."""
    rights = {table.permission(action) for table in visible_tables(user) for action in ("add", "change")}
    if told := [one for one in lacking if one in rights]:
        return _("Your account has not the rights for it: %(rights)s.") % {"rights": told[0]}
    return str(HIDDEN.text)


def in_the_way(outcome: Reversal, user: Account) -> list[str]:
    """Return what prevents undoing, each with the name of its record and its fields, where the account may view it."""
    visible = _visible(user)
    stays = [stay for table in outcome.tables for stay in table.stays]
    # A rule stands in the way of other rows only because of those that have changed.
    stays = [stay for stay in stays if stay.why != KeptReason.RULE] or stays
    about = Organization.objects.in_bulk({stay.organization for stay in stays if stay.organization})
    told = (
        labelled(_name(stay, about), words_of(stay, user)) if stay.model in visible else str(HIDDEN.text)
        for stay in stays
    )
    return list(dict.fromkeys(told))


def _name(stay: KeptRecord, about: dict[int, Organization]) -> str:
    """Return the kind of the row, with its organization or else its own name."""
    own = about.get(stay.organization or 0) or stay.model._default_manager.filter(pk=stay.pk).first()
    kind = kind_name(stay.model)
    return bracketed(own, kind) if own is not None and stay.model is not Organization else str(own or kind)
