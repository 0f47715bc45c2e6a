"""Plans, sectors, townships, zones, gradings."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from registry.api.writing import StrictSerializer, TextField
from registry.models import Grading, Plan, Sector, Township, Zone

from .fields import KeyField


class PlanSerializer(StrictSerializer):
    class Meta(StrictSerializer.Meta):
        model = Plan
        fields = (
            "code",
            "name_zh",
            "name_en",
            "document_number",
            "issued_on",
            "starts_on",
            "ends_on",
            "source",
            "current",
        )


class SectorSerializer(StrictSerializer):
    """The parent is one of the plan, which is fixed once the sector is there: tags refer to both."""

    plan = KeyField(queryset=Plan.objects.all())
    parent: Any = TextField(required=False, allow_null=True, help_text=_("Code of a sector of the plan."))

    class Meta(StrictSerializer.Meta):
        model = Sector
        fields = (
            "plan",
            "code",
            "parent",
            "layer",
            "name_zh",
            "name_en",
            "aliases",
            "definition",
            "keywords_zh",
            "keywords_en",
            "position",
            "disabled_on",
        )

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
        fields = ("code", "kind", "name_zh", "name_en", "aliases", "valid_from", "valid_to", "successor")


class ZoneSerializer(StrictSerializer):
    class Meta(StrictSerializer.Meta):
        model = Zone
        fields = ("code", "name_zh", "name_en", "aliases", "disabled_on")


class GradingSerializer(StrictSerializer):
    class Meta(StrictSerializer.Meta):
        model = Grading
        fields = (
            "code",
            "name_zh",
            "name_en",
            "aliases",
            "levels",
            "granted_by",
            "basis",
            "validity",
            "validity_years",
            "notes",
            "disabled_on",
        )
