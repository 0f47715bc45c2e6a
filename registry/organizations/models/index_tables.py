"""Narrow tables that triggers derive from organizations: for lists of sectors, for counts, and for search."""

from typing import Any

from django.db import models
from django.db.models import Q

from registry.organizations.models.choices import Kind, RegistrationStatus
from registry.reference.models import Sector, Township


class Filtered(models.Model):
    """The columns by which lists are filtered most.

    Written by triggers (`triggers`), whatever path a write takes; so no foreign key checks it again.
    """

    kind = models.CharField(max_length=20, choices=Kind, editable=False)
    registration_status = models.CharField(max_length=20, choices=RegistrationStatus, editable=False)
    township = models.ForeignKey(
        Township, models.DO_NOTHING, null=True, related_name="+", db_constraint=False, db_index=False, editable=False
    )
    published = models.BooleanField(editable=False)

    class Meta:
        abstract = True


class Narrow(Filtered):
    """With the key of the order: a page and its count are found in an index alone."""

    sort_key = models.CharField(max_length=400, db_collation="C", editable=False)

    class Meta:
        abstract = True


class Counted(models.Model):
    """What organizations are counted by (registry.statistics.dimensions).

    Rows are put together by one short text instead of by many columns or a join with tags: there are few different
    texts, and only these are taken apart.
    """

    profile = models.TextField(db_collation="C", editable=False)
    """Kind, category, registration status, township and zone with a stroke between them."""
    sectors = models.TextField(db_collation="C", default="", db_default="", editable=False)
    """The sectors of its entries with a blank between them."""

    class Meta:
        abstract = True


def _whose(related_name: str) -> Any:
    """The organization that has one entry of the kind."""
    return models.OneToOneField(
        "registry.Organization",
        models.DO_NOTHING,
        primary_key=True,
        related_name=related_name,
        db_constraint=False,
        editable=False,
    )


class CountEntry(Filtered, Counted):
    """One organization, for counts of whatever is not the list of one sector."""

    organization = _whose("count_entry")

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.organization_id}: {self.profile}"


class SectorEntry(Narrow, Counted):
    """One organization in the list of one sector: each of its own sectors and of those above them, once."""

    pk = models.CompositePrimaryKey("organization", "sector")
    organization = models.ForeignKey(
        "registry.Organization",
        models.DO_NOTHING,
        related_name="entries",
        db_constraint=False,
        db_index=False,
        editable=False,
    )
    sector = models.ForeignKey(
        Sector, models.DO_NOTHING, related_name="entries", db_constraint=False, db_index=False, editable=False
    )

    class Meta:
        default_permissions = ()
        indexes = [
            models.Index(
                fields=["sector", "sort_key", "organization"],
                include=["kind", "registration_status", "township", "published", "profile", "sectors"],
                name="sector_entry_walk",
            ),
            # Where few entries pass the filter, a walk past all the others would take long.
            models.Index(
                fields=["sector", "township", "sort_key", "organization"],
                include=["kind", "registration_status", "published"],
                name="sector_entry_township",
            ),
            models.Index(
                fields=["sector", "kind", "sort_key", "organization"],
                include=["registration_status", "township", "published"],
                condition=~Q(kind=Kind.ENTERPRISE),
                name="sector_entry_kind",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.organization_id} in {self.sector_id}"


class SearchEntry(Narrow):
    """The names of one organization as search compares them (registry.search.text)."""

    organization = _whose("search_entry")
    names = models.TextField(editable=False)
    """Each after a line break: those in use, then after a tab the others."""
    words = models.TextField(editable=False)
    """Latin words and numbers of the names, and registry number, USCC, the organization code in it and all identifiers,
    a space before each; USCC and identifiers also backwards behind the sign ~, for those who know the end."""
    pinyin = models.TextField(editable=False)
    """Of each Chinese name, a space before each syllable."""
    initials = models.TextField(editable=False)

    class Meta:
        default_permissions = ()
        # Three more are in migrations: search_entry_tokens and search_entry_match_keys (GIN), and search_entry_sample.
        indexes = [
            models.Index(fields=["sort_key", "organization"], name="search_entry_walk"),
            models.Index(fields=["township", "sort_key", "organization"], name="search_entry_township"),
            models.Index(
                fields=["kind", "sort_key", "organization"],
                condition=~Q(kind=Kind.ENTERPRISE),
                name="search_entry_kind",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.organization_id}: {self.names}"
