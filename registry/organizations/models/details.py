"""Child records of an organization that may be published with it."""

import datetime
from typing import Any

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from registry.database.expressions import folded_key, in_force, period_constraint
from registry.database.tracking import tracked
from registry.organizations.models.public_changes import keep_public_changes
from registry.organizations.models.published import review_changes
from registry.organizations.models.reach import within_reach
from registry.organizations.models.triggers import ENTRIES_OF_TAGS, search_of_parts, touch_organization
from registry.reference.models import Grading, Level, Plan, Sector
from registry.values.identifiers import normalise_identifier
from registry.values.punctuation import labelled
from registry.values.validators import validate_not_future, validate_website


class PublicRow(models.Model):
    """A row that the public sees with its organization. A new one may be held back: then it gets no id."""

    class Meta:
        abstract = True

    def _do_insert(self, *args: Any, **kwargs: Any) -> list[object]:
        """Return what the database gives for the new row; nothing for one that a trigger has held back."""
        return [row for row in super()._do_insert(*args, **kwargs) if row is not None]  # type: ignore[misc]


@tracked("name_key")
class Name(PublicRow):
    """A former name, an alias, a translation or an acronym. The names in use are fields of the organization."""

    class Kind(models.TextChoices):
        FORMER = "former", _("former name")
        ALIAS = "alias", _("alias")
        TRANSLATION = "translation", _("translation")
        ACRONYM = "acronym", _("acronym")

    organization = models.ForeignKey(
        "registry.Organization", models.CASCADE, related_name="names", verbose_name=_("organization")
    )
    kind = models.CharField(_("kind"), max_length=20, choices=Kind, default=Kind.FORMER)
    name = models.CharField(_("name"), max_length=300)
    language = models.CharField(
        _("language"), max_length=10, blank=True, help_text=_("Code by ISO 639, for example zh or en")
    )
    valid_from = models.DateField(_("valid from"), null=True, blank=True)
    valid_to = models.DateField(
        _("valid to"), null=True, blank=True, help_text=_("The first day on which it no longer holds.")
    )
    name_key = folded_key("name")

    class Meta:
        verbose_name = _("other name")
        verbose_name_plural = _("other names")
        triggers = [
            *touch_organization(),
            *search_of_parts(),
            *review_changes("name", "r.kind = 'former'"),
            *keep_public_changes("name", "r.kind = 'former'"),
            *within_reach(),
        ]
        ordering = ["organization", "kind", "valid_from", "id"]
        indexes = [models.Index(fields=["name_key"], name="name_key")]
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "kind", "name"],
                name="name_once",
                violation_error_message=_("The organization has this name already."),
            ),
            models.CheckConstraint(
                condition=~Q(name=""), name="name_not_empty", violation_error_message=_("Give the name.")
            ),
            period_constraint("valid_from", "valid_to", "name_period_not_empty"),
        ]

    def __str__(self) -> str:
        return self.name


class Scheme(models.TextChoices):
    ROR = "ror", _("ROR")
    LEI = "lei", _("LEI")
    REGISTRATION_NUMBER = "registration_no", _("old registration number")
    ORGANIZATION_CODE = "organization_code", _("organization code")
    STOCK_CODE = "stock_code", _("stock code")
    ISNI = "isni", _("ISNI")
    GRID = "grid", _("GRID")
    WIKIDATA = "wikidata", _("Wikidata")
    CUSTOMS_CODE = "customs_code", _("customs code")


@tracked()
class Identifier(PublicRow):
    """A number from another register. Scheme and value together belong to one organization only."""

    organization = models.ForeignKey(
        "registry.Organization", models.CASCADE, related_name="identifiers", verbose_name=_("organization")
    )
    scheme = models.CharField(_("scheme"), max_length=20, choices=Scheme)
    value = models.CharField(_("value"), max_length=100)
    valid_from = models.DateField(_("valid from"), null=True, blank=True)
    valid_to = models.DateField(
        _("valid to"), null=True, blank=True, help_text=_("The first day on which it no longer holds.")
    )

    class Meta:
        verbose_name = _("identifier")
        verbose_name_plural = _("identifiers")
        triggers = [
            *touch_organization(),
            *search_of_parts(),
            *review_changes("identifier"),
            *keep_public_changes("identifier"),
            *within_reach(),
        ]
        ordering = ["organization", "scheme", "value"]
        constraints = [
            models.UniqueConstraint(
                fields=["scheme", "value"],
                name="identifier_names_one",
                violation_error_message=_("Another organization has this identifier."),
            ),
            models.CheckConstraint(
                condition=~Q(value=""), name="identifier_not_empty", violation_error_message=_("Give the value.")
            ),
            period_constraint("valid_from", "valid_to", "identifier_period_not_empty"),
        ]

    def __str__(self) -> str:
        return f"{self.scheme}:{self.value}"

    def clean(self) -> None:
        """Check the value by the rules of its scheme. Raises ValidationError."""
        if self.scheme and self.value:
            self.value = normalise_identifier(self.scheme, self.value)


@tracked()
class SectorTag(PublicRow):
    organization = models.ForeignKey(
        "registry.Organization", models.CASCADE, related_name="sector_tags", verbose_name=_("organization")
    )
    # The plan follows from the sector; a column, so that "one primary in each plan" is a constraint of this table.
    # The database holds both by one foreign key on (sector, plan): `migrations/tables.sql`.
    plan = models.ForeignKey(
        Plan, models.PROTECT, related_name="+", editable=False, db_constraint=False, verbose_name=_("plan")
    )
    sector = models.ForeignKey(
        Sector, models.PROTECT, related_name="tags", db_constraint=False, db_index=False, verbose_name=_("sector")
    )
    is_primary = models.BooleanField(_("primary"), default=False)
    evidence = models.CharField(
        _("evidence"), max_length=500, blank=True, help_text=_("Why the tag holds: a product, a project, a licence.")
    )
    evidence_url = models.CharField(
        _("address of the evidence"), max_length=500, blank=True, validators=[validate_website]
    )

    class Meta:
        verbose_name = _("sector tag")
        verbose_name_plural = _("sector tags")
        triggers = [
            *touch_organization(),
            *ENTRIES_OF_TAGS,
            *review_changes("sectortag"),
            *keep_public_changes("sectortag"),
            *within_reach(),
        ]
        ordering = ["organization", "-is_primary", "sector"]
        indexes = [models.Index(fields=["sector", "organization"], name="sector_tag_sector")]
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "sector"],
                name="sector_tag_once",
                violation_error_message=_("The organization has this sector already."),
            ),
            models.UniqueConstraint(
                fields=["organization", "plan"],
                condition=Q(is_primary=True),
                name="sector_tag_one_primary",
                violation_error_message=_("An organization has only one primary sector in each plan."),
            ),
        ]

    def __str__(self) -> str:
        return str(self.sector)

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.plan_id = self.sector.plan_id
        super().save(*args, **kwargs)

    def clean(self) -> None:
        if self.sector_id:
            self.plan_id = self.sector.plan_id


class QualificationQuerySet(models.QuerySet["Qualification"]):
    def held(self, on: datetime.date) -> "QualificationQuerySet":
        """Return the qualifications in force on the day `on`; an unknown beginning or end counts as open."""
        return self.filter(in_force(on, "granted_on", "valid_to"))


@tracked()
class Qualification(PublicRow):
    """A grading held over the period `[granted_on, valid_to)`.

    Forms and files show 有效期至, the day before `valid_to`.
    """

    organization = models.ForeignKey(
        "registry.Organization", models.CASCADE, related_name="qualifications", verbose_name=_("organization")
    )
    grading = models.ForeignKey(Grading, models.PROTECT, related_name="qualifications", verbose_name=_("grading"))
    level = models.CharField(_("level"), max_length=20, choices=Level, blank=True)
    issuer = models.CharField(_("issuer"), max_length=200, blank=True)
    batch = models.CharField(_("batch or year"), max_length=50, blank=True)
    certificate_no = models.CharField(_("certificate number"), max_length=100, blank=True)
    granted_on = models.DateField(_("granted on"), null=True, blank=True, validators=[validate_not_future])
    valid_to = models.DateField(
        _("valid to"), null=True, blank=True, help_text=_("The first day on which it no longer holds.")
    )

    objects = QualificationQuerySet.as_manager()

    class Meta:
        verbose_name = _("qualification")
        verbose_name_plural = _("qualifications")
        triggers = [
            *touch_organization(),
            *review_changes("qualification"),
            *keep_public_changes("qualification"),
            *within_reach(),
        ]
        ordering = ["organization", "-granted_on", "grading"]
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "grading", "level", "batch", "granted_on"],
                nulls_distinct=False,
                name="qualification_once",
                violation_error_message=_("The organization has this qualification already."),
            ),
            period_constraint("granted_on", "valid_to", "qualification_period_not_empty"),
        ]

    def __str__(self) -> str:
        return str(self.grading)


@tracked()
class Relation(models.Model):
    """Says what `related` is to `organization`, over the period `[valid_from, valid_to)`."""

    class Kind(models.TextChoices):
        PARENT = "parent", pgettext_lazy("relation", "parent body")
        HOSTS = "hosts", pgettext_lazy("relation", "subordinate body")
        JOINT_LAB = "joint_lab", pgettext_lazy("relation", "partner in a joint laboratory")
        INCUBATED_BY = "incubated_by", pgettext_lazy("relation", "incubator")
        SUCCESSOR = "successor", pgettext_lazy("relation", "successor")

    organization = models.ForeignKey(
        "registry.Organization", models.CASCADE, related_name="relations", verbose_name=_("organization")
    )
    kind = models.CharField(_("kind"), max_length=20, choices=Kind)
    related = models.ForeignKey(
        "registry.Organization", models.PROTECT, related_name="related_from", verbose_name=_("related organization")
    )
    valid_from = models.DateField(_("valid from"), null=True, blank=True)
    valid_to = models.DateField(
        _("valid to"), null=True, blank=True, help_text=_("The first day on which it no longer holds.")
    )
    remarks = models.TextField(_("remarks"), blank=True)

    class Meta:
        verbose_name = _("relation")
        verbose_name_plural = _("relations")
        ordering = ["organization", "kind", "related"]
        triggers = within_reach()
        constraints = [
            models.CheckConstraint(
                condition=~Q(organization=F("related")),
                name="relation_to_another",
                violation_error_message=_("An organization cannot be related to itself."),
            ),
            models.UniqueConstraint(
                fields=["organization", "kind", "related", "valid_from"],
                nulls_distinct=False,
                name="relation_once",
                violation_error_message=_("This relation is recorded already."),
            ),
            period_constraint("valid_from", "valid_to", "relation_period_not_empty"),
        ]

    def __str__(self) -> str:
        return f"{self.organization} · {labelled(self.get_kind_display(), self.related)}"
