"""Columns that only the detail of an organization shows, not the lists."""

from collections.abc import Iterable
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef
from django.db.models.functions import JSONObject
from django.utils.translation import gettext_lazy as _

from registry.api.json_schema import BOOLEAN, NULLABLE_DATE, NULLABLE_TEXT, TEXT, array_schema, object_schema
from registry.columns import Column, RenderContext, field_column, field_columns
from registry.organizations.columns.organizations import ORGANIZATION_COLUMNS
from registry.organizations.columns.parts import organization_column
from registry.organizations.models.choices import Size
from registry.organizations.models.details import Name, SectorTag
from registry.organizations.models.organizations import Organization, size_class


def _tags(context: RenderContext) -> ArraySubquery:
    tags = SectorTag.objects.filter(organization=OuterRef("pk"), plan=context.plan)
    shown = JSONObject(sector="sector_id", primary="is_primary", evidence="evidence", evidence_url="evidence_url")
    return ArraySubquery(tags.order_by("-is_primary", "sector__position", "sector_id").values_list(shown))


def _present_tags(tags: Iterable[dict[str, Any]], context: RenderContext) -> list[dict[str, Any]]:
    return [
        {
            **context.sectors[tag["sector"]],
            "primary": tag["primary"],
            "evidence": tag["evidence"],
            "evidence_url": tag["evidence_url"],
        }
        for tag in tags
    ]


SECTOR_TAGS = Column(
    name="sectors",
    label=_("sector tags"),
    expression=_tags,
    present=_present_tags,
    schema=array_schema(object_schema(code=TEXT, name=TEXT, primary=BOOLEAN, evidence=TEXT, evidence_url=TEXT)),
)


def _other_names() -> ArraySubquery:
    names = Name.objects.filter(organization=OuterRef("pk")).order_by("kind", "valid_from", "id")
    fields = ("kind", "name", "language", "valid_from", "valid_to")
    return ArraySubquery(names.values_list(JSONObject(**{field: field for field in fields})))


ORGANIZATION_DETAIL_COLUMNS: tuple[Column, ...] = (
    *(SECTOR_TAGS if column.name == "sectors" else column for column in ORGANIZATION_COLUMNS),
    *field_columns(Organization, "uscc_override_reason", "pinyin", "closed_on"),
    organization_column(Organization, "successor"),
    field_column(Organization, "capital_text"),
    Column(
        name="other_names",
        label=_("other names"),
        expression=_other_names(),
        schema=array_schema(
            object_schema(
                kind={**TEXT, "enum": Name.Kind.values},
                name=TEXT,
                language=TEXT,
                valid_from=NULLABLE_DATE,
                valid_to=NULLABLE_DATE,
            )
        ),
    ),
    Column(
        name="size_class",
        label=_("size class"),
        expression=size_class(),
        schema={**NULLABLE_TEXT, "enum": [*Size.values, None]},
        permission="registry.view_annualfigures",
    ),
    Column(
        name="verified_by",
        label=_("verified by"),
        expression="verified_by__username",
        schema=NULLABLE_TEXT,
        editable=False,
    ),
    field_column(Organization, "created_at"),
)
