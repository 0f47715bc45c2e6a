"""All models of the alliance app, so that Django finds them; code imports them from here."""

from alliance.applications.models import Application, ApplicationAttachment
from alliance.certificates.models import Certificate, CertificateSettings
from alliance.council.models import Group, OfficeHolder, Seat, Term
from alliance.dues.models import Due, DuesClass, DuesClassTier, DuesStandard, Payment
from alliance.meetings.choices import Body
from alliance.meetings.models import AllianceRules, Attendance, Decision, Meeting, VotingRule
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
from .record_changes import RecordChange

__all__ = [
    "Alliance",
    "AllianceQuerySet",
    "AllianceRules",
    "Application",
    "ApplicationAttachment",
    "Attendance",
    "Body",
    "Certificate",
    "CertificateSettings",
    "Decision",
    "Due",
    "DuesClass",
    "DuesClassTier",
    "DuesStandard",
    "EndReason",
    "FormerName",
    "Group",
    "Meeting",
    "Member",
    "MemberNumber",
    "MemberSector",
    "Membership",
    "MembershipChange",
    "MembershipQuerySet",
    "OfficeHolder",
    "Payment",
    "PublishedOrganization",
    "RecordChange",
    "Representative",
    "Seat",
    "StandardTier",
    "Supporter",
    "Suspension",
    "Term",
    "Tier",
    "VotingRule",
]
