"""Fields of models by name."""

from typing import cast

from django.db import models


def field_of(model: type[models.Model], name: str) -> models.Field:
    """Return a field that has a column. Django's `get_field()` may also return the other end of a foreign key."""
    return cast(models.Field, model._meta.get_field(name))
