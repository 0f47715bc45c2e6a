"""Terms of the council, groups of an alliance, and who sits in them.

Who sits in the council itself follows from the tiers: `alliance.council.sitting`.
"""

import datetime
from typing import Self

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Coalesce
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from alliance.meetings.choices import Matter
from alliance.members.models import Member
from alliance.members.rules import Sat, group_refusals, seat_refusals
from alliance.members.triggers import (
    GROUP_AROUND_SEATS,
    GROUP_OUTSIDE_COUNCIL,
    SEAT_WITHIN_GROUP,
    SEAT_WITHIN_MEMBERSHIP,
    TERM_AROUND_MEETINGS,
)
from alliance.models.alliances import Alliance
from alliance.models.of_alliance import OfAlliance
from alliance.models.record_changes import fed
from registry.database.expressions import Period, at_most_years, in_force, period_constraint
from registry.database.personal import PersonalData
from registry.database.tracking import tracked
from registry.reference.models import Bilingual
from registry.values.punctuation import labelled

LONGEST_TERM, LONGEST_DELAY = 5, 1
"""Years, by the model charter of social organizations 社会团体章程示范文本 (每届最长5年, 延期换届最长1年)."""
SOON = datetime.timedelta(days=183)
MEMBER_OF_ANOTHER_ALLIANCE = _("This member belongs to another alliance.")
PUT_OFF_LATER = _("A term that is put off lasts longer than planned: give a later day.")
REVERSED = _("The end must be later than the beginning: the period would be empty or reversed.")
BEFORE_DECISION = _("Its election was decided on %(value)s only: the term begins on that day or later.")


class TermQuerySet(models.QuerySet["Term"]):
    def as_of(self, on: datetime.date) -> Self:
        """Return the terms in force on the day `on`; an alliance has at most one."""
        return self.annotate(until=Coalesce("postponed_until", "ends_on")).filter(in_force(on, "begins_on", "until"))

    def ending_soon(self, on: datetime.date) -> Self:
        """Return the terms in force that end within half a year, so that the council has to be changed."""
        return self.as_of(on).filter(until__lte=on + SOON)


@tracked()
class Term(models.Model):
    """A term of the council 届次, over `[begins_on, ends_on)`, or until `postponed_until` if the change is put off."""

    alliance = models.ForeignKey(Alliance, models.PROTECT, related_name="terms", verbose_name=_("alliance"))
    number = models.PositiveSmallIntegerField(_("number of the term"), validators=[MinValueValidator(1)])
    begins_on = models.DateField(_("begins on"))
    ends_on = models.DateField(_("ends on"), help_text=_("The first day after the term: at most 5 years later."))
    postponed_until = models.DateField(
        _("put off until"),
        null=True,
        blank=True,
        help_text=_("If the change of council is put off: the first day after it, at most one year later."),
    )
    approval_no = models.CharField(
        _("approval number"), max_length=100, blank=True, help_text=_("Of the document by which it was put off.")
    )
    # With the alliance, by a composite foreign key: migration 0021.
    decision = models.ForeignKey(
        "alliance.Decision",
        models.PROTECT,
        related_name="terms_elected",
        null=True,
        blank=True,
        db_constraint=False,
        verbose_name=_("decision on the election"),
        help_text=_("If it is recorded: passed, on the first day of the term or before."),
    )
    key_of_circle = "decision_id"
    """A decision is of a meeting, and a meeting of a term."""

    objects = TermQuerySet.as_manager()

    class Meta:
        verbose_name = _("term")
        verbose_name_plural = _("terms")
        ordering = ["alliance", "-begins_on"]
        default_permissions = ("view", "add", "change")
        triggers = [
            TERM_AROUND_MEETINGS,
            *fed(
                meetings="SELECT m.id FROM alliance_meeting m JOIN rows s ON s.id = m.term_id",
                decisions="SELECT d.id FROM alliance_decision d JOIN alliance_meeting m ON m.id = d.meeting_id "
                "JOIN rows s ON s.id = m.term_id",
                attendance="SELECT a.id FROM alliance_attendance a JOIN alliance_meeting m ON m.id = a.meeting_id "
                "JOIN rows s ON s.id = m.term_id",
            ),
        ]
        constraints = [
            # The target of a composite foreign key: a meeting's term is one of its alliance.
            models.UniqueConstraint(fields=["id", "alliance"], name="term_id_alliance"),
            models.UniqueConstraint(
                fields=["alliance", "number"],
                name="term_number_unique_in_alliance",
                violation_error_message=_("The alliance has a term with this number already."),
            ),
            period_constraint("begins_on", "ends_on", "term_period_not_empty"),
            at_most_years(
                "ends_on", "begins_on", LONGEST_TERM, "term_at_most_five_years", _("A term lasts at most 5 years.")
            ),
            models.CheckConstraint(
                condition=Q(postponed_until__isnull=True) | Q(postponed_until__gt=F("ends_on")),
                name="term_postponed_beyond_its_end",
                violation_error_message=PUT_OFF_LATER,
            ),
            at_most_years(
                "postponed_until",
                "ends_on",
                LONGEST_DELAY,
                "term_postponed_at_most_a_year",
                _("A change of council is put off by at most one year."),
            ),
            models.CheckConstraint(
                condition=Q(postponed_until__isnull=True, approval_no="")
                | Q(postponed_until__isnull=False) & ~Q(approval_no=""),
                name="term_postponed_with_approval",
                violation_error_message=_("Putting off needs both: the day, and the approval number."),
            ),
            ExclusionConstraint(
                name="term_no_overlap",
                deferrable=models.Deferrable.IMMEDIATE,
                expressions=[
                    (F("alliance"), RangeOperators.EQUAL),
                    (Period("begins_on", Coalesce("postponed_until", "ends_on")), RangeOperators.OVERLAPS),
                ],
                violation_error_message=_("Another term of the alliance holds in a part of this period."),
            ),
        ]

    def __str__(self) -> str:
        return str(_("Term %(number)d") % {"number": self.number})

    def clean(self) -> None:
        if self.begins_on and self.ends_on and self.ends_on <= self.begins_on:
            raise ValidationError({"ends_on": REVERSED})
        if self.ends_on and self.postponed_until and self.postponed_until <= self.ends_on:
            raise ValidationError(
                {"postponed_until": _("A term that is put off lasts longer than planned: give a later day.")}
            )
        self._check_decision()

    def _check_decision(self) -> None:
        decision = self.decision
        if decision is None:
            return
        elects = decision.passed and decision.matter == Matter.ELECTION
        if not elects or decision.alliance_id != self.alliance_id:
            told = _("This is no passed decision of the alliance on an election. Nothing was changed.")
            raise ValidationError({"decision": told})
        held_on = decision.meeting.held_on
        if self.begins_on and held_on > self.begins_on:
            raise ValidationError({"decision": BEFORE_DECISION % {"value": date_format(held_on, "DATE_FORMAT")}})

    @property
    def over_on(self) -> datetime.date:
        """Return the first day on which the term does not hold any more."""
        return self.postponed_until or self.ends_on


class GroupQuerySet(models.QuerySet["Group"]):
    def with_seats_on(self, on: datetime.date) -> Self:
        """Annotate `seats_on_day`: how many seats are held on the day."""
        held = in_force(on, "seats__begins_on", "seats__ends_on")
        return self.annotate(seats_on_day=models.Count("seats", filter=held & Q(seats__isnull=False)))


@tracked()
class Group(Bilingual):
    """A body of an alliance whose members do not follow from the tiers."""

    class Kind(models.TextChoices):
        SUPERVISORY_BOARD = "supervisory_board", _("supervisory board")
        SPECIAL_COMMITTEE = "special_committee", _("special committee")
        WORKING_GROUP = "working_group", _("working group")
        EXPERT_COMMITTEE = "expert_committee", _("expert committee")

    alliance = models.ForeignKey(Alliance, models.PROTECT, related_name="groups", verbose_name=_("alliance"))
    kind = models.CharField(_("kind of group"), max_length=20, choices=Kind, default=Kind.SPECIAL_COMMITTEE)
    founded_on = models.DateField(_("set up on"), null=True, blank=True)
    dissolved_on = models.DateField(
        _("dissolved on"), null=True, blank=True, help_text=_("The first day on which it no longer exists.")
    )

    objects = GroupQuerySet.as_manager()

    class Meta:
        verbose_name = _("group of an alliance")
        verbose_name_plural = _("groups of alliances")
        ordering = ["alliance", "kind", "name_zh", "id"]
        default_permissions = ("view", "add", "change")
        triggers = [GROUP_OUTSIDE_COUNCIL, GROUP_AROUND_SEATS]
        constraints = [
            period_constraint("founded_on", "dissolved_on", "group_dissolved_after_founded"),
            models.UniqueConstraint(
                fields=["alliance", "name_zh"],
                name="group_name_unique_in_alliance",
                violation_error_message=_("The alliance has a group with this name already."),
            ),
            # The target of composite foreign keys: a seat's group is one of its alliance.
            models.UniqueConstraint(fields=["id", "alliance"], name="group_id_alliance"),
        ]

    def clean(self) -> None:
        if self.founded_on and self.dissolved_on and self.dissolved_on <= self.founded_on:
            raise ValidationError({"dissolved_on": REVERSED})
        seats = self.seats.select_related("member__organization").order_by("begins_on", "id") if self.pk else ()
        outside: list[str] = []
        both: list[str] = []
        for seat in seats:
            seat.group = self
            who, sat = seat.member.organization, Sat.of(seat)
            outside += [labelled(who, told) for told in group_refusals(sat)]
            if sat.on_board:
                both += [labelled(who, told) for told in seat_refusals([sat], seat.member.tiers_held())]
        if outside or both:
            raise ValidationError({name: told for name, told in (("dissolved_on", outside), ("kind", both)) if told})


@tracked()
class Seat(OfAlliance):
    """A seat of a member, an organization, in a group, over `[begins_on, ends_on)`.

    Within the membership, and in the supervisory board never together with a tier of the council.
    """

    alliance_through = "group"

    class Role(models.TextChoices):
        LEAD = "lead", _("leading unit")
        DEPUTY = "deputy", _("deputy leading unit")
        MEMBER = "member", _("member of the group")

    # As with memberships: a column for composite foreign keys.
    alliance = models.ForeignKey(
        Alliance, models.PROTECT, related_name="seats", editable=False, db_constraint=False, verbose_name=_("alliance")
    )
    group = models.ForeignKey(
        Group, models.PROTECT, related_name="seats", db_constraint=False, verbose_name=_("group of an alliance")
    )
    member = models.ForeignKey(
        Member, models.PROTECT, related_name="seats", db_constraint=False, verbose_name=_("member")
    )
    role = models.CharField(_("role in the group"), max_length=10, choices=Role, default=Role.MEMBER)
    begins_on = models.DateField(_("in the seat from"))
    ends_on = models.DateField(
        _("in the seat until"), null=True, blank=True, help_text=_("The first day without the seat.")
    )

    rules_of_triggers = {
        "seat_within_membership": _("A member sits in a group only while it is a member: a seat lies outside."),
        "seat_within_group": _("A member sits in a group only while that exists: a seat lies outside."),
        "board_outside_council": _(
            "Nobody sits in the supervisory board and in the council on one day: a member would hold both."
        ),
    }

    class Meta:
        verbose_name = _("seat")
        verbose_name_plural = _("seats")
        ordering = ["group", "begins_on", "id"]
        triggers = [SEAT_WITHIN_MEMBERSHIP, SEAT_WITHIN_GROUP]
        constraints = [
            period_constraint("begins_on", "ends_on", "seat_period_not_empty"),
            ExclusionConstraint(
                name="seat_no_overlap",
                deferrable=models.Deferrable.IMMEDIATE,
                expressions=[
                    (F("group"), RangeOperators.EQUAL),
                    (F("member"), RangeOperators.EQUAL),
                    (Period("begins_on", "ends_on"), RangeOperators.OVERLAPS),
                ],
                violation_error_message=_("The member sits in this group in a part of this period already."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.group} {self.member.organization}"

    def clean(self) -> None:
        super().clean()
        if self.begins_on and self.ends_on and self.ends_on <= self.begins_on:
            raise ValidationError({"ends_on": REVERSED})
        if not (self.group_id and self.member_id and self.begins_on):
            return
        if self.member.alliance_id != self.alliance_id:
            raise ValidationError({"member": MEMBER_OF_ANOTHER_ALLIANCE})
        sat = Sat.of(self)
        if outside := list(group_refusals(sat)):
            raise ValidationError({"begins_on": outside})
        if told := list(seat_refusals([sat], self.member.tiers_held())):
            raise ValidationError(told)


@tracked()
class OfficeHolder(models.Model):
    """A person who holds an office in the alliance: personal information, with its own view permission."""

    CONFIDENTIAL = True

    class Office(models.TextChoices):
        CHAIR = "chair", _("chair of the council")
        VICE_CHAIR = "vice_chair", _("vice-chair of the council")
        SECRETARY_GENERAL = "secretary_general", _("secretary-general")
        CHIEF_SUPERVISOR = "chief_supervisor", _("chief supervisor")
        GROUP_HEAD = "group_head", _("head of a group")
        EXPERT = "expert", _("expert in a group")

    alliance = models.ForeignKey(Alliance, models.PROTECT, related_name="office_holders", verbose_name=_("alliance"))
    office = models.CharField(_("office"), max_length=20, choices=Office, default=Office.CHAIR)
    group = models.ForeignKey(
        Group,
        models.PROTECT,
        related_name="office_holders",
        null=True,
        blank=True,
        db_constraint=False,
        verbose_name=_("group of an alliance"),
        help_text=_("Of a head or an expert."),
    )
    name = models.CharField(_("person's name"), max_length=100)
    member = models.ForeignKey(
        Member,
        models.PROTECT,
        related_name="office_holders",
        null=True,
        blank=True,
        db_constraint=False,
        verbose_name=_("member whose person it is"),
    )
    title = models.CharField(_("job title"), max_length=100, blank=True)
    personal = PersonalData(
        names=("name",),
        others=("title",),
        subjects=_("Persons who hold an office of the alliance"),
        purpose=_("Who led the alliance and its groups, and when"),
        ground=_("Necessary for the office (PIPL, article 13 II); rules on the registration of social organizations"),
        kept=_("As long as the alliance keeps its archive, unless a period is set for ended offices"),
        organization="member__organization",
    )
    begins_on = models.DateField(_("in office from"))
    ends_on = models.DateField(
        _("in office until"), null=True, blank=True, help_text=_("The first day on which it no longer holds.")
    )

    class Meta:
        verbose_name = _("office holder")
        verbose_name_plural = _("office holders")
        ordering = ["alliance", "office", "begins_on", "id"]
        constraints = [
            period_constraint("begins_on", "ends_on", "office_period_not_empty"),
            models.CheckConstraint(
                condition=Q(office__in=("group_head", "expert"), group__isnull=False)
                | ~Q(office__in=("group_head", "expert")) & Q(group__isnull=True),
                name="office_in_group",
                violation_error_message=_("A head or an expert belongs to a group; other offices do not."),
            ),
            ExclusionConstraint(
                name="office_held_by_one",
                deferrable=models.Deferrable.IMMEDIATE,
                expressions=[
                    (F("alliance"), RangeOperators.EQUAL),
                    (F("office"), RangeOperators.EQUAL),
                    (Period("begins_on", "ends_on"), RangeOperators.OVERLAPS),
                ],
                condition=Q(office__in=("chair", "secretary_general", "chief_supervisor")),
                violation_error_message=_("Somebody else holds this office in a part of this period."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_office_display()} {self.name}"

    def clean(self) -> None:
        if self.begins_on and self.ends_on and self.ends_on <= self.begins_on:
            raise ValidationError({"ends_on": REVERSED})
        if self.group_id and self.group and self.group.alliance_id != self.alliance_id:
            raise ValidationError({"group": _("This group belongs to another alliance.")})
        if self.member_id and self.member and self.member.alliance_id != self.alliance_id:
            raise ValidationError({"member": MEMBER_OF_ANOTHER_ALLIANCE})
