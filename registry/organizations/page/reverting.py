"""Takes one value back: the card with the field opens with the value that it had, and is saved as any other change."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django import forms
from django.db import models
from django.http import HttpRequest

from registry.history.events import RowEvent
from registry.history.rendering import Event, events_of
from registry.organizations.models.organizations import Organization
from registry.organizations.page.cards import CARDS, RecordCard, card_of_field, card_of_rows
from registry.site import history
from registry.values.masking import masks_of

REVERT = "revert"
"""The parameter that names the change: model, number of the event, field."""
_CHANGE_RE = re.compile(r"([a-z]{1,30})\.(\d{1,18})\.([a-z_]{1,40})")


@dataclass(frozen=True, slots=True)
class ValueChange:
    """One value that an event has changed."""

    event: Event
    model: type[models.Model]
    row: RowEvent
    field: models.Field
    label: str

    @property
    def pk(self) -> int:
        return self.row.row["pgh_obj_id"]

    @property
    def key(self) -> str:
        return f"{self.model._meta.model_name}.{self.row.row['pgh_id']}.{self.field.name}"

    @property
    def old(self) -> object:
        return self.row.old.get(self.field.attname)

    @property
    def card(self) -> RecordCard | None:
        return card_of_field(self.field.name) if self.model is Organization else card_of_rows(self.model)


def changes_of(event: Event) -> list[ValueChange]:
    """Return the values that an event changed, in the order in which it tells them; none of rows that came or went."""
    row, shown = event.row, event.shown
    if event.label != "update" or row is None or shown is None:
        return []
    return [
        ValueChange(event, shown.model, row, field, shown.label(field))
        for column, field in shown.fields.items()
        if row.old.get(column) != row.new.get(column)
    ]


def revertible(
    change: ValueChange, rows: Mapping[type[models.Model], Iterable[models.Model]], organization: Organization
) -> bool:
    """Return whether the record could have the old value again: its row is there, and holds another value.

    A masked number is not shown, so that nobody could see what comes back.
    """
    if change.field.name in masks_of(change.model) or not change.field.editable:
        return False
    among = [organization] if change.model is Organization else rows.get(change.model, ())
    found = [one for one in among if one.pk == change.pk]
    return bool(found) and getattr(found[0], change.field.attname) != change.old


@dataclass(frozen=True, slots=True)
class Reverting:
    """A change that is being taken back, for the form of its card."""

    change: ValueChange
    since: list[str]
    """The later changes of the same field in words, the oldest first."""

    def field_in(self, form: forms.ModelForm, formsets: Sequence[forms.BaseInlineFormSet]) -> forms.BoundField | None:
        """Return the field of the forms that holds the value; None if its row is gone or it cannot be edited."""
        name, model = self.change.field.name, self.change.model
        forms = [form] if model is Organization else [row for one in formsets for row in one.initial_forms]
        for one in forms:
            concrete = type(one.instance)._meta.concrete_model
            if concrete is model and one.instance.pk == self.change.pk and name in one.fields:
                return one[name]
        return None

    def put(self, form: forms.ModelForm, formsets: Sequence[forms.BaseInlineFormSet]) -> forms.BoundField | None:
        """Show the old value in its field, and return the field."""
        bound = self.field_in(form, formsets)
        if bound is not None:
            bound.initial = self.change.old
        return bound


def asked_for(request: HttpRequest, organization: Organization, card: RecordCard) -> Reverting | None:
    """Return the change that the address of a card names, if the account sees it and it belongs to the card."""
    found = _CHANGE_RE.fullmatch(request.GET.get(REVERT, ""))
    if found is None or card.name not in CARDS:
        return None
    seen = history.parts_of(organization, card.parts, request.user)
    parts = [part for part in seen if part[0]._meta.model_name == found[1]]
    changes = [change for event in events_of(parts, organization.pk, request.user) for change in changes_of(event)]
    wanted = next((change for change in changes if change.key == found[0]), None)
    if wanted is None or wanted.card is not card:
        return None
    later = [
        one.event.text()
        for one in reversed(changes)
        if (one.pk, one.field) == (wanted.pk, wanted.field) and one.event.key > wanted.event.key
    ]
    return Reverting(wanted, later)
