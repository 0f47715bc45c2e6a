"""The closed lists of values that columns of organizations can have."""

from collections.abc import Iterable

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Kind(models.TextChoices):
    ENTERPRISE = "enterprise", _("enterprise")
    RESEARCH = "research", _("university or research institute")
    FINANCIAL = "financial", _("financial institution")
    SOCIAL = "social", _("social organization")
    GOVERNMENT = "government", _("government department")
    OTHER = "other", _("other body")


class Category(models.TextChoices):
    """The category that the plan calls 主体类别."""

    BACKBONE = "backbone", _("leading backbone enterprise")
    SME = "sme", _("specialised and sophisticated SME")
    STARTUP = "startup", _("AI start-up")
    INNOVATION_INSTITUTION = "innovation_institution", _("AI innovation institution")
    AI_SERVICE = "ai_service", _("AI service enterprise")
    UNIVERSITY = "university", _("university")
    RESEARCH_INSTITUTE = "research_institute", _("research institute")
    LABORATORY = "laboratory", _("laboratory")
    HOSPITAL = "hospital", _("medical institution")
    OVERSEAS_RD = "overseas_rd", _("overseas R&D institution")
    TECHNOLOGY_TRANSFER = "technology_transfer", _("technology transfer centre")
    INCUBATOR = "incubator", _("incubator")
    MAKER_SPACE = "maker_space", _("specialised maker space")
    OPEN_PLATFORM = "open_platform", _("open-source or open platform")


ENTERPRISE_CATEGORIES = [Category.BACKBONE, Category.SME, Category.STARTUP, Category.AI_SERVICE]
RESEARCH_CATEGORIES = [Category.UNIVERSITY, Category.RESEARCH_INSTITUTE, Category.LABORATORY]


class RegistrationStatus(models.TextChoices):
    # With a context: the accounts of Django have an “active” of their own.
    ACTIVE = "active", pgettext_lazy("registration status", "active")
    SUSPENDED = "suspended", _("suspended business")
    DEREGISTERED = "deregistered", _("deregistered")
    REVOKED = "revoked", _("licence revoked")
    MOVED_OUT = "moved_out", _("moved out")
    MERGED = "merged", _("merged")


ENDED_STATUSES = (RegistrationStatus.DEREGISTERED, RegistrationStatus.REVOKED, RegistrationStatus.MERGED)
"""Statuses of an organization that has ceased to exist: no alliance admits it."""
GONE_STATUSES = (
    RegistrationStatus.DEREGISTERED,
    RegistrationStatus.REVOKED,
    RegistrationStatus.MOVED_OUT,
    RegistrationStatus.MERGED,
)
"""Statuses of an organization that has left the city's registry, possibly for another city.

An alliance can still have it as a member, but no collection round asks it, and the feed of changes calls it closed or
merged.
"""


def literals(statuses: Iterable[RegistrationStatus]) -> str:
    """Return the statuses as a list in SQL."""
    return ", ".join(f"'{status.value}'" for status in statuses)


class VerifiedFrom(models.TextChoices):
    """From what somebody knows that a record is right."""

    PHONE = "phone", _("telephone call")
    VISIT = "visit", _("visit")
    REPLY = "reply", _("reply of the organization")
    PUBLIC = "public", _("website or public register")
    TOWNSHIP = "township", _("check by the township")
    ALLIANCE = "alliance", _("the alliance")
    OTHER = "other", pgettext_lazy("verified from", "other")


class PublicSource(models.TextChoices):
    """The source of a verified record, as the public sees it."""

    ENTERPRISE = "enterprise", _("reported by the organization")
    TOWNSHIP = "township", _("checked by the township")
    REGISTER = "register", _("public register")
    ALLIANCE = "alliance", pgettext_lazy("public source", "alliance")


PUBLIC_SOURCES = {
    VerifiedFrom.PHONE: PublicSource.ENTERPRISE,
    VerifiedFrom.REPLY: PublicSource.ENTERPRISE,
    VerifiedFrom.TOWNSHIP: PublicSource.TOWNSHIP,
    VerifiedFrom.PUBLIC: PublicSource.REGISTER,
    VerifiedFrom.ALLIANCE: PublicSource.ALLIANCE,
}
"""The words for sources that the public sees; of a visit and of others it sees the day alone."""


class Size(models.TextChoices):
    """The size class, computed from annual figures and therefore as confidential as they are; see `SizeStandard`."""

    LARGE = "large", _("large")
    MEDIUM = "medium", _("medium")
    SMALL = "small", _("small")
    MICRO = "micro", _("micro")
