"""Serializers of applications of the alliance that the address names, and of what happens to them."""

from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework import serializers

from alliance.applications import deciding, operations
from alliance.applications.operations import WRITTEN
from alliance.applications.transitions import ACCEPT, SEND_BACK, SUBMIT, WITHDRAW, Transition
from alliance.council.serializers import OfAllianceSerializer, OwnField
from alliance.models import Application, Decision, Meeting, Representative, Tier
from registry.api.serializer_fields import KeyField
from registry.api.serializers import LineField, StrictSerializer, TextField, WholeNumberField
from registry.organizations.models.organizations import Organization


class ApplicationSerializer(OfAllianceSerializer):
    told = (
        "Enters a draft, of an organization that the registry has; files are attached by `attachments/`. "
        "An admission is of who is no member, every other kind of a member: the list of organizations has them by "
        "`alliance` and `member`. "
        "`announced_until` is the first day after. Only a draft, or one that was returned, is changed."
    )
    registry_no = KeyField("registry_no", source="organization", queryset=Organization.objects.all())
    tier = OwnField("code", queryset=Tier.objects.all(), required=False, allow_null=True)

    class Meta(StrictSerializer.Meta):
        model = Application
        fields = ("registry_no", "kind", *WRITTEN)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        pk = attrs["organization"].pk
        if why := operations.hindrances(self.context["alliance"], attrs["kind"], [pk]).get(pk):
            raise serializers.ValidationError({"registry_no": why})
        return attrs

    def create(self, validated_data: dict[str, Any]) -> Application:
        made = Application(alliance=self.context["alliance"], **validated_data)
        return operations.enter(made, self.context["request"].user)


class ApplicationChangeSerializer(OfAllianceSerializer):
    told = "Only a draft, or one that was returned, is changed."
    tier = OwnField("code", queryset=Tier.objects.all(), required=False, allow_null=True)

    class Meta(StrictSerializer.Meta):
        model = Application
        fields = WRITTEN

    def update(self, instance: Application, validated_data: dict[str, Any]) -> Application:
        return operations.change(instance, self.context["request"].user, **validated_data)


class _StepSerializer(StrictSerializer):
    """Takes the application in the context one step further; `reason` where the applicant is to learn why."""

    step: Transition

    class Meta(StrictSerializer.Meta):
        model = Application
        fields: tuple[str, ...] = ()

    def create(self, validated_data: dict[str, Any]) -> Application:
        by = self.context["request"].user
        return operations.act(self.context["application"], self.step, by, reason=validated_data.get("reason", ""))


class SubmitSerializer(_StepSerializer):
    step = SUBMIT


class AcceptSerializer(_StepSerializer):
    step = ACCEPT


class WithdrawSerializer(_StepSerializer):
    step = WITHDRAW


class SendBackSerializer(_StepSerializer):
    step = SEND_BACK
    reason = TextField(max_length=500, help_text=gettext_lazy("The applicant is told."))

    class Meta(_StepSerializer.Meta):
        fields = ("reason",)


class RejectSerializer(SendBackSerializer):
    def create(self, validated_data: dict[str, Any]) -> Application:
        return deciding.reject(self.context["application"], self.context["request"].user, validated_data["reason"])


class RepresentativeSerializer(StrictSerializer):
    class Meta(StrictSerializer.Meta):
        model = Representative
        fields = ("name", "title", "phone", "email")


class ConfirmSerializer(StrictSerializer):
    on = serializers.DateField(help_text=gettext_lazy("The day on which it takes effect."))
    representative = RepresentativeSerializer(
        required=False, help_text=gettext_lazy("Of a change of representative: the new one.")
    )

    class Meta(StrictSerializer.Meta):
        model = Application
        fields = ("on", "representative")

    def create(self, validated_data: dict[str, Any]) -> Application:
        by = self.context["request"].user
        return deciding.confirm(self.context["application"], by, **validated_data)


class DecideSerializer(StrictSerializer):
    told = "One decision of a meeting on one or several waiting applications of one kind: all take effect, or none."
    applications = serializers.ListField(
        child=WholeNumberField(min_value=1), min_length=1, max_length=500, help_text=gettext_lazy("Their ids.")
    )
    meeting = WholeNumberField(min_value=1, help_text=gettext_lazy("Its id."))
    number = WholeNumberField(required=False, min_value=1, max_value=32767)
    on = serializers.DateField(
        required=False, help_text=gettext_lazy("The day on which it takes effect; left out, that of the meeting.")
    )
    override_reason = LineField(required=False, max_length=300)

    class Meta(StrictSerializer.Meta):
        model = Decision
        fields = (
            *("applications", "meeting", "on", "number", "subject", "ballot"),
            *("votes_for", "votes_against", "abstentions", "override_reason"),
        )

    def create(self, validated_data: dict[str, Any]) -> Decision:
        alliance = self.context["alliance"]
        meeting = Meeting.objects.filter(alliance=alliance, pk=validated_data.pop("meeting")).first()
        if meeting is None:
            raise ValidationError({"meeting": _("This alliance has no such meeting.")})
        asked = set(validated_data.pop("applications"))
        chosen = list(Application.objects.filter(alliance=alliance, pk__in=asked))
        if len(chosen) < len(asked):
            raise ValidationError({"applications": _("This alliance has no such application.")})
        on = validated_data.pop("on", meeting.held_on)
        return deciding.decide(meeting, chosen, self.context["request"].user, on, **validated_data)
