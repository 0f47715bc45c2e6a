"""The log of security events: who logged in, was let in or kept out, and what was done to accounts, keys and files."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from pgtrigger import Delete, Protect, Update

from registry.disclosure.models import Channel


class EventKind(models.TextChoices):
    LOGIN = "login", pgettext_lazy("event", "log-in")
    LOGOUT = "logout", pgettext_lazy("event", "log-out")
    LOGIN_FAILED = "login_failed", pgettext_lazy("event", "failed log-in")
    LOCKOUT = "lockout", pgettext_lazy("event", "log-in closed after failures")
    UNLOCK = "unlock", pgettext_lazy("event", "log-in opened again")
    FACTOR_SET_UP = "factor_set_up", pgettext_lazy("event", "second factor set up")
    FACTOR_RESET = "factor_reset", pgettext_lazy("event", "second factor reset")
    FACTOR_RULE = "factor_rule", pgettext_lazy("event", "rule of second factors changed")
    CODES_MADE = "codes_made", pgettext_lazy("event", "recovery codes made")
    CODE_USED = "code_used", pgettext_lazy("event", "recovery code used")
    PASSWORD_CHANGED = "password_changed", pgettext_lazy("event", "password changed")
    PASSWORD_RESET = "password_reset", pgettext_lazy("event", "password reset")
    ACCOUNT_OPENED = "account_opened", pgettext_lazy("event", "account opened")
    ACCOUNT_CLOSED = "account_closed", pgettext_lazy("event", "account closed")
    ROLES = "roles", pgettext_lazy("event", "roles of an account changed")
    PERMISSIONS = "permissions", pgettext_lazy("event", "permissions changed")
    ACCOUNT = "account", pgettext_lazy("event", "account changed or prepared")
    TOKEN_MADE = "token_made", pgettext_lazy("event", "token made")
    TOKEN_REVOKED = "token_revoked", pgettext_lazy("event", "token revoked")
    EXPORT = "export", pgettext_lazy("event", "file exported")
    REVEAL = "reveal", pgettext_lazy("event", "personal data seen in full")
    ERASE = "erase", pgettext_lazy("event", "personal data erased")
    RESTORE = "restore", pgettext_lazy("event", "backup restored")


class SecurityEvent(models.Model):
    """One event. Nobody changes or deletes it, and it refers to no record: it outlives all.

    What a receipt or the log of accounts says of the same act stays there; the event names it.
    """

    at = models.DateTimeField(_("when"), default=timezone.now, db_index=True, editable=False)
    kind = models.CharField(_("event"), max_length=30, choices=EventKind, db_index=True)
    username = models.CharField(_("account"), max_length=150, blank=True)
    """Who did it, or the name that was typed; empty for the operator of the server."""
    subject = models.CharField(_("concerning"), max_length=200, blank=True)
    address = models.CharField(_("network address"), max_length=45, blank=True)
    channel = models.CharField(_("way"), max_length=10, choices=Channel)
    token = models.CharField(_("token"), max_length=20, blank=True)
    request_id = models.CharField(_("request"), max_length=64, blank=True)
    details = models.JSONField(_("details"), default=dict, blank=True)
    # Both logs have times of their own to be kept for, so that no rule of the database ties them to this one.
    entry = models.ForeignKey(
        "admin.LogEntry", models.DO_NOTHING, related_name="+", null=True, db_constraint=False, editable=False
    )
    """The entry of the log of accounts and roles that says what was done."""
    receipt = models.ForeignKey(
        "registry.Receipt", models.DO_NOTHING, related_name="+", null=True, db_constraint=False, editable=False
    )

    class Meta:
        verbose_name = _("security event")
        verbose_name_plural = _("security events")
        ordering = ["-pk"]
        default_permissions = ("view",)
        triggers = [Protect(name="append_only", operation=Update | Delete)]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.username} {timezone.localtime(self.at):%Y-%m-%d %H:%M}"

    @staticmethod
    def about(text: str) -> models.Q:
        """Return the condition on events that a text finds: part of whom they concern, an address, a request."""
        return (
            models.Q(subject__icontains=text)
            | models.Q(username__icontains=text)
            | models.Q(address__startswith=text)
            | models.Q(request_id=text)
        )
