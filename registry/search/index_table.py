"""The tables along which lists of organizations are read, and the paths from each to a field of an organization.

What an index table holds itself is read there; every other field is reached through the organization.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from django.db import connection
from django.db.models import BooleanField, F, Func, Model, Q
from django.db.models.constants import LOOKUP_SEP

from registry.api.lists.statements import WrittenCondition
from registry.database.paths import Path
from registry.organizations.models.index_tables import OrganizationIndex, SearchIndex, SectorIndex
from registry.search.text import Word


class IsHit(Func):
    """Whether the field is the id of an organization that a search has found, in a statement that begins with `hits`.

    The ids are one array, so that each table is read along its index and not joined: the database takes a search to
    find far fewer organizations than it does.
    """

    template = "(%(expressions)s = ANY((SELECT ids FROM hits)::bigint[]))"
    output_field = BooleanField()

    def __init__(self, field: str) -> None:
        super().__init__(F(field))


class SearchMatch(WrittenCondition):
    """A condition on several columns of the search index."""

    def __init__(self, words: Sequence[Word], path: Path) -> None:
        self.words = words
        super().__init__(path("names"))


class WordMatch(SearchMatch):
    """Whether every word occurs in a row; the path is one of the search index.

    On a walk it is asked by strpos(), which gives the same: of LIKE the database takes few rows to pass, and would read
    the whole table where it is made to walk.
    """

    def __init__(self, words: Sequence[Word], path: Path) -> None:
        super().__init__(words, path)
        self.walks = path == SEARCH_INDEX.walk_path

    def text(self, table: str) -> str:
        occurs = f"strpos({table}.%s, %%s) > 0" if self.walks else f"{table}.%s LIKE %%s"
        return " AND ".join(f"({' OR '.join(occurs % column for column, _part in word.parts)})" for word in self.words)

    def parameters(self) -> list[str]:
        parts = [part for word in self.words for _column, part in word.parts]
        return parts if self.walks else [f"%{connection.ops.prep_for_like_query(part)}%" for part in parts]


class TokenMatch(SearchMatch):
    """Whether a row has the tokens of all words: all rows that the words match, and few others.

    The index search_entry_tokens answers it. A query is right without it, so a walk leaves it out.
    """

    def __init__(self, words: Sequence[Word], path: Path, one_plan: bool = False) -> None:
        """`one_plan` makes a subquery of the tokens, which PostgreSQL does not look into when it makes a plan.

        So it finds that one plan, along the index, serves all tokens as well, and keeps it.
        """
        super().__init__(words, path)
        self.tokens = "(SELECT %s::tsquery)" if one_plan else "%s::tsquery"

    def text(self, table: str) -> str:
        stored = ", ".join(f"{table}.{column}" for column in ("names", "words", "pinyin", "initials"))
        return f"(registry_search_tokens({stored}) @@ {self.tokens})"

    def parameters(self) -> list[str]:
        return [" & ".join(f"({word.tokens})" for word in self.words)]


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

    def walk_path(self, field: str) -> str:
        """Return the same path, for a query that shall walk along the table in its order."""
        return self.path(field)

    def joined_path(self, field: str) -> str:
        """Return the path of a field in a query of organizations that joins the index table."""
        return f"{self.related_name}__{field}" if field in self.fields else field


SECTOR_INDEX = IndexTable(SectorIndex, "sector_index")
SEARCH_INDEX = IndexTable(SearchIndex, "search_index")
ORGANIZATION_INDEX = IndexTable(OrganizationIndex, "organization_index")


def table_of(path: Path) -> IndexTable | None:
    """Return the index table of a path; None if the path is one of organizations alone."""
    table = getattr(path, "__self__", None)
    return table if isinstance(table, IndexTable) else None


def fields_of(condition: Q) -> set[str]:
    """Return the first names of the paths in a condition; "" means an expression such as a subquery."""
    found: set[str] = set()
    for child in condition.children:
        if isinstance(child, Q):
            found |= fields_of(child)
        else:
            found.add(child[0].partition(LOOKUP_SEP)[0] if isinstance(child, tuple) else "")
    return found
