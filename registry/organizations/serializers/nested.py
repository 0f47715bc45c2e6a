"""Writes sectors, other names and identifiers together with an organization. A given list replaces the stored one."""

from collections.abc import Callable, Hashable, Iterable, Mapping
from typing import Any, NoReturn, TypeVar

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import models
from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail

from registry.api.errors import FieldForbidden
from registry.api.serializers import StrictSerializer, TextField, TruthField, check
from registry.database.permission_names import permission
from registry.organizations.models.details import Identifier, Name, SectorTag
from registry.proposals.holding import create_all
from registry.values.people import Account

Part = TypeVar("Part", SectorTag, Name, Identifier)
FOUND = ("organization", "sector", "plan")
"""Foreign keys of child records to rows that were looked up just before."""


class NameSerializer(StrictSerializer):
    class Meta(StrictSerializer.Meta):
        model = Name
        fields = ("kind", "name", "language", "valid_from", "valid_to")


class IdentifierSerializer(StrictSerializer):
    class Meta(StrictSerializer.Meta):
        model = Identifier
        fields = ("scheme", "value", "valid_from", "valid_to")


class SectorTagSerializer(StrictSerializer):
    """A sector by code or name; a plain text is enough. The marked sector is primary, or else the first one."""

    told = "A sector by code or name; text alone will do. Primary is the one that says so, or else the first."
    text_alone = True
    code = TextField(required=False)
    name = TextField(required=False)
    primary = TruthField(required=False)

    class Meta(StrictSerializer.Meta):
        model = SectorTag
        fields = ("code", "name", "primary", "evidence", "evidence_url")

    def to_internal_value(self, data: object) -> dict[str, Any]:
        return super().to_internal_value({"code": data} if isinstance(data, str) else data)


class PartWrites:
    """Collects the rows of child tables for many organizations and writes each kind with one statement."""

    def __init__(self) -> None:
        self.gone: list[models.Model] = []
        self.changed: list[models.Model] = []
        self.added: list[models.Model] = []
        self.fields: set[str] = set()
        """The names of the fields in which changed rows differ from the stored rows."""

    def write(self) -> None:
        """Write the collected rows, which all belong to one model."""
        model = next((type(row) for row in (*self.gone, *self.changed, *self.added)), None)
        if model is None:
            return
        if self.gone:
            model._default_manager.filter(pk__in=[row.pk for row in self.gone]).delete()
        # Who is no longer the primary sector goes first: there is one at most.
        for primary in (False, True):
            if rows := [row for row in self.changed if getattr(row, "is_primary", False) is primary]:
                model._default_manager.bulk_update(rows, sorted(self.fields))
        create_all(model, self.added)


def replace_parts(
    field: str,
    old: Iterable[Part],
    new: list[Part],
    key: Callable[[Part], Hashable],
    user: Account,
    writes: PartWrites,
) -> None:
    """Replace the stored rows `old` by the rows `new`, and add the differences to `writes`.

    Rows with the same `key`, which holds what is unique within an organization, are the same row. Raises
    ValidationError under the name of the field, by position, and FieldForbidden.
    """
    existing = {key(row): row for row in old}
    wanted: dict[Hashable, tuple[int, Part]] = {}
    for position, row in enumerate(new):
        try:
            row.clean()  # brings identifiers into their one form
        except ValidationError as error:
            refuse(field, position, error)
        if key(row) in wanted:
            refuse(field, position, ValidationError(_("This is in the list twice."), code="repeated"))
        wanted[key(row)] = (position, row)
    gone = [row for found, row in existing.items() if found not in wanted]
    added = [(position, row) for found, (position, row) in wanted.items() if found not in existing]
    changed = []
    for found, (position, row) in wanted.items():
        if found in existing and (fields := _take_over(existing[found], row)):
            changed.append((position, existing[found]))
            writes.fields |= fields
    for action, rows in (("delete", gone), ("change", changed), ("add", added)):
        if rows:
            require(user, action, new[0].__class__ if new else gone[0].__class__, field)
    for position, row in changed + added:
        try:
            check(row, FOUND, within="organization")
        except ValidationError as error:
            refuse(field, position, error)
    writes.gone += gone
    writes.changed += [row for _position, row in changed]
    writes.added += [row for _position, row in added]


def require(user: Account, action: str, model: type[models.Model], field: str) -> None:
    name = permission(action, model)
    if not user.has_perm(name):
        raise FieldForbidden(f"/{field}", name)


def _take_over(row: Part, new: Part) -> set[str]:
    """Copy the values of `new` to the stored row, and return the names of the fields that differ."""
    differing = set()
    for field in row._meta.local_concrete_fields:
        if field.primary_key or field.generated or not hasattr(new, field.attname):
            continue
        value = getattr(new, field.attname)
        if getattr(row, field.attname) != value:
            setattr(row, field.attname, value)
            differing.add(field.name)
    return differing


def refuse(field: str, position: int, error: ValidationError) -> NoReturn:
    by_field: Mapping[str, Any] = (
        error.error_dict if hasattr(error, "error_dict") else {NON_FIELD_ERRORS: error.error_list}
    )
    raise serializers.ValidationError(
        {
            field: {
                str(position): {
                    ("non_field_errors" if name == NON_FIELD_ERRORS else name): [
                        ErrorDetail(item.messages[0], code=item.code or "invalid") for item in items
                    ]
                    for name, items in by_field.items()
                }
            }
        }
    )
