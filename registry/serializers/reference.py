"""Plans, sectors, townships, zones, gradings."""

from typing import Any

from registry.api.writing import StrictSerializer
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
    plan = KeyField(queryset=Plan.objects.all())
    parent: Any = KeyField(queryset=Sector.objects.all(), required=False, allow_null=True)

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
