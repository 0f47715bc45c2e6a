"""All models, for Django, which looks for them here. Code imports them from their feature."""

from registry.accounts.models import AccountRequest, AccountTelephone
from registry.api.access.requests import KeptAnswer, RequestCount
from registry.api.access.tokens import ApiToken
from registry.attachments.models import Attachment
from registry.collection.models import CollectionRound, RoundOrganization
from registry.coverage.models import SectorMeasures
from registry.database.backups import LastBackup
from registry.disclosure.models import Disclosure, Receipt
from registry.duplicates.models import Merger, PairJudgement
from registry.erasure.models import Erasure
from registry.imports.models import Distinction, ImportBatch, ImportFile, ImportMapping, ImportRow
from registry.organizations.models.changes import ChangeOrigin, OrganizationChange
from registry.organizations.models.choices import Category, Kind, RegistrationStatus, Size
from registry.organizations.models.confidential import AnnualFigures, Contact
from registry.organizations.models.details import Identifier, Name, Qualification, Relation, Scheme, SectorTag
from registry.organizations.models.index_tables import OrganizationIndex, SearchIndex, SectorIndex
from registry.organizations.models.organizations import Enterprise, Institute, Organization
from registry.organizations.models.public_changes import PublicChange
from registry.organizations.models.reach import AccountTownship
from registry.proposals.models import AnswerWanted, Proposal, ProposalSource
from registry.reference.models import (
    Grading,
    Layer,
    Level,
    Plan,
    ReferenceState,
    Sector,
    SizeStandard,
    Township,
    UsccCategory,
    Zone,
)
from registry.second_factor.models import RecoveryCode, RoleFactor
from registry.security.models import SecurityEvent
from registry.statistics.figures.models import FiguresRelease
from registry.suggestions.models import DismissedSuggestion
