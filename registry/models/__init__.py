from .changes import OrganizationChange
from .choices import Category, Kind, RegistrationStatus, Size
from .confidential import AnnualFigures, Contact
from .details import Identifier, Name, Qualification, Relation, Scheme, SectorTag
from .entries import CountEntry, SearchEntry, SectorEntry
from .imports import Distinction, ImportBatch, ImportFile, ImportMapping, ImportRow
from .narrow import along_key, counted, keyed
from .organizations import Enterprise, Institute, Organization, OrganizationManager, OrganizationQuerySet
from .reference import Grading, Layer, Level, Plan, ReferenceState, Sector, SizeStandard, Township, UsccCategory, Zone
from .requests import KeptAnswer, RequestCount
from .rounds import CollectionRound, RoundOrganization
from .suggestions import DismissedSuggestion
from .tokens import ApiToken
from .ways import Way, Ways

__all__ = [
    "AnnualFigures",
    "ApiToken",
    "Category",
    "CollectionRound",
    "Contact",
    "CountEntry",
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
    "KeptAnswer",
    "Kind",
    "Layer",
    "Level",
    "Name",
    "Organization",
    "OrganizationChange",
    "OrganizationManager",
    "OrganizationQuerySet",
    "Plan",
    "Qualification",
    "ReferenceState",
    "RegistrationStatus",
    "Relation",
    "RequestCount",
    "RoundOrganization",
    "Scheme",
    "SearchEntry",
    "Sector",
    "SectorEntry",
    "SectorTag",
    "Size",
    "SizeStandard",
    "Township",
    "UsccCategory",
    "Way",
    "Ways",
    "Zone",
    "along_key",
    "counted",
    "keyed",
]
