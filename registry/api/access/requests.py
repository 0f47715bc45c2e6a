"""Stores how many requests a client has sent in a minute, and answers that may be requested again."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class RequestCount(models.Model):  # noqa: DJ008 - never shown
    """The number of requests of one client in one minute.

    The table is unlogged: it may be lost, and writes cost no flush.
    """

    client = models.CharField(max_length=80, primary_key=True)
    minute = models.BigIntegerField()
    requests = models.IntegerField()

    class Meta:
        default_permissions = ()


class KeptAnswer(models.Model):  # noqa: DJ008 - never shown
    """The answer to a POST with an Idempotency-Key, which is sent again if the same request comes within a day."""

    client = models.CharField(max_length=80)
    key = models.CharField(max_length=200)
    request_hash = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(null=True)
    headers = models.JSONField(default=dict)
    body = models.BinaryField(default=b"")
    kept_at = models.DateTimeField(db_default=models.functions.Now(), db_index=True)

    class Meta:
        verbose_name = _("kept answer of the API")
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["client", "key"],
                name="kept_answer_once",
                violation_error_message=_("A request with this Idempotency-Key is being answered already."),
            )
        ]
