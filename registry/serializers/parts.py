"""What stands below an organization at addresses of its own."""

from typing import Any

from registry.api.writing import StrictSerializer
from registry.models import AnnualFigures, Contact, Organization, Qualification, Relation
from registry.references import references

from .fields import KeyField, NamedField


class PartSerializer(StrictSerializer):
    """What belongs to one organization, which the address names."""

    def create(self, validated_data: dict[str, Any]) -> Any:
        model: Any = self.Meta.model
        return self.update(model(organization=self.context["organization"]), validated_data)


class ContactSerializer(PartSerializer):
    class Meta(StrictSerializer.Meta):
        model = Contact
        fields = ("id", "role", "name", "title", "phone", "email", "purpose", "source")


class FiguresSerializer(PartSerializer):
    class Meta(StrictSerializer.Meta):
        model = AnnualFigures
        fields = (
            "year",
            "employees",
            "rd_staff",
            "assets",
            "revenue",
            "ai_revenue",
            "rd_expenditure",
            "valid_invention_patents",
            "source",
        )


class QualificationSerializer(PartSerializer):
    grading = NamedField(lambda: references().gradings, source="grading_id")

    class Meta(StrictSerializer.Meta):
        model = Qualification
        fields = ("id", "grading", "level", "issuer", "batch", "certificate_no", "granted_on", "valid_to")


class RelationSerializer(PartSerializer):
    related = KeyField("registry_no", queryset=Organization.objects.all())

    class Meta(StrictSerializer.Meta):
        model = Relation
        fields = ("id", "kind", "related", "valid_from", "valid_to", "remarks")
