"""The one way in which rows of the history, receipts and logs are changed: what was said of an erased person goes.

The triggers that protect these tables are left out for single statements, in the transaction of an erasure, which
is recorded in `Erasure`, or of the retention, which goes by its settings. Nothing else may call this module; a test
says so.
"""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import Any

import pgtrigger
from django.db import models
from django.db.models import Model
from pgtrigger import Protect

from registry.database.personal import PersonalData
from registry.erasure.finding.traces import MARK

REVIEWED = "published_"
"""Prefix of the triggers that put changes up for a review: nothing is to be decided about an erasure."""


@contextmanager
def unprotected(model: type[Model]) -> Iterator[None]:
    """Leave out the triggers that forbid a change of the table's rows, or would put it up for a review."""
    triggers = getattr(model._meta, "triggers", [])
    kept = [one.name for one in triggers if isinstance(one, Protect) or str(one.name).startswith(REVIEWED)]
    if not kept:
        yield
        return
    with pgtrigger.ignore(*(f"{model._meta.label}:{name}" for name in kept)):
        yield


def rewrite(model: type[Model], pk: object, **values: Any) -> int:
    """Write these values into a row."""
    with unprotected(model):
        return model._base_manager.filter(pk=pk).update(**values)


def delete(model: type[Model], pks: Collection[object]) -> int:
    """Delete rows whose period of keeping is over."""
    with unprotected(model):
        rows = model._base_manager.filter(pk__in=pks)
        rows._raw_delete(rows.db)  # nothing follows a row of a log
    return len(pks)


def redact(events: type[Model], pks: Collection[int], data: PersonalData) -> int:
    """Put MARK for the person's name into events, and empty the other fields about them."""
    with unprotected(events):
        return events._base_manager.filter(pk__in=pks).update(**emptied(events, data))


def emptied(model: type[Model], data: PersonalData) -> dict[str, Any]:
    """Return the values of a row that says nothing of its person any more."""
    found: dict[str, Any] = {}
    for name in data.fields:
        field = model._meta.get_field(name)
        assert isinstance(field, models.Field)  # noqa: S101 - declared are columns alone
        found[name] = MARK if name in data.names[:1] else None if field.null else ""
    return found
