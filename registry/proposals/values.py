"""The values of proposals: between rows and JSON, and what a record holds now."""

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import models

from registry.matching.successors import successors_of
from registry.organizations.models.choices import RegistrationStatus
from registry.organizations.models.organizations import Organization
from registry.organizations.models.published import PART_FIELDS, PUBLIC_FIELDS
from registry.proposals.models import MODELS, Proposal

Json = Any
ORGANIZATION = "organization"
_OF_THE_MERGED_RECORD = ("registration_status", "published", "successor")
"""Fields that say what became of the record itself: of a merged record, no other record takes their proposals."""


def to_json(field: models.Field, value: object) -> Json:
    if isinstance(value, models.Model):
        return value.pk
    if isinstance(value, Decimal):
        return format(value, f".{getattr(field, 'decimal_places', 0)}f")
    return value.isoformat() if hasattr(value, "isoformat") else value


def value_of(row: models.Model, name: str) -> Json:
    field: Any = row._meta.get_field(name)
    return to_json(field, getattr(row, field.attname))


def whole(row: models.Model) -> dict[str, Json]:
    """Return the values of a row of a child table, as a proposal keeps a whole row."""
    return {name: value_of(row, name) for name in PART_FIELDS[str(row._meta.model_name)]}


def python_value(field: models.Field, value: Json) -> object:
    return None if value is None else (getattr(field, "target_field", None) or field).to_python(value)


def put(row: models.Model, name: str, value: Json) -> None:
    field: Any = row._meta.get_field(name)
    setattr(row, field.attname, python_value(field, value))


@dataclass(frozen=True, slots=True)
class Standing:
    """A proposal beside what the record holds now."""

    proposal: Proposal
    target: Organization
    """The record that would be changed: the successor, if the record was merged meanwhile."""
    current: Json
    row: models.Model | None = None
    """The row of the child table that would be changed or removed."""

    @property
    def merged(self) -> bool:
        return self.target.pk != self.proposal.organization_id

    @property
    def applicable(self) -> bool:
        """Return whether there is still something that an acceptance could change."""
        proposal = self.proposal
        return proposal.what == ORGANIZATION or proposal.old is None or self.row is not None or self.holds_new

    @property
    def holds_old(self) -> bool:
        return self._compared(self.current) == self._compared(self.proposal.old)

    @property
    def holds_new(self) -> bool:
        return self._compared(self.current) == self._compared(self.proposal.new)

    @property
    def changed(self) -> bool:
        """Return whether the record no longer holds what it held when the proposal was made."""
        return not (self.holds_new if self.proposal.in_effect else self.holds_old)

    @property
    def seen(self) -> str:
        """Return the digest of what a page shows; a decision names it, so that nobody decides what they did not see."""
        shown = [self.proposal.pk, self.target.pk, self._compared(self.current), self._compared(self.proposal.new)]
        return hashlib.sha256(json.dumps(shown, sort_keys=True).encode()).hexdigest()[:16]

    def _compared(self, value: Json) -> Json:
        return compared(self.proposal, value)


def compared(proposal: Proposal, value: Json) -> Json:
    """Return the part of a value that the proposal is about."""
    return value if value is None or proposal.what == ORGANIZATION else [value.get(key) for key in keys_of(proposal)]


def keys_of(proposal: Proposal) -> list[str]:
    """Return the fields of a row that the proposal changes; for a new row or one that goes, those that say which."""
    public = PUBLIC_FIELDS[proposal.what]
    if proposal.old is None or proposal.new is None:
        return list(public)
    keys = [key for key, value in proposal.new.items() if proposal.old.get(key) != value]
    return [key for key in keys if key in public] if proposal.kind == Proposal.Kind.PUBLISHED else keys


def standings(proposals: Sequence[Proposal]) -> list[Standing]:
    """Return what each proposal meets now, with a fixed number of queries."""
    found = Organization.objects.in_bulk({one.organization_id for one in proposals})
    merged = {pk for pk, one in found.items() if one.registration_status == RegistrationStatus.MERGED}
    leads_to = successors_of(merged)
    found |= Organization.objects.in_bulk(set(leads_to.values()) - found.keys())
    targets = {one.pk: found[_target(one, leads_to)] for one in proposals}
    rows = _Rows(proposals, targets)
    return [_standing(one, targets[one.pk], rows) for one in proposals]


def _target(proposal: Proposal, leads_to: dict[int, int]) -> int:
    stays = proposal.in_effect or (proposal.what == ORGANIZATION and proposal.field in _OF_THE_MERGED_RECORD)
    return proposal.organization_id if stays else leads_to.get(proposal.organization_id, proposal.organization_id)


def _standing(proposal: Proposal, target: Organization, rows: "_Rows") -> Standing:
    if proposal.what == ORGANIZATION:
        return Standing(proposal, target, value_of(target, proposal.field))
    row = rows.of(proposal, target)
    return Standing(proposal, target, None if row is None else whole(row), row)


class _Rows:
    """The rows of child tables that proposals are about, read once for each table."""

    def __init__(self, proposals: Iterable[Proposal], targets: dict[int, Organization]) -> None:
        ids: dict[str, set[int]] = defaultdict(set)
        owners: dict[str, set[int]] = defaultdict(set)
        for one in proposals:
            if one.what != ORGANIZATION and self._by_id(one, targets[one.pk]):
                ids[one.what].add(one.row_id or 0)
            elif one.what != ORGANIZATION:
                owners[one.what].add(targets[one.pk].pk)
        self.rows: dict[tuple[str, int], models.Model] = {}
        self.parts: dict[tuple[str, int], list[Any]] = defaultdict(list)
        for what in ids.keys() | owners.keys():
            wanted = models.Q(pk__in=ids[what]) | models.Q(organization__in=owners[what])
            for row in MODELS[what]._default_manager.filter(wanted).order_by("pk"):
                self.rows[what, row.pk] = row
                self.parts[what, row.organization_id].append(row)  # type: ignore[attr-defined]

    @staticmethod
    def _by_id(proposal: Proposal, target: Organization) -> bool:
        return proposal.row_id is not None and target.pk == proposal.organization_id

    def of(self, proposal: Proposal, target: Organization) -> models.Model | None:
        """Return the row by its id; for a new row, or in another record, the row that says the same."""
        if self._by_id(proposal, target):
            row = self.rows.get((proposal.what, proposal.row_id or 0))
            return row if row is None or row.organization_id == target.pk else None  # type: ignore[attr-defined]
        sought = (proposal.new if proposal.old is None else proposal.old) or {}
        public = PUBLIC_FIELDS[proposal.what]
        said = [sought.get(name) for name in public]
        same = (row for row in self.parts[proposal.what, target.pk] if [value_of(row, n) for n in public] == said)
        return next(same, None)
