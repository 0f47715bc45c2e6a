"""Reads a record as it was recorded at the end of a day, from its events.

Inside `Past.reading()` every query sees the tables of the record as they were: each statement is preceded by WITH
clauses that bear the names of the tables and read the events instead. So columns, cards and permissions are used as
they are at present, and nothing is computed a second time. What belongs to a root has a past here: an organization, or
what `alliance` declares in `ROOTS`; reference data and accounts are as of today.
"""

import datetime
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.core.exceptions import ValidationError
from django.db import connection, models
from django.utils.timezone import localdate, make_aware
from django.utils.translation import gettext as _

from registry.database.fields import column_of
from registry.imports.undo.tracked_tables import TrackedTable, tracked_table, tracked_tables
from registry.organizations.models.details import PublicRow, Relation
from registry.organizations.models.organizations import Organization
from registry.reference.models import Plan
from registry.spreadsheet import parse_date

_READS = ("SELECT", "WITH", "(")
_HARMLESS = ("SAVEPOINT", "RELEASE", "ROLLBACK")
_WORD_RE = re.compile(r"\w+")
_ITSELF = "pgh_obj"
_ENTERED = ("created_at", "recorded_at", "entered_at")
"""Columns with the moment of the entry, which no event keeps: the first event has it."""
ROOTS: dict[type[models.Model], tuple[str, ...]] = {
    Organization: ("organization", "member__organization", "due__member__organization")
}
"""Root -> the paths by which tables belong to it. A table goes by the first root of its record to which it has one."""


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
    """A record at the end of a day, with all that belongs to its roots."""

    def __init__(self, record: models.Model, day: datetime.date) -> None:
        self.record, self.day = record, day
        self.before = make_aware(datetime.datetime.combine(day + datetime.timedelta(days=1), datetime.time.min))

    def known(self) -> Known:
        events = tracked_table(type(self.record)).events._default_manager.filter(pgh_obj_id=self.record.pk)
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
        roots = self._roots()
        values: dict[str, Any] = {"before": self.before}
        for root, pk in roots.items():
            values |= {_one(root): pk, _all(root): _bodies(pk) if root is Organization else [pk]}
        with connection.execute_wrapper(_Reader(_clauses(tuple(roots)), values)):
            yield

    def _roots(self) -> dict[type[models.Model], int]:
        """Return the roots to which the record belongs, each with its id."""
        table = tracked_table(type(self.record))
        ways = {root: path for root in ROOTS if (path := _way(root, table))}
        if _ITSELF in ways.values():
            return {table.model: self.record.pk}
        found = table.model._default_manager.filter(pk=self.record.pk).values_list(*ways.values())
        return dict(zip(ways, found.get(), strict=True))


def _bodies(organization: int) -> list[int]:
    """Return the organization and the others that its rows name or that name it, so that they have a past too."""
    found: set[int] = {organization}
    for model, near, far in _NAMES:
        events = tracked_table(model).events._default_manager
        found.update(events.filter(**{near: organization}).values_list(far, flat=True).distinct())
    return sorted(found - {None})


def _way(root: type[models.Model], table: TrackedTable) -> str:
    """Return the path from an event of the table to the root; empty where it has none."""
    if table.model is root:
        return _ITSELF
    names = {one.name for one in table.model._meta.concrete_fields}
    return next((path for path in ROOTS[root] if path.partition("__")[0] in names), "")


def _one(root: type[models.Model]) -> str:
    return root._meta.label


def _all(root: type[models.Model]) -> str:
    return f"all {root._meta.label}"


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


def typed_day(given: str) -> datetime.date:
    """Return the day whose record somebody asks for on a page. Raises ValidationError for none, and one to come."""
    day = parse_date(given)
    if day is None:
        raise ValidationError(_("Give a day."))
    if day > localdate():
        raise ValidationError(_("This day is still to come."))
    return day


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

    def __init__(self, clauses: tuple[_Clause, ...], values: dict[str, Any]) -> None:
        self.clauses, self.values = clauses, values

    def __call__(self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: object) -> object:
        begin = sql.lstrip().upper()
        if begin.startswith(_HARMLESS):
            return execute(sql, params, many, context)
        if many or not begin.startswith(_READS):
            raise RuntimeError(f"The past is only read: {sql[:60]}")
        words = set(_WORD_RE.findall(sql))
        wanted = {clause.table for clause in self.clauses if clause.table in words}
        for clause in reversed(self.clauses):
            if clause.table in wanted:
                wanted.add(clause.needs)
        chosen = [clause for clause in self.clauses if clause.table in wanted]
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
def _clauses(roots: tuple[type[models.Model], ...]) -> tuple[_Clause, ...]:
    """Return a clause for each table that belongs to one of the roots, those that others need first."""
    ways = [(table, root, _way(root, table)) for table in tracked_tables() for root in roots]
    found: dict[str, tuple[TrackedTable, type[models.Model], str]] = {}
    for table, root, path in ways:
        if path:
            found.setdefault(table.table, (table, root, path))
    return tuple(_clause(*one) for one in sorted(found.values(), key=lambda one: one[2].count("__")))


def _clause(table: TrackedTable, root: type[models.Model], path: str) -> _Clause:
    """Return the clause: of each row the last event before the moment, unless it says that the row was removed."""
    events, needs, parameters = table.event_table, "", [_all(root)]
    if path == _ITSELF:
        keys, rows = "e.pgh_obj_id = ANY(%s)", "true"
    else:
        via: Any = table.model._meta.get_field(path.partition("__")[0])
        if "__" not in path:
            columns = (via.column, "related_id") if table.model is Relation else (via.column,)
            belongs = " OR ".join(f"{{0}}.{column} = %s" for column in columns)
            keys, rows = belongs.format("k"), f"({belongs.format('e')})"
            parameters = [_one(root)] * (2 * len(columns))
        else:
            needs = via.related_model._meta.db_table
            keys = f"k.{via.column} IN ({_ever(via.related_model, path.partition('__')[2])})"
            rows, parameters = f'e.{via.column} IN (SELECT id FROM "{needs}")', [_one(root)]
        keys = f"e.pgh_obj_id IN (SELECT k.pgh_obj_id FROM {events} k WHERE {keys})"
    columns_sql, moments = _columns(table)
    sql = (
        f"SELECT {columns_sql} FROM (SELECT DISTINCT ON (e.pgh_obj_id) e.* FROM {events} e "
        f"WHERE e.pgh_created_at < %s AND {keys} ORDER BY e.pgh_obj_id, e.pgh_id DESC) e "
        f"WHERE e.pgh_label <> 'delete' AND {rows}"
    )
    return _Clause(table.table, sql, (*moments, "before", *parameters), needs)


def _ever(model: type[models.Model], path: str) -> str:
    """Return SQL for the ids of the rows that have ever belonged to the root."""
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
        elif column in _ENTERED:
            columns.append(f"({_moment(table, 'min')}) AS {column}")
        elif column == "updated_at" and table.model is Organization:
            columns.append(f"(SELECT greatest({_latest()})) AS {column}")
            parameters += ["before"] * _latest().count("%s")
        elif isinstance(field, models.GeneratedField) and table.model is not Organization:
            columns.append(f"{_generated(field)} AS {column}")
        else:
            columns.append(f"NULL::{field.db_type(connection)} AS {column}")
    return ", ".join(columns), tuple(parameters)


def _generated(field: models.GeneratedField) -> str:
    """Return the SQL by which the database computes the column, for a row of events."""
    sql, parameters = field.generated_sql(connection)
    composed: str = connection.ops.compose_sql(sql, parameters)  # type: ignore[attr-defined]
    return f"({composed})".replace("%", "%%")


def _moment(table: TrackedTable, function: str, key: str = "pgh_obj_id", of: str = "e.pgh_obj_id") -> str:
    return f"SELECT {function}(c.pgh_created_at) FROM {table.event_table} c WHERE c.{key} = {of}"


def _latest() -> str:
    """Return SQL for when an organization or a row that counts as a change of it was last written."""
    rows = [_moment(one, "max", "organization_id") for one in tracked_tables() if issubclass(one.model, PublicRow)]
    moments = [_moment(tracked_table(Organization), "max"), *rows]
    return ", ".join(f"({moment} AND c.pgh_created_at < %s)" for moment in moments)
