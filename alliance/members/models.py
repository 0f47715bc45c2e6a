"""Members of alliances, the periods of their memberships, and the people who act for them."""

import datetime
from typing import ClassVar, Self

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Exists, F, OuterRef, Q, Subquery
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from alliance.models.alliances import Alliance, Tier
from alliance.models.of_alliance import OfAlliance
from alliance.models.record_changes import OF_MEMBER
from registry.database.expressions import Period, in_force, period_constraint
from registry.database.personal import PersonalData
from registry.database.tracking import tracked
from registry.organizations.models.organizations import Organization
from registry.reference.models import Sector
from registry.values.masking import Mask, mask_email, mask_phone
from registry.values.punctuation import bracketed
from registry.values.validators import validate_phone

from . import rules
from .changes import LOG_CHANGES, LOG_MERGER
from .triggers import MEMBERSHIP_AROUND_SEATS, MEMBERSHIP_AROUND_SUSPENSIONS, NUMBER_ON_INSERT


class MemberQuerySet(models.QuerySet["Member"]):
    def get_by_natural_key(self, alliance: str, registry_no: str) -> "Member":
        return self.get(alliance__slug=alliance, organization__registry_no=registry_no)


@tracked()
class Member(models.Model):
    """An organization in an alliance. The member number stays through changes of tier and re-admission."""

    alliance = models.ForeignKey(Alliance, models.PROTECT, related_name="members", verbose_name=_("alliance"))
    organization = models.ForeignKey(
        Organization, models.PROTECT, related_name="alliance_members", verbose_name=_("organization")
    )
    member_no = models.CharField(
        _("member number"),
        max_length=30,
        blank=True,
        help_text=_("Left empty, the next free number of the alliance is given."),
    )
    position = models.PositiveSmallIntegerField(
        _("order in lists"),
        null=True,
        blank=True,
        help_text=_("Its place within its tier, 1 first. Members without a place follow by the pinyin of their names."),
    )
    sectors = models.ManyToManyField(
        Sector,
        related_name="members",
        blank=True,
        verbose_name=_("sectors of participation"),
        help_text=_("The sectors in which it takes part in the alliance's work."),
    )

    objects = MemberQuerySet.as_manager()

    class Meta:
        verbose_name = _("member")
        verbose_name_plural = _("members")
        ordering = ["alliance", "member_no"]
        triggers = [NUMBER_ON_INSERT, LOG_MERGER, OF_MEMBER]
        permissions = [("export_internal_roster", _("Can export the internal edition of the member roster"))]
        constraints = [
            models.UniqueConstraint(
                fields=["alliance", "organization"],
                name="member_once_in_alliance",
                violation_error_message=_("The organization is on the alliance's list already."),
            ),
            models.UniqueConstraint(
                fields=["alliance", "member_no"],
                name="member_no_unique_in_alliance",
                violation_error_message=rules.NUMBER_TAKEN,
            ),
            # The target of a composite foreign key: a membership's member is one of its alliance.
            models.UniqueConstraint(fields=["id", "alliance"], name="member_id_alliance"),
        ]

    def __str__(self) -> str:
        return bracketed(self.organization, self.alliance)

    def natural_key(self) -> tuple[str, str]:
        return (self.alliance.slug, self.organization.registry_no)

    def tiers_held(self) -> list[rules.TierHeld]:
        """Return its memberships as the rules of seats ask for them."""
        return [rules.TierHeld.of(one) for one in self.memberships.select_related("tier").order_by("admitted_on")]

    natural_key.dependencies = ["alliance.alliance", "registry.organization"]  # type: ignore[attr-defined]


@tracked()
class MemberSector(Member.sectors.through):  # type: ignore[name-defined]
    """The table behind `Member.sectors`, defined here so that its history is kept, too."""

    class Meta:
        proxy = True
        default_permissions = ()


class MemberNumber(models.Model):  # noqa: DJ008 - never shown
    """The last member number of an alliance, counted by the trigger alliance_member_number, one transaction at a
    time.
    """

    alliance = models.OneToOneField(Alliance, models.CASCADE, primary_key=True, related_name="+")
    last = models.PositiveIntegerField(default=0)

    class Meta:
        default_permissions = ()


class EndReason(models.TextChoices):
    TIER_CHANGE = "tier_change", _("change of tier")
    WITHDRAWAL = "withdrawal", _("voluntary withdrawal")
    LAPSE = "lapse", _("lapse of membership")
    EXPULSION = "expulsion", _("expulsion")
    DISSOLUTION = "dissolution", _("dissolution of the organization")
    SUCCESSION = "succession", _("merger of the organization")
    OTHER = "other", _("other reason")

    @classmethod
    def of_ends(cls) -> list[tuple[str, str | Promise]]:
        """Return the choices without the change of tier, which is an operation of its own."""
        return [choice for choice in cls.choices if choice[0] != cls.TIER_CHANGE]


class MembershipQuerySet(models.QuerySet["Membership"]):
    def as_of(self, on: datetime.date) -> Self:
        """Return the memberships in force on the day `on`; a member has at most one."""
        return self.filter(in_force(on, "admitted_on", "ended_on"))

    def open(self) -> Self:
        """Return the periods without an end, whether they have begun or not."""
        return self.filter(ended_on__isnull=True)

    def ending_later(self) -> Self:
        """Return the periods that end in the future and are followed by no other period."""
        return self.filter(ended_on__gt=timezone.localdate()).exclude(end_reason=EndReason.TIER_CHANGE)

    def with_joined_on(self) -> Self:
        """Annotate `joined_on` 入会日期: the first day of the unbroken membership that the row belongs to.

        A row continues another where that one ends on the day on which this one begins.
        """
        continues = Membership.objects.filter(member=OuterRef("member"), ended_on=OuterRef("admitted_on"))
        firsts = (
            Membership.objects.filter(member=OuterRef("member"), admitted_on__lte=OuterRef("admitted_on"))
            .filter(~Exists(continues))
            .order_by("-admitted_on")
        )
        return self.annotate(joined_on=Subquery(firsts.values("admitted_on")[:1]))

    def published(self) -> Self:
        return self.filter(alliance__published=True, member__organization__published=True)


@tracked("created_at")
class Membership(OfAlliance):
    """One member's period at one tier, over `[admitted_on, ended_on)`.

    A change of tier is two rows that meet, a re-admission a new row; nothing is overwritten. Write only by
    `alliance.members.operations.actions`, which locks the organization first.
    """

    alliance_through = "member"
    # The alliance follows from the member; a column, so that the database can hold member and tier to one alliance by
    # foreign keys on (member, alliance) and (tier, alliance): migration 0001.
    alliance = models.ForeignKey(
        Alliance,
        models.PROTECT,
        related_name="memberships",
        editable=False,
        db_constraint=False,
        verbose_name=_("alliance"),
    )
    member = models.ForeignKey(
        Member, models.PROTECT, related_name="memberships", db_constraint=False, verbose_name=_("member")
    )
    tier = models.ForeignKey(
        Tier, models.PROTECT, related_name="memberships", db_constraint=False, verbose_name=_("tier")
    )
    admitted_on = models.DateField(_("start date"))
    ended_on = models.DateField(
        _("end date"), null=True, blank=True, help_text=_("From this day on it is no longer a member.")
    )
    end_reason = models.CharField(_("reason of the end"), max_length=20, choices=EndReason, blank=True)
    remarks = models.TextField(_("remarks"), blank=True)
    created_at = models.DateTimeField(_("created at"), db_default=models.functions.Now(), editable=False)

    objects = MembershipQuerySet.as_manager()

    class Meta:
        verbose_name = _("membership")
        verbose_name_plural = _("memberships")
        ordering = ["alliance", "member", "admitted_on"]
        triggers = [*MEMBERSHIP_AROUND_SEATS, MEMBERSHIP_AROUND_SUSPENSIONS, *LOG_CHANGES]
        indexes = [models.Index(fields=["alliance", "admitted_on", "ended_on"], name="membership_alliance_period")]
        constraints = [
            # Before the exclusion: a reversed range would be a database error, not a message.
            period_constraint("admitted_on", "ended_on", "membership_period_not_empty"),
            models.CheckConstraint(
                condition=Q(end_reason="") | Q(ended_on__isnull=False),
                name="membership_reason_only_with_end",
                violation_error_message=_("A reason of the end needs the end date."),
            ),
            ExclusionConstraint(
                name="membership_no_overlap",
                expressions=[
                    (F("member"), RangeOperators.EQUAL),
                    (Period("admitted_on", "ended_on"), RangeOperators.OVERLAPS),
                ],
                violation_error_message=_("The organization is a member in a part of this period already."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.member} {self.tier}"

    def clean(self) -> None:
        super().clean()
        if self.ended_on and self.admitted_on and self.ended_on <= self.admitted_on:
            raise ValidationError(
                {"ended_on": _("The end must be later than the beginning: the period would be empty or reversed.")}
            )
        if self.tier_id and self.member_id and self.tier.alliance_id != self.alliance_id:
            raise ValidationError({"tier": rules.TIER_OF_ANOTHER_ALLIANCE})


@tracked()
class Representative(models.Model):
    """A person who acts for a member in the alliance: personal information, with its own view permission."""

    CONFIDENTIAL = True

    class Role(models.TextChoices):
        REPRESENTATIVE = "representative", _("member representative")
        LIAISON = "liaison", _("liaison")

    member = models.ForeignKey(Member, models.CASCADE, related_name="representatives", verbose_name=_("member"))
    role = models.CharField(_("role"), max_length=20, choices=Role, default=Role.REPRESENTATIVE)
    name = models.CharField(_("person's name"), max_length=100)
    title = models.CharField(_("job title"), max_length=100, blank=True)
    phone = models.CharField(_("phone"), max_length=50, blank=True, validators=[validate_phone])
    email = models.EmailField(_("e-mail"), blank=True)
    valid_from = models.DateField(_("valid from"), null=True, blank=True)
    valid_to = models.DateField(
        _("valid to"), null=True, blank=True, help_text=_("The first day on which it no longer holds.")
    )

    masked_fields: ClassVar[dict[str, Mask]] = {"phone": mask_phone, "email": mask_email}
    personal = PersonalData(
        names=("name",),
        numbers=("phone", "email"),
        others=("title",),
        subjects=_("Persons who act for a member in the alliance"),
        purpose=_("Calling meetings, notices and votes of the alliance"),
        ground=_("Necessary for the membership (PIPL, article 13 II), or the person's consent (13 I)"),
        kept=_("While the person acts for the member, and for the period of ended representatives afterwards"),
        organization="member__organization",
    )

    class Meta:
        verbose_name = _("representative")
        verbose_name_plural = _("representatives")
        ordering = ["member", "role", "valid_from", "id"]
        constraints = [period_constraint("valid_from", "valid_to", "representative_period_not_empty")]

    def __str__(self) -> str:
        return self.name
