"""Finds the organizations that a round asks, and counts which of them have answered."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

import pghistory
from django.db import transaction
from django.db.models import Count, Exists, OuterRef, Q

from registry.collection.models import CollectionRound, RoundOrganization
from registry.database.db_errors import integrity_errors_as_conflicts
from registry.organizations.models.choices import GONE_STATUSES
from registry.organizations.models.details import SectorTag
from registry.organizations.models.organizations import Organization, OrganizationQuerySet
from registry.reference.models import Township
from registry.values.people import Account

NO_TOWNSHIP = "none"
"""Replaces the code of a township for organizations without a township."""


@dataclass(frozen=True, slots=True)
class Progress:
    """The progress of one township; `township` is None for organizations without one."""

    township: Township | None
    asked: int
    answered: int

    @property
    def unanswered(self) -> int:
        return self.asked - self.answered

    @property
    def code(self) -> str:
        return self.township.code if self.township else NO_TOWNSHIP


def askable(organizations: OrganizationQuerySet) -> OrganizationQuerySet:
    """Return the organizations without those that have left the registry and cannot answer."""
    return organizations.exclude(registration_status__in=GONE_STATUSES)


def of_townships(
    townships: Collection[Township], kinds: Collection[str] = (), *, tagged_only: bool = False
) -> OrganizationQuerySet:
    """Return the organizations of the townships that can be asked.

    `kinds` limits them to these kinds, `tagged_only` to organizations with a sector of the current plan.
    """
    rows = askable(Organization.objects.filter(township__in=townships))
    if kinds:
        rows = rows.filter(kind__in=kinds)
    if tagged_only:
        rows = rows.filter(Exists(SectorTag.objects.filter(organization=OuterRef("pk"), plan__current=True)))
    return rows


def ask(asking: CollectionRound, organizations: OrganizationQuerySet) -> int:
    """Add the organizations to the round, and return how many are new in it."""
    with integrity_errors_as_conflicts(), transaction.atomic(), pghistory.context(operation="round"):
        CollectionRound.objects.select_for_update(no_key=True).get(pk=asking.pk)
        known = RoundOrganization.objects.filter(round=asking, organization=OuterRef("pk"))
        new = organizations.filter(~Exists(known)).order_by("pk").values_list("pk", flat=True)
        rows = [RoundOrganization(round=asking, organization_id=pk) for pk in new]
        return len(RoundOrganization.objects.bulk_create(rows, batch_size=5_000))


def by_township(asking: CollectionRound, user: Account) -> list[Progress]:
    """Return for each township that the account works on how many organizations are asked and have answered.

    The townships are ordered by code.
    """
    rows = (
        RoundOrganization.objects.filter(round=asking)
        .within_reach_of(user)
        .with_answered()
        .values("organization__township")
        .order_by("organization__township")
        .annotate(asked=Count("pk"), done=Count("pk", filter=Q(answered=True)))
    )
    counts = {row["organization__township"]: (row["asked"], row["done"]) for row in rows}
    towns: Iterable[Township | None] = [*Township.objects.filter(pk__in=counts).order_by("code"), None]
    return [Progress(town, *counts[key]) for town in towns if (key := town.pk if town else None) in counts]


def of_township(asking: CollectionRound, code: str, user: Account) -> list[RoundOrganization]:
    """Return the organizations that the round asks in a township and that the account works on, ordered by name.

    `code` is the code of the township or NO_TOWNSHIP; empty for all townships.
    """
    rows = RoundOrganization.objects.filter(round=asking).within_reach_of(user).with_answered()
    if code == NO_TOWNSHIP:
        rows = rows.filter(organization__township=None)
    elif code:
        rows = rows.filter(organization__township__code=code)
    return list(
        rows.select_related("organization__township").order_by(
            "organization__township__code", "organization__sort_key", "organization"
        )
    )
