"""Meetings of the bodies of an alliance, who was there, and what was decided."""

from typing import Any, ClassVar

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Case, F, Q, When
from django.db.models.functions import Coalesce
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from alliance.council.models import Term
from alliance.members.models import Member
from alliance.members.triggers import MEETING_WITHIN_TERM
from alliance.models.alliances import Alliance
from alliance.models.of_alliance import OfAlliance
from alliance.models.record_changes import fed
from registry.attachments.models import Attachment
from registry.database.personal import PersonalData
from registry.database.tracking import tracked

from .choices import Ballot, Body, FormOfMeeting, Matter
from .rule_models import AllianceRules, Shares, VotingRule, share_constraint

__all__ = ["AllianceRules", "Attendance", "Body", "Decision", "Meeting", "VotingRule"]

TERM_OF_ANOTHER_ALLIANCE = _("This term belongs to another alliance.")
VOTES_EXCEED_PRESENT = _("More votes than members were present: count again.")


def _typed_with_reason(field: str, message: Any) -> models.CheckConstraint:
    given = Q(**{f"{field}__isnull": False}) & ~Q(**{f"{field}_reason": ""})
    return models.CheckConstraint(
        condition=Q(**{f"{field}__isnull": True, f"{field}_reason": ""}) | given,
        name=f"meeting_{field}_with_reason",
        violation_error_message=message,
    )


@tracked()
class Meeting(models.Model):
    """A meeting 会议 of a body, or a vote by correspondence. Written by `alliance.meetings.calling`."""

    alliance = models.ForeignKey(Alliance, models.PROTECT, related_name="meetings", verbose_name=_("alliance"))
    body = models.CharField(_("body"), max_length=20, choices=Body, default=Body.COUNCIL)
    of_representatives = models.BooleanField(
        _("assembly of representatives"),
        default=False,
        help_text=_("Only members that have a representative are called."),
    )
    # With the alliance, by a composite foreign key: migration 0012.
    term = models.ForeignKey(
        Term,
        models.PROTECT,
        related_name="meetings",
        null=True,
        blank=True,
        db_constraint=False,
        verbose_name=_("term"),
    )
    number = models.PositiveSmallIntegerField(
        _("number of the meeting"),
        validators=[MinValueValidator(1)],
        help_text=_("Counted within the term, for each body."),
    )
    held_on = models.DateField(_("held on"), help_text=_("Of a vote by correspondence: the last day for the votes."))
    form = models.CharField(
        _("form of the meeting"), max_length=20, choices=FormOfMeeting, default=FormOfMeeting.MEETING
    )
    place = models.CharField(_("place"), max_length=200, blank=True)
    called = models.PositiveIntegerField(_("called"), default=0, help_text=_("Counted from the members of that day."))
    entitled = models.PositiveIntegerField(
        _("called, as typed"), null=True, blank=True, help_text=_("If the minutes have another number.")
    )
    entitled_reason = models.CharField(_("reason of the number called"), max_length=300, blank=True)
    attended = models.PositiveIntegerField(
        _("present, as typed"), null=True, blank=True, help_text=_("If the minutes have another number.")
    )
    attended_reason = models.CharField(_("reason of the number present"), max_length=300, blank=True)
    created_at = models.DateTimeField(_("created at"), db_default=models.functions.Now(), editable=False)

    rules_of_triggers: ClassVar[dict[str, Promise]] = {
        "meeting_within_term": _("A meeting is held within its term: one would lie outside.")
    }

    class Meta:
        verbose_name = _("meeting")
        verbose_name_plural = _("meetings")
        ordering = ["alliance", "-held_on", "-id"]
        triggers = [
            MEETING_WITHIN_TERM,
            *fed(
                "meetings",
                attendance="SELECT a.id FROM alliance_attendance a JOIN rows s ON s.id = a.meeting_id",
                decisions="SELECT d.id FROM alliance_decision d JOIN rows s ON s.id = d.meeting_id",
                applications="SELECT a.id FROM alliance_application a JOIN alliance_decision d ON d.id = a.decision_id "
                "JOIN rows s ON s.id = d.meeting_id",
                dues="SELECT u.id FROM alliance_due u JOIN alliance_decision d ON d.id = u.relief_decision_id "
                "JOIN rows s ON s.id = d.meeting_id",
                dues_standards="SELECT t.id FROM alliance_duesstandard t JOIN alliance_decision d "
                "ON d.id = t.decision_id JOIN rows s ON s.id = d.meeting_id",
                dues_classes="SELECT c.id FROM alliance_duesclass c JOIN alliance_duesstandard t "
                "ON t.id = c.standard_id JOIN alliance_decision d ON d.id = t.decision_id "
                "JOIN rows s ON s.id = d.meeting_id",
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["alliance", "term", "body", "number"],
                name="meeting_number_unique_in_term",
                nulls_distinct=False,
                violation_error_message=_("The body has a meeting with this number in this term already."),
            ),
            # The target of composite foreign keys: attendance and decisions are of the alliance of the meeting.
            models.UniqueConstraint(fields=["id", "alliance"], name="meeting_id_alliance"),
            models.CheckConstraint(
                condition=Q(body=Body.ASSEMBLY) | Q(of_representatives=False),
                name="meeting_representatives_in_assembly",
                violation_error_message=_("Representatives are called to an assembly only."),
            ),
            _typed_with_reason("entitled", _("A number called that differs from the count needs a reason.")),
            _typed_with_reason("attended", _("A number present that differs from the ticks needs a reason.")),
            models.CheckConstraint(
                condition=Q(attended__isnull=True) | Q(attended__lte=Coalesce("entitled", "called")),
                name="meeting_attended_at_most_called",
                violation_error_message=_("More members are present than were called."),
            ),
        ]

    def __str__(self) -> str:
        told = {
            "number": self.number,
            "body": capfirst(self.body_name()),
            "term": self.term.number if self.term else None,
        }
        if self.term:
            return str(_("%(body)s, term %(term)d, meeting %(number)d") % told)
        return str(_("%(body)s, meeting %(number)d") % told)

    def clean(self) -> None:
        if not (self.term_id and self.term and self.held_on):
            return
        if self.term.alliance_id != self.alliance_id:
            raise ValidationError({"term": TERM_OF_ANOTHER_ALLIANCE})
        if not self.term.begins_on <= self.held_on < self.term.over_on:
            told = _("%(term)s holds from %(first)s until before %(over)s: the meeting lies outside.")
            said = {"term": self.term, "first": self.term.begins_on, "over": self.term.over_on}
            raise ValidationError({"held_on": told % said})

    def body_name(self) -> str:
        """Return the body as the minutes call it."""
        if self.body != Body.ASSEMBLY:
            return self.get_body_display()
        if self.of_representatives:
            return str(_("assembly of representatives"))
        return str(_("general assembly") if self.alliance.legal_person else _("assembly of the member units"))

    def number_entitled(self) -> int:
        """Return how many may vote 应到."""
        return self.called if self.entitled is None else self.entitled

    def number_present(self) -> int:
        """Return how many were present 实到, or have sent their vote."""
        return self.attendance.filter(present=True).count() if self.attended is None else self.attended


@tracked()
class Attendance(OfAlliance):
    """A member that is called to a meeting, and whether it was present. The rows are those who are called.

    As a proxy is a person, the table is confidential like representatives, with its own view permission.
    """

    alliance_through = "meeting"
    CONFIDENTIAL = True

    alliance = models.ForeignKey(
        Alliance, models.PROTECT, related_name="+", editable=False, db_constraint=False, verbose_name=_("alliance")
    )
    meeting = models.ForeignKey(
        Meeting, models.CASCADE, related_name="attendance", db_constraint=False, verbose_name=_("meeting")
    )
    member = models.ForeignKey(
        Member, models.PROTECT, related_name="attendance", db_constraint=False, verbose_name=_("member")
    )
    present = models.BooleanField(_("present"), default=False)
    proxy = models.CharField(
        _("proxy"), max_length=200, blank=True, help_text=_("Whom the member has sent in its stead, in writing.")
    )
    personal = PersonalData(
        names=("proxy",),
        subjects=_("Persons whom a member sends to a meeting in its stead"),
        purpose=_("Whether enough were present, and who voted"),
        ground=_("Necessary for the membership (PIPL, article 13 II), or the person's consent (13 I)"),
        kept=_("With the records of the meeting"),
        organization="member__organization",
        emptied=True,
    )

    class Meta:
        verbose_name = _("attendance")
        verbose_name_plural = _("attendance")
        ordering = ["meeting", "member"]
        default_permissions = ("view", "change")
        triggers = [*fed("attendance", meetings="SELECT meeting_id FROM rows")]
        constraints = [
            models.UniqueConstraint(
                fields=["meeting", "member"],
                name="attendance_once",
                violation_error_message=_("The member is called to this meeting already."),
            ),
            models.CheckConstraint(
                condition=Q(present=True) | Q(proxy=""),
                name="attendance_proxy_is_present",
                violation_error_message=_("Who has sent a proxy is present: tick it, or empty the proxy."),
            ),
        ]

    def __str__(self) -> str:
        return str(self.member)


def _passed() -> Case:
    """Return whether the votes are enough by the shares that the decision has copied."""
    votes, asked = F("votes_for") * F("majority_denominator"), F("present") * F("majority_numerator")
    return Case(
        When(Q(majority_denominator__isnull=True), then=Q(votes_for__gt=F("votes_against"))),
        When(Q(majority_exceeded=True), then=models.lookups.GreaterThan(votes, asked)),
        default=models.lookups.GreaterThanOrEqual(votes, asked),
        output_field=models.BooleanField(),
    )


@tracked("recorded_at", "passed")
class Decision(OfAlliance, Shares):
    """A decision 决议 of a meeting, with the rule by which it was taken. Written by `alliance.meetings.recording`."""

    alliance_through = "meeting"
    alliance = models.ForeignKey(
        Alliance,
        models.PROTECT,
        related_name="decisions",
        editable=False,
        db_constraint=False,
        verbose_name=_("alliance"),
    )
    meeting = models.ForeignKey(
        Meeting, models.PROTECT, related_name="decisions", db_constraint=False, verbose_name=_("meeting")
    )
    number = models.PositiveSmallIntegerField(
        _("number of the decision"), validators=[MinValueValidator(1)], help_text=_("Counted within the meeting.")
    )
    subject = models.CharField(_("subject"), max_length=300)
    matter = models.CharField(_("matter"), max_length=20, choices=Matter, default=Matter.OTHER)
    ballot = models.CharField(_("kind of vote"), max_length=20, choices=Ballot, default=Ballot.SHOW_OF_HANDS)
    votes_for = models.PositiveIntegerField(_("votes for"))
    votes_against = models.PositiveIntegerField(_("votes against"), default=0)
    abstentions = models.PositiveIntegerField(_("abstentions"), default=0)
    entitled = models.PositiveIntegerField(_("called"))
    present = models.PositiveIntegerField(_("present"))
    override_reason = models.CharField(
        _("reason for deciding with too few"),
        max_length=300,
        blank=True,
        help_text=_("Why it holds although fewer were present than the rule asks for."),
    )
    document = models.ForeignKey(
        Attachment,
        models.PROTECT,
        related_name="+",
        null=True,
        blank=True,
        verbose_name=_("document"),
        help_text=_("The signed decision or the minutes."),
    )
    passed = models.GeneratedField(
        expression=_passed(), output_field=models.BooleanField(), db_persist=True, verbose_name=_("passed")
    )
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
        verbose_name=_("recorded by"),
    )
    recorded_at = models.DateTimeField(_("recorded at"), db_default=models.functions.Now(), editable=False)

    class Meta:
        verbose_name = _("decision")
        verbose_name_plural = _("decisions")
        ordering = ["meeting", "number"]
        default_permissions = ("view", "add", "change")
        triggers = [
            *fed(
                "decisions",
                dues="SELECT u.id FROM alliance_due u JOIN rows s ON s.id = u.relief_decision_id",
                dues_standards="SELECT t.id FROM alliance_duesstandard t JOIN rows s ON s.id = t.decision_id",
                dues_classes="SELECT c.id FROM alliance_duesclass c JOIN alliance_duesstandard t "
                "ON t.id = c.standard_id JOIN rows s ON s.id = t.decision_id",
            )
        ]
        permissions = [
            ("record_decision", _("Can record decisions")),
            ("override_quorum", _("Can record a decision although too few were present")),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["meeting", "number"],
                name="decision_number_unique_in_meeting",
                violation_error_message=_("The meeting has a decision with this number already."),
            ),
            # The target of composite foreign keys: what rests on a decision is of its alliance.
            models.UniqueConstraint(fields=["id", "alliance"], name="decision_id_alliance"),
            share_constraint("quorum_numerator", "quorum_denominator", "decision_quorum_share"),
            share_constraint("majority_numerator", "majority_denominator", "decision_majority_share"),
            models.CheckConstraint(
                condition=Q(present__lte=F("entitled")),
                name="decision_present_at_most_called",
                violation_error_message=_("More members are present than were called."),
            ),
            models.CheckConstraint(
                condition=Q(present__gte=F("votes_for") + F("votes_against") + F("abstentions")),
                name="decision_votes_at_most_present",
                violation_error_message=VOTES_EXCEED_PRESENT,
            ),
            models.CheckConstraint(
                condition=Q(quorum_denominator__isnull=True)
                | ~Q(override_reason="")
                | Q(
                    models.lookups.GreaterThanOrEqual(
                        F("present") * F("quorum_denominator"), F("entitled") * F("quorum_numerator")
                    )
                ),
                name="decision_quorum_or_reason",
                violation_error_message=_("Too few were present to decide."),
            ),
        ]

    def __str__(self) -> str:
        return str(
            _("%(meeting)s, decision %(number)d: %(subject)s")
            % {"meeting": self.meeting, "number": self.number, "subject": self.subject}
        )

    def reference(self) -> str:
        """Return meeting and number, for texts that reach accounts which may not see decisions."""
        return str(_("%(meeting)s, decision %(number)d") % {"meeting": self.meeting, "number": self.number})
