"""Serializers of standards, classes, dues and payments of the alliance that the address names."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from alliance.council.serializers import OfAllianceSerializer, OwnField, OwnRecord
from alliance.dues.models import NO_DUES, Due, DuesClass, DuesStandard, Payment
from alliance.dues.rules import part_of, tiers_taken
from alliance.meetings.choices import Matter
from alliance.meetings.models import Decision
from alliance.models import Member, Tier
from registry.api.serializers import StrictSerializer

STAYS = _("A class stays in its standard: enter another one there.")
NO_DUES_OF_YEAR = _("The member has no dues of %(year)s.")


class DuesStandardSerializer(OfAllianceSerializer):
    told = (
        "`ends_on` is the first day on which it no longer applies. `decision` is the number of a decision on dues; "
        "unless the assembly took it by secret ballot, `by_procedure` is false and no dues are drawn up."
    )
    decision = OwnRecord(queryset=Decision.objects.filter(matter=Matter.DUES_STANDARD), required=False, allow_null=True)

    class Meta(StrictSerializer.Meta):
        model = DuesStandard
        fields = ("begins_on", "ends_on", "decision", "published_on", "first_year", "last_year", "remarks")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if not self.context["alliance"].legal_person:
            raise serializers.ValidationError(NO_DUES)
        return attrs


class DuesClassSerializer(StrictSerializer):
    told = (
        "One fixed amount a year, in yuan. `tiers` are codes of tiers whose members are proposed for the class: a tier "
        "belongs to one class of a standard. A class stays in its `standard`."
    )
    standard = OwnRecord(queryset=DuesStandard.objects.all())
    tiers = OwnField("code", queryset=Tier.objects.all(), many=True, required=False)

    class Meta(StrictSerializer.Meta):
        model = DuesClass
        fields = ("standard", "name", "amount", "tiers")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Check what the database does not know; other writers of its classes wait meanwhile."""
        kept = self.instance if isinstance(self.instance, DuesClass) else None
        standard: DuesStandard = kept.standard if kept else attrs["standard"]
        if attrs.get("standard", standard) != standard:
            raise serializers.ValidationError({"standard": STAYS}, code="invalid")
        DuesStandard.objects.select_for_update(no_key=True).get(pk=standard.pk)
        if taken := list(tiers_taken(standard, attrs.get("tiers", ()), kept)):
            raise serializers.ValidationError({"tiers": taken}, code="conflict")
        return attrs

    def update(self, instance: DuesClass, validated_data: dict[str, Any]) -> DuesClass:
        values = {**validated_data}
        tiers = values.pop("tiers", None)
        found = super().update(instance, values)
        if tiers is not None:
            found.tiers.set(tiers)
        return found


class DueSerializer(StrictSerializer):
    told = (
        "Dues are drawn up on their page, for all members at once. A relief needs `relief_rule`, `relief_reason` and "
        "`relief_decision`, the number of the decision; amounts are in yuan. Other `months` without an `amount` give "
        "the part of the class's amount for them."
    )
    relief_decision = OwnRecord(queryset=Decision.objects.all(), required=False, allow_null=True)

    class Meta(StrictSerializer.Meta):
        model = Due
        fields = ("months", "amount", "relief", "relief_rule", "relief_reason", "relief_decision", "remarks")

    def update(self, instance: Due, validated_data: dict[str, Any]) -> Due:
        """Compute the amount anew where the months are changed and the amount is not named."""
        months = validated_data.get("months", instance.months)
        if months != instance.months and "amount" not in validated_data:
            validated_data["amount"] = part_of(instance.dues_class.amount, months)
        return super().update(instance, validated_data)


class PaymentSerializer(StrictSerializer):
    told = "The dues are named by the number of the member and the year; the amount is in yuan."
    member_no = OwnField("member_no", queryset=Member.objects.all())
    year = serializers.IntegerField(min_value=1990, max_value=2200)

    class Meta(StrictSerializer.Meta):
        model = Payment
        fields = ("member_no", "year", "paid_on", "amount", "payer", "text", "serial_no", "receipt_no")

    def create(self, validated_data: dict[str, Any]) -> Payment:
        found: Payment = self.update(Payment(), validated_data)
        return found

    def update(self, instance: Payment, validated_data: dict[str, Any]) -> Any:
        values = {**validated_data}
        if values.keys() & {"member_no", "year"}:
            kept = instance.due if instance.due_id else None
            member: Member = values.pop("member_no", kept and kept.member)
            year: int = values.pop("year", kept and kept.year)
            values["due"] = self._due(member, year)
        return super().update(instance, values)

    def _due(self, member: Member, year: int) -> Due:
        found = Due.objects.filter(member=member, year=year).first()
        if found is None:
            told = NO_DUES_OF_YEAR % {"year": year}
            raise serializers.ValidationError({"year": told}, code="does_not_exist")
        return found
