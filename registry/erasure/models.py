"""The record of erasures: that a person was erased, when, by whom and on which ground, and never who."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from pgtrigger import Delete, Protect, Update

from registry.disclosure.models import Channel

ERASE = "registry.erase_person"
"""The permission to find a person over all tables and to erase them."""


class Ground(models.TextChoices):
    """The grounds of 个人信息保护法 article 47 on which personal information is to be deleted."""

    REQUEST = "request", pgettext_lazy("erasure", "The person asks for it, or takes back their consent (art. 47 III)")
    PURPOSE = "purpose", pgettext_lazy("erasure", "The purpose is fulfilled or given up (art. 47 I)")
    PERIOD = "period", pgettext_lazy("erasure", "The period of keeping is over (art. 47 II)")
    UNLAWFUL = "unlawful", pgettext_lazy("erasure", "It was processed against law or agreement (art. 47 IV)")
    RESTORED = "restored", pgettext_lazy("erasure", "Erased again after a restore")


class Erasure(models.Model):
    """One erasure. It holds no name and no number, and nobody changes or deletes it."""

    key = models.UUIDField(default=uuid.uuid4, editable=False, db_index=True)
    """By which the list of erasures outside the database names it."""
    at = models.DateTimeField(_("erased at"), db_default=Now(), editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True, verbose_name=_("account")
    )
    """None where a command was run on the server."""
    channel = models.CharField(_("way"), max_length=10, choices=Channel)
    ground = models.CharField(pgettext_lazy("erasure", "ground"), max_length=20, choices=Ground)
    tables = models.JSONField(pgettext_lazy("erasure", "erased from"), default=dict)
    """Label of a table -> how many of its rows."""
    left = models.PositiveIntegerField(_("left for work by hand"), default=0)
    """How many texts and attachments were shown and left to be looked at by somebody."""

    class Meta:
        verbose_name = pgettext_lazy("erasure", "erasure of a person")
        verbose_name_plural = pgettext_lazy("erasure", "erasures of persons")
        ordering = ["-pk"]
        default_permissions = ("view",)
        permissions = [("erase_person", _("find a person in all tables and erase them"))]
        triggers = [Protect(name="append_only", operation=Update | Delete)]

    def __str__(self) -> str:
        return f"#{self.pk} {self.at:%Y-%m-%d}"
