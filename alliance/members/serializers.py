"""Serializers of alliances, tiers and memberships. Only `alliance.members.operations.actions` writes memberships."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy
from rest_framework import serializers

from alliance.members.columns import ALLIANCE_COLUMNS, MAX_POSITION, TIER_COLUMNS
from alliance.members.operations import actions
from alliance.members.operations.renaming import rename
from alliance.models import Alliance, EndReason, FormerName, Membership, Tier
from registry.api.errors import FieldForbidden
from registry.api.serializer_fields import KeyField
from registry.api.serializers import LineField, StrictSerializer, TextField
from registry.columns import editable_names
from registry.organizations.models.organizations import Organization
from registry.reference.models import Sector


class AllianceSerializer(StrictSerializer):
    class Meta(StrictSerializer.Meta):
        model = Alliance
        fields = editable_names(ALLIANCE_COLUMNS, Alliance)


class TierSerializer(StrictSerializer):
    """Writes a tier of the alliance in the address."""

    class Meta(StrictSerializer.Meta):
        model = Tier
        fields = editable_names(TIER_COLUMNS, Tier)

    def create(self, validated_data: dict[str, Any]) -> Tier:
        return self.update(Tier(alliance=self.context["alliance"]), validated_data)


class RenameSerializer(StrictSerializer):
    """Reads a new name of the alliance or tier in the context."""

    name_zh = LineField(max_length=200)
    name_en = LineField(max_length=300, required=False, allow_blank=True)
    on = serializers.DateField(help_text=gettext_lazy("The first day of the new name."))

    class Meta(StrictSerializer.Meta):
        model = FormerName
        fields = ("name_zh", "name_en", "on")

    def create(self, validated_data: dict[str, Any]) -> Any:
        return rename(self.context["renamed"], **validated_data)


class TierField(KeyField):
    """A tier by its code, in the alliance that the address, the body or the membership names."""

    def get_queryset(self) -> QuerySet[Tier]:
        root: Any = self.root
        return Tier.objects.filter(alliance=root.get_alliance())


class AdmissionSerializer(StrictSerializer):
    told = "Admits an organization to the alliance that the address names."
    organization = KeyField("registry_no", queryset=Organization.objects.all())
    tier = TierField(queryset=Tier.objects.all())
    member_no = TextField(required=False, allow_blank=True, max_length=30)
    sectors = KeyField(many=True, queryset=Sector.objects.filter(plan__current=True), required=False)

    class Meta(StrictSerializer.Meta):
        model = Membership
        fields: tuple[str, ...] = ("organization", "tier", "admitted_on", "member_no", "sectors", "remarks")

    def get_alliance(self) -> Alliance | None:
        return self.context["alliance"]

    def create(self, validated_data: dict[str, Any]) -> Membership:
        sectors = validated_data.pop("sectors", None)
        if sectors is not None:
            require_change_of_member(self.context["request"].user)
        alliance: Any = validated_data.pop("alliance", None) or self.get_alliance()
        with named({"on": "admitted_on"}):
            membership = actions.admit(alliance=alliance, on=validated_data.pop("admitted_on"), **validated_data)
        if sectors is not None:
            membership.member.sectors.set(sectors)
        return membership


class MembershipAdmissionSerializer(AdmissionSerializer):
    told = "Admits an organization to the alliance that the body names."
    alliance = KeyField("slug", queryset=Alliance.objects.all())

    class Meta(AdmissionSerializer.Meta):
        fields = ("alliance", *AdmissionSerializer.Meta.fields)

    def get_alliance(self) -> Alliance | None:
        slug = self.initial_data.get("alliance")
        return Alliance.objects.filter(slug=slug).first() if isinstance(slug, str) else None


class CorrectionSerializer(StrictSerializer):
    """Corrects wrong records. A change of tier and an end that happen are operations of their own."""

    told = "Puts right what was recorded wrongly."
    tier = TierField(queryset=Tier.objects.all())
    position = serializers.IntegerField(
        required=False,
        allow_null=True,
        min_value=1,
        max_value=MAX_POSITION,
        help_text=gettext_lazy("Its place within its tier, 1 first; null for the order of names."),
    )
    sectors = KeyField(many=True, queryset=Sector.objects.filter(plan__current=True), required=False)
    reason = TextField(
        required=False,
        allow_blank=True,
        max_length=500,
        write_only=True,
        help_text=gettext_lazy("Why the past is corrected: required where a tier or a day that has passed changes."),
    )

    class Meta(StrictSerializer.Meta):
        model = Membership
        fields = ("tier", "admitted_on", "ended_on", "end_reason", "position", "sectors", "remarks", "reason")

    def get_alliance(self) -> Alliance | None:
        return self.instance.alliance if self.instance else None

    def update(self, instance: Membership, validated_data: dict[str, Any]) -> Membership:
        sectors = validated_data.pop("sectors", None)
        if "position" in validated_data:
            require_change_of_member(self.context["request"].user, "position")
            instance.member.position = validated_data.pop("position")
            instance.member.save(update_fields=["position"])
        if sectors is not None:
            require_change_of_member(self.context["request"].user)
            others = instance.member.sectors.exclude(plan__current=True)
            instance.member.sectors.set([*others, *sectors])
        return actions.correct(instance, **validated_data) if validated_data.keys() - {"reason"} else instance


class TierChangeSerializer(StrictSerializer):
    tier = TierField(queryset=Tier.objects.all())
    on = serializers.DateField(help_text=gettext_lazy("The first day at the new tier."))

    class Meta(StrictSerializer.Meta):
        model = Membership
        fields = ("tier", "on", "remarks")

    def get_alliance(self) -> Alliance | None:
        return self.context["membership"].alliance if "membership" in self.context else None

    def create(self, validated_data: dict[str, Any]) -> Membership:
        return actions.change_tier(self.context["membership"].member, **validated_data)


class EndSerializer(StrictSerializer):
    ended_on = serializers.DateField(help_text=gettext_lazy("From this day on it is no longer a member."))
    end_reason = serializers.ChoiceField(EndReason.of_ends())
    end_seats = serializers.BooleanField(
        default=False, help_text=gettext_lazy("Seats in groups that last longer end with the membership.")
    )

    class Meta(StrictSerializer.Meta):
        model = Membership
        fields = ("ended_on", "end_reason", "end_seats", "remarks")

    def create(self, validated_data: dict[str, Any]) -> Membership:
        with named({"on": "ended_on", "reason": "end_reason"}):
            return actions.end(
                self.context["membership"],
                validated_data["ended_on"],
                validated_data["end_reason"],
                remarks=validated_data.get("remarks", ""),
                end_seats=validated_data["end_seats"],
            )


def require_change_of_member(user: User, field: str = "sectors") -> None:
    """Raise an error unless the user may change members, to whom sectors of participation and the place belong."""
    if not user.has_perm("alliance.change_member"):
        raise FieldForbidden(f"/{field}", "alliance.change_member")


@contextmanager
def named(names: dict[str, str]) -> Iterator[None]:
    """Rename the fields in errors of an action from its parameters to the fields of the request body."""
    try:
        yield
    except ValidationError as error:
        if not hasattr(error, "error_dict"):
            raise
        renamed = {names.get(field, field): items for field, items in error.error_dict.items()}
        raise type(error)(renamed, code=getattr(error, "code", None)) from None
