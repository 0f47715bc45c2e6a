"""Judgements of people on two records that look alike, and mergers of records."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from registry.database.tracking import tracked
from registry.organizations.models.organizations import Organization


@tracked()
class PairJudgement(models.Model):
    """Somebody's word about two records: they are one body, which waits for a merger, or two, which is remembered."""

    class Verdict(models.TextChoices):
        DIFFERENT = "different", _("not the same")
        SAME = "same", _("the same body")

    first = models.ForeignKey(
        Organization, models.CASCADE, related_name="judged_as_first", verbose_name=_("organization")
    )
    second = models.ForeignKey(
        Organization, models.CASCADE, related_name="judged_as_second", verbose_name=_("other organization")
    )
    verdict = models.CharField(_("verdict"), max_length=10, choices=Verdict)
    reason = models.CharField(_("reason"), max_length=500, blank=True)
    judged_at = models.DateTimeField(_("judged at"), db_default=Now(), editable=False)
    judged_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("judged by"),
    )

    class Meta:
        verbose_name = _("word about a possible duplicate")
        verbose_name_plural = _("words about possible duplicates")
        ordering = ["-judged_at", "-id"]
        # Who may change organizations may also say that two of them are, or are not, the same.
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                condition=Q(first__lt=F("second")),
                name="pair_judgement_in_order",
                violation_error_message=_("Two different records are compared, the older one first."),
            ),
            models.UniqueConstraint(
                fields=["first", "second"],
                name="pair_judgement_once",
                violation_error_message=_("Somebody has said something about these two records already."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.first} {'=' if self.verdict == self.Verdict.SAME else '≠'} {self.second}"


@tracked()
class Merger(models.Model):
    """One record merged into another one. What it wrote is in the history under `history_context`, for undoing it."""

    merged = models.ForeignKey(
        Organization, models.PROTECT, related_name="mergers", verbose_name=_("merged organization")
    )
    kept = models.ForeignKey(
        Organization, models.PROTECT, related_name="took_over", verbose_name=_("organization that stays")
    )
    history_context = models.UUIDField(editable=False)
    merged_at = models.DateTimeField(_("merged at"), db_default=Now(), editable=False)
    merged_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("merged by"),
    )
    undone_at = models.DateTimeField(_("undone at"), null=True, blank=True)
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("undone by"),
    )

    class Meta:
        verbose_name = _("merger of records")
        verbose_name_plural = _("duplicates and mergers")
        ordering = ["-merged_at", "-id"]
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                condition=~Q(merged=F("kept")),
                name="merger_of_two",
                violation_error_message=_("A record cannot be merged into itself."),
            ),
            models.UniqueConstraint(
                fields=["merged"],
                condition=Q(undone_at=None),
                name="merger_once",
                violation_error_message=_("This record was merged into another one already."),
            ),
            models.CheckConstraint(
                condition=Q(undone_by=None) | Q(undone_at__isnull=False),
                name="merger_undone_at",
                violation_error_message=_("A merger that was undone has the moment of it."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.merged} → {self.kept}"
