"""Columns that say how well a record is kept: when and from what it was verified, and what is missing."""

from collections.abc import Iterable

from django.db.models import Case, CharField, Value, When
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy as _p

from registry.api.json_schema import INTEGER, TEXT, array_schema, component_schema
from registry.columns import Column, Hint, RenderContext, choice_column, date_column
from registry.organizations.columns.template_help import CARE, DATE
from registry.organizations.completeness import FIELDS, missing, percent
from registry.organizations.freshness import Freshness, freshness
from registry.organizations.models.choices import PUBLIC_SOURCES, PublicSource, VerifiedFrom
from registry.organizations.vocabularies import verification_sources
from registry.spreadsheet import join_list

VERIFICATION_COLUMNS: tuple[Column, ...] = (
    date_column(
        "verified_on",
        _p("column", "Verified on"),
        synonyms="核实时间、核查日期",
        group=CARE,
        hint=Hint(_("When the information was last checked."), DATE),
    ),
    choice_column(
        "verified_from",
        _p("column", "Verified from"),
        VerifiedFrom,
        blank=True,
        synonyms="核实方式、核查方式、核实途径、核查依据",
        group=CARE,
        hint=Hint(_("From what it was checked."), values=lambda: VerifiedFrom.labels),
        vocabulary=verification_sources,
    ),
)

_SOURCE = Case(
    *(When(verified_from=found, then=Value(told)) for found, told in PUBLIC_SOURCES.items()),
    default=Value(""),
    output_field=CharField(),
)
PUBLIC_SOURCE_COLUMN = choice_column(
    "public_source",
    _p("column", "Source for the public"),
    PublicSource,
    blank=True,
    expression=_SOURCE,
    in_list=False,
    in_file=False,
    group=CARE,
    hint=None,
)
"""The source of a record that the public sees: one of a closed list, and only once the record was verified."""


def _present_missing(names: Iterable[str], context: RenderContext) -> list[dict[str, str]]:
    return [{"code": name, "name": str(FIELDS[name].label)} for name in names]


STATE_COLUMNS: tuple[Column, ...] = (
    choice_column(
        "freshness",
        _p("column", "Freshness"),
        Freshness,
        expression=lambda context: freshness(context.on),
        in_list=False,
        in_file=False,
        in_file_by_filter=True,
        group=CARE,
        hint=None,
    ),
    Column(
        name="completeness",
        label=_p("column", "Completeness (%)"),
        expression=lambda context: percent(context.plan),
        schema={**INTEGER, "minimum": 0, "maximum": 100, "description": "Percent of what its kind should have."},
        in_list=False,
        in_file=False,
        group=CARE,
        hint=None,
    ),
    Column(
        name="missing",
        label=_p("column", "Missing"),
        expression=lambda context: missing(context.plan),
        present=_present_missing,
        write=lambda names, context: join_list(str(FIELDS[name].label) for name in names),
        schema=array_schema(component_schema("MissingField", code={**TEXT, "enum": [*FIELDS]}, name=TEXT)),
        width=24,
        in_list=False,
        in_file=False,
        in_file_by_filter=True,
        group=CARE,
        hint=None,
    ),
)
"""Columns that are computed, and only for who asks for them by name."""
