"""Rounds for collecting annual figures: the organizations asked, the year, the deadline."""

from typing import ClassVar, Self

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from registry.database.tracking import tracked
from registry.organizations.models.confidential import AnnualFigures
from registry.organizations.models.organizations import Organization
from registry.organizations.models.reach import within, within_reach
from registry.values.people import Account


@tracked()
class CollectionRound(models.Model):
    """A round that collects one year's figures from a list of organizations. `AnnualFigures` show who has answered."""

    title = models.CharField(pgettext_lazy("collection round", "title"), max_length=200, unique=True)
    year = models.PositiveSmallIntegerField(
        _("year"),
        validators=[MinValueValidator(1949), MaxValueValidator(2199)],
        help_text=_("The year of which the figures are."),
    )
    due_on = models.DateField(_("due on"), help_text=_("The last day for answers."))
    notes = models.TextField(_("notes"), blank=True, help_text=_("Printed on the sheet of instructions."))
    organizations: models.ManyToManyField = models.ManyToManyField(
        Organization, through="RoundOrganization", related_name="collection_rounds", verbose_name=_("organizations")
    )
    created_at = models.DateTimeField(_("created at"), db_default=models.functions.Now(), editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
        verbose_name=pgettext_lazy("collection round", "created by"),
    )
    closed_on = models.DateField(
        pgettext_lazy("collection round", "closed on"),
        null=True,
        blank=True,
        help_text=_("From this day on no answers are taken."),
    )

    class Meta:
        verbose_name = _("collection round")
        verbose_name_plural = _("collection rounds")
        ordering = ["-year", "-id"]
        default_permissions = ("view", "add", "change")
        constraints = [
            models.CheckConstraint(
                condition=Q(due_on__year__gte=F("year")),
                name="collection_round_due_after_year",
                violation_error_message=_("Figures of a year cannot be due before that year."),
            ),
            models.CheckConstraint(
                condition=~Q(title=""),
                name="collection_round_has_title",
                violation_error_message=_("Give the round a title."),
            ),
        ]

    def __str__(self) -> str:
        return self.title


class AnswerState(models.TextChoices):
    """The answers that a township can give about an organization."""

    REPORTED = "reported", _("Reported")
    OUT_OF_BUSINESS = "out_of_business", _("Out of business")
    DEREGISTERED = "deregistered", _("Deregistered")
    MOVED_AWAY = "moved_away", _("Moved away")
    UNREACHABLE = "unreachable", _("Cannot be reached")
    REFUSES = "refuses", _("Refuses to answer")


class RoundOrganizationQuerySet(models.QuerySet["RoundOrganization"]):
    def within_reach_of(self, user: Account) -> Self:
        """Return those whose organizations the account works on."""
        return self.filter(within(user, lambda field: f"organization__{field}"))

    def with_answered(self) -> Self:
        """Annotate whether the organization has figures for the round's year."""
        figures = AnnualFigures.objects.filter(organization=OuterRef("organization"), year=OuterRef("round__year"))
        return self.annotate(answered=Exists(figures))

    def unanswered(self) -> Self:
        return self.with_answered().filter(answered=False)


@tracked()
class RoundOrganization(models.Model):
    """An organization that is asked for figures in a round."""

    CONFIDENTIAL = True
    """Accounts of townships see the rows of their organizations only."""

    round = models.ForeignKey(CollectionRound, models.CASCADE, related_name="asked", verbose_name=_("collection round"))
    organization = models.ForeignKey(
        Organization, models.PROTECT, related_name="asked_in", verbose_name=_("organization")
    )
    state = models.CharField(_("how it stands"), max_length=20, choices=AnswerState, blank=True)
    """The answer of the township about the organization, given with figures or instead of figures."""

    objects: ClassVar[models.Manager] = RoundOrganizationQuerySet.as_manager()

    class Meta:
        verbose_name = _("organization asked")
        verbose_name_plural = _("organizations asked")
        ordering = ["round", "organization"]
        triggers = within_reach()
        default_permissions = ("view",)
        constraints = [
            models.UniqueConstraint(
                fields=["round", "organization"],
                name="round_organization_once",
                violation_error_message=_("The round asks this organization already."),
            )
        ]

    def __str__(self) -> str:
        return str(self.organization)
