"""Logs who saw personal data in full, and which files left the system. Nobody changes or deletes an entry."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from pgtrigger import Delete, F, Protect, Q, Update

REVEAL = "registry.reveal_contact"
"""The permission to see telephone numbers and e-mail addresses in full, where the account sees contacts at all."""


class Reason(models.TextChoices):
    """The reasons for which somebody needs full numbers."""

    VERIFY = "verify", pgettext_lazy("reason", "verification")
    URGE = "urge", pgettext_lazy("reason", "urging a report")
    MEETING = "meeting", pgettext_lazy("reason", "meeting")
    OTHER = "other", pgettext_lazy("reason", "other")


def reason_label(reason: str) -> str:
    """Return a reason in the reader's language; a text of somebody's own stays as it is."""
    return str(dict(Reason.choices).get(reason, reason))


def receipt_number(pk: int) -> str:
    return f"R{pk:06d}"


class Channel(models.TextChoices):
    PAGE = "page", pgettext_lazy("channel", "page")
    API = "api", "API"
    COMMAND = "command", pgettext_lazy("channel", "command")


class Receipt(models.Model):
    """A file that was exported: what was asked for, by whom, and the digest of its bytes.

    It is written before the first byte leaves, and completed when the last one has left.
    """

    class State(models.TextChoices):
        STARTED = "started", pgettext_lazy("receipt", "not ended")
        COMPLETE = "complete", pgettext_lazy("receipt", "complete")
        INTERRUPTED = "interrupted", pgettext_lazy("receipt", "broken off")
        FAILED = "failed", pgettext_lazy("receipt", "failed")

    started_at = models.DateTimeField(_("exported at"), db_default=Now(), editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True, verbose_name=_("account")
    )
    """None where a command was run on the server."""
    channel = models.CharField(_("way"), max_length=10, choices=Channel)
    token = models.CharField(_("token"), max_length=20, blank=True)
    title = models.CharField(_("title"), max_length=300)
    path = models.CharField(_("address"), max_length=300)
    query = models.TextField(_("filters"), blank=True)
    as_of = models.DateField(_("as of"), null=True)
    columns = ArrayField(models.TextField(), verbose_name=_("columns"), default=list)
    format = models.CharField(_("format"), max_length=10)
    purpose = models.CharField(_("purpose"), max_length=200, blank=True)
    recipient = models.CharField(_("recipient"), max_length=200, blank=True)
    full_numbers = models.BooleanField(_("full numbers"), default=False)
    """Whether it has telephone numbers and e-mail addresses in full."""
    request_id = models.CharField(_("request"), max_length=64, blank=True)
    state = models.CharField(_("state"), max_length=20, choices=State, default=State.STARTED)
    ended_at = models.DateTimeField(_("ended at"), null=True)
    rows = models.PositiveIntegerField(_("number of rows"), null=True)
    size = models.PositiveBigIntegerField(_("bytes"), null=True)
    sha256 = models.CharField("SHA-256", max_length=64, blank=True)

    class Meta:
        verbose_name = _("receipt of an export")
        verbose_name_plural = _("receipts of exports")
        ordering = ["-pk"]
        default_permissions = ("view",)
        triggers = [
            Protect(name="not_deleted", operation=Delete),
            Protect(name="ends_once", operation=Update, condition=~Q(old__state="started")),
            Protect(
                name="says_what_it_said",
                operation=Update,
                condition=Q(
                    Q(old__user_id__df=F("new__user_id"))
                    | Q(old__started_at__df=F("new__started_at"))
                    | Q(old__path__df=F("new__path"))
                    | Q(old__query__df=F("new__query"))
                    | Q(old__columns__df=F("new__columns"))
                    | Q(old__purpose__df=F("new__purpose"))
                    | Q(old__recipient__df=F("new__recipient"))
                    | Q(old__full_numbers__df=F("new__full_numbers"))
                ),
            ),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def number(self) -> str:
        """The number that the file itself names."""
        return receipt_number(self.pk)

    @staticmethod
    def about(text: str) -> models.Q:
        """Return the condition on receipts that find the receipt of a file at hand: by number, digest or title."""
        found = models.Q(title__icontains=text) | models.Q(sha256=text.lower())
        digits = text.upper().removeprefix("R")
        number = digits.isascii() and digits.isdigit() and len(digits) < 19
        return found | models.Q(pk=int(digits)) if number else found


class Disclosure(models.Model):
    """Somebody saw the full telephone numbers and e-mail addresses of one record, or of all in a file."""

    class What(models.TextChoices):
        CONTACTS = "contacts", _("contacts")
        REPRESENTATIVES = "representatives", _("representatives")
        ACCOUNTS = "accounts", _("accounts")

    at = models.DateTimeField(_("seen at"), db_default=Now(), db_index=True, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True, verbose_name=_("account")
    )
    what = models.CharField(_("what was seen"), max_length=20, choices=What)
    registry_no = models.CharField(_("registry number"), max_length=20, blank=True)
    """Empty for a file, whose receipt says what it holds. The log refers to no record, and outlives all."""
    name = models.CharField(_("organization"), max_length=300, blank=True)
    member_no = models.CharField(_("member number"), max_length=120, blank=True)
    reason = models.CharField(_("reason"), max_length=200)
    channel = models.CharField(_("way"), max_length=10, choices=Channel)
    token = models.CharField(_("token"), max_length=20, blank=True)
    request_id = models.CharField(_("request"), max_length=64, blank=True)
    receipt = models.ForeignKey(Receipt, models.PROTECT, related_name="+", null=True, verbose_name=_("receipt"))

    class Meta:
        verbose_name = _("look at personal data")
        verbose_name_plural = _("looks at personal data")
        ordering = ["-pk"]
        default_permissions = ("view",)
        triggers = [Protect(name="append_only", operation=Update | Delete)]

    def __str__(self) -> str:
        return f"{self.registry_no or self.receipt} {self.at:%Y-%m-%d %H:%M}"

    @staticmethod
    def about(text: str) -> models.Q:
        named = models.Q(name__icontains=text) | models.Q(member_no__icontains=text)
        return named | models.Q(registry_no=text)
