from .details import ORGANIZATION_DETAIL_COLUMNS
from .organizations import ORGANIZATION_COLUMNS
from .parts import CONTACT_COLUMNS, FIGURES_COLUMNS, QUALIFICATION_COLUMNS, RELATION_COLUMNS, organization_column
from .reference import GRADING_COLUMNS, PLAN_COLUMNS, SECTOR_COLUMNS, TOWNSHIP_COLUMNS, ZONE_COLUMNS
from .subqueries import SECTORS, present_sectors, sectors_expression, write_sectors

__all__ = [
    "CONTACT_COLUMNS",
    "FIGURES_COLUMNS",
    "GRADING_COLUMNS",
    "ORGANIZATION_COLUMNS",
    "ORGANIZATION_DETAIL_COLUMNS",
    "PLAN_COLUMNS",
    "QUALIFICATION_COLUMNS",
    "RELATION_COLUMNS",
    "SECTORS",
    "SECTOR_COLUMNS",
    "TOWNSHIP_COLUMNS",
    "ZONE_COLUMNS",
    "organization_column",
    "present_sectors",
    "sectors_expression",
    "write_sectors",
]
