"""Lists that are walked along a narrow table instead of the wide table of organizations.

PostgreSQL reads the organization of every row of such a join, even to count it. Conditions on what the narrow table
holds too (triggers keep both the same) are moved there, so that an index of it decides alone which rows a page has, and
a count needs no organization at all. Whatever else a query asks for stays as it is.
"""

import copy
from collections.abc import Collection
from typing import Any

from django.db.models import QuerySet
from django.db.models.expressions import Col
from django.db.models.sql import Query
from django.db.models.sql.constants import INNER
from django.db.models.sql.where import WhereNode

from registry.organizations.models.index_tables import CountEntry, Filtered, Narrow, SearchEntry, SectorEntry
from registry.organizations.models.organizations import Organization

_KEYS = {"pk": "organization_id", "id": "organization_id", "sort_key": "sort_key"}
"""Of these, what organizations call them and what the narrow tables do."""
_SAME = {field.name: field.name for field in Narrow._meta.local_fields} | {"id": "organization"}
"""Field of organizations -> field of the narrow tables."""
_COUNTED = {field.name: field.name for field in Filtered._meta.local_fields} | {"id": "organization"}
"""The same for those that have no key of the order."""


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
    query.order_by = tuple(
        name.replace(key, f"{path}__{_KEYS[key]}") if (key := name.removeprefix("-")) in _KEYS else name
        for name in query.order_by
    )
    return walked


def counted(queryset: QuerySet[Any]) -> QuerySet[Any]:
    """The entry of each of the organizations that says what it is counted by; none of them has two."""
    query = queryset.query
    entries = _narrow_only(queryset)
    if entries is not None and entries.model is SectorEntry:
        return entries
    found: QuerySet[Any] = CountEntry.objects.all()
    read = [alias for alias in query.alias_map if query.alias_refcount[alias]]
    if _is_plain(query) and read in ([], [query.base_table]):
        alias = found.query.get_initial_alias()
        where = _moved(query.where, query.base_table, alias, CountEntry)
        if _speaks_only_of(where, alias):
            found.query.where = where
            return found
    return found.filter(organization__in=keyed(queryset.order_by(), "pk"))


def keyed(queryset: QuerySet[Any], *names: str) -> QuerySet[Any]:
    """The values of these columns alone, in the order of the rows, read from the narrow table where it has them."""
    ordered = [str(name) for name in queryset.query.order_by]
    computed = queryset.query.annotations
    wanted = {*names, *(name.removeprefix("-") for name in ordered)}
    if wanted <= _KEYS.keys() | computed.keys():
        found = _narrow_only(queryset, wanted & computed.keys())
        if found is not None:
            keys = _KEYS | {name: name for name in computed}
            order = [f"-{keys[name[1:]]}" if name.startswith("-") else keys[name] for name in ordered]
            return found.order_by(*order).values_list(*(keys[name] for name in names))
    return along_key(queryset).values_list(*names)


def _narrow_only(queryset: QuerySet[Any], computed: Collection[str] = ()) -> QuerySet[Any] | None:
    """The same rows as entries of the narrow table, where the conditions and computed values speak of nothing else."""
    alias = _narrow_alias(queryset.query)
    if alias is None:
        return None
    model = _model_of(queryset.query, alias)
    where = _moved(queryset.query.where, queryset.query.base_table, alias, model)
    moved = {
        name: _moved(queryset.query.annotations[name], queryset.query.base_table, alias, model) for name in computed
    }
    if not all(_speaks_only_of(one, alias) for one in (where, *moved.values())):
        return None
    entries: QuerySet[Any] = model._default_manager.all()
    query = entries.query
    own = {alias: query.get_initial_alias()}
    query.where = where.relabeled_clone(own)
    for name, expression in moved.items():
        query.add_annotation(expression.relabeled_clone(own), name)
    return entries


def _narrow_alias(query: Query) -> str | None:
    """The alias of the narrow table that a plain query of organizations joins; of two, that of search."""
    if not _is_plain(query):
        return None
    found = {
        model: alias
        for alias, join in query.alias_map.items()
        if query.alias_refcount[alias] and join.join_type == INNER and (model := _narrow_of(join.table_name))
    }
    return found.get(SearchEntry) or found.get(SectorEntry)


def _is_plain(query: Query) -> bool:
    if query.model is None or query.model._meta.concrete_model is not Organization:
        return False
    return not (query.is_sliced or query.distinct or query.combinator or query.group_by is not None)


def _narrow_of(table: str) -> type[Narrow] | None:
    return next((model for model in (SearchEntry, SectorEntry) if model._meta.db_table == table), None)


def _model_of(query: Query, alias: str) -> type[Narrow]:
    model = _narrow_of(query.alias_map[alias].table_name)
    assert model  # noqa: S101 - found by _narrow_alias()
    return model


def _moved(node: Any, base: str | None, alias: str, model: type[Narrow] | type[CountEntry]) -> Any:
    """The condition with columns of organizations replaced by those of the narrow table, where it has them."""
    if isinstance(node, WhereNode):
        moved = node.create(connector=node.connector, negated=node.negated)
        moved.children = [_moved(child, base, alias, model) for child in node.children]
        return moved
    if isinstance(node, Col):
        known = _COUNTED if model is CountEntry else _SAME
        same = known.get(node.target.name) if node.alias == base else None
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
