"""Personal information and confidential figures, in tables of their own, each with its own view permission."""

from typing import ClassVar

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from registry.database.expressions import not_negative
from registry.database.personal import PersonalData
from registry.database.tracking import tracked
from registry.organizations.models.reach import within_reach
from registry.values.masking import Mask, mask_email, mask_phone
from registry.values.validators import validate_phone


@tracked()
class Contact(models.Model):
    """A contact person at an organization: personal information under the Personal Information Protection Law."""

    CONFIDENTIAL = True
    """Accounts of townships see the rows of their organizations only."""

    class Role(models.TextChoices):
        LEGAL_REPRESENTATIVE = "legal_representative", _("legal representative")
        LIAISON = "liaison", _("liaison")
        OTHER = "other", _("other contact")

    organization = models.ForeignKey(
        "registry.Organization", models.CASCADE, related_name="contacts", verbose_name=_("organization")
    )
    role = models.CharField(_("role"), max_length=30, choices=Role, default=Role.LIAISON)
    name = models.CharField(_("person's name"), max_length=100, blank=True)
    title = models.CharField(_("job title"), max_length=100, blank=True)
    phone = models.CharField(_("phone"), max_length=50, blank=True, validators=[validate_phone])
    email = models.EmailField(_("e-mail"), blank=True)
    purpose = models.CharField(
        _("purpose"), max_length=200, blank=True, help_text=_("What the information is kept for (PIPL, article 6).")
    )
    source = models.CharField(_("source"), max_length=200, blank=True, help_text=_("Who gave it, and when."))

    masked_fields: ClassVar[dict[str, Mask]] = {"phone": mask_phone, "email": mask_email}
    personal = PersonalData(
        names=("name",),
        numbers=("phone", "email"),
        others=("title", "purpose", "source"),
        subjects=_("Legal representatives, liaisons and other contacts of organizations"),
        purpose=_("Reaching the organization about its record, annual figures and funding; the row may say more."),
        ground=_("Statutory duty of the department (PIPL, articles 13 III and 34), or the person's consent (13 I)"),
        kept=_("While the person is the contact; afterwards in the history, until the retention empties it"),
        organization="organization",
    )

    class Meta:
        verbose_name = _("contact")
        verbose_name_plural = _("contacts")
        ordering = ["organization", "role", "id"]
        triggers = within_reach()
        permissions = [("reveal_contact", _("see telephone numbers and e-mail addresses in full"))]
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "role"],
                condition=Q(role__in=["legal_representative", "liaison"]),
                name="contact_one_per_role",
                violation_error_message=_("The organization has a contact in this role already: change that one."),
            ),
            models.CheckConstraint(
                condition=~Q(name="") | ~Q(phone="") | ~Q(email=""),
                name="contact_says_something",
                violation_error_message=_("Give a name, a phone number or an e-mail address."),
            ),
        ]

    def __str__(self) -> str:
        return self.name or self.get_role_display()


@tracked()
class AnnualFigures(models.Model):
    """The figures that one organization reported for one year; money in yuan. NULL means not reported, 0 means none."""

    CONFIDENTIAL = True
    """Accounts of townships see the rows of their organizations only."""

    organization = models.ForeignKey(
        "registry.Organization", models.CASCADE, related_name="annual_figures", verbose_name=_("organization")
    )
    year = models.PositiveSmallIntegerField(_("year"), validators=[MinValueValidator(1949), MaxValueValidator(2200)])
    employees = models.IntegerField(_("employees"), null=True, blank=True)
    rd_staff = models.IntegerField(_("R&D staff"), null=True, blank=True)
    assets = models.DecimalField(_("total assets"), max_digits=20, decimal_places=2, null=True, blank=True)
    revenue = models.DecimalField(_("revenue"), max_digits=20, decimal_places=2, null=True, blank=True)
    ai_revenue = models.DecimalField(_("AI revenue"), max_digits=20, decimal_places=2, null=True, blank=True)
    rd_expenditure = models.DecimalField(_("R&D expenditure"), max_digits=20, decimal_places=2, null=True, blank=True)
    valid_invention_patents = models.IntegerField(_("valid invention patents"), null=True, blank=True)
    source = models.CharField(_("source"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("annual figures")
        verbose_name_plural = _("annual figures")
        ordering = ["organization", "-year"]
        triggers = within_reach()
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "year"],
                name="annual_figures_one_a_year",
                violation_error_message=_("The organization has figures for this year already: change those."),
            ),
            *(
                not_negative(field, f"annual_figures_{field}_not_negative")
                for field in (
                    "employees",
                    "rd_staff",
                    "assets",
                    "revenue",
                    "ai_revenue",
                    "rd_expenditure",
                    "valid_invention_patents",
                )
            ),
            models.CheckConstraint(
                condition=Q(rd_staff__isnull=True) | Q(employees__isnull=True) | Q(rd_staff__lte=F("employees")),
                name="annual_figures_rd_staff_within_employees",
                violation_error_message=_("There cannot be more R&D staff than employees."),
            ),
            models.CheckConstraint(
                condition=Q(ai_revenue__isnull=True) | Q(revenue__isnull=True) | Q(ai_revenue__lte=F("revenue")),
                name="annual_figures_ai_revenue_within_revenue",
                violation_error_message=_("AI revenue cannot exceed revenue."),
            ),
        ]

    def __str__(self) -> str:
        return str(self.year)
