"""The event tables of the models and the references between tables: the facts that undoing an import needs."""

import uuid
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from graphlib import TopologicalSorter

import pghistory.models
from django.apps import apps
from django.db import connection, models

from registry.database.constraints import fields_of
from registry.database.fields import column_of
from registry.database.permission_names import permission
from registry.duplicates.models import Merger, PairJudgement
from registry.imports.models import Distinction, ImportBatch, ImportMapping
from registry.organizations.models.organizations import Organization
from registry.proposals.models import Proposal, ProposalSource

_OWN = (ImportBatch, ImportMapping, Distinction, Proposal, ProposalSource, Merger)
"""The tables of imports and mergers themselves, and what triggers note; they are not part of what these write."""
_FOLLOWS = (models.CASCADE, models.SET_NULL, models.DO_NOTHING)  # the last: triggers keep them
_TOGETHER = {
    "registry.Organization": (
        ("registered_capital", "capital_text"),
        ("verified_on", "verified_from", "verified_by_id"),
        ("name_zh", "pinyin"),
    )
}
"""Columns that have a meaning only together, besides the columns of one constraint."""
_OWNERS = ("organization", "member__organization", "due__member__organization", "proposal__organization")


@dataclass(frozen=True, slots=True)
class TableReference:
    """A foreign key from a column of a table to the rows of another table."""

    source: type[models.Model]
    column: str
    on_delete: object

    @property
    def table(self) -> str:
        return self.source._meta.db_table

    @property
    def orders(self) -> bool:
        """Return whether its rows go before the rows that they refer to."""
        return getattr(self.source, "key_of_circle", "") != self.column

    @property
    def part(self) -> bool:
        """Return whether the referring rows are parts of the other row, without a meaning of their own."""
        return self.on_delete is models.CASCADE

    @property
    def follows(self) -> bool:
        """Return whether the referring rows are derived from others: they are deleted, or lose the reference."""
        return self.source in (Distinction, PairJudgement, Proposal) or (
            self.table not in _tracked_tables() and self.on_delete in _FOLLOWS
        )


@dataclass(frozen=True)
class TrackedTable:
    """A tracked model with its event table."""

    tracked: type[models.Model]

    @property
    def model(self) -> type[models.Model]:
        """Return the concrete model: the tracked model, or the model behind a proxy."""
        return self.tracked._meta.concrete_model  # type: ignore[return-value]

    @cached_property
    def columns(self) -> tuple[str, ...]:
        """Return the columns that history keeps, without the id."""
        kept = {field.column for field in self.events._meta.local_concrete_fields}
        fields = self.model._meta.local_concrete_fields
        return tuple(column_of(one) for one in fields if one.column in kept and not one.primary_key)

    @property
    def table(self) -> str:
        return self.model._meta.db_table

    @property
    def events(self) -> type[models.Model]:
        return self.tracked.pgh_event_model  # type: ignore[attr-defined]

    @property
    def event_table(self) -> str:
        return self.events._meta.db_table

    def groups(self) -> list[tuple[str, ...]]:
        """Return the columns in groups; the columns of a group are reverted together or not at all."""
        groups = [{column} for column in self.columns]
        together = [set(pair) for pair in _TOGETHER.get(self.model._meta.label, ())]
        together += [_columns(self.model, one) & set(self.columns) for one in self.model._meta.constraints]
        for named in filter(None, together):
            joined = set().union(*(group for group in groups if group & named))
            groups = [group for group in groups if not group & named] + [joined]
        positions = {column: number for number, column in enumerate(self.columns)}
        return sorted(
            (tuple(sorted(group, key=positions.__getitem__)) for group in groups), key=lambda g: positions[g[0]]
        )

    def references(self) -> list[TableReference]:
        """Return the foreign keys of all tables, including its own, that refer to this table."""
        return _references()[self.table]

    def permission(self, action: str) -> str:
        """Return `app.add_model` or the like; a part without permissions of its own has the permission of its owner."""
        meta = self.model._meta
        if "add" not in meta.default_permissions or meta.auto_created:
            owner = self.owner()
            if owner is not None:
                return permission("change", owner)
        return permission(action, self.model)

    def owner(self) -> type[models.Model] | None:
        """Return the model that the rows are parts of."""
        if self.model._meta.auto_created:
            return self.model._meta.auto_created  # type: ignore[return-value]
        parts = (f for f in _foreign_keys(self.model) if f.remote_field.on_delete is models.CASCADE)
        return next((one.related_model for one in parts), None)

    def to_organization(self) -> str | None:
        """Return SQL for the id of the organization that a row `x` is about; None if it is about none."""
        if self.model is Organization:
            return "x.id"
        direct = _key_to(self.model, Organization)
        if direct:
            return f"x.{direct}"
        for key in _foreign_keys(self.model):
            via = key.related_model._meta.concrete_model or key.related_model
            if not key.null and (further := _key_to(via, Organization)):
                return f"(SELECT via.{further} FROM {via._meta.db_table} via WHERE via.id = x.{key.column})"
        return None


def tracked_tables(also: Collection[type[models.Model]] = ()) -> list[TrackedTable]:
    """Return the tables that are reverted, with the tables of `also`, which an import leaves alone."""
    return [trace for trace in _tracked_tables().values() if trace.model not in _OWN or trace.model in also]


def tables_written(context: uuid.UUID, also: Collection[type[models.Model]] = ()) -> list[TrackedTable]:
    """Return the tables that have events of a history context, with one query."""
    tables = tracked_tables(also)
    each = (
        f"SELECT {number} WHERE EXISTS (SELECT 1 FROM {table.event_table} WHERE pgh_context_id = %s)"
        for number, table in enumerate(tables)
    )
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(each), [context] * len(tables))
        return [tables[number] for (number,) in cursor.fetchall()]


def tracked_table(model: type[models.Model]) -> TrackedTable:
    return _tracked_tables()[model._meta.db_table]


@cache
def _tracked_tables() -> dict[str, TrackedTable]:
    """Return each table's name with its trace."""
    return {
        model._meta.db_table: TrackedTable(model) for model in apps.get_models() if "pgh_event_models" in vars(model)
    }


@cache
def _references() -> dict[str, list[TableReference]]:
    """Return for each table the foreign keys that refer to it, without the foreign keys of event tables."""
    found: dict[str, list[TableReference]] = {}
    for model in apps.get_models(include_auto_created=True):
        found.setdefault(model._meta.db_table, [])
    for model in apps.get_models(include_auto_created=True):
        if model._meta.proxy or not model._meta.managed or issubclass(model, pghistory.models.Event):
            continue
        for key in _foreign_keys(model):
            reference = TableReference(model, key.column, key.remote_field.on_delete)
            found[key.related_model._meta.db_table].append(reference)
    return found


def children_first(found: Iterable[TrackedTable]) -> list[TrackedTable]:
    """Return the tables in an order in which their rows can be deleted.

    A model that closes a circle of tables names the key by which it does, in `key_of_circle`: it does not count, as the
    database asks for it at the end of the transaction only.
    """
    by_table = {trace.table: trace for trace in found}
    children = {
        table: {one.table for one in trace.references() if one.table in by_table and one.table != table and one.orders}
        for table, trace in by_table.items()
    }
    return [by_table[table] for table in TopologicalSorter(children).static_order()]


def owner_path(table: TrackedTable) -> str:
    """Return the look-up from an event to the organization that it is about; empty where it is about none."""
    if table.model is Organization:
        return "pgh_obj"
    names = {one.name for one in table.model._meta.concrete_fields}
    return next((path for path in _OWNERS if path.partition("__")[0] in names), "")


def _foreign_keys(model: type[models.Model]) -> Iterator[models.ForeignKey]:
    for one in model._meta.local_concrete_fields:
        if isinstance(one, models.ForeignKey):
            yield one


def _key_to(model: type[models.Model], target: type[models.Model]) -> str | None:
    """Return the column through which each row of the model refers to a row of the target."""
    for key in _foreign_keys(model):
        if key.related_model._meta.concrete_model is target and not key.null:
            return key.column
    return None


def _columns(model: type[models.Model], constraint: models.BaseConstraint) -> set[str]:
    """Return the columns in a check constraint; other kinds of constraints are about several rows."""
    if not isinstance(constraint, models.CheckConstraint):
        return set()
    return {column_of(model._meta.get_field(name)) for name in fields_of(constraint)}


def condition_sql(model: type[models.Model], constraint: models.UniqueConstraint) -> str:
    """Return the condition of a unique constraint with the bare columns of the table."""
    return str(constraint._get_condition_sql(model, connection.schema_editor()))  # type: ignore[attr-defined]
