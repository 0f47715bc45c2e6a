"""Lists that are walked along a narrow table instead of the wide table of organizations.

PostgreSQL reads the organization of every row of such a join, even to count it. Conditions on what the narrow table
holds too (triggers keep both the same) are moved there, so that an index of it decides alone which rows a page has, and
a count needs no organization at all. Whatever else a query asks for stays as it is.
"""

import copy
from typing import Any

from django.db.models import QuerySet
from django.db.models.expressions import Col
from django.db.models.sql import Query
from django.db.models.sql.constants import INNER
from django.db.models.sql.where import WhereNode

from .entries import Narrow, SearchEntry, SectorEntry
from .organizations import Organization

_SAME = {field.name: field.name for field in Narrow._meta.local_fields} | {"id": "organization"}
"""Field of organizations -> field of the narrow tables."""


def along_key(queryset: QuerySet[Any]) -> QuerySet[Any]:
    """The same rows in the same order, found along the narrow table that the query joins, where it joins one."""
    alias = _narrow_alias(queryset.query)
    if alias is None:
        return queryset
    walked = queryset._chain()  # type: ignore[attr-defined]
    query = walked.query
    model = _model_of(query, alias)
    query.where = _moved(query.where, query.base_table, alias, model)
    path = next(r.name for r in Organization._meta.related_objects if r.related_model is model)
    names = {"pk": "organization_id", "id": "organization_id", "sort_key": "sort_key"}
    query.order_by = tuple(
        name.replace(key, f"{path}__{names[key]}") if (key := name.removeprefix("-")) in names else name
        for name in query.order_by
    )
    return walked


def countable(queryset: QuerySet[Any]) -> QuerySet[Any]:
    """A queryset with as many rows that is cheaper to count."""
    counted = _narrow_only(queryset)
    if counted is None:
        return queryset
    # In the order of the index: read in that of the table, the rows of a rare sector may all stand at its end.
    return counted.order_by("sort_key", "organization_id") if counted.model is SectorEntry else counted


def first(queryset: QuerySet[Any], limit: int) -> QuerySet[Any]:
    """The first rows, found along the narrow table.

    A search that has collected its entries sorts these, and reads organizations only for the page.
    """
    ordered = [str(name) for name in queryset.query.order_by]
    names = [name.removeprefix("-") for name in ordered]
    found = _narrow_only(queryset) if names == ["sort_key", "id"] else None
    if found is None or found.model is not SearchEntry:
        return along_key(queryset)[:limit]
    order = [name.replace("id", "organization_id") for name in ordered]
    page = Organization._base_manager.filter(pk__in=found.order_by(*order)[:limit])
    return page.order_by(*ordered)


def _narrow_only(queryset: QuerySet[Any]) -> QuerySet[Any] | None:
    """The same rows as entries of the narrow table, where the conditions speak of nothing else."""
    alias = _narrow_alias(queryset.query)
    if alias is None:
        return None
    model = _model_of(queryset.query, alias)
    where = _moved(queryset.query.where, queryset.query.base_table, alias, model)
    if not _speaks_only_of(where, alias):
        return None
    entries: QuerySet[Any] = model._default_manager.all()
    query = entries.query
    query.where = where.relabeled_clone({alias: query.get_initial_alias()})
    return entries.values("organization_id")


def _narrow_alias(query: Query) -> str | None:
    """The alias of the narrow table that a plain query of organizations joins; of two, that of search."""
    if query.model is None or query.model._meta.concrete_model is not Organization:
        return None
    if query.is_sliced or query.distinct or query.combinator or query.group_by is not None:
        return None
    found = {
        model: alias
        for alias, join in query.alias_map.items()
        if query.alias_refcount[alias] and join.join_type == INNER and (model := _narrow_of(join.table_name))
    }
    return found.get(SearchEntry) or found.get(SectorEntry)


def _narrow_of(table: str) -> type[Narrow] | None:
    return next((model for model in (SearchEntry, SectorEntry) if model._meta.db_table == table), None)


def _model_of(query: Query, alias: str) -> type[Narrow]:
    model = _narrow_of(query.alias_map[alias].table_name)
    assert model  # noqa: S101 - found by _narrow_alias()
    return model


def _moved(node: Any, base: str | None, alias: str, model: type[Narrow]) -> Any:
    """The condition with columns of organizations replaced by those of the narrow table, where it has them."""
    if isinstance(node, WhereNode):
        moved = node.create(connector=node.connector, negated=node.negated)
        moved.children = [_moved(child, base, alias, model) for child in node.children]
        return moved
    if isinstance(node, Col):
        same = _SAME.get(node.target.name) if node.alias == base else None
        if same is None:
            return node
        field: Any = model._meta.get_field(same)
        return Col(alias, field, node.output_field)
    if not hasattr(node, "get_source_expressions"):
        return node
    sources = node.get_source_expressions()
    if not sources or any(isinstance(source, Query) for source in sources):
        return node
    moved = copy.copy(node)
    moved.set_source_expressions([_moved(source, base, alias, model) for source in sources])
    return moved


def _speaks_only_of(node: Any, alias: str) -> bool:
    """Whether no column of another table, and no sub-query, is in the condition."""
    if isinstance(node, WhereNode):
        return all(_speaks_only_of(child, alias) for child in node.children)
    if isinstance(node, Col):
        return node.alias == alias
    if isinstance(node, Query) or not hasattr(node, "get_source_expressions"):
        return False
    if isinstance(getattr(node, "rhs", None), Query):
        return False
    return all(_speaks_only_of(source, alias) for source in node.get_source_expressions() if source is not None)
