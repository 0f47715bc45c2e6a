"""The columns of what stands below an organization: contacts, figures, qualifications, relations."""

from typing import Any

from django.db.models import Model
from django.db.models.functions import JSONObject

from registry.columns import REFERENCE, Column, field_column, field_columns
from registry.models import AnnualFigures, Contact, Qualification, Relation

ORGANIZATION = {
    "type": "object",
    "properties": {
        "registry_no": {"type": "string"},
        "name_zh": {"type": "string"},
        "name_en": {"type": "string"},
    },
    "required": ["registry_no", "name_zh", "name_en"],
}
"""Another organization, as an answer names it."""


def organization_column(model: type[Model], name: str, **options: Any) -> Column:
    """Another organization by registry number and names; null where there is none."""
    field: Any = model._meta.get_field(name)
    return Column(
        name=name,
        label=field.verbose_name,
        expression=JSONObject(**{key: f"{name}__{key}" for key in ("registry_no", "name_zh", "name_en")}),
        present=lambda value, reading: value if value["registry_no"] else None,
        write=lambda value, reading: value["registry_no"] or "",
        schema={"oneOf": [ORGANIZATION, {"type": "null"}]} if field.null else ORGANIZATION,
        **options,
    )


CONTACT_COLUMNS = field_columns(Contact, "id", "role", "name", "title", "phone", "email", "purpose", "source")

FIGURES_COLUMNS = field_columns(
    AnnualFigures,
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

QUALIFICATION_COLUMNS = (
    field_column(Qualification, "id"),
    field_column(
        Qualification,
        "grading",
        expression="grading_id",
        present=lambda pk, reading: reading.gradings[pk],
        write=lambda pk, reading: reading.gradings[pk]["name"],
        schema=REFERENCE,
    ),
    *field_columns(Qualification, "level", "issuer", "batch", "certificate_no", "granted_on", "valid_to"),
)

RELATION_COLUMNS = (
    *field_columns(Relation, "id", "kind"),
    organization_column(Relation, "related"),
    *field_columns(Relation, "valid_from", "valid_to", "remarks"),
)
