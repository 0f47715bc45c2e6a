"""Serializers of plans, sectors, townships, zones and gradings."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from registry.api.serializer_fields import KeyField
from registry.api.serializers import StrictSerializer, TextField
from registry.columns import editable_names
from registry.reference.columns import GRADING_COLUMNS, PLAN_COLUMNS, SECTOR_COLUMNS, TOWNSHIP_COLUMNS, ZONE_COLUMNS
from registry.reference.models import Grading, Plan, Sector, Township, Zone


class PlanSerializer(StrictSerializer):
    class Meta(StrictSerializer.Meta):
        model = Plan
        fields = editable_names(PLAN_COLUMNS, Plan)


class SectorSerializer(StrictSerializer):
    """Writes a sector.

    Its plan is fixed, because tags refer to sector and plan; the parent must belong to the same plan.
    """

    told = "The parent is a sector of the same plan. The plan of a sector does not change."
    plan = KeyField(queryset=Plan.objects.all())
    parent: Any = TextField(required=False, allow_null=True, help_text=_("Code of a sector of the plan."))

    class Meta(StrictSerializer.Meta):
        model = Sector
        fields = editable_names(SECTOR_COLUMNS, Sector)

    def get_fields(self) -> dict[str, Any]:
        fields = super().get_fields()
        fields["plan"].read_only = self.instance is not None or self.partial
        return fields

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if code := attrs.get("parent"):
            plan = self.instance.plan if self.instance else attrs["plan"]
            attrs["parent"] = Sector.objects.filter(plan=plan, code=code).first()
            if attrs["parent"] is None:
                said = _("There is no %(noun)s “%(value)s”.") % {"noun": Sector._meta.verbose_name, "value": code}
                raise serializers.ValidationError({"parent": [said]}, code="does_not_exist")
        return attrs


class TownshipSerializer(StrictSerializer):
    successor = KeyField(queryset=Township.objects.all(), required=False, allow_null=True)

    class Meta(StrictSerializer.Meta):
        model = Township
        fields = editable_names(TOWNSHIP_COLUMNS, Township)


class ZoneSerializer(StrictSerializer):
    class Meta(StrictSerializer.Meta):
        model = Zone
        fields = editable_names(ZONE_COLUMNS, Zone)


class GradingSerializer(StrictSerializer):
    class Meta(StrictSerializer.Meta):
        model = Grading
        fields = editable_names(GRADING_COLUMNS, Grading)
