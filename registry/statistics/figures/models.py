"""Releases: sums of figures of one year that everybody may see, as they were on the day of the release."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from registry.database.tracking import tracked
from registry.reference.models import Plan


class FiguresReleaseQuerySet(models.QuerySet["FiguresRelease"]):
    def published(self) -> "FiguresReleaseQuerySet":
        return self.filter(withdrawn_on=None)


@tracked()
class FiguresRelease(models.Model):
    """The suppressed sums of one year. They never change, or the difference of two releases would tell the change."""

    year = models.PositiveSmallIntegerField(
        _("year"),
        unique=True,
        help_text=_("It is released once: sums that were seen cannot be changed, only withdrawn."),
    )
    plan = models.ForeignKey(Plan, models.PROTECT, related_name="+", verbose_name=_("plan"), editable=False)
    tables = models.JSONField(_("tables"), editable=False)
    """The result of `releasing.tables_of`, which holds only what may be published."""
    released_at = models.DateTimeField(_("released at"), db_default=Now(), editable=False)
    released_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="+",
        null=True,
        editable=False,
        verbose_name=_("released by"),
    )
    withdrawn_on = models.DateField(_("withdrawn on"), null=True, blank=True)
    withdrawal_reason = models.CharField(_("reason of the withdrawal"), max_length=300, blank=True)

    objects = FiguresReleaseQuerySet.as_manager()

    class Meta:
        default_permissions = ("view", "add", "change")
        verbose_name = _("release of figures")
        verbose_name_plural = _("releases of figures")
        ordering = ["-year"]
        constraints = [
            models.CheckConstraint(
                condition=Q(withdrawn_on=None, withdrawal_reason="")
                | Q(withdrawn_on__isnull=False) & ~Q(withdrawal_reason=""),
                name="figuresrelease_withdrawn_for_a_reason",
                violation_error_message=_("A withdrawn release has a day and a reason."),
            ),
        ]

    def __str__(self) -> str:
        return str(self.year)
