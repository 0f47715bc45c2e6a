"""People's decisions about suggested sectors."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from registry.database.tracking import tracked
from registry.organizations.models.organizations import Organization
from registry.organizations.models.reach import within_reach
from registry.reference.models import Sector


@tracked()
class DismissedSuggestion(models.Model):
    """A sector that was suggested for an organization and refused; it is not suggested again."""

    organization = models.ForeignKey(
        Organization, models.CASCADE, related_name="dismissed_suggestions", verbose_name=_("organization")
    )
    sector = models.ForeignKey(Sector, models.PROTECT, related_name="+", verbose_name=_("sector"))
    dismissed_at = models.DateTimeField(_("dismissed at"), db_default=models.functions.Now(), editable=False)
    dismissed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("dismissed by"),
    )

    class Meta:
        verbose_name = _("dismissed suggestion")
        verbose_name_plural = _("dismissed suggestions")
        ordering = ["organization", "sector"]
        triggers = within_reach()
        # Who may tag organizations may also dismiss what is proposed for them.
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "sector"],
                name="dismissed_suggestion_once",
                violation_error_message=_("This suggestion has been dismissed already."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.organization} ≠ {self.sector}"
