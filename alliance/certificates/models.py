"""Certificates of membership 会员证书, each with what was printed on it, and how an alliance numbers and signs them.

A certificate is a fact about a piece of paper: it stays when the membership behind it changes or ends. Whether it is
valid on a day follows from its period, from its end and from the membership (`valid_on`).
"""

import datetime
import re
from typing import Self

import pgtrigger
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.db.models.functions import Greatest, Least
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from alliance.members.models import Member, Membership
from alliance.models.alliances import Alliance
from alliance.models.of_alliance import OfAlliance
from alliance.models.record_changes import fed
from registry.database.expressions import Period, in_force, period_constraint
from registry.database.tracking import tracked

PRINTED = (
    "number",
    "organization_name",
    "organization_name_en",
    "alliance_name",
    "alliance_name_en",
    "tier_name",
    "tier_name_en",
    "member_number",
    "signature",
    "issued_on",
    "valid_from",
    "valid_to",
)
"""The fields that are printed; they never change in a certificate that was issued here."""
_OVER = Greatest("valid_from", Least("valid_to", "ended_on", models.Value(datetime.date.max)))
"""The first day on which it does not hold: LEAST passes over NULL, and what ended before it began holds on no day."""
_FORMAT_RE = re.compile(r"[^#]*?(#{1,8})[^#]*")


def validate_format(text: str) -> None:
    """Raise ValidationError unless the text has one run of #, and YYYY at most once."""
    if not _FORMAT_RE.fullmatch(text) or text.count("YYYY") > 1 or not text.isprintable():
        raise ValidationError(
            _("Write # for each digit of the number, side by side, and YYYY for the year: for example ZS-YYYY-####."),
            code="number_format",
        )


@tracked()
class CertificateSettings(models.Model):
    """How an alliance numbers and signs its certificates; without a row the defaults hold."""

    alliance = models.OneToOneField(
        Alliance, models.CASCADE, related_name="certificate_settings", verbose_name=_("alliance")
    )
    number_format = models.CharField(
        _("format of certificate numbers"),
        max_length=40,
        default="YYYY-####",
        validators=[validate_format],
        help_text=_("# stands for a digit of the number, YYYY for the year of issue: ZS-YYYY-#### gives ZS-2026-0001."),
    )
    signature = models.CharField(
        _("signature line"),
        max_length=200,
        blank=True,
        help_text=_("Who issues the certificate, above the seal. Left empty: the name of the alliance."),
    )

    class Meta:
        verbose_name = _("settings of certificates")
        verbose_name_plural = _("settings of certificates")
        ordering = ["alliance"]
        default_permissions = ("view", "add", "change")

    def __str__(self) -> str:
        return f"{self.alliance} {self.number_format}"


class CertificateQuerySet(models.QuerySet["Certificate"]):
    def not_ended(self) -> Self:
        """Return the certificates that were neither replaced, reported lost nor withdrawn, run out or not."""
        return self.filter(ended_on=None)

    def with_member_on(self, on: datetime.date) -> Self:
        """Annotate `is_member`: whether the organization is a member on the day, or will be."""
        held = Membership.objects.filter(Q(ended_on=None) | Q(ended_on__gt=on), member=OuterRef("member"))
        return self.annotate(is_member=Exists(held))

    def valid_on(self, on: datetime.date) -> Self:
        """Return the certificates that are valid on the day: in their period, not ended, of a member of the day."""
        held = Membership.objects.as_of(on).filter(member=OuterRef("member"))
        return self.filter(in_force(on, "valid_from", "valid_to"), Q(ended_on=None) | Q(ended_on__gt=on), Exists(held))

    def to_return(self, on: datetime.date) -> Self:
        """Return the certificates whose paper is still out and says that it is valid on the day, although the
        organization is no member any more. What has run out claims nothing, and nobody asks for it.
        """
        rows = self.not_ended().filter(in_force(on, "valid_from", "valid_to"), returned_on=None)
        return rows.with_member_on(on).filter(is_member=False)


@tracked()
class Certificate(OfAlliance):
    """A certificate of one member, valid over `[valid_from, valid_to)`. Written by `alliance.certificates.operations`,
    by the import of lists, and never deleted.
    """

    alliance_through = "member"

    class End(models.TextChoices):
        REPLACED = "replaced", pgettext_lazy("certificate", "replaced")
        LOST = "lost", pgettext_lazy("certificate", "lost")
        WITHDRAWN = "withdrawn", pgettext_lazy("certificate", "withdrawn")
        VOID = "void", pgettext_lazy("certificate", "void")

    # As with seats: a column for a composite foreign key, and for the number, which is one of the alliance.
    alliance = models.ForeignKey(
        Alliance,
        models.PROTECT,
        related_name="certificates",
        editable=False,
        db_constraint=False,
        verbose_name=_("alliance"),
    )
    member = models.ForeignKey(
        Member, models.PROTECT, related_name="certificates", db_constraint=False, verbose_name=_("member")
    )
    number = models.CharField(_("certificate number"), max_length=60)
    issued_on = models.DateField(_("day of issue"))
    valid_from = models.DateField(_("certificate valid from"))
    valid_to = models.DateField(
        _("certificate valid to"),
        null=True,
        blank=True,
        help_text=_("The first day on which it is no longer valid. Empty: it has no end."),
    )
    organization_name = models.CharField(_("organization name as printed"), max_length=300)
    organization_name_en = models.CharField(_("English name as printed"), max_length=300, blank=True)
    alliance_name = models.CharField(_("alliance as printed"), max_length=200)
    alliance_name_en = models.CharField(_("alliance as printed, English"), max_length=300, blank=True)
    tier_name = models.CharField(_("tier as printed"), max_length=200)
    tier_name_en = models.CharField(_("tier as printed, English"), max_length=300, blank=True)
    member_number = models.CharField(_("member number as printed"), max_length=30, blank=True)
    signature = models.CharField(_("signature line as printed"), max_length=200)
    from_list = models.BooleanField(
        _("recorded from a list"),
        default=False,
        help_text=_("It was printed elsewhere: what stands on it was entered afterwards, and can be corrected."),
    )
    ended_on = models.DateField(
        _("ended on"), null=True, blank=True, help_text=_("From this day on it is not valid, whatever its period says.")
    )
    end_kind = models.CharField(_("how it ended"), max_length=10, choices=End, blank=True)
    end_reason = models.CharField(_("reason of its end"), max_length=300, blank=True)
    replaced_by = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="replaces",
        db_constraint=False,
        verbose_name=_("replaced by"),
    )
    returned_on = models.DateField(
        _("paper returned on"), null=True, blank=True, help_text=_("The day on which the paper came back.")
    )

    objects = CertificateQuerySet.as_manager()

    class Meta:
        verbose_name = _("certificate of membership")
        verbose_name_plural = _("certificates of membership")
        ordering = ["alliance", "number"]
        default_permissions = ("view", "add", "change")
        triggers = [
            *fed(
                "certificates",
                certificates="SELECT c.id FROM alliance_certificate c JOIN rows s ON s.id = c.replaced_by_id",
            ),
            pgtrigger.Protect(
                name="stays_as_printed",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__from_list=False)
                & pgtrigger.Q(
                    *(pgtrigger.Q(**{f"old__{name}__df": pgtrigger.F(f"new__{name}")}) for name in PRINTED),
                    _connector=pgtrigger.Q.OR,
                ),
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["alliance", "number"],
                name="certificate_number_unique_in_alliance",
                violation_error_message=_("The alliance has a certificate with this number already."),
            ),
            # The target of the composite foreign key of `replaced_by`.
            models.UniqueConstraint(fields=["id", "member"], name="certificate_id_member"),
            period_constraint("valid_from", "valid_to", "certificate_period_not_empty"),
            models.CheckConstraint(
                condition=Q(ended_on=None, end_kind="", end_reason="", replaced_by=None)
                | Q(ended_on__isnull=False) & ~Q(end_kind="") & ~Q(end_reason=""),
                name="certificate_end_is_told_whole",
                violation_error_message=_("The end of a certificate needs all three: the day, how it ended, and why."),
            ),
            models.CheckConstraint(
                condition=Q(ended_on=None) | Q(ended_on__gte=F("issued_on")),
                name="certificate_ends_after_issue",
                violation_error_message=_("A certificate cannot end before the day on which it was issued."),
            ),
            models.CheckConstraint(
                condition=Q(replaced_by=None) | Q(end_kind__in=("replaced", "lost")) & ~Q(replaced_by=F("id")),
                name="certificate_successor_if_replaced",
                violation_error_message=_(
                    "Only a certificate that was replaced or lost has a successor, which is another one."
                ),
            ),
            models.CheckConstraint(
                condition=Q(returned_on=None) | Q(returned_on__gte=F("issued_on")),
                name="certificate_returned_after_issue",
                violation_error_message=_("The paper cannot come back before the day on which it was issued."),
            ),
            ExclusionConstraint(
                name="certificate_one_at_a_time",
                deferrable=models.Deferrable.IMMEDIATE,
                expressions=[
                    (F("member"), RangeOperators.EQUAL),
                    (Period("valid_from", _OVER), RangeOperators.OVERLAPS),
                ],
                violation_error_message=_("The member has another certificate that is valid in a part of this period."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.organization_name}"

    @property
    def over_on(self) -> datetime.date | None:
        """Return the first day on which it does not hold, by its period and its end; None if it has no end."""
        return min(filter(None, (self.valid_to, self.ended_on)), default=None)
