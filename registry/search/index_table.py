"""The tables along which lists of organizations are read, and the paths from each to a field of an organization.

What an index table holds itself is read there; every other field is reached through the organization.
"""

from dataclasses import dataclass
from functools import cached_property

from django.db.models import BooleanField, F, Func, Model, Q
from django.db.models.constants import LOOKUP_SEP

from registry.organizations.models.index_tables import OrganizationIndex, SearchIndex, SectorIndex


class IsHit(Func):
    """Whether the field is the id of an organization that a search has found, in a statement that begins with `hits`.

    The ids are one array, so that each table is read along its index and not joined: the database takes a search to
    find far fewer organizations than it does.
    """

    template = "(%(expressions)s = ANY((SELECT ids FROM hits)::bigint[]))"
    output_field = BooleanField()

    def __init__(self, field: str) -> None:
        super().__init__(F(field))


@dataclass(frozen=True)
class IndexTable:
    model: type[Model]
    related_name: str
    """The path from an organization to its rows."""

    @cached_property
    def fields(self) -> frozenset[str]:
        return frozenset(field.name for field in self.model._meta.local_fields) - {"pk", "organization"}

    def path(self, field: str) -> str:
        """Return the path of a field in a query of the index table alone."""
        if field in ("pk", "id"):
            return "organization_id"
        return field if field in self.fields else f"organization__{field}"

    def joined_path(self, field: str) -> str:
        """Return the path of a field in a query of organizations that joins the index table."""
        return f"{self.related_name}__{field}" if field in self.fields else field


SECTOR_INDEX = IndexTable(SectorIndex, "sector_index")
SEARCH_INDEX = IndexTable(SearchIndex, "search_index")
ORGANIZATION_INDEX = IndexTable(OrganizationIndex, "organization_index")


def fields_of(condition: Q) -> set[str]:
    """Return the first names of the paths in a condition; "" stands for an expression such as a subquery."""
    found: set[str] = set()
    for child in condition.children:
        if isinstance(child, Q):
            found |= fields_of(child)
        else:
            found.add(child[0].partition(LOOKUP_SEP)[0] if isinstance(child, tuple) else "")
    return found
