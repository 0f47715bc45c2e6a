"""The fields that a constraint of a model speaks of."""

from django.db import models
from django.db.models.constants import LOOKUP_SEP
from django.db.models.sql.query import get_children_from_q  # type: ignore[attr-defined]


def fields_of(constraint: models.BaseConstraint) -> list[str]:
    """The names of the fields in the condition of a constraint, in their order, then those that are unique together.

    `Q.referenced_base_fields` knows the same names of a condition, but not their order.
    """
    condition = getattr(constraint, "condition", None)
    named = [path.split(LOOKUP_SEP)[0] for path in get_children_from_q(condition)] if condition else []
    return list(dict.fromkeys([*named, *getattr(constraint, "fields", ())]))
