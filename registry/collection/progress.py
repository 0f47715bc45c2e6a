"""Whom a round asks, and who has answered."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

import pghistory
from django.db import transaction
from django.db.models import Count, Exists, OuterRef, Q

from registry.collection.models import CollectionRound, RoundOrganization
from registry.database.db_errors import lost_races_as_conflicts
from registry.organizations.models.choices import GONE_STATUSES
from registry.organizations.models.details import SectorTag
from registry.organizations.models.organizations import Organization, OrganizationQuerySet
from registry.reference.models import Township

NO_TOWNSHIP = "none"
"""Stands for the organizations without a township where others have the code of theirs."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far one township is; `township` is None for the organizations without one."""

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
    """Leave out the organizations that are gone and cannot answer."""
    return organizations.exclude(registration_status__in=GONE_STATUSES)


def of_townships(
    townships: Collection[Township], kinds: Collection[str] = (), *, tagged_only: bool = False
) -> OrganizationQuerySet:
    """The organizations of the townships that can be asked; of these kinds, and with a sector of the current plan."""
    rows = askable(Organization.objects.filter(township__in=townships))
    if kinds:
        rows = rows.filter(kind__in=kinds)
    if tagged_only:
        rows = rows.filter(Exists(SectorTag.objects.filter(organization=OuterRef("pk"), plan__current=True)))
    return rows


def ask(asking: CollectionRound, organizations: OrganizationQuerySet) -> int:
    """Add the organizations to the round; returns how many it did not ask yet."""
    with lost_races_as_conflicts(), transaction.atomic(), pghistory.context(operation="round"):
        CollectionRound.objects.select_for_update(no_key=True).get(pk=asking.pk)
        known = RoundOrganization.objects.filter(round=asking, organization=OuterRef("pk"))
        new = organizations.filter(~Exists(known)).order_by("pk").values_list("pk", flat=True)
        rows = [RoundOrganization(round=asking, organization_id=pk) for pk in new]
        return len(RoundOrganization.objects.bulk_create(rows, batch_size=5_000))


def by_township(asking: CollectionRound) -> list[Progress]:
    """How many each township is asked for and has answered, in the order of the townships' codes."""
    rows = (
        RoundOrganization.objects.filter(round=asking)
        .with_answered()
        .values("organization__township")
        .order_by("organization__township")
        .annotate(asked=Count("pk"), done=Count("pk", filter=Q(answered=True)))
    )
    counts = {row["organization__township"]: (row["asked"], row["done"]) for row in rows}
    towns: Iterable[Township | None] = [*Township.objects.filter(pk__in=counts).order_by("code"), None]
    return [Progress(town, *counts[key]) for town in towns if (key := town.pk if town else None) in counts]


def of_township(asking: CollectionRound, code: str) -> list[RoundOrganization]:
    """Return what the round asks in a township, by its code or NO_TOWNSHIP, in the order of the names."""
    rows = RoundOrganization.objects.filter(round=asking).with_answered()
    if code == NO_TOWNSHIP:
        rows = rows.filter(organization__township=None)
    elif code:
        rows = rows.filter(organization__township__code=code)
    return list(
        rows.select_related("organization__township").order_by(
            "organization__township__code", "organization__sort_key", "organization"
        )
    )
