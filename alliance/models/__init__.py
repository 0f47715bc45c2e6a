"""All models of the alliance app, so that Django finds them; code imports them from here."""

from alliance.certificates.models import Certificate, CertificateSettings
from alliance.council.models import Group, OfficeHolder, Seat, Term
from alliance.members.changes import MembershipChange, PublishedOrganization
from alliance.members.models import (
    EndReason,
    Member,
    MemberNumber,
    MemberSector,
    Membership,
    MembershipQuerySet,
    Representative,
)
from alliance.members.suspensions import Suspension

from .alliances import Alliance, AllianceQuerySet, StandardTier, Supporter, Tier
from .former_names import FormerName

__all__ = [
    "Alliance",
    "AllianceQuerySet",
    "Certificate",
    "CertificateSettings",
    "EndReason",
    "FormerName",
    "Group",
    "Member",
    "MemberNumber",
    "MemberSector",
    "Membership",
    "MembershipChange",
    "MembershipQuerySet",
    "OfficeHolder",
    "PublishedOrganization",
    "Representative",
    "Seat",
    "StandardTier",
    "Supporter",
    "Suspension",
    "Term",
    "Tier",
]
