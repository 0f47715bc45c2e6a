"""Finds the suggestions that staff review, and carries out their decisions."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pghistory
from django.db import transaction
from django.db.models import Exists, OuterRef, Q

from registry.database.db_errors import integrity_errors_as_conflicts
from registry.organizations.models.details import SectorTag
from registry.organizations.models.organizations import Organization, OrganizationQuerySet
from registry.reference.cache import references
from registry.reference.models import Plan, Sector
from registry.suggestions.engine import FIELDS, Suggester, Suggestion
from registry.suggestions.models import DismissedSuggestion


def without_sector(organizations: OrganizationQuerySet, plan: Plan) -> OrganizationQuerySet:
    """Return the organizations without a sector of the plan, merged ones excluded."""
    if _has_all_tags(plan):
        return organizations.unmerged().filter(_UNTAGGED)
    tags = SectorTag.objects.filter(organization=OuterRef("pk"), plan=plan)
    return organizations.unmerged().filter(~Exists(tags))


def narrowed_to_untagged(organizations: OrganizationQuerySet, plan: Plan | None) -> OrganizationQuerySet:
    """Return rows among which all are that have no sector of the plan.

    Where no other plan has tags, the index table names them: the database reads 100,000 narrow rows in a tenth of the
    time in which it would compare the organizations with their tags.
    """
    return organizations.filter(_UNTAGGED) if _has_all_tags(plan) else organizations


_UNTAGGED = Q(organization_index__sectors="")


def _has_all_tags(plan: Plan | None) -> bool:
    """Return whether no other plan has a tag."""
    others = [one.pk for one in references().plans if one != plan]
    return not (others and SectorTag.objects.filter(plan__in=others).exists())


@dataclass(frozen=True, slots=True)
class SuggestedOrganization:
    """An organization with its suggested sectors."""

    organization: Organization
    suggestions: list[Suggestion]


_CHUNK = 1_000


def proposals(
    organizations: OrganizationQuerySet, plan: Plan, *, after: int = 0, count: int = 20, look_at: int = 20_000
) -> tuple[list[SuggestedOrganization], int | None]:
    """Return the next `count` organizations with suggestions and no sector of the plan, by id.

    The second value is the id to continue after; None at the end. At most `look_at` organizations are read, a thousand
    at a time.
    """
    found, go_on = _find(organizations, plan, after, count, look_at)
    organizations_by_id = Organization.objects.select_related("township").in_bulk(found)
    return [SuggestedOrganization(organizations_by_id[pk], of_row) for pk, of_row in found.items()], go_on


def count_proposals(
    organizations: OrganizationQuerySet, plan: Plan, *, count: int, look_at: int
) -> tuple[int, int | None]:
    """Return how many organizations `proposals()` would return, and the id to continue after."""
    found, go_on = _find(organizations, plan, 0, count, look_at)
    return len(found), go_on


def _find(
    organizations: OrganizationQuerySet, plan: Plan, after: int, count: int, look_at: int
) -> tuple[dict[int, list[Suggestion]], int | None]:
    """Return the suggestions by id of the organization, and the id to continue after."""
    suggester = Suggester.of_plan(plan)
    rows = without_sector(organizations, plan).order_by("pk")
    found: dict[int, list[Suggestion]] = {}
    go_on: int | None = after
    for start in range(0, look_at, _CHUNK):
        size = min(_CHUNK, look_at - start)
        chunk = list(rows.filter(pk__gt=go_on).values_list("pk", *FIELDS)[:size])
        dismissed = _dismissed_among([row[0] for row in chunk])
        for pk, *texts in chunk:
            suggestions = suggester.suggest(dict(zip(FIELDS, texts, strict=True)))
            if left := [one for one in suggestions if (pk, one.sector) not in dismissed]:
                if len(found) == count:
                    return found, list(found)[-1]
                found[pk] = left
        go_on = chunk[-1][0] if len(chunk) == size else None
        if go_on is None:
            break
    return found, go_on


def _dismissed_among(organizations: Sequence[int]) -> set[tuple[int, int]]:
    """Return organization and sector of the suggestions that were dismissed before, for ids in their order."""
    if not organizations:
        return set()
    rows = DismissedSuggestion.objects.filter(organization__gte=organizations[0], organization__lte=organizations[-1])
    return set(rows.values_list("organization", "sector"))


@dataclass(frozen=True, slots=True)
class SuggestionDecision:
    """The decision about one suggestion: the suggested sector, and the sector that the person chose."""

    organization: int
    suggested: int
    chosen: int


def accept(choices: Sequence[SuggestionDecision], plan: Plan) -> int:
    """Tag organizations with the chosen sectors; a tag becomes primary if the organization has no primary sector yet.

    A suggestion is left out if the texts no longer support it. Returns the number of new tags.
    """
    suggester = Suggester.of_plan(plan)
    sectors = set(Sector.objects.filter(plan=plan).enabled().values_list("pk", flat=True))
    with integrity_errors_as_conflicts(), transaction.atomic(), pghistory.context(operation="suggestion"):
        ids = {choice.organization for choice in choices}
        locked = Organization.objects.select_for_update(no_key=True).filter(pk__in=ids).order_by("pk").in_bulk()
        has: dict[int, dict[int, bool]] = {pk: {} for pk in locked}
        tags = SectorTag.objects.filter(organization__in=locked, plan=plan)
        for organization, sector, is_primary in tags.values_list("organization", "sector", "is_primary"):
            has[organization][sector] = is_primary
        made = []
        for choice in choices:
            row = locked.get(choice.organization)
            if row is None or choice.chosen not in sectors or choice.chosen in has[row.pk]:
                continue
            suggestions = suggester.suggest({field: getattr(row, field) for field in FIELDS})
            evidence = next((one.evidence() for one in suggestions if one.sector == choice.suggested), "")
            if evidence:
                first = not any(has[row.pk].values())
                has[row.pk][choice.chosen] = first
                made.append(
                    SectorTag(organization=row, plan=plan, sector_id=choice.chosen, is_primary=first, evidence=evidence)
                )
        SectorTag.objects.bulk_create(made)
    return len(made)


def dismiss(choices: Sequence[SuggestionDecision], by: Any) -> int:
    """Store that these suggestions are wrong, and return how many were not dismissed before."""
    known = Organization.objects.filter(pk__in={choice.organization for choice in choices})
    sectors = Sector.objects.filter(pk__in={choice.suggested for choice in choices}).in_bulk()
    with integrity_errors_as_conflicts(), transaction.atomic(), pghistory.context(operation="suggestion"):
        locked = known.select_for_update(no_key=True).order_by("pk").in_bulk()
        has = set(DismissedSuggestion.objects.filter(organization__in=locked).values_list("organization", "sector"))
        rows = [
            DismissedSuggestion(organization_id=choice.organization, sector_id=choice.suggested, dismissed_by=by)
            for choice in dict.fromkeys(choices)
            if choice.organization in locked
            and choice.suggested in sectors
            and (choice.organization, choice.suggested) not in has
        ]
        return len(DismissedSuggestion.objects.bulk_create(rows))


def bring_back(dismissed: Sequence[int]) -> int:
    """Delete dismissals, so that the sectors are suggested again."""
    with integrity_errors_as_conflicts(), transaction.atomic(), pghistory.context(operation="suggestion"):
        return DismissedSuggestion.objects.filter(pk__in=dismissed).delete()[0]
