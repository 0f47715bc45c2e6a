"""Serializers of terms, groups, seats and office holders of the alliance that the address names."""

from typing import Any

from django.db.models import Model, QuerySet
from rest_framework import serializers

from alliance.council.columns import GROUP_COLUMNS, TERM_COLUMNS
from alliance.meetings.choices import Matter
from alliance.models import Decision, Group, Member, OfficeHolder, Seat, Term
from registry.api.serializer_fields import KeyField
from registry.api.serializers import StrictSerializer
from registry.columns import editable_names


class OwnField(KeyField):
    """A record of the alliance by its key; what another alliance has is not known here."""

    def get_queryset(self) -> QuerySet[Model]:
        queryset: Any = super().get_queryset()
        return queryset.filter(alliance=self.context.get("alliance"))


class OwnRecord(serializers.PrimaryKeyRelatedField):
    """A record of the alliance by its number."""

    def get_queryset(self) -> QuerySet[Model]:
        queryset: Any = super().get_queryset()
        return queryset.filter(alliance=self.context.get("alliance"))


class OfAllianceSerializer(StrictSerializer):
    def create(self, validated_data: dict[str, Any]) -> object:
        model: Any = self.Meta.model
        return self.update(model(alliance=self.context["alliance"]), validated_data)


class TermSerializer(OfAllianceSerializer):
    told = (
        "`ends_on` and `postponed_until` are the first days after; a term lasts at most 5 years, put off at most 6. "
        "`decision` is the number of the passed decision on the election, if it is recorded."
    )
    decision = OwnRecord(queryset=Decision.objects.filter(matter=Matter.ELECTION), required=False, allow_null=True)

    class Meta(StrictSerializer.Meta):
        model = Term
        fields = editable_names(TERM_COLUMNS, Term)


class GroupSerializer(OfAllianceSerializer):
    class Meta(StrictSerializer.Meta):
        model = Group
        fields = editable_names(GROUP_COLUMNS, Group)


class SeatSerializer(OfAllianceSerializer):
    told = (
        "The group by its Chinese name, the member by its number. A seat lies within the membership and the days of "
        "the group; nobody sits in the supervisory board and in the council on one day."
    )
    group = OwnField("name_zh", queryset=Group.objects.all())
    member_no = OwnField("member_no", source="member", queryset=Member.objects.all())

    class Meta(StrictSerializer.Meta):
        model = Seat
        fields = ("group", "member_no", "role", "begins_on", "ends_on")


class OfficeHolderSerializer(OfAllianceSerializer):
    told = "Personal information. A head or an expert has a `group`; `member_no` says whose person it is, if anybody's."
    group = OwnField("name_zh", queryset=Group.objects.all(), required=False, allow_null=True)
    member_no = OwnField("member_no", source="member", queryset=Member.objects.all(), required=False, allow_null=True)

    class Meta(StrictSerializer.Meta):
        model = OfficeHolder
        fields = ("office", "group", "name", "title", "member_no", "begins_on", "ends_on")
