"""The filters of the page of changes, and the tables and organizations whose changes an account may read."""

import datetime
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db.models import Model, Q, QuerySet
from django.http import QueryDict
from django.utils.text import capfirst
from django.utils.timezone import localdate, make_aware
from django.utils.translation import gettext as _

from registry.database.permission_names import permission
from registry.history.rendering import LABELS
from registry.history.shown import kind_of_row
from registry.imports.models import ImportBatch
from registry.imports.undo.tracked_tables import TrackedTable, owner_path, tracked_tables
from registry.organizations.models.organizations import Organization
from registry.organizations.models.reach import reach_of
from registry.spreadsheet import parse_date
from registry.values.people import Account

TODAY = "today"
EXPORT, LOOK, CHANGE = "export", "look", "change"
"""Kinds besides the events of rows: files, looks at personal data, and all changes of rows."""


def visible_tables(user: Account) -> list[TrackedTable]:
    """Return the tables whose rows the account may read, all of the city's or of its own organizations."""
    limited = reach_of(user) is not None
    return [
        table
        for table in tracked_tables()
        if user.has_perm(_permission(table)) and not (limited and is_confidential(table) and not owner_path(table))
    ]


def _permission(table: TrackedTable) -> str:
    """Return the permission to see rows; a part without one of its own is seen with its owner."""
    meta = table.model._meta
    own = "view" in meta.default_permissions and not meta.auto_created
    return permission("view", table.model if own else table.owner() or table.model)


def is_confidential(table: TrackedTable) -> bool:
    return getattr(table.model, "CONFIDENTIAL", False)


def within_reach(table: TrackedTable, user: Account) -> Q:
    """Return the condition on events that the account may read them."""
    reach = reach_of(user)
    if reach is None or not is_confidential(table):
        return Q()
    return Q(**{f"{owner_path(table)}__township__in": reach})


@dataclass
class ChangesQuery:
    """The filters of the page. What is not understood is in `errors`, and nothing is listed then."""

    user: Account
    given: QueryDict
    errors: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.tables = visible_tables(self.user)
        self.person = self._one("person", self.people.filter(username=self._value("person")))
        number = self._value("organization").upper()
        self.organization = self._one("organization", Organization.objects.filter(registry_no=number))
        self.batch = self._batch()
        self.table = self._choice("table", dict(self.table_choices))
        self.kind = self._choice("kind", dict(self.kind_choices))
        self.day = self._day()

    def _value(self, name: str) -> str:
        return self.given.get(name, "").replace("\0", "").strip()

    def _one(self, name: str, found: Any) -> Any:
        if not self._value(name):
            return None
        row = found.first()
        if row is None:
            self.errors.append(_("There is none: “%(value)s”.") % {"value": self._value(name)})
        return row

    def _batch(self) -> int | None:
        given = self._value("import")
        if not given:
            return None
        known = ImportBatch.objects.filter(pk=int(given)) if given.isdecimal() and len(given) < 19 else None
        row = self._one("import", known if known is not None else ImportBatch.objects.none())
        return row.pk if row else None

    def _choice(self, name: str, choices: dict[str, str]) -> str:
        value = self._value(name)
        if value and value not in choices:
            self.errors.append(_("There is none: “%(value)s”.") % {"value": value})
        return value

    def _day(self) -> datetime.date | None:
        given = self._value("day")
        if given == TODAY:
            return localdate()
        try:
            return parse_date(given)
        except ValidationError as error:
            self.errors += error.messages
            return None

    @property
    def people(self) -> QuerySet[User]:
        """Return whom it may ask for: an account of townships knows no other accounts."""
        staff = User.objects.filter(is_staff=True)
        return staff if reach_of(self.user) is None else staff.filter(pk=self.user.pk)  # type: ignore[misc]

    @cached_property
    def table_choices(self) -> list[tuple[str, str]]:
        rows = [(table.model._meta.label_lower, capfirst(kind_of_row(table.model))) for table in self.tables]
        return sorted(rows, key=lambda row: row[1])

    @cached_property
    def kind_choices(self) -> list[tuple[str, str]]:
        rows = [(CHANGE, _("changes of records")), *((label, str(text)) for label, text in LABELS.items())]
        rows.append((EXPORT, _("exported files")))
        return [*rows, (LOOK, _("looks at full numbers"))] if self.sees_looks else rows

    @property
    def sees_looks(self) -> bool:
        return bool(self.user.has_perm("registry.view_disclosure"))

    @property
    def sees_receipts(self) -> bool:
        """Return whether it sees the files of everybody; its own everybody sees."""
        return bool(self.user.has_perm("registry.view_receipt"))

    @property
    def chosen_tables(self) -> list[TrackedTable]:
        if self.kind in (EXPORT, LOOK):
            return []
        return [one for one in self.tables if self.table in ("", one.model._meta.label_lower)]

    @property
    def label(self) -> str:
        return self.kind if self.kind in LABELS else ""

    def reads_all_of(self, table: TrackedTable) -> bool:
        """Return whether it asks for every event of a table, and may read them all."""
        return not (self.label or self.organization or within_reach(table, self.user))

    def events_of(self, table: TrackedTable) -> QuerySet[Model]:
        """Return the events of a table that it may read and asks for."""
        events: QuerySet[Model] = table.events._default_manager.filter(within_reach(table, self.user))
        if self.label:
            events = events.filter(pgh_label=self.label)
        if self.organization and (path := owner_path(table)):
            return events.filter(**{path: self.organization.pk})
        return events.none() if self.organization else events

    def bounds(self) -> tuple[datetime.datetime, datetime.datetime] | None:
        """Return the first moment of the day, and the first moment of the next."""
        if self.day is None:
            return None
        after = self.day + datetime.timedelta(days=1) if self.day < datetime.date.max else self.day
        first, last = (make_aware(datetime.datetime.combine(day, datetime.time())) for day in (self.day, after))
        return first, last
