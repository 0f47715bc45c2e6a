"""Alliances, their tiers, and the organizations that guide or support them."""

from typing import Any, Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from alliance.members.changes import LOG_PUBLICATION_OF_ALLIANCE
from alliance.members.triggers import TIER_OUTSIDE_BOARD
from registry.database.expressions import period_constraint
from registry.database.tracking import tracked
from registry.organizations.models.organizations import Organization
from registry.organizations.models.triggers import REFERENCE_STATE
from registry.reference.models import Bilingual, CodeManager, one_name
from registry.values.validators import validate_phone, validate_website

_TAKEN_OVER = ("rank", "code", "name_zh", "name_en", "aliases", "in_council", "in_standing_council")


class CouncilTier(Bilingual):
    """The part of a tier that says whether its holders sit in the council; such a seat needs no row of its own."""

    in_council = models.BooleanField(
        _("in the council"), default=False, help_text=_("Its holders are council units: they sit in the council.")
    )
    in_standing_council = models.BooleanField(
        _("in the standing council"), default=False, help_text=_("Its holders sit in the standing council, too.")
    )

    class Meta:
        abstract = True


def _standing_in_council(name: str) -> models.CheckConstraint:
    return models.CheckConstraint(
        condition=Q(in_standing_council=False) | Q(in_council=True),
        name=name,
        violation_error_message=_("A tier in the standing council is in the council, too."),
    )


@tracked()
class StandardTier(CouncilTier):
    """A usual tier of Chinese alliances, offered to a new alliance; `rank` 1 is the highest."""

    code = models.SlugField(_("code"), unique=True)
    aliases = ArrayField(models.CharField(max_length=100), verbose_name=_("aliases"), default=list, blank=True)
    rank = models.PositiveSmallIntegerField(_("rank"), unique=True)

    objects = CodeManager()

    class Meta:
        verbose_name = _("standard tier")
        verbose_name_plural = _("standard tiers")
        ordering = ["rank"]
        constraints = [_standing_in_council("standard_tier_standing_in_council")]

    def natural_key(self) -> tuple[str]:
        return (self.code,)

    def values(self) -> dict[str, Any]:
        """Return the fields of a tier that an alliance takes over."""
        return {name: getattr(self, name) for name in _TAKEN_OVER}


class AllianceQuerySet(models.QuerySet["Alliance"]):
    def published(self) -> Self:
        return self.filter(published=True)

    def get_by_natural_key(self, slug: str) -> "Alliance":
        return self.get(slug=slug)


@tracked()
class Alliance(Bilingual):
    slug = models.SlugField(_("short address"), unique=True, help_text=_("Names the alliance in addresses."))
    short_name = models.CharField(_("short name"), max_length=100, blank=True)
    legal_person = models.BooleanField(
        _("legal person"), default=False, help_text=_("Registered as a body of its own, with the civil affairs office.")
    )
    founded_on = models.DateField(_("founded on"), null=True, blank=True)
    dissolved_on = models.DateField(
        _("dissolved on"), null=True, blank=True, help_text=_("The first day on which it no longer exists.")
    )
    member_no_prefix = models.CharField(
        _("prefix of member numbers"),
        max_length=10,
        default="M",
        help_text=_("Begins every member number, so that Excel keeps the zeros."),
    )
    website = models.CharField(_("website"), max_length=500, blank=True, validators=[validate_website])
    introduction = models.TextField(_("introduction"), blank=True)
    charter = models.TextField(_("charter"), blank=True)
    organs = models.TextField(_("organs"), blank=True, help_text=_("General assembly, council, secretariat ..."))
    admission = models.TextField(
        _("conditions and steps of admission"), blank=True, help_text=_("Who may join, with which papers, and how.")
    )
    office_phone = models.CharField(
        _("telephone of the office"),
        max_length=50,
        blank=True,
        validators=[validate_phone],
        help_text=_("A number of the office, and of no person: everybody sees it."),
    )
    office_address = models.CharField(
        _("address of the office"),
        max_length=300,
        blank=True,
        help_text=_(
            "Where applications are sent, by post or e-mail: of the office, and of no person. Everybody sees it."
        ),
    )
    published = models.BooleanField(
        _("published"), default=False, help_text=_("Shown in the public directory and the public API.")
    )

    objects = AllianceQuerySet.as_manager()

    class Meta:
        verbose_name = _("alliance")
        verbose_name_plural = _("alliances")
        triggers = [REFERENCE_STATE, LOG_PUBLICATION_OF_ALLIANCE]
        ordering = ["slug"]
        constraints = [period_constraint("founded_on", "dissolved_on", "alliance_dissolved_after_founded")]

    def natural_key(self) -> tuple[str]:
        return (self.slug,)

    def brief(self) -> str:
        """Return the short name, which is Chinese, or the English name; if there is none, the Chinese name."""
        return one_name(self.short_name or self.name_zh, self.name_en, get_language())


@tracked()
class Supporter(models.Model):
    """An organization that guides or supports an alliance; it is listed, but not counted as a member."""

    class Role(models.TextChoices):
        GUIDING = "guiding", _("guiding unit")
        SUPPORTING = "supporting", _("supporting unit")

    alliance = models.ForeignKey(Alliance, models.CASCADE, related_name="supporters", verbose_name=_("alliance"))
    organization = models.ForeignKey(
        Organization, models.PROTECT, related_name="supported_alliances", verbose_name=_("organization")
    )
    role = models.CharField(_("role"), max_length=20, choices=Role, default=Role.GUIDING)
    position = models.PositiveSmallIntegerField(_("position"), default=0)

    class Meta:
        verbose_name = _("guiding or supporting unit")
        verbose_name_plural = _("guiding and supporting units")
        ordering = ["alliance", "role", "position", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["alliance", "organization", "role"],
                name="supporter_once",
                violation_error_message=_("The organization is listed in this role already."),
            )
        ]

    def __str__(self) -> str:
        return str(self.organization)


class TierQuerySet(models.QuerySet["Tier"]):
    def get_by_natural_key(self, alliance: str, code: str) -> "Tier":
        return self.get(alliance__slug=alliance, code=code)


@tracked()
class Tier(CouncilTier):
    """A rank inside one alliance; `rank` 1 is the highest."""

    alliance = models.ForeignKey(Alliance, models.CASCADE, related_name="tiers", verbose_name=_("alliance"))
    code = models.SlugField(_("code"))
    aliases = ArrayField(models.CharField(max_length=100), verbose_name=_("aliases"), default=list, blank=True)
    rank = models.PositiveSmallIntegerField(_("rank"), help_text=_("1 is the highest."))
    disabled_on = models.DateField(_("disabled on"), null=True, blank=True)

    objects = TierQuerySet.as_manager()

    class Meta:
        verbose_name = _("tier")
        verbose_name_plural = _("tiers")
        triggers = [REFERENCE_STATE, TIER_OUTSIDE_BOARD]
        ordering = ["alliance", "rank", "code"]
        constraints = [
            models.UniqueConstraint(
                fields=["alliance", "code"],
                name="tier_code_unique_in_alliance",
                violation_error_message=_("The alliance has a tier with this code already."),
            ),
            models.UniqueConstraint(
                fields=["alliance", "name_zh"],
                name="tier_name_unique_in_alliance",
                violation_error_message=_("The alliance has a tier with this name already."),
            ),
            # The target of a composite foreign key: a membership's tier is one of its alliance.
            models.UniqueConstraint(fields=["id", "alliance"], name="tier_id_alliance"),
            _standing_in_council("tier_standing_in_council"),
        ]

    def natural_key(self) -> tuple[str, str]:
        return (*self.alliance.natural_key(), self.code)

    natural_key.dependencies = ["alliance.alliance"]  # type: ignore[attr-defined]
