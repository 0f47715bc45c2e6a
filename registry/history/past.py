"""Reads a record as it was at the end of a day, from its events.

Inside `Past.reading()` every query sees the tables of the record as they were: each statement is preceded by WITH
clauses that bear the names of the tables and read the events instead. So columns, cards and permissions are used as
they are at present, and nothing is computed a second time. Only an organization and what belongs to it has a past here;
reference data and accounts are as of today.
"""

import datetime
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.db import connection, models
from django.utils.timezone import localdate, make_aware
from django.utils.translation import gettext as _

from registry.database.fields import column_of
from registry.imports.undo.tracked_tables import TrackedTable, owner_path, tracked_table, tracked_tables
from registry.organizations.models.details import PublicRow, Relation
from registry.organizations.models.organizations import Organization
from registry.reference.models import Plan

_READS = ("SELECT", "WITH", "(")
_HARMLESS = ("SAVEPOINT", "RELEASE", "ROLLBACK")
_WORD_RE = re.compile(r"\w+")
_WAYS = ("pgh_obj", "organization", "member__organization", "due__member__organization")
"""Paths from an event to its organization, one of which each table with a past here has."""


@dataclass(frozen=True, slots=True)
class Known:
    """The state of the history of an organization at the end of a day."""

    last: str
    """The label of its last event until then; empty if there is none."""
    first: datetime.datetime | None
    """The moment of its first event at all."""
    entered: bool
    """Whether its first event is its entry, so that there was nothing before."""

    @property
    def recorded(self) -> bool:
        return self.last in ("insert", "update")


class Past:
    """An organization at the end of a day."""

    def __init__(self, organization: int, day: datetime.date) -> None:
        self.organization, self.day = organization, day
        self.before = make_aware(datetime.datetime.combine(day + datetime.timedelta(days=1), datetime.time.min))

    def known(self) -> Known:
        events = tracked_table(Organization).events._default_manager.filter(pgh_obj_id=self.organization)
        first = events.order_by("pgh_id").values_list("pgh_created_at", "pgh_label").first()
        last = events.filter(pgh_created_at__lt=self.before).order_by("-pgh_id").values_list("pgh_label", flat=True)
        moment, label = first or (None, "")
        return Known(last.first() or "", moment, label == "insert")

    def plan(self) -> int | None:
        """Return the plan that was the current one; None if the history does not know it."""
        events = tracked_table(Plan).events._default_manager.filter(pgh_created_at__lt=self.before)
        last = events.order_by("pgh_obj_id", "-pgh_id").distinct("pgh_obj_id")
        rows = last.values_list("pgh_obj_id", "current", "pgh_label")
        return next((pk for pk, current, label in rows if current and label != "delete"), None)

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Let the queries of the block read the past. Anything but a query is an error."""
        values = {"organization": self.organization, "before": self.before, "bodies": self._bodies()}
        with connection.execute_wrapper(_Reader(values)):
            yield

    def _bodies(self) -> list[int]:
        """Return the organization and the others that its rows name or that name it, so that they have a past too."""
        found: set[int] = {self.organization}
        for model, near, far in _NAMES:
            events = tracked_table(model).events._default_manager
            found.update(events.filter(**{near: self.organization}).values_list(far, flat=True).distinct())
        return sorted(found - {None})


_NAMES: tuple[tuple[type[models.Model], str, str], ...] = (
    (Relation, "organization", "related"),
    (Relation, "related", "organization"),
    (Organization, "pgh_obj", "successor"),
    (Organization, "successor", "pgh_obj"),
)


def beginning() -> datetime.datetime | None:
    """Return the moment at which the history of organizations begins; None if there are none."""
    events = tracked_table(Organization).events._default_manager
    return events.order_by("pgh_id").values_list("pgh_created_at", flat=True).first()


def not_recorded(known: Known, day: datetime.date) -> str:
    """Say why there is no record of the day, and since when there is one."""
    began = beginning()
    if known.last:
        return _("On %(day)s this record had been removed.") % {"day": day}
    if known.first is None or began is None:
        return _("The history holds nothing of this record.")
    said = {"day": day, "first": localdate(known.first), "began": localdate(began)}
    if not known.entered:
        return _("What this record said on %(day)s is not known: its history begins on %(first)s.") % said
    if day < localdate(began):
        return _("This record was entered on %(first)s. The registry itself has kept records since %(began)s.") % said
    return _("This record did not exist on %(day)s: it was entered on %(first)s.") % said


# --- Statements


@dataclass(frozen=True, slots=True)
class _Clause:
    """The WITH clause of one table: its text, and the names of its parameters in their order."""

    table: str
    sql: str
    parameters: tuple[str, ...]
    needs: str = ""
    """The table whose clause it reads."""


class _Reader:
    """Puts the clauses of the tables that a statement names before it."""

    def __init__(self, values: dict[str, Any]) -> None:
        self.values = values

    def __call__(self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: object) -> object:
        begin = sql.lstrip().upper()
        if begin.startswith(_HARMLESS):
            return execute(sql, params, many, context)
        if many or not begin.startswith(_READS):
            raise RuntimeError(f"The past is only read: {sql[:60]}")
        words = set(_WORD_RE.findall(sql))
        wanted = {clause.table for clause in _clauses() if clause.table in words}
        for clause in reversed(_clauses()):
            if clause.table in wanted:
                wanted.add(clause.needs)
        chosen = [clause for clause in _clauses() if clause.table in wanted]
        if not chosen:
            return execute(sql, params, many, context)
        own = [self.values[name] for clause in chosen for name in clause.parameters]
        text = sql if params is not None else sql.replace("%", "%%")
        return execute(_with(chosen, text), (*own, *(params or ())), many, context)


def _with(clauses: list[_Clause], sql: str) -> str:
    listed = ", ".join(f'"{clause.table}" AS ({clause.sql})' for clause in clauses)
    text = sql.lstrip()
    for opening in ("WITH RECURSIVE ", "WITH "):
        if text.upper().startswith(opening):
            return f"{opening}{listed}, {text[len(opening) :]}"
    return f"WITH {listed} {text}"


@cache
def _clauses() -> tuple[_Clause, ...]:
    """Return a clause for each table that belongs to organizations, those that others need first."""
    known = [(path, table) for table in tracked_tables() if (path := owner_path(table)) in _WAYS]
    return tuple(_clause(table, path) for path, table in sorted(known, key=lambda one: one[0].count("__")))


def _clause(table: TrackedTable, path: str) -> _Clause:
    """Return the clause: of each row the last event before the moment, unless it says that the row was removed."""
    events, needs, parameters = table.event_table, "", ["bodies"]
    if path == "pgh_obj":
        keys, rows = "e.pgh_obj_id = ANY(%s)", "true"
    else:
        if path == "organization":
            columns = ("organization_id", "related_id") if table.model is Relation else ("organization_id",)
            belongs = " OR ".join(f"{{0}}.{column} = %s" for column in columns)
            keys, rows = belongs.format("k"), f"({belongs.format('e')})"
            parameters = ["organization"] * (2 * len(columns))
        else:
            via: Any = table.model._meta.get_field(path.partition("__")[0])
            needs = via.related_model._meta.db_table
            keys = f"k.{via.column} IN ({_ever(via.related_model, path.partition('__')[2])})"
            rows, parameters = f'e.{via.column} IN (SELECT id FROM "{needs}")', ["organization"]
        keys = f"e.pgh_obj_id IN (SELECT k.pgh_obj_id FROM {events} k WHERE {keys})"
    columns_sql, moments = _columns(table)
    sql = (
        f"SELECT {columns_sql} FROM (SELECT DISTINCT ON (e.pgh_obj_id) e.* FROM {events} e "
        f"WHERE e.pgh_created_at < %s AND {keys} ORDER BY e.pgh_obj_id, e.pgh_id DESC) e "
        f"WHERE e.pgh_label <> 'delete' AND {rows}"
    )
    return _Clause(table.table, sql, (*moments, "before", *parameters), needs)


def _ever(model: type[models.Model], path: str) -> str:
    """Return SQL for the ids of the rows that have ever belonged to the organization."""
    first, _sign, rest = path.partition("__")
    via: Any = model._meta.get_field(first)
    belongs = f"IN ({_ever(via.related_model, rest)})" if rest else "= %s"
    return f"SELECT m.pgh_obj_id FROM {tracked_table(model).event_table} m WHERE m.{via.column} {belongs}"


def _columns(table: TrackedTable) -> tuple[str, tuple[str, ...]]:
    """Return the columns of a row, with the names of their parameters; what no event keeps is computed or NULL."""
    kept, columns, parameters = {"id", *table.columns}, [], []
    for field in table.model._meta.local_concrete_fields:
        column = column_of(field)
        if column in kept:
            columns.append(f"e.{column}")
        elif column == "created_at":
            columns.append(f"({_moment(table, 'min')}) AS {column}")
        elif column == "updated_at" and table.model is Organization:
            columns.append(f"(SELECT greatest({_latest()})) AS {column}")
            parameters += ["before"] * _latest().count("%s")
        else:
            columns.append(f"NULL::{field.db_type(connection)} AS {column}")
    return ", ".join(columns), tuple(parameters)


def _moment(table: TrackedTable, function: str, key: str = "pgh_obj_id", of: str = "e.pgh_obj_id") -> str:
    return f"SELECT {function}(c.pgh_created_at) FROM {table.event_table} c WHERE c.{key} = {of}"


def _latest() -> str:
    """Return SQL for when an organization or a row that counts as a change of it was last written."""
    rows = [_moment(one, "max", "organization_id") for one in tracked_tables() if issubclass(one.model, PublicRow)]
    moments = [_moment(tracked_table(Organization), "max"), *rows]
    return ", ".join(f"({moment} AND c.pgh_created_at < %s)" for moment in moments)
