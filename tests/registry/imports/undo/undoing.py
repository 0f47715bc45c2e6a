"""Imports that are recorded as batches, and what the tables hold before and after."""

import json
from typing import Any

import pghistory.models
from django.apps import apps
from django.db import connection

from registry.imports.recording import batch_of_file
from registry.imports.tables.organizations import OrganizationImport
from registry.models import ImportBatch

# Imports, the memory of what was ever deleted, and the version of the reference data, which an undo gives once more.
_ASIDE = {f"registry_{name}" for name in ("importbatch", "importfile", "importrow", "importmapping")}
_ASIDE |= {"registry_organizationchange", "registry_proposal", "registry_proposalsource", "registry_referencestate"}
_ASIDE |= {"alliance_membershipchange", "alliance_recordchange", "registry_publicchange", "registry_securityevent"}
_MOMENTS = {"updated_at", "last_used_at"}


def applied(path: Any, run: Any = None, **options: Any) -> ImportBatch:
    """The file imported, and the batch that stands for it."""
    run = run or OrganizationImport()
    batch = batch_of_file(path, "organizations", created_by=run.user)
    report = run.run(path, apply=True, batch=batch, **options)
    report.table.close()
    forget_context()
    assert report.applied
    assert not report.refused, report.problems
    return batch


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


Row = dict[str, Any]


def rows() -> dict[tuple[str, int], Row]:
    """Table and id -> the row, of all tables that have ids."""
    found = {}
    for table, texts in state().items():
        for text in texts:
            row = json.loads(text)
            if "id" in row:
                found[table, row["id"]] = row
    return found
