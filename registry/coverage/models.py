"""The measures of the city for a sector that has few organizations (补链强链)."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from registry.database.tracking import tracked
from registry.reference.models import Sector


@tracked("updated_at")
class SectorMeasures(models.Model):
    """Who is to fill the gap in a sector, with whom, and how far that has come. Never public: it names targets."""

    sector = models.OneToOneField(Sector, models.PROTECT, related_name="measures", verbose_name=_("sector"))
    responsible = models.CharField(_("responsible unit"), max_length=200, blank=True)
    targets = models.TextField(
        _("bodies to attract or foster"),
        blank=True,
        help_text=_("Names, one in a line; they need not be recorded yet."),
    )
    progress = models.TextField(_("progress"), blank=True)
    updated_at = models.DateTimeField(_("updated at"), auto_now=True, editable=False)

    class Meta:
        verbose_name = _("measures for a sector")
        verbose_name_plural = _("measures for sectors")
        ordering = ["sector__position", "sector__code"]

    def __str__(self) -> str:
        return str(self.sector)
