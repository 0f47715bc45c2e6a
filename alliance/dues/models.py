"""Membership dues: the standard and its classes, the dues of each year, and the payments."""

import datetime
from decimal import Decimal
from typing import Self

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Case, F, OuterRef, Q, Subquery, Sum, Value, When
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy as _p

from alliance.dues.choices import PartOfYear
from alliance.members.models import Member
from alliance.models.alliances import Alliance, Tier
from alliance.models.of_alliance import OfAlliance
from alliance.models.record_changes import fed
from registry.database.expressions import Period, in_force, not_negative, period_constraint
from registry.database.tracking import tracked
from registry.database.yuan import YuanField

MONTHS = 12
NO_DUES = _("An alliance that is not registered collects no dues.")
FIRST_YEAR = 1990
NOT_PAID_YET = _("A payment has come in already: its day lies between 1990 and today.")
OF_ANOTHER_ALLIANCE = _("This belongs to another alliance.")
NEEDS_ALL = _("A relief needs all of these: the rule, the reason and the decision.")
WITHOUT_RELIEF = _("Without a relief there is neither rule nor decision of one.")
ZERO = Decimal(0)


class DuesStandardQuerySet(models.QuerySet["DuesStandard"]):
    def as_of(self, on: datetime.date) -> Self:
        """Return the standards that apply on the day `on`; an alliance has at most one."""
        return self.filter(in_force(on, "begins_on", "ends_on"))


@tracked()
class DuesStandard(models.Model):
    """The rates of an alliance 会费标准 over `[begins_on, ends_on)`, by a decision of the assembly."""

    CONFIDENTIAL = True

    alliance = models.ForeignKey(Alliance, models.PROTECT, related_name="dues_standards", verbose_name=_("alliance"))
    begins_on = models.DateField(_("applies from"))
    ends_on = models.DateField(
        _("applies until"), null=True, blank=True, help_text=_("The first day on which it no longer applies.")
    )
    # With the alliance, by a composite foreign key: migration 0017.
    decision = models.ForeignKey(
        "alliance.Decision",
        models.PROTECT,
        related_name="dues_standards",
        null=True,
        blank=True,
        db_constraint=False,
        verbose_name=_p("dues", "decision of the assembly"),
        help_text=_("Of the assembly, by secret ballot. Until it is recorded, no dues are drawn up."),
    )
    published_on = models.DateField(
        _("made public on"), null=True, blank=True, help_text=_("The day on which the members were told.")
    )
    first_year = models.CharField(
        _("dues of the first year"), max_length=10, choices=PartOfYear, default=PartOfYear.WHOLE
    )
    last_year = models.CharField(
        _("dues of the last year"), max_length=10, choices=PartOfYear, default=PartOfYear.WHOLE
    )
    remarks = models.TextField(_("remarks"), blank=True)

    objects = DuesStandardQuerySet.as_manager()

    class Meta:
        verbose_name = _("dues standard")
        verbose_name_plural = _("dues standards")
        ordering = ["alliance", "-begins_on"]
        default_permissions = ("view", "add", "change")
        triggers = [
            *fed(
                "dues_standards",
                dues_classes="SELECT c.id FROM alliance_duesclass c JOIN rows s ON s.id = c.standard_id",
                dues="SELECT d.id FROM alliance_due d JOIN alliance_duesclass c ON c.id = d.dues_class_id "
                "JOIN rows s ON s.id = c.standard_id",
            )
        ]
        constraints = [
            period_constraint("begins_on", "ends_on", "dues_standard_period_not_empty"),
            ExclusionConstraint(
                name="dues_standard_no_overlap",
                deferrable=models.Deferrable.IMMEDIATE,
                expressions=[
                    (F("alliance"), RangeOperators.EQUAL),
                    (Period("begins_on", "ends_on"), RangeOperators.OVERLAPS),
                ],
                violation_error_message=_("Another standard of the alliance applies in a part of this period."),
            ),
            # The target of a composite foreign key: a class's standard is one of its alliance.
            models.UniqueConstraint(fields=["id", "alliance"], name="dues_standard_id_alliance"),
        ]

    def __str__(self) -> str:
        return str(_("Standard from %(day)s") % {"day": self.begins_on})

    def clean(self) -> None:
        if self.begins_on and self.ends_on and self.ends_on <= self.begins_on:
            told = _("The end must be later than the beginning: the period would be empty or reversed.")
            raise ValidationError({"ends_on": told})
        if self.alliance_id and not self.alliance.legal_person:
            raise ValidationError({"alliance": NO_DUES})
        if self.decision and self.decision.alliance_id != self.alliance_id:
            raise ValidationError({"decision": OF_ANOTHER_ALLIANCE})


@tracked()
class DuesClass(OfAlliance):
    """One class of a standard 会费档次 with its amount for a year: fixed, never a range."""

    alliance_through = "standard"
    CONFIDENTIAL = True

    # As with seats: a column for composite foreign keys.
    alliance = models.ForeignKey(
        Alliance, models.PROTECT, related_name="+", editable=False, db_constraint=False, verbose_name=_("alliance")
    )
    standard = models.ForeignKey(
        DuesStandard, models.CASCADE, related_name="classes", db_constraint=False, verbose_name=_("dues standard")
    )
    name = models.CharField(_("dues class"), max_length=100)
    amount = YuanField(_("amount a year"))
    tiers = models.ManyToManyField(
        Tier,
        related_name="dues_classes",
        blank=True,
        verbose_name=_("proposed for tiers"),
        help_text=_("Members of these tiers are proposed for the class; each may be put into another one."),
    )

    class Meta:
        verbose_name = _("dues class")
        verbose_name_plural = _("dues classes")
        ordering = ["standard", "-amount", "id"]
        triggers = [*fed("dues_classes", dues="SELECT d.id FROM alliance_due d JOIN rows s ON s.id = d.dues_class_id")]
        constraints = [
            models.UniqueConstraint(
                fields=["standard", "name"],
                name="dues_class_name_unique_in_standard",
                violation_error_message=_("The standard has a class with this name already."),
            ),
            models.CheckConstraint(
                condition=Q(amount__gt=0),
                name="dues_class_amount_positive",
                violation_error_message=_("A class has one fixed amount, greater than 0."),
            ),
            models.UniqueConstraint(fields=["id", "alliance"], name="dues_class_id_alliance"),
        ]

    def __str__(self) -> str:
        return self.name


@tracked()
class DuesClassTier(DuesClass.tiers.through):  # type: ignore[name-defined]
    """The table behind `DuesClass.tiers`, defined here so that its history is kept, too."""

    class Meta:
        proxy = True
        default_permissions = ()
        triggers = [*fed(dues_classes="SELECT duesclass_id FROM rows")]


class DueState(models.TextChoices):
    """How far a due is paid; computed from its balance."""

    UNPAID = "unpaid", _p("dues", "unpaid")
    PARTLY = "partly", _p("dues", "partly paid")
    PAID = "paid", _p("dues", "paid")
    OVERPAID = "overpaid", _p("dues", "overpaid")

    @property
    def condition(self) -> Q:
        """Return the condition on rows of `DueQuerySet.with_balance()`."""
        return {
            DueState.UNPAID: Q(balance__gt=0, paid=0),
            DueState.PARTLY: Q(balance__gt=0, paid__gt=0),
            DueState.PAID: Q(balance=0),
            DueState.OVERPAID: Q(balance__lt=0),
        }[self]

    @classmethod
    def case(cls) -> Case:
        """Return the expression for the state of rows of `DueQuerySet.with_balance()`."""
        return Case(*(When(one.condition, then=Value(one.value)) for one in cls), output_field=models.CharField())

    @classmethod
    def of(cls, owed: Decimal, paid: Decimal) -> "DueState":
        if paid > owed:
            return cls.OVERPAID
        if paid == owed:
            return cls.PAID
        return cls.PARTLY if paid else cls.UNPAID


class DueQuerySet(models.QuerySet["Due"]):
    def with_balance(self) -> Self:
        """Annotate `owed` 应缴, `paid` 已缴 and `balance` 欠缴."""
        paid = Payment.objects.filter(due=OuterRef("pk")).order_by().values("due").annotate(sum=Sum("amount"))
        rows = self.annotate(
            owed=F("amount") - F("relief"),
            paid=Coalesce(Subquery(paid.values("sum")), Value(ZERO), output_field=YuanField()),
        )
        return rows.annotate(balance=F("owed") - F("paid"))

    def open(self) -> Self:
        """Return the dues that are not paid in full."""
        return self.with_balance().filter(balance__gt=0)


@tracked("created_at")
class Due(OfAlliance):
    """The dues of one member for one year 会费: the amount of its class, or the part of it for a part of the year."""

    alliance_through = "member"
    CONFIDENTIAL = True

    class Basis(models.TextChoices):
        TIER = "tier", _p("dues", "by its tier")
        ONLY = "only", _p("dues", "the only class")
        BEFORE = "before", _p("dues", "as in the year before")
        CHOSEN = "chosen", _p("dues", "chosen for this member")

    # As with seats: a column for composite foreign keys.
    alliance = models.ForeignKey(
        Alliance, models.PROTECT, related_name="dues", editable=False, db_constraint=False, verbose_name=_("alliance")
    )
    member = models.ForeignKey(
        Member, models.PROTECT, related_name="dues", db_constraint=False, verbose_name=_("member")
    )
    year = models.PositiveSmallIntegerField(
        _("year"), validators=[MinValueValidator(FIRST_YEAR), MaxValueValidator(2200)]
    )
    dues_class = models.ForeignKey(
        DuesClass, models.PROTECT, related_name="dues", db_constraint=False, verbose_name=_("dues class")
    )
    basis = models.CharField(_("reason for the class"), max_length=10, choices=Basis, default=Basis.CHOSEN)
    months = models.PositiveSmallIntegerField(
        _("months"), default=MONTHS, help_text=_("For how many months of the year; 12 are the whole amount.")
    )
    amount = YuanField(_("amount"))
    relief = YuanField(_("relief"), default=ZERO)
    relief_rule = models.CharField(
        _("rule of the relief"), max_length=200, blank=True, help_text=_("The rule by which it is granted.")
    )
    relief_reason = models.CharField(_("reason of the relief"), max_length=500, blank=True)
    relief_decision = models.ForeignKey(
        "alliance.Decision",
        models.PROTECT,
        related_name="dues_relieved",
        null=True,
        blank=True,
        db_constraint=False,
        verbose_name=_("decision on the relief"),
    )
    remarks = models.TextField(_("remarks"), blank=True)
    created_at = models.DateTimeField(_("created at"), db_default=models.functions.Now(), editable=False)

    objects = DueQuerySet.as_manager()

    class Meta:
        verbose_name = _("dues of a year")
        verbose_name_plural = _("dues")
        ordering = ["alliance", "-year", "member"]
        default_permissions = ("view", "add", "change")
        triggers = [*fed("dues")]
        constraints = [
            models.UniqueConstraint(
                fields=["member", "year"],
                name="due_once_a_year",
                violation_error_message=_("The member has dues of this year already."),
            ),
            models.CheckConstraint(
                condition=Q(months__gte=1, months__lte=MONTHS),
                name="due_months_of_a_year",
                violation_error_message=_("A year has 1 to 12 months."),
            ),
            not_negative("amount", "due_amount_not_negative"),
            not_negative("relief", "due_relief_not_negative"),
            models.CheckConstraint(
                condition=Q(relief__lte=F("amount")),
                name="due_relief_within_amount",
                violation_error_message=_("A relief cannot exceed the amount."),
            ),
            models.CheckConstraint(
                condition=Q(relief=0) | ~Q(relief_rule="") & ~Q(relief_reason="") & Q(relief_decision__isnull=False),
                name="due_relief_with_rule_reason_decision",
                violation_error_message=NEEDS_ALL,
            ),
            models.CheckConstraint(
                condition=Q(relief__gt=0) | Q(relief_rule="", relief_reason="", relief_decision__isnull=True),
                name="due_no_rule_without_relief",
                violation_error_message=WITHOUT_RELIEF,
            ),
            models.UniqueConstraint(fields=["id", "alliance"], name="due_id_alliance"),
        ]

    def __str__(self) -> str:
        return f"{self.member.organization} {self.year}"

    def clean(self) -> None:
        super().clean()
        if self.dues_class_id and self.dues_class.alliance_id != self.alliance_id:
            raise ValidationError({"dues_class": OF_ANOTHER_ALLIANCE})
        if self.relief_decision and self.relief_decision.alliance_id != self.alliance_id:
            raise ValidationError({"relief_decision": OF_ANOTHER_ALLIANCE})

    @property
    def owed_now(self) -> Decimal:
        return self.amount - self.relief

    @property
    def paid_now(self) -> Decimal:
        return self.payments.aggregate(sum=Sum("amount"))["sum"] or ZERO

    @property
    def state(self) -> DueState:
        return DueState.of(self.owed_now, self.paid_now)


@tracked("created_at")
class Payment(OfAlliance):
    """Money that came in for the dues of one member and year 缴费, usually a line of the bank's list."""

    alliance_through = "due"
    CONFIDENTIAL = True

    # As with seats: a column for composite foreign keys.
    alliance = models.ForeignKey(
        Alliance, models.PROTECT, related_name="+", editable=False, db_constraint=False, verbose_name=_("alliance")
    )
    due = models.ForeignKey(
        Due, models.PROTECT, related_name="payments", db_constraint=False, verbose_name=_("dues of a year")
    )
    paid_on = models.DateField(_("paid on"))
    amount = YuanField(_("amount paid"))
    payer = models.CharField(
        _("payer"), max_length=200, blank=True, help_text=_("As the bank writes it, if that is not the member's name.")
    )
    text = models.CharField(_("text of the bank"), max_length=500, blank=True)
    serial_no = models.CharField(
        _("serial number of the bank"),
        max_length=100,
        blank=True,
        help_text=_("By it the same line of a list is recognised when it is read again."),
    )
    receipt_no = models.CharField(
        _("number of the dues receipt"),
        max_length=100,
        blank=True,
        help_text=_("Of the dues receipt that the member was given."),
    )
    created_at = models.DateTimeField(_("created at"), db_default=models.functions.Now(), editable=False)

    class Meta:
        verbose_name = _("payment of dues")
        verbose_name_plural = _("payments of dues")
        ordering = ["alliance", "-paid_on", "-id"]
        triggers = [*fed("payments", dues="SELECT due_id FROM rows")]
        constraints = [
            models.CheckConstraint(
                condition=Q(amount__gt=0),
                name="payment_amount_positive",
                violation_error_message=_("A payment is greater than 0."),
            ),
            models.UniqueConstraint(
                fields=["due", "serial_no"],
                condition=~Q(serial_no=""),
                name="payment_line_once",
                violation_error_message=_("This line of the bank is entered for these dues already."),
            ),
        ]

    def __str__(self) -> str:
        amount = f"{self.amount:,.2f}".removesuffix(".00")
        return str(_("%(day)s: %(amount)s yuan") % {"day": self.paid_on, "amount": amount})

    def clean(self) -> None:
        super().clean()
        if self.paid_on and not may_have_been_paid(self.paid_on):
            raise ValidationError({"paid_on": NOT_PAID_YET})


def may_have_been_paid(on: datetime.date) -> bool:
    """Return whether money can have come in on the day."""
    return on.year >= FIRST_YEAR and on <= timezone.localdate()
