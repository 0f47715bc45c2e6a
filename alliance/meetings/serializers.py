"""Serializers of meetings, attendance, decisions and rules of the alliance that the address names."""

from decimal import Decimal
from typing import Any, cast

from django.db.models import Max, Model
from django.utils.translation import gettext as _
from drf_spectacular.drainage import set_override
from rest_framework.exceptions import ValidationError

from alliance.council.serializers import OfAllianceSerializer, OwnField
from alliance.meetings import calling, recording
from alliance.meetings.columns import ALLIANCE_RULES_COLUMNS, VOTING_RULE_COLUMNS
from alliance.models import AllianceRules, Attendance, Decision, Meeting, Term, VotingRule
from registry.api.json_schema import INTEGER
from registry.api.serializers import LineField, StrictSerializer, WholeNumberField, take_over
from registry.columns import editable_names


class NumberKey(OwnField):
    """A record of the alliance by a whole number."""

    def __init__(self, key: str, **options: Any) -> None:
        super().__init__(key, **options)
        set_override(self, "field", INTEGER)

    def to_internal_value(self, data: object) -> Model:
        whole = isinstance(data, int | Decimal) and not isinstance(data, bool) and data == int(data)
        queryset: Any = self.get_queryset()
        found = queryset.filter(**{self.key: int(cast(int, data))}).first() if whole else None
        if found is None:
            said = {"noun": queryset.model._meta.verbose_name, "value": data}
            raise ValidationError(_("There is no %(noun)s “%(value)s”.") % said, code="does_not_exist")
        return found


class _WithReason(StrictSerializer):
    """Asks why something is changed that was recorded."""

    reason = LineField(required=False, write_only=True, max_length=300, help_text="Why it is changed.")

    def by(self) -> Any:
        return self.context["request"].user


class MeetingSerializer(_WithReason):
    told = (
        "Who is called is counted. `term` is its number; left out, the term in force on the day is taken; `number` "
        "left out becomes the next one. Once decisions are recorded, a change needs its `reason`; body and day stay."
    )
    term = NumberKey("number", queryset=Term.objects.all(), required=False, allow_null=True)
    number = WholeNumberField(required=False, min_value=1, max_value=32767)

    class Meta(StrictSerializer.Meta):
        model = Meeting
        fields = (
            *("body", "term", "number", "held_on", "form", "place"),
            *("entitled", "entitled_reason", "reason"),
        )

    def create(self, validated_data: dict[str, Any]) -> Meeting:
        validated_data.pop("reason", None)
        meeting = Meeting(alliance=self.context["alliance"], **validated_data)
        if "term" not in validated_data:
            meeting.term = Term.objects.as_of(meeting.held_on).filter(alliance=meeting.alliance).first()
        if "number" not in validated_data:
            same = Meeting.objects.filter(alliance=meeting.alliance, term=meeting.term, body=meeting.body)
            meeting.number = (same.aggregate(last=Max("number"))["last"] or 0) + 1
        return calling.call(meeting, self.by())

    def update(self, instance: Meeting, validated_data: dict[str, Any]) -> Meeting:
        reason = validated_data.pop("reason", "")
        take_over(instance, validated_data)
        return calling.change(instance, self.by(), reason)


class AttendanceSerializer(_WithReason):
    told = "Whether a member that is called was there, or its proxy. Once decisions are recorded, with a `reason`."

    class Meta(StrictSerializer.Meta):
        model = Attendance
        fields = ("present", "proxy", "reason")

    def update(self, instance: Attendance, validated_data: dict[str, Any]) -> Attendance:
        reason = validated_data.pop("reason", "")
        take_over(instance, validated_data)
        return calling.tick(instance, self.by(), reason)


class MeetingDecisionSerializer(_WithReason):
    told = (
        "By the rule that the alliance has now for the body; called and present are those of the meeting. Too few "
        "present are refused, unless the account may override it and gives `override_reason`. A correction needs its "
        "`reason`; nothing is corrected once something rests on it."
    )
    meeting = NumberKey("id", queryset=Meeting.objects.all())
    number = WholeNumberField(required=False, min_value=1, max_value=32767)

    class Meta(StrictSerializer.Meta):
        model = Decision
        fields = (
            *("meeting", "number", "subject", "matter", "ballot", "votes_for", "votes_against", "abstentions"),
            *("override_reason", "reason"),
        )

    def create(self, validated_data: dict[str, Any]) -> Decision:
        validated_data.pop("reason", None)
        return recording.record(validated_data.pop("meeting"), self.by(), **validated_data)

    def update(self, instance: Decision, validated_data: dict[str, Any]) -> Decision:
        reason = validated_data.pop("reason", "")
        return recording.correct(instance, self.by(), reason, **validated_data)


class VotingRuleSerializer(OfAllianceSerializer):
    told = "Without a rule the alliance has that of its legal form. Decisions taken keep the rule they were taken by."

    class Meta(StrictSerializer.Meta):
        model = VotingRule
        fields = editable_names(VOTING_RULE_COLUMNS, VotingRule)


class AllianceRulesSerializer(OfAllianceSerializer):
    told = "One row at most. Without it the alliance has the rules of its legal form."

    class Meta(StrictSerializer.Meta):
        model = AllianceRules
        fields = editable_names(ALLIANCE_RULES_COLUMNS, AllianceRules)
