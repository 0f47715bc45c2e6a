"""Answers monitoring systems, without secrets."""

from functools import cache

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache


@never_cache
def healthz(request: HttpRequest) -> JsonResponse:
    """Answer that the process runs."""
    return JsonResponse({"status": "ok"})


@never_cache
def readyz(request: HttpRequest) -> JsonResponse:
    """Answer whether the database responds and has every migration of this version."""
    answer = {"status": "unavailable", "version": settings.VERSION, "database": False, "migrations": None}
    try:
        ready = migrated()
    except DatabaseError:
        return JsonResponse(answer, status=503)
    answer |= {"status": "ok" if ready else "unavailable", "database": True, "migrations": ready}
    return JsonResponse(answer, status=200 if ready else 503)


def migrated() -> bool:
    return _known_migrations() <= MigrationRecorder(connection).applied_migrations().keys()


@cache
def _known_migrations() -> frozenset[tuple[str, str]]:
    loader = MigrationLoader(None, ignore_no_migrations=True)
    replaced = {key for migration in loader.disk_migrations.values() for key in migration.replaces}
    return frozenset(loader.disk_migrations.keys() - replaced)
