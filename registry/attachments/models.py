"""Files that are attached to records: scans of forms, notices, documents of decisions."""

import uuid
from pathlib import Path

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from pgtrigger import Protect, UpdateOf

from registry.attachments.kinds import FileKind
from registry.database.tracking import tracked


@tracked()
class Attachment(models.Model):
    """One file, kept outside the web root. Its content is never replaced: another file is another attachment.

    It is opened only by way of a record that holds it (`holders`). Written only by `storage`, which recognises the kind
    by the content.
    """

    key = models.UUIDField(_("key"), default=uuid.uuid4, unique=True, editable=False)
    """Its name on the disk and in its address, which nobody can guess."""
    name = models.CharField(_("file name"), max_length=200)
    """The name that the sender gave it: shown, and never used as a path."""
    kind = models.CharField(_("kind of file"), max_length=10, choices=FileKind)
    size = models.PositiveBigIntegerField(_("bytes"))
    sha256 = models.CharField("SHA-256", max_length=64)
    added_at = models.DateTimeField(_("attached at"), db_default=Now(), editable=False)
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("attached by")
    )

    class Meta:
        verbose_name = _("attachment")
        verbose_name_plural = _("attachments")
        ordering = ["pk"]
        default_permissions = ()
        triggers = [Protect(name="attachment_content_kept", operation=UpdateOf("key", "kind", "size", "sha256"))]

    def __str__(self) -> str:
        return self.name

    @property
    def path(self) -> Path:
        return path_of(self.key)


def path_of(key: uuid.UUID) -> Path:
    """Return where the content of an attachment lies: by its key alone, in one of 256 folders."""
    return Path(settings.MEDIA_ROOT) / "attachments" / key.hex[:2] / key.hex
