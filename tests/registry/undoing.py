"""Imports that are recorded as batches, and what the tables hold before and after."""

import hashlib
from typing import Any

import pghistory
import pghistory.models
from django.apps import apps
from django.db import connection
from django.utils import timezone

from registry.imports.organizations import OrganizationImport
from registry.models import ImportBatch
from tests import factories

_ASIDE = {"registry_importbatch", "registry_importfile", "registry_importrow", "registry_importmapping"}
_MOMENTS = {"updated_at", "last_used_at"}


def applied(path: Any, run: Any = None, **options: Any) -> ImportBatch:
    """The file imported, and the batch that stands for it."""
    run = run or OrganizationImport()
    with pghistory.context() as context:
        report = run.run(path, apply=True, **options)
    report.table.close()
    forget_context()
    assert report.applied
    assert not report.refused, report.problems
    return factories.import_batch(
        state="applied", applied_at=timezone.now(), history_context=context.id, created_by=run.user
    )


def forget_context() -> None:
    """In the one transaction of a test, what follows would carry the context of what went before."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('pghistory.context_id', '', true)")


def state(*left_out: str) -> dict[str, list[str]]:
    """Table -> its rows as text, of all tables of the registry but events, imports and moments of change."""
    found = {}
    for model in apps.get_models(include_auto_created=True):
        table = model._meta.db_table
        if (
            model._meta.app_label not in ("registry", "alliance")
            or model._meta.proxy
            or issubclass(model, pghistory.models.Event)
            or table in _ASIDE
        ):
            continue
        without = ", ".join(f"'{name}'" for name in sorted(_MOMENTS.union(left_out)))
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT (to_jsonb(x) - ARRAY[{without}])::text FROM {table} x ORDER BY 1")
            found[table] = [row for (row,) in cursor.fetchall()]
    return found


def state_hash() -> str:
    return hashlib.sha256(repr(sorted(state().items())).encode()).hexdigest()
