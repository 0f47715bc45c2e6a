from .base import (
    SCHEMAS,
    MethodFilter,
    OnceFilter,
    StrictFilterSet,
    ValuesFilter,
    nearest,
    read_boolean,
    read_date,
    read_text,
)
from .organizations import OrganizationFilterSet
from .reference import GradingFilterSet, PlanFilterSet, SectorFilterSet, TownshipFilterSet, ZoneFilterSet

__all__ = [
    "SCHEMAS",
    "GradingFilterSet",
    "MethodFilter",
    "OnceFilter",
    "OrganizationFilterSet",
    "PlanFilterSet",
    "SectorFilterSet",
    "StrictFilterSet",
    "TownshipFilterSet",
    "ValuesFilter",
    "ZoneFilterSet",
    "nearest",
    "read_boolean",
    "read_date",
    "read_text",
]
