"""Narrow tables of what triggers derive from organizations: the lists of sectors, and what search looks through."""

from django.db import models
from django.db.models import Q

from .choices import Kind, RegistrationStatus
from .organizations import Organization
from .reference import Sector, Township


class Narrow(models.Model):
    """Beside the key of the order, what lists are filtered by most: a page and its count are found in an index alone.

    Written by triggers (registry.models.triggers), whatever path a write takes; so no foreign key checks it again.
    """

    sort_key = models.CharField(max_length=400, db_collation="C", editable=False)
    kind = models.CharField(max_length=20, choices=Kind, editable=False)
    registration_status = models.CharField(max_length=20, choices=RegistrationStatus, editable=False)
    township = models.ForeignKey(
        Township, models.DO_NOTHING, null=True, related_name="+", db_constraint=False, db_index=False, editable=False
    )
    published = models.BooleanField(editable=False)

    class Meta:
        abstract = True


class SectorEntry(Narrow):
    """One organization in the list of one sector: each of its own sectors and of those above them, once."""

    pk = models.CompositePrimaryKey("organization", "sector")
    organization = models.ForeignKey(
        Organization, models.DO_NOTHING, related_name="entries", db_constraint=False, db_index=False, editable=False
    )
    sector = models.ForeignKey(
        Sector, models.DO_NOTHING, related_name="entries", db_constraint=False, db_index=False, editable=False
    )

    class Meta:
        default_permissions = ()
        indexes = [
            models.Index(
                fields=["sector", "sort_key", "organization"],
                include=["kind", "registration_status", "township", "published"],
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
    """The names of one organization as search compares them (registry.search)."""

    organization = models.OneToOneField(
        Organization,
        models.DO_NOTHING,
        primary_key=True,
        related_name="search_entry",
        db_constraint=False,
        editable=False,
    )
    names = models.TextField(editable=False)
    """Each after a line break: those in use, then after a tab the others."""
    words = models.TextField(editable=False)
    """Latin words and numbers of the names, USCC and registry number, a space before each."""
    pinyin = models.TextField(editable=False)
    """Of each Chinese name, a space before each syllable."""
    initials = models.TextField(editable=False)

    class Meta:
        default_permissions = ()
        # Two more stand in the migration: search_entry_tokens (GIN) and search_entry_sample.
        indexes = [models.Index(fields=["sort_key", "organization"], name="search_entry_walk")]

    def __str__(self) -> str:
        return f"{self.organization_id}: {self.names}"
