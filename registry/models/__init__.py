from .choices import Category, Kind, RegistrationStatus, Size
from .confidential import AnnualFigures, Contact
from .details import Identifier, Name, Qualification, Relation, Scheme, SectorTag
from .imports import Distinction, ImportBatch, ImportFile, ImportMapping, ImportRow
from .organizations import Enterprise, Institute, Organization, OrganizationManager, OrganizationQuerySet
from .reference import Grading, Layer, Level, Plan, Sector, SizeStandard, Township, UsccCategory, Zone
from .rounds import CollectionRound, RoundOrganization
from .suggestions import DismissedSuggestion
from .tokens import ApiToken

__all__ = [
    "AnnualFigures",
    "ApiToken",
    "Category",
    "CollectionRound",
    "Contact",
    "DismissedSuggestion",
    "Distinction",
    "Enterprise",
    "Grading",
    "Identifier",
    "ImportBatch",
    "ImportFile",
    "ImportMapping",
    "ImportRow",
    "Institute",
    "Kind",
    "Layer",
    "Level",
    "Name",
    "Organization",
    "OrganizationManager",
    "OrganizationQuerySet",
    "Plan",
    "Qualification",
    "RegistrationStatus",
    "Relation",
    "RoundOrganization",
    "Scheme",
    "Sector",
    "SectorTag",
    "Size",
    "SizeStandard",
    "Township",
    "UsccCategory",
    "Zone",
]
