"""Shows the values of event tables as people read them, and as the API has them."""

import datetime
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser
from django.core.exceptions import ObjectDoesNotExist
from django.db import models
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _

from registry.database.yuan import YuanField
from registry.organizations.models.confidential import Contact
from registry.organizations.models.details import Identifier, Name, Qualification, Relation
from registry.reference.models import SizeStandard
from registry.spreadsheet import wan_text, yuan_text
from registry.values.masking import masks_of
from registry.values.people import person_name
from registry.values.punctuation import clauses, quoted

WORDS: dict[type[models.Model], str | Promise] = {}
"""The name of a kind of row, if its model has no name for people."""
LAST_DAYS: dict[tuple[type[models.Model], str], str | Promise] = {(Qualification, "valid_to"): _("valid until")}
"""Ends of periods that are typed and shown as the last day, with their labels."""
KINDS: dict[type[models.Model], str] = {Name: "kind", Identifier: "scheme", Relation: "kind", Contact: "role"}
"""The field that says what kind of row it is, where that tells more than the name of the model."""
TEXTS: dict[tuple[type[models.Model], str], Callable[[Any], str | Promise]] = {}
"""The names of the values of a field that knows no choices itself."""
PUBLIC_KEYS = ("registry_no", "code", "slug", "member_no", "username")
"""The fields by which the API names other records, the first that a record has."""
_ONE_DAY = datetime.timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Difference:
    field: str
    old: str
    new: str


def kind_of_row(model: type[models.Model]) -> str:
    """Return what a row is called within a sentence."""
    return str(WORDS.get(model, model._meta.verbose_name))


class ShownFields:
    """Shows the columns of a model's event table; referenced rows are fetched once for all events."""

    def __init__(
        self, model: type[models.Model], rows: list[dict[str, Any]], leave_out: str, only: Collection[str] | None = None
    ) -> None:
        self.model = model
        self._rows = rows
        columns = rows[0] if rows else {}
        self.stored: dict[str, models.Field] = {
            field.attname: field for field in model._meta.concrete_fields if field.attname in columns
        }
        """All fields, for the API, which has no labels."""
        self.fields: dict[str, models.Field] = {
            column: field
            for column, field in self.stored.items()
            if field.editable
            and not field.primary_key
            and field.name != leave_out
            and (only is None or field.name in only)
        }
        self._referred: dict[str, dict[object, models.Model]] = {}

    @cached_property
    def _masks(self) -> Mapping[str, Callable[[str], str]]:
        return masks_of(self.model)

    def differences(self, old: Mapping[str, Any], new: Mapping[str, Any], label: str) -> Iterator[Difference]:
        for column, field in self.fields.items():
            before, after = old.get(column), new.get(column)
            if before != after and (before or after or label == "update"):
                yield Difference(
                    field=self.label(field), old=self.text(column, field, before), new=self.text(column, field, after)
                )

    def label(self, field: models.Field) -> str:
        return capfirst(str(LAST_DAYS.get((self.model, field.name), field.verbose_name)))

    def row_name(self, row: Mapping[str, Any]) -> tuple[str, set[str]]:
        """Return what tells a row below a record from others, and the labels of the fields that say it.

        That is its kind and the first value that is neither a choice nor a truth value: former name “...”.
        """
        kind, labels = kind_of_row(self.model), set()
        for column, field in self.fields.items():
            if not row.get(column) or isinstance(row[column], bool):
                continue
            if field.name == KINDS.get(self.model):
                kind = self.text(column, field, row[column])
                labels.add(self.label(field))
            elif not field.choices:
                return quoted(kind, self.text(column, field, row[column])), {*labels, self.label(field)}
        return kind, labels

    def text(self, column: str, field: models.Field, value: object) -> str:
        if value is None or value in ("", []):
            return ""
        if mask := self._masks.get(column):
            return mask(str(value))
        if told := TEXTS.get((self.model, field.name)):
            return str(told(value))
        if field.is_relation:
            return self._named(field, self._found(column, field).get(value)) or f"#{value}"
        if field.choices:
            return str(dict(field.flatchoices).get(value, value))
        if isinstance(value, bool):
            return str(_("Yes") if value else _("No"))
        if isinstance(field, YuanField) and isinstance(value, Decimal):
            return str(_("%(amount)s yuan") % {"amount": yuan_text(value)})
        if isinstance(value, Decimal) and self.model is SizeStandard:
            return str(_("%(amount)s yuan or persons") % {"amount": yuan_text(value)})
        if isinstance(value, Decimal):
            return str(_("%(amount)s (10,000 yuan)") % {"amount": wan_text(value)})
        if isinstance(value, datetime.datetime):
            return date_format(localtime(value), "SHORT_DATETIME_FORMAT")
        if isinstance(value, datetime.date):
            last = (self.model, field.name) in LAST_DAYS
            return (value - _ONE_DAY if last else value).isoformat()
        return clauses(map(str, value)) if isinstance(value, list) else str(value)

    def _named(self, field: models.Field, found: models.Model | None) -> str:
        """Return how a referenced row is called; empty if that is not known any more.

        It is empty, too, for a row of a confidential table that another table refers to: who sees this history may not
        see that table. A model whose name says more than its readers may know has a `reference()` for them.
        """
        if isinstance(found, AbstractBaseUser):
            return person_name(found)
        secret = getattr(field.related_model, "CONFIDENTIAL", False) and not getattr(self.model, "CONFIDENTIAL", False)
        if found is None or secret:
            return ""
        try:
            return str(found.reference() if hasattr(found, "reference") else found)
        except ObjectDoesNotExist:  # it is gone, and so is what it is called after
            return ""

    def changes(self, old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, list[object]]:
        """Return for each field that differs its values before and after, as JSON."""
        pairs = {
            field.name: [self._json(column, field, side.get(column)) for side in (old, new)]
            for column, field in self.stored.items()
            if column != "id" and old.get(column) != new.get(column)
        }
        return {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}

    def _json(self, column: str, field: models.Field, value: object) -> object:
        if value and (mask := self._masks.get(column)):
            return mask(str(value))
        if value is not None and field.is_relation:
            found = self._found(column, field).get(value)
            return next((getattr(found, key) for key in PUBLIC_KEYS if hasattr(found, key)), value)
        if isinstance(field, YuanField) and isinstance(value, Decimal):
            return str(_("%(amount)s yuan") % {"amount": yuan_text(value)})
        if isinstance(value, Decimal):
            return str(value)
        return value.isoformat() if isinstance(value, datetime.date | datetime.datetime) else value

    def _found(self, column: str, field: models.Field) -> dict[object, models.Model]:
        """Return all records that the column of any event refers to, read once."""
        if column not in self._referred:
            ids = {row[column] for row in self._rows} - {None}
            model: Any = field.related_model
            found = model._default_manager.in_bulk(ids)
            self._referred[column] = found | _gone(model, ids - found.keys())
        return self._referred[column]


def _gone(model: type[models.Model], ids: Collection[object]) -> dict[object, models.Model]:
    """Return the rows that are gone, as their last events have them; none of a model that has no history."""
    events = getattr(model, "pgh_event_model", None)
    if not ids or events is None:
        return {}
    rows = events.objects.filter(pgh_obj_id__in=ids).order_by("pgh_obj_id", "-pgh_id").distinct("pgh_obj_id")
    names = [field.attname for field in model._meta.concrete_fields if not field.generated and not field.primary_key]
    return {
        row["pgh_obj_id"]: model(pk=row["pgh_obj_id"], **{name: row[name] for name in names if name in row})
        for row in rows.values()
    }
