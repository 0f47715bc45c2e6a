"""The rules by which an alliance decides. Read by `alliance.meetings.rules`."""

from typing import Any

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from alliance.models.alliances import Alliance
from registry.database.tracking import tracked

from .choices import Body, Delegates

SHARE = _("A share has both numbers, such as 2 of 3, and is at most the whole.")


def share_constraint(numerator: str, denominator: str, name: str) -> models.CheckConstraint:
    """Return the constraint that two columns make a share between nothing and the whole, or are both empty."""
    empty = Q(**{f"{numerator}__isnull": True, f"{denominator}__isnull": True})
    whole = Q(
        **{
            f"{numerator}__isnull": False,
            f"{denominator}__isnull": False,
            f"{numerator}__gte": 1,
            f"{numerator}__lte": F(denominator),
        }
    )
    return models.CheckConstraint(condition=empty | whole, name=name, violation_error_message=SHARE)


class Shares(models.Model):
    """The shares that a rule asks for; a decision has a copy of those by which it was taken."""

    quorum_numerator = models.PositiveSmallIntegerField(
        _("present at least (numerator)"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1)],
        help_text=_("The share of those entitled that must be present; empty for none."),
    )
    quorum_denominator = models.PositiveSmallIntegerField(
        _("present at least (denominator)"), null=True, blank=True, validators=[MinValueValidator(1)]
    )
    majority_numerator = models.PositiveSmallIntegerField(
        _("votes for at least (numerator)"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1)],
        help_text=_("The share of those present that must vote for it; empty: more votes for it than against it."),
    )
    majority_denominator = models.PositiveSmallIntegerField(
        _("votes for at least (denominator)"), null=True, blank=True, validators=[MinValueValidator(1)]
    )
    majority_exceeded = models.BooleanField(
        _("more than this share"), default=False, help_text=_("The share itself is not enough: more than half.")
    )

    SHARES = (
        "quorum_numerator",
        "quorum_denominator",
        "majority_numerator",
        "majority_denominator",
        "majority_exceeded",
    )

    class Meta:
        abstract = True

    def shares(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self.SHARES}

    def needed(self, entitled: int) -> int:
        """Return how many of those entitled must be present."""
        if self.quorum_numerator is None or not self.quorum_denominator:
            return 0
        return -(-entitled * self.quorum_numerator // self.quorum_denominator)


@tracked()
class VotingRule(Shares):
    """How many must be present in a body of an alliance, and how many of them must vote for a decision 表决规则."""

    alliance = models.ForeignKey(Alliance, models.CASCADE, related_name="voting_rules", verbose_name=_("alliance"))
    body = models.CharField(_("body"), max_length=20, choices=Body)

    class Meta:
        verbose_name = _("voting rule")
        verbose_name_plural = _("voting rules")
        ordering = ["alliance", "body"]
        default_permissions = ("view", "add", "change")
        constraints = [
            models.UniqueConstraint(
                fields=["alliance", "body"],
                name="voting_rule_once",
                violation_error_message=_("The alliance has a rule for this body already."),
            ),
            share_constraint("quorum_numerator", "quorum_denominator", "voting_rule_quorum_share"),
            share_constraint("majority_numerator", "majority_denominator", "voting_rule_majority_share"),
        ]

    def __str__(self) -> str:
        return f"{self.alliance} {self.get_body_display()}"


@tracked()
class AllianceRules(models.Model):
    """Who decides in an alliance on what, and what lapses: one row of settings."""

    alliance = models.OneToOneField(Alliance, models.CASCADE, related_name="rules", verbose_name=_("alliance"))
    delegates = models.CharField(
        _("called to the assembly"), max_length=20, choices=Delegates, default=Delegates.MEMBERS
    )
    admission_body = models.CharField(
        _("decides on admission"),
        max_length=20,
        choices=Body,
        blank=True,
        help_text=_("Empty: no decision is needed, a second person confirms."),
    )
    tier_change_body = models.CharField(_("decides on a change of tier"), max_length=20, choices=Body, blank=True)
    expulsion_body = models.CharField(
        _("decides on expulsion"),
        max_length=20,
        choices=Body,
        blank=True,
        help_text=_("On an expulsion, and on a lapse of membership."),
    )
    two_persons = models.BooleanField(
        _("two persons in any case"),
        default=False,
        help_text=_("A second person confirms what a body has decided, too."),
    )
    direct_entry = models.BooleanField(
        _("changes of membership may be entered directly"),
        default=True,
        help_text=_(
            "If not, admission, change of tier, withdrawal, lapse and expulsion go by way of an application. The end "
            "of an organization that the registry has as gone is entered directly all the same."
        ),
    )
    unpaid_years = models.PositiveSmallIntegerField(
        _("years unpaid until a lapse is proposed"),
        null=True,
        blank=True,
        help_text=_("Empty: unpaid dues are no reason."),
    )
    absence_counts = models.BooleanField(
        _("taking no part is a reason, too"),
        default=False,
        help_text=_("Who takes no part in the alliance's activities is proposed for a lapse, too."),
    )

    class Meta:
        verbose_name = _("rules of an alliance")
        verbose_name_plural = _("rules of alliances")
        default_permissions = ("view", "add", "change")
        constraints = [
            models.CheckConstraint(
                condition=Q(unpaid_years__isnull=True) | Q(unpaid_years__gte=1),
                name="alliance_rules_years_positive",
                violation_error_message=_("Give at least one year."),
            )
        ]

    def __str__(self) -> str:
        return str(self.alliance)

    def body_for(self, matter: str) -> str:
        """Return the body that decides on an admission, a change of tier, a lapse or an expulsion; empty if none."""
        return str(getattr(self, "expulsion_body" if matter == "lapse" else f"{matter}_body", ""))
