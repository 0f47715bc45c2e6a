"""Columns of plans, sectors, townships, zones and gradings."""

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef
from django.utils.translation import gettext_lazy as _

from registry.api.json_schema import TEXT, array_schema
from registry.columns import Column, field_columns, key_column
from registry.reference.models import Grading, Plan, Sector, Township, Zone

PLAN_COLUMNS = field_columns(
    Plan, "code", "name_zh", "name_en", "document_number", "issued_on", "starts_on", "ends_on", "source", "current"
)

SECTOR_COLUMNS = (
    key_column(Sector, "plan"),
    *field_columns(Sector, "code"),
    key_column(Sector, "parent"),
    Column(
        name="children",
        label=_("sectors below it"),
        expression=ArraySubquery(
            Sector.objects.filter(parent=OuterRef("pk")).order_by("position", "code").values_list("code")
        ),
        schema=array_schema(TEXT),
        in_file=False,
    ),
    *field_columns(
        Sector,
        "layer",
        "name_zh",
        "name_en",
        "aliases",
        "definition",
        "definition_en",
        "definition_source",
        "keywords_zh",
        "keywords_en",
        "position",
        "disabled_on",
    ),
)

TOWNSHIP_COLUMNS = (
    *field_columns(Township, "code", "kind", "name_zh", "name_en", "aliases", "valid_from", "valid_to"),
    key_column(Township, "successor"),
)

ZONE_COLUMNS = field_columns(Zone, "code", "name_zh", "name_en", "aliases", "disabled_on")

GRADING_COLUMNS = field_columns(
    Grading,
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
