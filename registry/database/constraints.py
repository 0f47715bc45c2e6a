"""Reads the constraints of a model: their fields, and which of them a row would break."""

import json
from collections.abc import Set
from functools import cache
from typing import NamedTuple

from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection, models
from django.db.models.constants import LOOKUP_SEP
from django.db.models.sql.query import get_children_from_q  # type: ignore[attr-defined]


def fields_of(constraint: models.BaseConstraint) -> list[str]:
    """Return the names of the fields in the condition of a constraint, in their order, and then its unique fields.

    `Q.referenced_base_fields` has the names in a condition, but not their order.
    """
    condition = getattr(constraint, "condition", None)
    named = [path.split(LOOKUP_SEP)[0] for path in get_children_from_q(condition)] if condition else []
    return list(dict.fromkeys([*named, *getattr(constraint, "fields", ())]))


def broken_checks(instance: models.Model, unchecked: Set[str]) -> list[models.CheckConstraint]:
    """Return the check constraints that the row would break, found by one query.

    Constraints with a field of `unchecked` are left out, because these fields have no valid value.
    """
    asked = [check for check in checks_of(type(instance)) if unchecked.isdisjoint(check.fields)]
    if not asked:
        return []
    values = {
        field.column: getattr(instance, field.attname)
        for field in instance._meta.concrete_fields
        if not field.generated and field.name not in unchecked
    }
    # What the database has still to give, such as a number from a sequence, no constraint speaks of.
    row = {column: value for column, value in values.items() if not hasattr(value, "resolve_expression")}
    conditions = ", ".join(check.condition for check in asked)
    table = connection.ops.quote_name(instance._meta.db_table)
    with connection.cursor() as cursor:
        query = f"SELECT {conditions} FROM jsonb_populate_record(NULL::{table}, %s)"
        cursor.execute(query, [json.dumps(row, cls=DjangoJSONEncoder)])
        holds = cursor.fetchone()
    return [check.constraint for check, held in zip(asked, holds, strict=True) if held is False]


class Check(NamedTuple):
    """A check constraint with the names of its fields, and its condition in SQL for statements with parameters."""

    constraint: models.CheckConstraint
    fields: list[str]
    condition: str


@cache
def checks_of(model: type[models.Model]) -> list[Check]:
    """Return the check constraints of the model."""
    editor, concrete = connection.schema_editor(), model._meta.concrete_model or model
    return [
        Check(one, fields_of(one), f"({one._get_check_sql(concrete, editor)})".replace("%", "%%"))  # type: ignore[attr-defined]
        for one in concrete._meta.constraints
        if isinstance(one, models.CheckConstraint)
    ]
