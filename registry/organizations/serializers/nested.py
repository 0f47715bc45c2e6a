"""What is written with an organization: sectors, other names, identifiers. A list that is given replaces the old."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, NoReturn, TypeVar

from django.contrib.auth.models import AbstractBaseUser
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import models
from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail

from registry.api.errors import FieldForbidden
from registry.api.serializers import StrictSerializer, TextField, TruthField, check
from registry.database.permission_names import permission
from registry.organizations.models.details import Identifier, Name, SectorTag

Part = TypeVar("Part", SectorTag, Name, Identifier)
FOUND = ("organization", "sector", "plan")
"""Foreign keys of parts to what has just been looked up."""


class NameSerializer(StrictSerializer):
    class Meta(StrictSerializer.Meta):
        model = Name
        fields = ("kind", "name", "language", "valid_from", "valid_to")


class IdentifierSerializer(StrictSerializer):
    class Meta(StrictSerializer.Meta):
        model = Identifier
        fields = ("scheme", "value", "valid_from", "valid_to")


class SectorTagSerializer(StrictSerializer):
    """A sector by code or name; text alone will do. Primary is the one that says so, or the first."""

    told = "A sector by code or name; text alone will do. Primary is the one that says so, or else the first."
    text_alone = True
    code = TextField(required=False)
    name = TextField(required=False)
    primary = TruthField(required=False)

    class Meta(StrictSerializer.Meta):
        model = SectorTag
        fields = ("code", "name", "primary", "evidence", "evidence_url")

    def to_internal_value(self, data: Any) -> Any:
        return super().to_internal_value({"code": data} if isinstance(data, str) else data)


def replace_parts(
    field: str, old: Iterable[Part], new: list[Part], key: Callable[[Part], Any], user: AbstractBaseUser
) -> None:
    """Make the rows of `old` those of `new`, writing only what differs, and only what the user may write.

    Rows are the same where `key` is. Raises ValidationError under the name of the field, by position.
    """
    existing = {key(row): row for row in old}
    wanted: dict[Any, tuple[int, Part]] = {}
    for position, row in enumerate(new):
        try:
            row.clean()  # brings identifiers into their one form
        except ValidationError as error:
            refuse(field, position, error)
        if key(row) in wanted:
            refuse(field, position, ValidationError(_("This stands in the list twice."), code="repeated"))
        wanted[key(row)] = (position, row)
    gone = [row for found, row in existing.items() if found not in wanted]
    added = [(position, row) for found, (position, row) in wanted.items() if found not in existing]
    changed = [
        (position, existing[found])
        for found, (position, row) in wanted.items()
        if found in existing and _take_over(existing[found], row)
    ]
    for action, rows in (("delete", gone), ("change", changed), ("add", added)):
        if rows:
            require(user, action, new[0].__class__ if new else gone[0].__class__, field)
    for row in gone:
        row.delete()
    # Who is no longer the primary sector goes first: there is one at most.
    for position, row in sorted(changed, key=lambda item: getattr(item[1], "is_primary", False)) + added:
        try:
            check(row, FOUND)
        except ValidationError as error:
            refuse(field, position, error)
        row.save()


def require(user: Any, action: str, model: type[models.Model], field: str) -> None:
    name = permission(action, model)
    if not user.has_perm(name):
        raise FieldForbidden(f"/{field}", name)


def _take_over(row: Part, new: Part) -> bool:
    """Copy what `new` says onto the stored row; whether anything differs."""
    differs = False
    for field in row._meta.local_concrete_fields:
        if field.primary_key or field.generated or not hasattr(new, field.attname):
            continue
        value = getattr(new, field.attname)
        if getattr(row, field.attname) != value:
            setattr(row, field.attname, value)
            differs = True
    return differs


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
