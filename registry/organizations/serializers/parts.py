"""Serializers of the child records of an organization that have addresses of their own."""

from typing import Any

from django.db.models import Model

from registry.api.serializer_fields import KeyField, NamedField
from registry.api.serializers import StrictSerializer
from registry.columns import editable_names
from registry.organizations.columns.parts import (
    CONTACT_COLUMNS,
    FIGURES_COLUMNS,
    QUALIFICATION_COLUMNS,
    RELATION_COLUMNS,
)
from registry.organizations.models.confidential import AnnualFigures, Contact
from registry.organizations.models.details import Qualification, Relation
from registry.organizations.models.organizations import Organization
from registry.reference.cache import references


class PartSerializer(StrictSerializer):
    """The base for child records of one organization, which the address names."""

    def create(self, validated_data: dict[str, Any]) -> Model:
        model: Any = self.Meta.model
        return self.update(model(organization=self.context["organization"]), validated_data)


class ContactSerializer(PartSerializer):
    class Meta(StrictSerializer.Meta):
        model = Contact
        fields = ("id", *editable_names(CONTACT_COLUMNS, Contact))


class FiguresSerializer(PartSerializer):
    class Meta(StrictSerializer.Meta):
        model = AnnualFigures
        fields = editable_names(FIGURES_COLUMNS, AnnualFigures)


class QualificationSerializer(PartSerializer):
    grading = NamedField(lambda: references().gradings, source="grading_id")

    class Meta(StrictSerializer.Meta):
        model = Qualification
        fields = ("id", *editable_names(QUALIFICATION_COLUMNS, Qualification))


class RelationSerializer(PartSerializer):
    related = KeyField("registry_no", queryset=Organization.objects.all())

    class Meta(StrictSerializer.Meta):
        model = Relation
        fields = ("id", *editable_names(RELATION_COLUMNS, Relation))
