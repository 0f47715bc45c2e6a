"""How each named constraint is tested: broken in a form, with its message, and directly in the database, by name."""

from collections.abc import Callable, Iterable

import pytest
from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Model
from django.utils import translation

Breaker = Callable[[], Model]
"""Makes what must stand in the database already, and returns the row, not saved, that breaks the constraint."""


def named_constraints(app: str) -> set[str]:
    return {
        constraint.name
        for model in apps.get_app_config(app).get_models()
        if not model._meta.proxy
        for constraint in model._meta.constraints
    }


def assert_form_refuses(row: Model, name: str, instead: str = "") -> None:
    """`full_clean()` refuses with the constraint's message, or with `instead` where a check before it speaks first."""
    constraint = next(one for one in row._meta.constraints if one.name == name)
    with pytest.raises(ValidationError) as caught:
        row.full_clean()
    chinese = str(constraint.violation_error_message)
    assert (instead or chinese) in caught.value.messages
    with translation.override("en"):
        assert str(constraint.violation_error_message) != chinese, "the message is not translated"


def assert_database_refuses(write: Callable[[], object], names: str | Iterable[str]) -> None:
    """The database refuses the write by the constraint of this name."""
    with pytest.raises(IntegrityError) as caught, transaction.atomic():
        write()
    refused_by = caught.value.__cause__.diag.constraint_name  # type: ignore[union-attr]
    assert refused_by in ({names} if isinstance(names, str) else set(names))


def insert(row: Model) -> None:
    """Write the row without asking the model anything."""
    type(row)._default_manager.bulk_create([row])
