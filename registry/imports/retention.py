"""Deletes old files of imports: they may hold personal data and are of use only as long as somebody corrects them."""

import datetime
from typing import NamedTuple

import pghistory
from django.conf import settings
from django.db import transaction
from django.db.models.functions import Coalesce, Greatest
from django.utils import timezone

from registry.imports.models import ImportBatch, ImportFile


class Cleared(NamedTuple):
    files: int
    batches: int


def clear(days: int | None = None) -> Cleared:
    """Delete files that were uploaded before the period, and imports that were untouched since and never applied.

    Applied imports keep their record and their result.
    """
    days = settings.IMPORT_KEEP_DAYS if days is None else days
    limit = timezone.now() - datetime.timedelta(days=days)
    touched = Greatest("created_at", Coalesce("examined_at", "created_at"))
    with transaction.atomic(), pghistory.context(operation="clear_imports"):
        left = ImportBatch.objects.filter(state=ImportBatch.State.OPEN).alias(touched=touched).filter(touched__lt=limit)
        # Somebody may be applying one just now: that one is no concern of ours.
        ids = list(left.select_for_update(skip_locked=True).values_list("pk", flat=True))
        _all, counts = ImportBatch.objects.filter(pk__in=ids, state=ImportBatch.State.OPEN).delete()
        files, _by_model = (
            ImportFile.objects.filter(batch__created_at__lt=limit).exclude(batch__state=ImportBatch.State.OPEN).delete()
        )
    return Cleared(files + counts.get(ImportFile._meta.label, 0), counts.get(ImportBatch._meta.label, 0))
