"""Reference data: rows with codes, loaded from fixtures/, disabled and never deleted."""

import datetime

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from registry.database.expressions import in_force, period_constraint, text_matches
from registry.database.tracking import tracked
from registry.organizations.models.triggers import ENTRIES_OF_SECTORS, REFERENCE_STATE


def one_name(name_zh: str, name_en: str, lang: str | None) -> str:
    """Return the name in `lang`, or the other name if that is blank; without `lang`, the Chinese name goes first."""
    english = (lang or "zh").startswith("en")
    return (name_en if english else name_zh) or name_zh or name_en


class Bilingual(models.Model):
    """A record with a Chinese and an English name, shown in the reader's language."""

    name_zh = models.CharField(_("Chinese name"), max_length=200)
    name_en = models.CharField(_("English name"), max_length=300, blank=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.label()

    def label(self, lang: str | None = None) -> str:
        """Return the name in `lang` (`zh` or `en`, by default the active language);

        Chinese if there is no English name.
        """
        return one_name(self.name_zh, self.name_en, lang or get_language())


class CodeManager(models.Manager):
    def get_by_natural_key(self, code: str) -> models.Model:
        return self.get(code=code)


@tracked()
class Plan(Bilingual):
    """A dated policy document with its own scheme of sectors; one plan is current."""

    code = models.SlugField(_("code"), unique=True)
    document_number = models.CharField(_("document number"), max_length=100, blank=True)
    issued_on = models.DateField(_("issued on"), null=True, blank=True)
    starts_on = models.DateField(_("starts on"))
    ends_on = models.DateField(
        _("ends on"), null=True, blank=True, help_text=_("The first day on which the plan no longer holds.")
    )
    source = models.CharField(_("source"), max_length=500, blank=True)
    current = models.BooleanField(
        _("current"), default=False, help_text=_("Sectors mean those of the current plan unless a plan is named.")
    )

    objects = CodeManager()

    class Meta:
        verbose_name = _("plan")
        verbose_name_plural = _("plans")
        triggers = [REFERENCE_STATE]
        ordering = ["-starts_on", "code"]
        constraints = [
            models.UniqueConstraint(
                fields=["current"],
                condition=Q(current=True),
                name="plan_one_current",
                violation_error_message=_("Another plan is current already: only one can be."),
            ),
            period_constraint("starts_on", "ends_on", "plan_period_not_empty"),
        ]

    def natural_key(self) -> tuple[str]:
        return (self.code,)


class Layer(models.TextChoices):
    """The position in the industry chain (产业链环节), which follows from the sector."""

    FOUNDATION = "foundation", _("foundation layer")
    TECHNOLOGY = "technology", _("technology layer")
    PRODUCT = "product", _("product layer")
    APPLICATION = "application", _("application layer")


class DefinitionSource(models.TextChoices):
    """The origin of the definition of a sector."""

    PLAN = "plan", _("text of the plan")
    EDITORIAL = "editorial", _("description by the editors, not from the plan")


class SectorQuerySet(models.QuerySet["Sector"]):
    def of_current_plan(self) -> "SectorQuerySet":
        return self.filter(plan__current=True)

    def enabled(self) -> "SectorQuerySet":
        return self.filter(disabled_on__isnull=True)

    def get_by_natural_key(self, plan: str, code: str) -> "Sector":
        return self.get(plan__code=plan, code=code)


@tracked()
class Sector(Bilingual):
    plan = models.ForeignKey(Plan, models.PROTECT, related_name="sectors", verbose_name=_("plan"))
    code = models.CharField(_("code"), max_length=100, help_text=_("Dotted path, for example robots.industrial"))
    # A parent of the same plan: the foreign key on (parent, plan) in `migrations/tables.sql`.
    parent = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="children",
        db_constraint=False,
        verbose_name=_("parent sector"),
    )
    layer = models.CharField(_("chain position"), max_length=20, choices=Layer)
    aliases = ArrayField(models.CharField(max_length=200), verbose_name=_("aliases"), default=list, blank=True)
    definition = models.TextField(_("definition"), blank=True)
    definition_en = models.TextField(_("English definition"), blank=True)
    definition_source = models.CharField(
        _("source of the definition"),
        max_length=20,
        choices=DefinitionSource,
        default=DefinitionSource.EDITORIAL,
        help_text=_("Pages tell it: nobody shall take a description of ours for the words of the plan."),
    )
    keywords_zh = ArrayField(
        models.CharField(max_length=100), verbose_name=_("Chinese keywords"), default=list, blank=True
    )
    keywords_en = ArrayField(
        models.CharField(max_length=100), verbose_name=_("English keywords"), default=list, blank=True
    )
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    disabled_on = models.DateField(_("disabled on"), null=True, blank=True)

    objects = SectorQuerySet.as_manager()

    class Meta:
        verbose_name = _("sector")
        verbose_name_plural = _("sectors")
        triggers = [ENTRIES_OF_SECTORS, REFERENCE_STATE]
        ordering = ["plan", "position", "code"]
        constraints = [
            models.UniqueConstraint(
                fields=["plan", "code"],
                name="sector_code_unique_in_plan",
                violation_error_message=_("The plan has a sector with this code already."),
            ),
            # The target of composite foreign keys: a tag's plan is its sector's plan.
            models.UniqueConstraint(fields=["id", "plan"], name="sector_id_plan"),
            text_matches(
                "code",
                r"^[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9]+(-[a-z0-9]+)*)?$",
                "sector_code_format",
                _("A sector code is lower-case words joined by hyphens, with at most one dot."),
            ),
            models.CheckConstraint(
                condition=Q(parent__isnull=True, code__regex=r"^[^.]+$")
                | Q(parent__isnull=False, code__regex=r"^[^.]+\.[^.]+$"),
                name="sector_two_levels",
                violation_error_message=_("A sector with a dot in its code has a parent; one without has none."),
            ),
        ]

    def defined(self) -> str:
        """Return the definition in the active language, or in the other one."""
        return one_name(self.definition, self.definition_en, get_language())

    def natural_key(self) -> tuple[str, str]:
        return (*self.plan.natural_key(), self.code)

    natural_key.dependencies = ["registry.plan"]  # type: ignore[attr-defined]


class TownshipQuerySet(models.QuerySet["Township"]):
    def current(self, on: datetime.date | None = None) -> "TownshipQuerySet":
        """Return the townships that exist on the day `on` (by default today)."""
        return self.filter(in_force(on, "valid_from", "valid_to")) if on else self.filter(valid_to__isnull=True)

    def get_by_natural_key(self, code: str) -> "Township":
        return self.get(code=code)


@tracked()
class Township(Bilingual):
    class Kind(models.TextChoices):
        TOWN = "town", _("town")
        SUBDISTRICT = "subdistrict", _("subdistrict")

    code = models.CharField(_("division code"), max_length=9, unique=True)
    kind = models.CharField(_("kind"), max_length=20, choices=Kind)
    aliases = ArrayField(models.CharField(max_length=100), verbose_name=_("aliases"), default=list, blank=True)
    valid_from = models.DateField(_("valid from"), null=True, blank=True)
    valid_to = models.DateField(
        _("valid to"), null=True, blank=True, help_text=_("The first day on which it no longer exists.")
    )
    successor = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="predecessors", verbose_name=_("successor")
    )

    objects = TownshipQuerySet.as_manager()

    class Meta:
        verbose_name = _("township")
        verbose_name_plural = _("townships")
        triggers = [REFERENCE_STATE]
        ordering = ["code"]
        constraints = [
            period_constraint("valid_from", "valid_to", "township_period_not_empty"),
            models.CheckConstraint(
                condition=Q(successor__isnull=True) | (Q(valid_to__isnull=False) & ~Q(successor=F("id"))),
                name="township_successor_after_end",
                violation_error_message=_("Only a township that has ended has a successor, and it is another one."),
            ),
        ]

    def natural_key(self) -> tuple[str]:
        return (self.code,)


@tracked()
class Zone(Bilingual):
    """A functional zone (功能区), which is independent of the townships."""

    code = models.SlugField(_("code"), unique=True)
    aliases = ArrayField(models.CharField(max_length=100), verbose_name=_("aliases"), default=list, blank=True)
    disabled_on = models.DateField(_("disabled on"), null=True, blank=True)

    objects = CodeManager()

    class Meta:
        verbose_name = _("zone")
        verbose_name_plural = _("zones")
        triggers = [REFERENCE_STATE]
        ordering = ["code"]

    def natural_key(self) -> tuple[str]:
        return (self.code,)


class Level(models.TextChoices):
    NATIONAL = "national", _("national")
    PROVINCIAL = "provincial", _("provincial")
    MUNICIPAL = "municipal", _("municipal")


@tracked()
class Grading(Bilingual):
    """A title that an organization can hold over a period, such as 高新技术企业 or 专精特新“小巨人”企业."""

    code = models.SlugField(_("code"), unique=True)
    aliases = ArrayField(models.CharField(max_length=100), verbose_name=_("aliases"), default=list, blank=True)
    levels = ArrayField(
        models.CharField(max_length=20, choices=Level),
        verbose_name=_("levels"),
        default=list,
        blank=True,
        help_text=_("The levels at which it is granted; empty where no public body grants it."),
    )
    granted_by = models.CharField(_("granted by"), max_length=300, blank=True)
    basis = models.CharField(_("basis"), max_length=500, blank=True)
    validity = models.CharField(_("validity"), max_length=300, blank=True)
    validity_years = models.PositiveSmallIntegerField(_("validity in years"), null=True, blank=True)
    notes = models.TextField(_("notes"), blank=True)
    disabled_on = models.DateField(_("disabled on"), null=True, blank=True)

    objects = CodeManager()

    class Meta:
        verbose_name = _("grading")
        verbose_name_plural = _("gradings")
        triggers = [REFERENCE_STATE]
        ordering = ["code"]

    def natural_key(self) -> tuple[str]:
        return (self.code,)


@tracked()
class UsccCategory(Bilingual):
    """The first two characters of a USCC: registration authority and kind of body (GB 32100-2015, table 1)."""

    code = models.CharField(_("code"), max_length=2, unique=True)
    department_zh = models.CharField(_("registering department (Chinese)"), max_length=100)
    department_en = models.CharField(_("registering department (English)"), max_length=200, blank=True)

    objects = CodeManager()

    class Meta:
        verbose_name = _("USCC category")
        verbose_name_plural = _("USCC categories")
        ordering = ["code"]

    def natural_key(self) -> tuple[str]:
        return (self.code,)


@tracked()
class SizeStandard(Bilingual):
    """One indicator of one industry in 《统计上大中小微型企业划分办法（2017）》; lower bounds, money in yuan.

    An enterprise has the lowest class that any of its industry's indicators reaches.
    """

    class Indicator(models.TextChoices):
        EMPLOYEES = "employees", _("employees")
        REVENUE = "revenue", _("revenue")
        ASSETS = "assets", _("assets")

    code = models.SlugField(_("code"), unique=True)
    industries = ArrayField(
        models.CharField(max_length=5),
        verbose_name=_("industries"),
        help_text=_("Beginnings of GB/T 4754 codes, for example I65"),
    )
    indicator = models.CharField(_("indicator"), max_length=20, choices=Indicator)
    large_min = models.DecimalField(_("large from"), max_digits=20, decimal_places=2)
    medium_min = models.DecimalField(_("medium from"), max_digits=20, decimal_places=2)
    small_min = models.DecimalField(_("small from"), max_digits=20, decimal_places=2)

    objects = CodeManager()

    class Meta:
        verbose_name = _("size standard")
        verbose_name_plural = _("size standards")
        ordering = ["code"]
        constraints = [
            models.CheckConstraint(
                condition=Q(large_min__gt=F("medium_min"), medium_min__gt=F("small_min"), small_min__gt=0),
                name="size_standard_bounds_rise",
                violation_error_message=_("The lower bounds must rise from small over medium to large."),
            )
        ]

    def natural_key(self) -> tuple[str]:
        return (self.code,)


class ReferenceState(models.Model):  # noqa: DJ008 - never shown
    """The version of the reference data: one row that triggers (REFERENCE_STATE) change with every write to them."""

    version = models.UUIDField()

    class Meta:
        default_permissions = ()
