"""Candidates for a sector that nobody has: who names it in a text, else who has a neighbouring sector."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Q

from registry.organizations.models.details import SectorTag
from registry.organizations.models.organizations import Organization, OrganizationQuerySet
from registry.reference.models import Plan, Sector
from registry.suggestions.engine import FIELDS, Suggester, Suggestion

MOST = 50
_LOOKED_AT = 2_000


@dataclass(frozen=True)
class GapCandidate:
    """An organization that may belong to a sector, with the words in its texts that say so."""

    organization: Organization
    suggestion: Suggestion


def candidates(organizations: OrganizationQuerySet, plan: Plan, sector: Sector) -> list[GapCandidate]:
    """Return the organizations without the sector whose texts name it, those with the most of its words first."""
    words = [sector.name_zh, sector.name_en, *sector.aliases, *sector.keywords_zh, *sector.keywords_en]
    pattern = "|".join(re.escape(word.strip()) for word in words if len(word.strip()) > 1)
    named = Q()
    for field in FIELDS:
        named |= Q(**{f"{field}__iregex": pattern})
    rows = _without(organizations, sector).filter(named).order_by("sort_key", "pk")[:_LOOKED_AT]
    suggester = Suggester.of_plan(plan)
    found = [
        GapCandidate(organization, suggestion)
        for organization in rows.select_related("township")
        for suggestion in suggester.suggest({field: getattr(organization, field) for field in FIELDS})
        if suggestion.sector == sector.pk
    ]
    found.sort(key=lambda one: -len({match.word for match in one.suggestion.matches}))
    return found[:MOST]


def neighbours(organizations: OrganizationQuerySet, sector: Sector) -> Sequence[Organization]:
    """Return organizations that have another sector of the same group."""
    group = Q(sector__parent=sector.parent_id) if sector.parent_id else Q(sector__parent=sector.pk)
    beside = SectorTag.objects.filter(group, organization=OuterRef("pk"))
    rows = _without(organizations, sector).filter(Exists(beside)).order_by("sort_key", "pk")
    return list(rows.select_related("township")[:MOST])


def _without(organizations: OrganizationQuerySet, sector: Sector) -> OrganizationQuerySet:
    return organizations.unmerged().filter(
        ~Exists(SectorTag.objects.filter(organization=OuterRef("pk"), sector=sector))
    )
