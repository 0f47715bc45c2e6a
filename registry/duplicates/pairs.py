"""Two records that are compared, and what a part of the registry says before they are merged."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from registry.organizations.models.organizations import Organization
from registry.values.people import Account

Said = str | Promise
Chosen = Mapping[str, str]
"""Name of a choice -> the value that somebody chose; a choice that is not named keeps what is proposed."""
KEPT, MERGED, BOTH = "kept", "merged", "both"


@dataclass(frozen=True)
class RecordPair:
    """The record that stays, and the one that is merged into it, as an account looks at them."""

    kept: Organization
    merged: Organization
    user: Account | None = None

    def may(self, permission: str) -> bool:
        return self.user is None or self.user.has_perm(permission)

    @property
    def ids(self) -> tuple[int, int]:
        return self.kept.pk, self.merged.pk


class Fate(StrEnum):
    """The ways in which a merger treats a row of the merged record."""

    MOVES = "moves"
    CHANGES = "changes"
    STAYS = "stays"
    REMOVED = "removed"


FATES: dict[str, Said] = {
    Fate.MOVES: _("moves to the record that stays"),
    Fate.CHANGES: _("changes"),
    Fate.STAYS: _("stays with the merged record"),
    Fate.REMOVED: _("is removed"),
}


@dataclass(frozen=True, slots=True)
class RowFate:
    """Says what a merger does with one row, or with several of a kind."""

    fate: Fate
    text: str
    why: str = ""

    @property
    def fate_label(self) -> Said:
        return FATES[self.fate]


@dataclass(frozen=True, slots=True)
class Option:
    value: str
    text: str


@dataclass(frozen=True, slots=True)
class Choice:
    """A conflict that a person decides: both records have a value, and one is to stay."""

    name: str
    label: str
    options: tuple[Option, ...]
    proposed: str
    why: str = ""

    def value(self, chosen: Chosen) -> str:
        given = chosen.get(self.name, self.proposed)
        return given if any(option.value == given for option in self.options) else self.proposed


@dataclass(slots=True)
class Looked:
    """The preview of one part of a merger: its rows, the choices between values, and reasons that prevent it."""

    label: Said
    lines: list[RowFate] = field(default_factory=list)
    choices: list[Choice] = field(default_factory=list)
    refusals: list[str] = field(default_factory=list)

    @property
    def says(self) -> bool:
        return bool(self.lines or self.choices or self.refusals)


ForeignKey = tuple[type[models.Model], str]
"""A model and the name of its foreign key to an organization."""


class MergerPart(Protocol):
    """How the rows of foreign keys to an organization move in a merger."""

    @property
    def keys(self) -> Collection[ForeignKey]:
        """The foreign keys that the part answers for."""

    def look(self, pair: RecordPair) -> Looked:
        """Say what would happen."""

    def move(self, pair: RecordPair, chosen: Chosen) -> None:
        """Move the rows, within the transaction of the merger. Raises ValidationError."""

    def rows(self, pair: RecordPair) -> Iterable[models.QuerySet[models.Model]]:
        """Yield what belongs to both records and is no row of `keys` itself: what the person must have seen."""
