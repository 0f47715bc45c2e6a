"""The column beside the cards: what is wanting, what waits for a decision, and the latest changes of the record."""

from dataclasses import dataclass, field
from itertools import zip_longest
from urllib.parse import urlencode

from registry.history.rendering import Event, EventGroup, days_of, events_of, for_people
from registry.organizations.page.reading import Reading
from registry.organizations.page.reverting import REVERT, ValueChange, changes_of, revertible
from registry.proposals import rights
from registry.proposals.models import Proposal
from registry.proposals.showing import Cell, cells
from registry.proposals.values import standings
from registry.site import history

GROUPS, LINES, PROPOSALS = 5, 2, 5
"""The most that the page shows of the latest changes, of the lines of each, and of proposals."""


@dataclass(slots=True)
class HistoryLine:
    text: str
    reverts: list[tuple[str, str, str]] = field(default_factory=list)
    """For each value that can be taken back: its label, the address of its card with the old value, and the card."""


@dataclass(slots=True)
class Told:
    """One operation on the record, with the first lines of it."""

    group: EventGroup
    lines: list[HistoryLine] = field(default_factory=list)
    more: int = 0
    """How many further lines the history has of it."""


def latest(reading: Reading) -> list[tuple[str, list[Told]]]:
    """Return pairs of a day and the changes made on it, for the latest changes."""
    shown: list[tuple[str, list[Told]]] = []
    left = GROUPS
    for day, groups in _days(reading):
        if left <= 0:
            break
        shown.append((day, [_told(reading, group, LINES) for group in groups[:left]]))
        left -= len(groups)
    return shown


def whole(reading: Reading) -> list[tuple[str, list[Told]]]:
    """Return all changes below their days."""
    return [(day, [_told(reading, group) for group in groups]) for day, groups in _days(reading)]


def _days(reading: Reading) -> list[tuple[str, list[EventGroup]]]:
    organization, user = reading.organization, reading.request.user
    parts = history.parts_of(organization, reading.admin.parts, user)
    return days_of(for_people(events_of(parts, organization.pk, user)), reading.admin.model)


def _told(reading: Reading, group: EventGroup, most: int | None = None) -> Told:
    lines = [line for event in group.events for line in _lines(reading, event)]
    return Told(group, lines[:most], len(lines) - len(lines[:most]))


def _lines(reading: Reading, event: Event) -> list[HistoryLine]:
    texts = event.lines()
    reverts = [_revert(reading, change) for change in changes_of(event)] if reading.may_change else []
    if event.row_name:  # one line tells all values of a row
        return [HistoryLine(text, [one for one in reverts if one]) for text in texts]
    return [HistoryLine(text, [one] if one else []) for text, one in zip_longest(texts, reverts[: len(texts)])]


def _revert(reading: Reading, change: ValueChange) -> tuple[str, str, str] | None:
    card = change.card
    edit_url = card and reading.edit_urls.get(card.name)
    if not card or not edit_url or not revertible(change, reading.rows, reading.organization):
        return None
    return change.label, f"{edit_url}?{urlencode({REVERT: change.key})}", card.anchor


def waiting(reading: Reading) -> list[Cell]:
    """Return open proposals about the record that the account sees."""
    user = reading.request.user
    if not user.has_perm(rights.VIEW):
        return []
    found = rights.visible_to(user).filter(organization=reading.organization, state=Proposal.State.OPEN)
    rows = found.select_related("organization").prefetch_related("sources__proposer", "sources__answer_wanted")
    shown = list(rows.order_by("at", "pk")[: PROPOSALS + 1])
    return cells(standings(shown), user) if shown else []
