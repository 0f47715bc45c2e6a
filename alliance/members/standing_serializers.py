"""Serializers of suspension, its end, the cancelled end of a membership, and succession."""

from typing import Any

from django.utils.translation import gettext_lazy
from rest_framework import serializers

from alliance.members.operations import actions, standing
from alliance.members.operations.succession import succeed
from alliance.members.serializers import named
from alliance.models import Membership, Suspension
from registry.api.serializer_fields import KeyField
from registry.api.serializers import StrictSerializer, TruthField
from registry.organizations.models.organizations import Organization


class SuspendSerializer(StrictSerializer):
    suspended_on = serializers.DateField(help_text=gettext_lazy("The first day of the suspension."))
    resumed_on = serializers.DateField(
        required=False,
        allow_null=True,
        help_text=gettext_lazy("From this day on it has all rights again. Left empty: until it is resumed."),
    )

    class Meta(StrictSerializer.Meta):
        model = Suspension
        fields = ("suspended_on", "resumed_on", "reason")

    def create(self, validated_data: dict[str, Any]) -> Membership:
        membership: Membership = self.context["membership"]
        with named({"on": "suspended_on", "until": "resumed_on"}):
            standing.suspend(
                membership.member,
                validated_data["suspended_on"],
                validated_data["reason"],
                until=validated_data.get("resumed_on"),
            )
        return membership


class ResumeSerializer(StrictSerializer):
    resumed_on = serializers.DateField(help_text=gettext_lazy("The first day with all rights."))

    class Meta(StrictSerializer.Meta):
        model = Suspension
        fields = ("resumed_on",)

    def create(self, validated_data: dict[str, Any]) -> Membership:
        membership: Membership = self.context["membership"]
        with named({"on": "resumed_on"}):
            standing.resume(membership.member, validated_data["resumed_on"])
        return membership


class CancelEndSerializer(StrictSerializer):
    """Takes an empty object."""

    class Meta(StrictSerializer.Meta):
        model = Membership
        fields: tuple[str, ...] = ()

    def create(self, validated_data: dict[str, Any]) -> Membership:
        return actions.cancel_end(self.context["membership"].member)


class SuccessionSerializer(StrictSerializer):
    successor = KeyField("registry_no", queryset=Organization.objects.all())
    on = serializers.DateField(help_text=gettext_lazy("From this day on the successor has the tier."))
    with_sectors = TruthField(
        required=False, help_text=gettext_lazy("Whether it takes over the sectors of participation.")
    )
    with_representatives = TruthField(
        required=False, help_text=gettext_lazy("Whether it takes over the representatives.")
    )
    end_seats = TruthField(
        required=False, help_text=gettext_lazy("Seats in groups that last longer end with the membership.")
    )

    class Meta(StrictSerializer.Meta):
        model = Membership
        fields = ("successor", "on", "with_sectors", "with_representatives", "end_seats", "remarks")

    def create(self, validated_data: dict[str, Any]) -> Membership:
        return succeed(self.context["membership"].member, **validated_data)
