"""The rows of a list of organizations, read from the table that answers the request fastest.

A search is answered by the search index, the list of one sector by the sector index, and every other list by the
organizations themselves. Counts come from an index table in each case.
"""

from collections.abc import Callable, Sequence
from typing import Any

from django.db.models import Model, Q, QuerySet

from registry.api.lists.filters import StrictFilterSet
from registry.api.lists.list_mixin import RowListMixin
from registry.api.lists.pagination import Orderings
from registry.api.lists.rows import KeyConditions, KeyRange, ListRows
from registry.api.lists.statements import RememberedStatements, Statement
from registry.columns import RenderContext
from registry.database.paths import Path, order_path, own_path
from registry.organizations.models.choices import RegistrationStatus
from registry.organizations.models.index_tables import OrganizationIndex, SearchIndex
from registry.organizations.models.reach import within
from registry.search.index_table import ORGANIZATION_INDEX, SEARCH_INDEX, IndexTable, IsHit, TokenMatch
from registry.search.planner import Planner, narrowed
from registry.search.relevance import with_relevance
from registry.search.text import SearchText

_UNMERGED = Q(registration_status__ne=RegistrationStatus.MERGED)
"""The condition of a list without any parameter."""


class OrganizationRows(ListRows):
    def __init__(
        self,
        organizations: QuerySet[Model],
        condition: Callable[[Path], Q],
        index: IndexTable | None = None,
        text: SearchText | None = None,
    ) -> None:
        """`condition` makes the whole condition of the rows for a path. With a text, `index` is the search index."""
        super().__init__(organizations)
        self.condition = condition
        self.index = index
        self.text = text

    def path(self, field: str) -> str:
        """Return the path in a query of keys. The relevance is computed there."""
        return field if self.index is None or field == "relevance" else self.index.path(field)

    def in_order(self, order: Sequence[str]) -> QuerySet[Any]:
        index = self.index
        path = index.joined_path if index else own_path
        rows = self.queryset.filter(self.condition(path))
        if self.text:
            rows = narrowed(self._ranked(rows, order, path), self.text.words, path)
        return rows.order_by(*(order_path(name, path) for name in order))

    def count(self) -> int:
        return self._chosen().count()

    def key_conditions(self, wanted: KeyRange) -> KeyConditions:
        condition, beyond = self.condition(self.index.path if self.index else own_path), self.beyond(wanted)
        if not self.text:
            return KeyConditions(beyond & condition, max(wanted.rows, wanted.cap))
        words = self.text.words
        plan = Planner(words, beyond & condition, wanted.order).plan(wanted.rows, wanted.cap)
        if plan.by_tokens:
            found = condition & Q(TokenMatch(words, SEARCH_INDEX.path, plan.one_plan))
            return KeyConditions(beyond & found, plan.rows, one_plan=plan.one_plan)
        counted = condition & Q(TokenMatch(words, SEARCH_INDEX.path)) if plan.counts_separately else None
        return KeyConditions(beyond & self.condition(SEARCH_INDEX.walk_path), plan.rows, counted)

    def statement(self, wanted: KeyRange, conditions: KeyConditions) -> Statement:
        if self.index is None or "relevance" in wanted.fields:  # the queryset has conditions, the relevance values
            return super().statement(wanted, conditions)
        key = (self.index.model, wanted.order, wanted.rows, wanted.cap, conditions.rows)
        both = [conditions.keys] if conditions.counted is None else [conditions.keys, conditions.counted]
        compiled = super().statement
        found = RememberedStatements.find(key, both, lambda: compiled(wanted, conditions))
        return found._replace(one_plan=conditions.one_plan)

    def key_rows(self, wanted: KeyRange) -> QuerySet[Model]:
        if self.index is None:
            return self.queryset
        return self._ranked(self.index.model._default_manager.all(), wanted.order, self.index.path)

    def index_rows(self) -> QuerySet[Model]:
        """Return one row for each organization, of the index table that holds what it is counted by.

        With a text, the rows are limited to the ids in `hits`: the caller puts `hits()` into the statement as a CTE of
        that name.
        """
        if self.text:
            return OrganizationIndex.objects.filter(IsHit("organization_id"))
        index = self.index or ORGANIZATION_INDEX
        return index.model._default_manager.filter(self.condition(index.path))

    def among(self, path: str) -> Q:
        """Return the condition that the organization at the path, in rows of another table, is one of the list.

        With a text it is one of `hits`, as in `index_rows()`.
        """
        if self.text:
            return Q(IsHit(path))
        if self.index is None and self.condition(ORGANIZATION_INDEX.path) == _UNMERGED:
            # All but a few: these are found faster than all others.
            merged = OrganizationIndex.objects.filter(registration_status=RegistrationStatus.MERGED)
            return ~Q(**{f"{path}__in": merged.values("organization_id")})
        return Q(**{f"{path}__in": self.index_rows().values("organization_id")})

    def hits(self) -> QuerySet[Model] | None:
        """Return the ids of the organizations that a search finds; None without a text."""
        return self._chosen().values_list("pk") if self.text else None

    def _chosen(self) -> QuerySet[Model]:
        """Return the rows in no order, as all of them are found fastest."""
        if self.text is None:
            return self.index_rows()
        found = SearchIndex.objects.filter(self.condition(SEARCH_INDEX.path))
        return narrowed(found, self.text.words, SEARCH_INDEX.path)

    def _ranked(self, rows: QuerySet[Model], order: Sequence[str], path: Path) -> QuerySet[Model]:
        by_relevance = "relevance" in (name.removeprefix("-") for name in order)
        return with_relevance(rows, self.text, path) if self.text and by_relevance else rows


class OrganizationListMixin(RowListMixin):
    """A list of organizations."""

    filterset: StrictFilterSet

    @classmethod
    def scope(cls) -> dict[str, Any]:
        """Return field -> value of what every organization of the view has: the kind of its model, if it has one.

        The view's queryset has the same condition; index tables are read without it.
        """
        kind = cls.queryset.model.objects.kind  # type: ignore[union-attr]
        return {"kind": kind} if kind else {}

    def get_orderings(self) -> Orderings:
        """Order by relevance where there is a search."""
        searching = "search" in self.request.query_params
        return {name: keys for name, keys in self.orderings.items() if searching or name != "relevance"}

    def get_render_context(self) -> RenderContext:
        """Return the context, in which contacts and figures belong to organizations that the account works on."""
        context = super().get_render_context()
        context.visible = within(self.request.user)
        return context

    def rows(self) -> OrganizationRows:
        return OrganizationRows(self.get_queryset(), self._condition, self.filterset.index, self.filterset.text)

    def _condition(self, path: Path) -> Q:
        scope = Q(**{path(field): value for field, value in self.scope().items()})
        condition: Q = scope & self.filterset.condition(path)
        return condition
