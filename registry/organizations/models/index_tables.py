"""Index tables: narrow copies of organizations by which lists are walked, counted and searched.

The table of organizations is wide. PostgreSQL would read the whole row of each organization to put a list in order, to
count it or to search it; an index table holds only what such a query asks for, so that an index of it answers alone.
Triggers (`triggers`) write these tables, so that no path of a write can miss them.
"""

from django.db import models
from django.db.models import Q

from registry.organizations.models.choices import Kind, RegistrationStatus
from registry.reference.models import Sector, Township


class FilterColumns(models.Model):
    """The columns by which lists are filtered most.

    No foreign key of an index table is checked by the database: the organization's own foreign key was.
    """

    kind = models.CharField(max_length=20, choices=Kind, editable=False)
    registration_status = models.CharField(max_length=20, choices=RegistrationStatus, editable=False)
    township = models.ForeignKey(
        Township, models.DO_NOTHING, null=True, related_name="+", db_constraint=False, db_index=False, editable=False
    )
    published = models.BooleanField(editable=False)

    class Meta:
        abstract = True


class OrderColumns(FilterColumns):
    """Adds the key of the usual order, so that a page and its count are found in one index."""

    sort_key = models.CharField(max_length=400, db_collation="C", editable=False)

    class Meta:
        abstract = True


class SectorsColumn(models.Model):
    """All sectors of an organization in one text."""

    sectors = models.TextField(db_collation="C", default="", db_default="", editable=False)
    """The ids of the organization's sectors and of those above them, with a blank between them."""

    class Meta:
        abstract = True


class CountColumns(SectorsColumn):
    """The texts by which organizations are counted (registry.statistics.dimensions).

    Rows are grouped by one short text instead of by many columns or a join with tags: there are few different texts,
    and only these are taken apart.
    """

    profile = models.TextField(db_collation="C", editable=False)
    """Kind, category, registration status, township and zone with a stroke between them."""

    class Meta:
        abstract = True


def _one_organization(related_name: str) -> object:
    """Return the primary key of a table with one row for each organization."""
    return models.OneToOneField(
        "registry.Organization",
        models.DO_NOTHING,
        primary_key=True,
        related_name=related_name,
        db_constraint=False,
        editable=False,
    )


class OrganizationIndex(FilterColumns, CountColumns):
    """One row for each organization, by which all lists are counted except the list of one sector."""

    organization = _one_organization("organization_index")

    class Meta:
        db_table = "registry_countentry"
        default_permissions = ()
        indexes = [
            models.Index(
                fields=["township"],
                include=["organization", "kind", "registration_status", "published", "profile", "sectors"],
                name="count_entry_township",
            ),
            # The few that most lists leave out, and those that wait for a sector.
            models.Index(
                fields=["organization"],
                condition=Q(registration_status=RegistrationStatus.MERGED),
                name="count_entry_merged",
            ),
            models.Index(fields=["organization"], condition=Q(sectors=""), name="count_entry_untagged"),
        ]

    def __str__(self) -> str:
        return f"{self.organization_id}: {self.profile}"


class SectorIndex(OrderColumns, CountColumns):
    """One row for each organization in each of its own sectors and of the sectors above them."""

    pk = models.CompositePrimaryKey("organization", "sector")
    organization = models.ForeignKey(
        "registry.Organization",
        models.DO_NOTHING,
        related_name="sector_index",
        db_constraint=False,
        db_index=False,
        editable=False,
    )
    sector = models.ForeignKey(
        Sector, models.DO_NOTHING, related_name="sector_index", db_constraint=False, db_index=False, editable=False
    )

    class Meta:
        db_table = "registry_sectorentry"
        default_permissions = ()
        indexes = [
            models.Index(
                fields=["sector", "sort_key", "organization"],
                include=["kind", "registration_status", "township", "published", "profile", "sectors"],
                name="sector_entry_walk",
            ),
            # Where few rows pass the filter, a walk past all the others would take long.
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


class SearchIndex(OrderColumns, SectorsColumn):
    """One row for each organization: its names as search compares them (registry.search.text), and its sectors."""

    organization = _one_organization("search_index")
    names = models.TextField(editable=False)
    """Each after a line break: those in use, then after a tab the others."""
    words = models.TextField(editable=False)
    """Latin words and numbers of the names, and registry number, USCC, the organization code in it and all identifiers,
    a space before each; USCC and identifiers also backwards behind the sign ~, for those who know the end."""
    pinyin = models.TextField(editable=False)
    """The pinyin of each Chinese name, with a space before each syllable."""
    initials = models.TextField(editable=False)

    class Meta:
        db_table = "registry_searchentry"
        default_permissions = ()
        # Three more are in `migrations/tables.sql`: search_entry_tokens (made anew with the sectors by
        # `0011_search_within_sectors`), search_entry_match_keys and search_entry_sample.
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
