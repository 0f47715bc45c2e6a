"""Stores when the database was last backed up."""

import datetime

from django.db import models
from django.utils import timezone


class LastBackup(models.Model):  # noqa: DJ008 - never shown
    """The last backup by `manage.py backup`, or the backup from which the data were restored: one row, or none."""

    taken_at = models.DateTimeField()

    class Meta:
        default_permissions = ()

    @classmethod
    def note(cls, taken_at: datetime.datetime | None) -> None:
        cls.objects.update_or_create(pk=1, defaults={"taken_at": taken_at or timezone.now()})
