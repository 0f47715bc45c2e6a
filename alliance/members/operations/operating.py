"""The base of all operations on memberships: the lock, the name in the history, and the check of all rules."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, TypeVar

import pghistory
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Model

from registry.database.db_errors import integrity_errors_as_conflicts
from registry.organizations.models.organizations import Organization
from registry.values.people import Account

from .seats import check_seats

Row = TypeVar("Row", bound=Model)
_named: ContextVar[bool] = ContextVar("operation_named", default=False)


@contextmanager
def operation(name: str, organization_id: int, by: Account | None, reason: str = "") -> Iterator[Organization]:
    """Run one operation in a transaction that holds the lock on the organization and names itself in the history."""
    # As a part of another operation it needs no savepoint of its own: what fails is taken back whole.
    atomic = transaction.atomic(savepoint=not _named.get())
    with integrity_errors_as_conflicts(), atomic, told_as(name, by, reason):
        # NO KEY: other rows may go on referring to the organization meanwhile.
        organization = Organization.objects.select_for_update(no_key=True).get(pk=organization_id)
        yield organization
        check_seats(organization)


@contextmanager
def told_as(name: str, by: Account | None = None, reason: str = "", **more: Any) -> Iterator[None]:
    """Name what is done inside to the history. Operations inside of it are its parts and have no name of their own."""
    if _named.get():
        yield
        return
    said: dict[str, Any] = {"operation": name, **more}
    if by is not None:
        said["user"] = by.pk
    if reason:
        said["reason"] = reason
    token = _named.set(True)
    try:
        with pghistory.context(**said):
            yield
    finally:
        _named.reset(token)


def save(row: Row, **names: str) -> Row:
    """Check all rules, then write. `names` maps the fields of errors to parameters of the caller."""
    try:
        row.full_clean()
    except ValidationError as error:
        errors_of: dict[str, list[ValidationError]] = {}
        for field, errors in error.error_dict.items():
            errors_of.setdefault(names.get(field, field), []).extend(errors)
        raise ValidationError(errors_of) from None
    row.save()
    return row
