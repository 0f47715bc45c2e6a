"""The names that alliances and their tiers bore before they were renamed."""

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from registry.database.tracking import tracked
from registry.organizations.models.triggers import REFERENCE_STATE
from registry.reference.models import Bilingual

from .alliances import Alliance, Tier


@tracked()
class FormerName(Bilingual):
    """The name of an alliance, or of one of its tiers, until the day `replaced_on`.

    The earliest row that ends after a day has the name of that day; without one it is the present name.
    """

    alliance = models.ForeignKey(Alliance, models.CASCADE, related_name="former_names", verbose_name=_("alliance"))
    # A tier of the same alliance: the foreign key on (tier, alliance) in migration 0004.
    tier = models.ForeignKey(
        Tier,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="former_names",
        db_constraint=False,
        verbose_name=_("tier"),
        help_text=_("Empty for a former name of the alliance itself."),
    )
    replaced_on = models.DateField(_("renamed on"), help_text=_("The first day of the next name."))

    class Meta:
        verbose_name = _("former name of an alliance or tier")
        verbose_name_plural = _("former names of the alliance and its tiers")
        triggers = [REFERENCE_STATE]
        ordering = ["alliance", "tier", "-replaced_on"]
        constraints = [
            models.UniqueConstraint(
                fields=["alliance", "tier", "replaced_on"],
                name="former_name_one_a_day",
                nulls_distinct=False,
                violation_error_message=_("A name ends on this day already."),
            )
        ]

    def clean(self) -> None:
        if self.tier and self.tier.alliance_id != self.alliance_id:
            raise ValidationError({"tier": _("This tier belongs to another alliance.")})
