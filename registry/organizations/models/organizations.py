from collections.abc import Collection, Iterable
from contextlib import suppress
from typing import Any, ClassVar, Self

from django.conf import settings
from django.contrib.postgres.indexes import GinIndex
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Exists, F, OuterRef, Q, Subquery
from django.db.models.expressions import DatabaseDefault
from django.db.models.functions import Coalesce, Left, NullIf
from django.urls import reverse
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from registry.database.expressions import (
    EMPTY,
    FoldedName,
    RegistryNumber,
    SizeClass,
    UsccCheckOk,
    folded_key,
    not_negative,
    period_constraint,
    text_matches,
)
from registry.database.paths import Path, outer, own_path
from registry.database.tracking import tracked
from registry.organizations.models.changes import KEEP_CHANGES
from registry.organizations.models.choices import (
    ENTERPRISE_CATEGORIES,
    RESEARCH_CATEGORIES,
    Category,
    Kind,
    RegistrationStatus,
    VerifiedFrom,
)
from registry.organizations.models.confidential import AnnualFigures
from registry.organizations.models.details import SectorTag
from registry.organizations.models.public_changes import KEEP_PUBLIC_CHANGES
from registry.organizations.models.published import HOLD_CHANGES, NOTE_CHANGES
from registry.organizations.models.reach import ORGANIZATIONS_WITHIN_REACH, within
from registry.organizations.models.triggers import (
    DERIVE_PINYIN,
    ENTRIES_OF_ORGANIZATIONS,
    SEARCH_OF_ORGANIZATIONS,
    TOUCH_ON_UPDATE,
)
from registry.reference.models import Township, Zone
from registry.values.industries import find_industry, validate_industry
from registry.values.people import Account
from registry.values.pinyin import pinyin_keys
from registry.values.validators import USCC_PATTERN, validate_not_future, validate_website


class OrganizationQuerySet(models.QuerySet["Organization"]):
    def get_by_natural_key(self, registry_no: str) -> "Organization":
        return self.get(registry_no=registry_no)

    def published(self) -> Self:
        return self.filter(published=True)

    def unmerged(self) -> Self:
        return self.exclude(registration_status=RegistrationStatus.MERGED)

    def within_reach_of(self, user: Account) -> Self:
        """Return the organizations that the account writes and whose contacts and figures it may see."""
        return self.filter(within(user))

    def in_sector(self, sector_ids: Iterable[int] | models.QuerySet) -> Self:
        """Return organizations with a tag in any of the sectors. It uses EXISTS, because a join would need DISTINCT."""
        return self.filter(Exists(sector_tags(sector_ids)))

    def with_size_class(self) -> Self:
        """Annotate `size_class`, computed from the latest annual figures. Only for accounts that may see figures."""
        return self.annotate(size_class=size_class())


def size_class(path: Path = own_path) -> Subquery:
    """Return the size class of the outer query's organization. Only for accounts that may see figures."""
    latest = AnnualFigures.objects.filter(organization=outer(path)).order_by("-year")
    size = SizeClass(OuterRef(path("industry")), F("employees"), F("revenue"), F("assets"))
    return Subquery(latest.annotate(size_class=size).values("size_class")[:1])


def sector_tags(sector_ids: Iterable[int] | models.QuerySet, path: Path = own_path) -> models.QuerySet[SectorTag]:
    """Return the tags that the outer query's organization has in any of the sectors."""
    return SectorTag.objects.filter(organization=outer(path), sector__in=sector_ids)


class OrganizationManager(models.Manager.from_queryset(OrganizationQuerySet)):  # type: ignore[misc]
    """The manager of organizations of one kind, or of all."""

    def __init__(self, kind: str | None = None) -> None:
        super().__init__()
        self.kind = kind

    def get_queryset(self) -> OrganizationQuerySet:
        queryset = super().get_queryset()
        return queryset.filter(kind=self.kind) if self.kind else queryset


@tracked("name_zh_key", "name_en_key", "sort_key", "created_at", "updated_at")
class Organization(models.Model):
    """Any body in the registry. Personal and confidential data are in tables of their own."""

    registry_no = models.CharField(
        _("registry number"), max_length=20, unique=True, editable=False, db_default=RegistryNumber()
    )
    kind = models.CharField(pgettext_lazy("organization", "kind"), max_length=20, choices=Kind)
    category = models.CharField(_("category"), max_length=30, choices=Category, blank=True)
    uscc = models.CharField(
        _("USCC"),
        max_length=18,
        unique=True,
        null=True,
        blank=True,
        error_messages={"unique": _("Another organization has this USCC.")},
    )
    uscc_override_reason = models.CharField(
        _("reason for the unusual USCC"),
        max_length=200,
        blank=True,
        help_text=_(
            "A USCC whose check character is wrong is accepted only with a reason, from those who may override."
        ),
    )
    name_zh = models.CharField(_("Chinese name"), max_length=200, blank=True)
    name_en = models.CharField(_("English name"), max_length=300, blank=True)
    short_name = models.CharField(_("short name"), max_length=100, blank=True)
    pinyin = models.CharField(
        _("pinyin"),
        max_length=1200,
        blank=True,
        help_text=_(
            "Sorts the lists. Filled in from the Chinese name; correct it where a character is read otherwise."
        ),
    )
    registration_status = models.CharField(
        _("registration status"), max_length=20, choices=RegistrationStatus, default=RegistrationStatus.ACTIVE
    )
    registration_type = models.CharField(
        _("registration type"), max_length=100, blank=True, help_text=_("As on the licence.")
    )
    founded_on = models.DateField(_("founded on"), null=True, blank=True, validators=[validate_not_future])
    closed_on = models.DateField(_("closed on"), null=True, blank=True)
    successor = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="predecessors", verbose_name=_("successor")
    )
    township = models.ForeignKey(
        Township, models.PROTECT, null=True, blank=True, related_name="organizations", verbose_name=_("township")
    )
    zone = models.ForeignKey(
        Zone, models.PROTECT, null=True, blank=True, related_name="organizations", verbose_name=_("zone")
    )
    registered_address = models.CharField(_("registered address"), max_length=500, blank=True)
    business_address = models.CharField(_("business address"), max_length=500, blank=True)
    country = models.CharField(
        _("country or region"), max_length=2, default="CN", help_text=_("Two letters by ISO 3166-1, for example CN")
    )
    website = models.CharField(_("website"), max_length=500, blank=True, validators=[validate_website])
    industry = models.CharField(
        _("industry"),
        max_length=5,
        blank=True,
        validators=[validate_industry],
        help_text=_("Code by GB/T 4754-2017, for example I6513"),
    )
    registered_capital = models.DecimalField(
        _("registered capital"),
        max_digits=20,
        decimal_places=2,
        null=True,
        blank=True,
        help_text=_("In yuan, or in units of the currency"),
    )
    capital_currency = models.CharField(
        _("currency of capital"), max_length=3, blank=True, help_text=_("Three letters by ISO 4217, for example CNY")
    )
    capital_text = models.CharField(
        _("capital as given"), max_length=100, blank=True, help_text=_("As it stands in the source.")
    )
    scope = models.TextField(_("business scope"), blank=True)
    introduction = models.TextField(_("introduction"), blank=True)
    main_products = models.TextField(_("main products"), blank=True)
    introduced_on = models.DateField(
        _("introduced on"),
        null=True,
        blank=True,
        validators=[validate_not_future],
        help_text=_("The day on which it was brought to the city."),
    )
    published = models.BooleanField(
        _("published"), default=False, help_text=_("Shown in the public directory and the public API.")
    )
    verified_on = models.DateField(_("verified on"), null=True, blank=True, validators=[validate_not_future])
    verified_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("verified by"),
    )
    verified_from = models.CharField(_("verified from"), max_length=20, choices=VerifiedFrom, blank=True)
    source = models.CharField(_("source"), max_length=300, blank=True)
    remarks = models.TextField(_("remarks"), blank=True)
    created_at = models.DateTimeField(_("created at"), db_default=models.functions.Now(), editable=False)
    # Kept by the trigger registry_touch, which also counts changes of names, tags, identifiers and qualifications.
    updated_at = models.DateTimeField(_("updated at"), db_default=models.functions.Now(), editable=False)
    name_zh_key = folded_key("name_zh")
    name_en_key = folded_key("name_en")
    # Orders lists the same on every server, whatever its locale: pinyin, else the folded English name.
    sort_key = models.GeneratedField(
        expression=Left(Coalesce(NullIf(F("pinyin"), EMPTY), FoldedName("name_en")), 400),
        output_field=models.CharField(max_length=400, db_collation="C"),
        db_persist=True,
        verbose_name=_("sort key"),
    )

    KIND: ClassVar[str | None] = None
    _stored_name_zh: str | None
    _stored_pinyin: str | None

    objects: ClassVar[OrganizationManager] = OrganizationManager()

    class Meta:
        verbose_name = _("organization")
        verbose_name_plural = _("organizations")
        ordering = ["sort_key", "id"]
        triggers = [TOUCH_ON_UPDATE, *DERIVE_PINYIN, *ENTRIES_OF_ORGANIZATIONS, *SEARCH_OF_ORGANIZATIONS]
        triggers += [*KEEP_CHANGES, *KEEP_PUBLIC_CHANGES, *NOTE_CHANGES, *HOLD_CHANGES, *ORGANIZATIONS_WITHIN_REACH]
        permissions = [
            ("override_uscc", _("Can accept a USCC whose check character is wrong")),
            ("publish_organization", _("Can publish and unpublish organizations")),
            ("verify_organization", _("Can verify organizations")),
            ("merge_organization", _("Can merge records that are one body, and undo it")),
            ("limited_to_townships", _("Works only on organizations of the townships of the account")),
        ]
        indexes = [
            models.Index(fields=["sort_key", "id"], name="organization_sort"),
            models.Index(fields=["kind", "sort_key", "id"], name="organization_kind_sort"),
            models.Index(fields=["updated_at", "id"], name="organization_updated"),
            models.Index(fields=["name_zh_key"], name="organization_name_zh_key"),
            models.Index(fields=["name_en_key"], name="organization_name_en_key"),
            # For misspelt English names.
            GinIndex(
                fields=["name_en_key"],
                opclasses=["gin_trgm_ops"],
                condition=~Q(name_en_key=""),
                name="organization_name_en_alike",
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=~Q(name_zh="") | ~Q(name_en=""),
                name="organization_has_name",
                violation_error_message=_("Give a Chinese or an English name at least."),
            ),
            text_matches(
                "uscc",
                USCC_PATTERN,
                "organization_uscc_format",
                _("A USCC has 18 characters: digits and capital letters without I, O, S, V and Z."),
            ),
            models.CheckConstraint(
                condition=Q(uscc__isnull=True) | ~Q(uscc_override_reason="") | Q(UsccCheckOk("uscc")),
                name="organization_uscc_check_character",
                violation_error_message=_(
                    "The check character of the USCC is wrong: compare it with the licence. "
                    "If the licence really says so, someone with the right to override gives a reason."
                ),
            ),
            models.CheckConstraint(
                condition=~Q(category__in=ENTERPRISE_CATEGORIES) | Q(kind=Kind.ENTERPRISE),
                name="organization_category_of_enterprises",
                violation_error_message=_("This category is only for enterprises."),
            ),
            models.CheckConstraint(
                condition=~Q(category__in=RESEARCH_CATEGORIES) | Q(kind=Kind.RESEARCH),
                name="organization_category_of_institutes",
                violation_error_message=_("This category is only for universities and research institutes."),
            ),
            models.CheckConstraint(
                condition=~Q(kind=Kind.GOVERNMENT) | Q(registered_capital__isnull=True),
                name="organization_capital_not_of_government",
                violation_error_message=_("A government department has no registered capital."),
            ),
            models.CheckConstraint(
                condition=Q(registered_capital__isnull=True) | ~Q(capital_currency=""),
                name="organization_capital_has_currency",
                violation_error_message=_("Registered capital needs its currency."),
            ),
            models.CheckConstraint(
                condition=Q(capital_currency="") | Q(capital_currency__regex=r"^[A-Z]{3}$"),
                name="organization_currency_format",
                violation_error_message=_("A currency is three capital letters by ISO 4217, for example CNY."),
            ),
            models.CheckConstraint(
                condition=Q(country__regex=r"^[A-Z]{2}$"),
                name="organization_country_format",
                violation_error_message=_("A country or region is two capital letters by ISO 3166-1, for example CN."),
            ),
            models.CheckConstraint(
                condition=Q(industry="") | Q(industry__regex=r"^[A-T](\d{2,4})?$"),
                name="organization_industry_format",
                violation_error_message=_(
                    "An industry is a GB/T 4754 code: a letter and up to four digits, for example I6513."
                ),
            ),
            not_negative("registered_capital", "organization_capital_not_negative"),
            models.CheckConstraint(
                condition=Q(verified_from="") | Q(verified_on__isnull=False),
                name="organization_verified_from_has_day",
                violation_error_message=_("Say also on which day it was verified."),
            ),
            period_constraint("founded_on", "closed_on", "organization_closed_after_founded"),
            models.CheckConstraint(
                condition=Q(successor__isnull=True) | ~Q(successor=F("id")),
                name="organization_successor_is_another",
                violation_error_message=_("An organization cannot succeed itself."),
            ),
        ]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        if self.KIND and not args:
            kwargs["kind"] = self.KIND
        super().__init__(*args, **kwargs)

    def __str__(self) -> str:
        english = (get_language() or "zh").startswith("en")
        return (self.name_en if english else self.name_zh) or self.name_zh or self.name_en

    def save(self, *args: Any, **kwargs: Any) -> None:
        self._keep_pinyin()
        super().save(*args, **kwargs)

    def get_absolute_url(self) -> str:
        return reverse("admin:registry_organization_page", args=[self.pk])

    def natural_key(self) -> tuple[str]:
        return (self.registry_no,)

    def clean(self) -> None:
        """Normalise the codes."""
        self.uscc = (self.uscc or "").strip().upper() or None
        self.capital_currency = self.capital_currency.strip().upper()
        self.country = self.country.strip().upper() or "CN"
        self.industry = self.industry.strip().upper()
        if self.industry.isdigit():
            with suppress(ValidationError):  # which the validator of the field tells
                self.industry = find_industry(self.industry)
        if self.closed_on and self.founded_on and self.closed_on <= self.founded_on:
            raise ValidationError({"closed_on": _("The day of closing must be later than the day of founding.")})

    def validate_unique(self, exclude: Collection[str] | None = None) -> None:
        """Check uniqueness, but not of a registry number that is still to be given: each check would use one up."""
        if isinstance(vars(self).get("registry_no"), DatabaseDefault):
            exclude = {*(exclude or ()), "registry_no"}
        super().validate_unique(exclude)

    @classmethod
    def from_db(cls, *args: Any, **kwargs: Any) -> Self:
        instance = super().from_db(*args, **kwargs)
        instance._stored_name_zh = instance.__dict__.get("name_zh")
        instance._stored_pinyin = instance.__dict__.get("pinyin")
        return instance

    def _keep_pinyin(self) -> None:
        """Derive the pinyin of a new Chinese name, unless somebody gave it with the name or has corrected it since."""
        stored_name = self.__dict__.get("_stored_name_zh", "")
        stored_pinyin = self.__dict__.get("_stored_pinyin", "")
        by_hand = self.pinyin != stored_pinyin and self.pinyin != ""
        if not by_hand and (self.name_zh != stored_name or not self.pinyin):
            self.pinyin = pinyin_keys([self.name_zh])[self.name_zh]
        self._stored_name_zh, self._stored_pinyin = self.name_zh, self.pinyin


class Enterprise(Organization):
    KIND = Kind.ENTERPRISE

    objects: ClassVar[OrganizationManager] = OrganizationManager(Kind.ENTERPRISE)

    class Meta:
        proxy = True
        default_permissions = ()
        verbose_name = _("enterprise")
        verbose_name_plural = _("enterprises")


class Institute(Organization):
    KIND = Kind.RESEARCH

    objects: ClassVar[OrganizationManager] = OrganizationManager(Kind.RESEARCH)

    class Meta:
        proxy = True
        default_permissions = ()
        verbose_name = _("institute")
        verbose_name_plural = _("institutes")
