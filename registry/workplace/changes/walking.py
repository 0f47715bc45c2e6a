"""Walks the history backwards: operations, exported files and looks, page by page, by their moments.

An operation is one history context: one request, import or command. It is listed if the account may read one of its
events at least; a page looks at a bounded number of operations, and says where it stopped.
"""

import datetime
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django.core import signing
from django.db import connection
from django.db.models import BooleanField, Count, Exists, Func, Min, Model, OuterRef, Q, QuerySet, Value
from pghistory.models import Context

from registry.disclosure.models import Disclosure, Receipt
from registry.organizations.models.organizations import Organization
from registry.workplace.changes.asked import CHANGE, EXPORT, LOOK, ChangesQuery, owner_path

PER_PAGE = 30
AT_ONCE, MOST_TURNS = 100, 10
"""So many operations are read at once, and so often for one page."""
MOST_OF_ONE = 5_000
"""The number of operations on one organization that are looked at."""
_SALT = "registry.workplace.changes"
Place = tuple[str, int, str]
"""Moment, stream and id, which order everything that is listed."""
OPERATIONS, RECEIPTS, LOOKS = range(3)


@dataclass(slots=True)
class TableCount:
    """How many events an operation has in a table, and the first of them."""

    label: str
    number: int
    first: int


@dataclass(slots=True)
class Operation:
    context: Context
    counts: dict[int, list[TableCount]] = field(default_factory=dict)
    """Number of the table in the list of tables -> its events."""

    @property
    def number(self) -> int:
        return sum(one.number for counts in self.counts.values() for one in counts)


@dataclass(slots=True)
class Listed:
    """An operation, a file or a look."""

    when: datetime.datetime
    stream: int
    row: Any

    @property
    def place(self) -> Place:
        row = self.row.context if isinstance(self.row, Operation) else self.row
        return self.when.isoformat(), self.stream, str(row.pk)


@dataclass(slots=True)
class ChangesPage:
    listed: list[Listed]
    older: str = ""
    """The sealed place where the next page begins; empty at the end."""


def read(asked: ChangesQuery, before: str = "") -> ChangesPage:
    """Return a page. Raises signing.BadSignature for a place that is none."""
    place = _unsealed(before) if before else None
    walk = _Walk(asked, place)
    found = sorted([*walk.operations(), *_files(asked, place), *_looks(asked, place)], key=_key, reverse=True)
    listed = found[:PER_PAGE]
    if walk.stopped and walk.stopped not in {one.place for one in listed}:
        # What is older than the last operation that was looked at waits for the next page.
        listed = [one for one in listed if _key(one) > walk.stopped]
    last = listed[-1].place if len(found) > len(listed) and listed else walk.stopped
    return ChangesPage(listed, signing.dumps(last, salt=_SALT) if last else "")


def count_operations(asked: ChangesQuery, most: int) -> int:
    """Return how many operations there are, counted up to one more than `most`."""
    walk = _Walk(asked, None)
    readable = Q(*(walk.has_events(number) for number in range(len(walk.tables))), _connector=Q.OR)
    return walk.rows().filter(readable).order_by().values("pk")[: most + 1].count() if readable else 0


class _HasEvents(Func):
    """Says whether an operation has an event in a table.

    As an `Exists` of the ORM for each of more than fifty tables, it would take the database less time than the ORM.
    """

    template = "EXISTS (SELECT 1 FROM %(events)s WHERE pgh_context_id = %(expressions)s)"
    output_field = BooleanField()


def _key(one: Listed) -> Place:
    return one.place


def _unsealed(text: str) -> Place:
    moment, stream, pk = signing.loads(text, salt=_SALT)
    return str(moment), int(stream), str(pk)


def _until(place: Place | None, moment: str) -> Q:
    return Q(**{f"{moment}__lte": datetime.datetime.fromisoformat(place[0])}) if place else Q()


class _Walk:
    """Reads operations, the latest first."""

    def __init__(self, asked: ChangesQuery, place: Place | None) -> None:
        self.asked, self.place = asked, place
        self.tables = asked.chosen_tables
        self.stopped: Place | None = None
        """The last operation that was looked at, if there may be more."""

    def operations(self) -> list[Listed]:
        found = []
        for one in self.every():
            found.append(one)
            if len(found) > PER_PAGE:
                self.stopped = None
                break
        return found

    def every(self) -> Iterator[Listed]:
        place = self.place
        rows = self.rows()
        for _turn in range(MOST_TURNS if self.tables and not self.asked.errors else 0):
            chunk = [row for row in rows.filter(_until(place, "created_at"))[:AT_ONCE] if _before(row, place)]
            if not chunk:
                self.stopped = None
                return
            counted = self._counted([row.pk for row in chunk])
            for row in chunk:
                if row.pk in counted:
                    yield Listed(row.created_at, OPERATIONS, Operation(row, counted[row.pk]))
            place = self.stopped = (chunk[-1].created_at.isoformat(), OPERATIONS, str(chunk[-1].pk))

    def rows(self) -> QuerySet[Any]:
        asked = self.asked
        rows = Context.objects.order_by("-created_at", "-id")
        if asked.person:
            rows = rows.filter(metadata__user=asked.person.pk)
        if asked.batch:
            rows = rows.filter(metadata__batch=asked.batch)
        if bounds := asked.bounds():
            rows = rows.filter(created_at__gte=bounds[0], created_at__lt=bounds[1])
        if asked.organization:
            rows = rows.filter(pk__in=self._of_organization(asked.organization))
        return rows

    def _of_organization(self, organization: Organization) -> set[uuid.UUID]:
        found: set[uuid.UUID] = set()
        for table in self.tables:
            if path := owner_path(table):
                events = table.events._default_manager.filter(**{path: organization.pk})
                found.update(events.order_by("-pgh_id").values_list("pgh_context_id", flat=True)[:MOST_OF_ONE])
        return found - {None}

    def _counted(self, contexts: list[uuid.UUID]) -> dict[uuid.UUID, dict[int, list[TableCount]]]:
        """Return what these operations wrote that the account may read, with one query over all tables."""
        parts = [
            self.events(number).filter(pgh_context__in=contexts).order_by()
            .values_list("pgh_context_id", Value(number), "pgh_label")
            .annotate(number=Count("pgh_id"), first=Min("pgh_id"))
            for number in range(len(self.tables))
        ]  # fmt: skip
        found: dict[uuid.UUID, dict[int, list[TableCount]]] = {}
        for context, table, label, number, first in parts[0].union(*parts[1:], all=True):
            found.setdefault(context, {}).setdefault(table, []).append(TableCount(label, number, first))
        return found

    def events(self, number: int) -> QuerySet[Model]:
        return self.asked.events_of(self.tables[number])

    def has_events(self, number: int) -> Func | Exists:
        """Return the condition on an operation that the account may read one of its events in the table."""
        table = self.tables[number]
        if self.asked.reads_all_of(table):
            return _HasEvents("pk", events=connection.ops.quote_name(table.event_table))
        return Exists(self.events(number).filter(pgh_context=OuterRef("pk")))


def _before(row: Any, place: Place | None) -> bool:
    return place is None or (row.created_at.isoformat(), OPERATIONS, str(row.pk)) < place


# --- Files and looks


def _files(asked: ChangesQuery, place: Place | None) -> list[Listed]:
    about_records = asked.table or asked.organization or asked.batch or asked.kind not in ("", EXPORT)
    if about_records or asked.errors:
        return []
    rows = Receipt.objects.all() if asked.sees_receipts else Receipt.objects.filter(user=asked.user.pk)
    return _of_stream(asked, rows, place, RECEIPTS, "started_at")


def _looks(asked: ChangesQuery, place: Place | None) -> list[Listed]:
    about_records = asked.table or asked.batch or asked.kind not in ("", LOOK)
    if about_records or asked.errors or not asked.sees_looks:
        return []
    rows = Disclosure.objects.all()
    if asked.organization:
        rows = rows.filter(registry_no=asked.organization.registry_no)
    return _of_stream(asked, rows, place, LOOKS, "at")


def _of_stream(
    asked: ChangesQuery, rows: QuerySet[Model], place: Place | None, stream: int, moment: str
) -> list[Listed]:
    if asked.person:
        rows = rows.filter(user=asked.person.pk)
    if bounds := asked.bounds():
        rows = rows.filter(**{f"{moment}__gte": bounds[0], f"{moment}__lt": bounds[1]})
    rows = rows.filter(_until(place, moment)).select_related("user").order_by(f"-{moment}", "-pk")[: 2 * PER_PAGE]
    found = [Listed(getattr(row, moment), stream, row) for row in rows]
    return [one for one in found if place is None or one.place < place][: PER_PAGE + 1]


__all__ = ["CHANGE", "ChangesPage", "Listed", "Operation", "count_operations", "read"]
