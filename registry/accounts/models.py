"""Requests about accounts: an administrator prepares them, and somebody else confirms."""

from typing import ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from registry.database.tracking import tracked
from registry.values.masking import Mask, mask_phone
from registry.values.validators import validate_phone


@tracked()
class AccountRequest(models.Model):
    """Roles, the reopening or a new password of an account, prepared by one person and confirmed by another."""

    class Outcome(models.TextChoices):
        WAITING = "waiting", _("waiting")
        CONFIRMED = "confirmed", _("confirmed")
        RETURNED = "returned", _("returned")
        REPLACED = "replaced", _("replaced by a later one")
        OUTDATED = "outdated", _("outdated: the account was changed meanwhile")

    account = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="requests", verbose_name=_("account")
    )
    roles = ArrayField(models.CharField(max_length=150), default=list, blank=True, verbose_name=_("roles to give"))
    townships = ArrayField(
        models.CharField(max_length=20), default=list, blank=True, verbose_name=_("townships to give")
    )
    """The codes of further townships for an account that is limited to townships."""
    reopen = models.BooleanField(_("open the closed account"), default=False)
    new_password = models.BooleanField(_("new password"), default=False)
    state = models.CharField(max_length=64, editable=False)
    """The state of the account when this was prepared: the digest that `state_of()` returns."""
    prepared_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", verbose_name=_("prepared by")
    )
    prepared_at = models.DateTimeField(_("prepared at"), db_default=models.functions.Now(), editable=False)
    outcome = models.CharField(_("outcome"), max_length=20, choices=Outcome, default=Outcome.WAITING)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", null=True, blank=True, verbose_name=_("decided by")
    )
    decided_at = models.DateTimeField(_("decided at"), null=True, blank=True)

    class Meta:
        verbose_name = _("prepared account or role")
        verbose_name_plural = _("accounts and roles to confirm")
        ordering = ["-pk"]
        default_permissions = ("view",)
        constraints = [
            models.UniqueConstraint(
                fields=["account"],
                condition=models.Q(outcome="waiting"),
                name="accountrequest_one_waiting",
                violation_error_message=_(
                    "Something else is already prepared for this account. Load it again and look."
                ),
            )
        ]

    def __str__(self) -> str:
        return f"{self.account} #{self.pk}"


@tracked()
class AccountTelephone(models.Model):
    """The telephone number of the person who has an account: personal data, masked like the numbers of contacts."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="telephone", verbose_name=_("account")
    )
    phone = models.CharField(_("phone"), max_length=50, blank=True, validators=[validate_phone])

    masked_fields: ClassVar[dict[str, Mask]] = {"phone": mask_phone}

    class Meta:
        default_permissions = ()
        verbose_name = _("telephone of an account")
        verbose_name_plural = _("telephones of accounts")
        ordering = ["user"]
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(phone=""),
                name="accounttelephone_is_given",
                violation_error_message=_("Give a phone number."),
            )
        ]

    def __str__(self) -> str:
        return mask_phone(self.phone)
