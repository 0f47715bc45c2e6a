"""Turns database errors into messages for people, if a write contradicts what another transaction has just saved."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache, partial

from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import DatabaseError
from django.db.models import CheckConstraint, Model
from django.utils.translation import gettext as _

EXCLUSION_VIOLATION, UNIQUE_VIOLATION, DEADLOCK, WAITED_TOO_LONG = "23P01", "23505", "40P01", "55P03"
OUT_OF_REACH = "RG403"
"""The state with which triggers refuse an organization outside the townships of the account."""


class Conflict(ValidationError):
    """Says that the present data do not allow a well-formed request: a form error, or 409 in the API."""


@contextmanager
def integrity_errors_as_conflicts() -> Iterator[None]:
    """Raise Conflict, with the constraint's message, if the database refuses a write for concurrent changes.

    Put it around the transaction: inside, the refusal of PostgreSQL has aborted the transaction.
    """
    try:
        yield
    except DatabaseError as error:
        message = lost_race(error)
        if message is None:
            raise
        raise Conflict(message, code="conflict") from error


def lost_race(error: DatabaseError) -> str | None:
    """Return the message for people; None if the error is caused neither by concurrent changes nor by a trigger."""
    state = getattr(error.__cause__, "sqlstate", None)
    if state == WAITED_TOO_LONG:
        return _("Somebody else is writing many records just now. Wait a minute, then try again.")
    if state == OUT_OF_REACH:
        return _("This organization is not in the townships that your account works on. Nothing was saved.")
    if state not in (EXCLUSION_VIOLATION, UNIQUE_VIOLATION, DEADLOCK):
        return None
    return broken_rule(error) or _(
        "Somebody else has just saved something that contradicts this. Load it again and look."
    )


def broken_rule(error: DatabaseError) -> str | None:
    """Return the message of the constraint that the error names; None if it belongs to no model."""
    diagnosis = getattr(error.__cause__, "diag", None)
    return rule_message(getattr(diagnosis, "constraint_name", None) or "")


def rule_message(constraint: str) -> str | None:
    """Return the message of the constraint with this name in the database; None if it belongs to no model."""
    say = _messages().get(constraint)
    return str(say()) if say else None


def only_others_forbid(code: str) -> bool:
    """Return whether an error with this code means that the value is valid but another record has it already."""
    return code in ("conflict", "unique", "unique_together") or code in _exclusive()


@cache
def _exclusive() -> frozenset[str]:
    constraints = (constraint for model in apps.get_models() for constraint in model._meta.constraints)
    return frozenset(one.name for one in constraints if not isinstance(one, CheckConstraint))


@cache
def _messages() -> dict[str, Callable[[], object]]:
    """Return the messages of constraints by their names in the database, in the active language."""
    messages: dict[str, Callable[[], object]] = {}
    for model in apps.get_models():
        for field in model._meta.local_fields:
            if field.unique and not field.primary_key:
                messages[f"{model._meta.db_table}_{field.column}_key"] = partial(_unique_message, model, field.name)
        for constraint in model._meta.constraints:
            messages[constraint.name] = constraint.get_violation_error_message
        # What triggers refuse has a name, too, in the error and in this attribute of a model.
        for name, told in getattr(model, "rules_of_triggers", {}).items():
            messages[name] = partial(str, told)
    return messages


def _unique_message(model: type[Model], field: str) -> str:
    return str(model().unique_error_message(model, (field,)).messages[0])
