"""Fields of models by name."""

from typing import Any, cast

from django.db import models


def field_of(model: type[models.Model], name: str) -> models.Field:
    """Return a field that has a column. Django's `get_field()` may also return the other end of a foreign key."""
    return cast(models.Field, model._meta.get_field(name))


def column_of(field: Any) -> str:
    """Return the database column of a field that has one."""
    column: str = field.column
    return column
