"""Stores what django-otp does not for second factors: recovery codes, and which roles need a factor."""

from django.conf import settings
from django.contrib.auth.models import Group
from django.db import models
from django.utils.translation import gettext_lazy as _


class RecoveryCode(models.Model):  # noqa: DJ008 - never shown
    """A code that replaces the second factor once. Its digest is stored; the code itself was shown once, to be kept."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="recovery_codes")
    code_hash = models.CharField(max_length=64)
    created_at = models.DateTimeField(db_default=models.functions.Now(), editable=False)
    used_at = models.DateTimeField(null=True)

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["user", "code_hash"],
                name="recoverycode_once",
                violation_error_message=_("The account has this recovery code already."),
            )
        ]


class RoleFactor(models.Model):
    """Whether the accounts of a role need a second factor; a role without a row goes by REGISTRY_SECOND_FACTOR."""

    role = models.OneToOneField(Group, models.CASCADE, related_name="second_factor", verbose_name=_("role"))
    required = models.BooleanField(_("second factor needed"))

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return str(self.role)
