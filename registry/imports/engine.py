"""The way of every import: read, parse every cell, stage the rows in a temporary table, examine them there, apply.

All problems of all rows are found before anything is written; what is written is one transaction.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Sequence, Set
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

import pghistory
from django.contrib.auth.models import AbstractUser
from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.db.models import Model
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from registry.cells import Cell, Context
from registry.conflicts import lost_races_as_conflicts
from registry.imports import sql
from registry.imports.headers import Recogniser, header_unit
from registry.imports.reading import Row, Sheet, Table, read_file
from registry.imports.refusals import UnreadableFile
from registry.imports.report import Message, Problem, Report, messages_of
from registry.validators import is_masked

_LEFT_BEHIND = """
SELECT relname FROM pg_class WHERE relnamespace = pg_my_temp_schema() AND relkind = 'r' AND relname LIKE 'import\\_%%'
"""
_BATCH = 2_000
_REMEMBERED = 2_000
Progress = Callable[[str, int, int], None]
"""Called with a phase (`read`, `match`, `check`, `write`), how much of it is done, and how much there is."""


@dataclass(frozen=True, slots=True)
class FileColumn:
    """A column that a file may have: how its cells are read, and how the values are staged."""

    name: str
    labels: Sequence[str]
    parse: Callable[[Cell, Context], Any]
    sql_type: str = "text"
    max_length: int | None = None
    masked: bool = False
    """Hidden characters are let through, and staged apart: such a value never replaces a full one."""
    stands_for: tuple[str, ...] = ()
    """Columns that the values of this one may mean; `finish_row` decides which."""
    permission: str = ""
    """Without it the column is not read: whoever may not see values must not learn them by trying."""


@dataclass(slots=True)
class _Reader:
    """How one column of one sheet is read."""

    column: FileColumn
    label: str
    context: Context
    known: dict[str, Any] = field(default_factory=dict)
    """Values of texts read before: in most columns the same few stand again and again."""

    def read(self, cell: Cell) -> Any:
        value = self.column.parse(cell, self.context)
        limit = self.column.max_length
        if limit and isinstance(value, str) and len(value) > limit:
            raise ValidationError(
                _("The text has %(length)d characters; at most %(limit)d are possible."),
                code="too_long",
                params={"length": len(value), "limit": limit},
            )
        if isinstance(cell, str) and len(self.known) < _REMEMBERED:
            self.known[cell] = value
        return value


@dataclass
class Import(ABC):
    """One run of an import. Subclasses declare the columns and do the examining and the writing by set-based SQL."""

    user: AbstractUser | None = None
    """For whom: what the account may not do is refused row by row. None may do everything (the command line)."""
    progress: Progress = lambda phase, done, total: None
    report: Report = field(init=False)
    bad: set[int] = field(init=False, default_factory=set)
    """Numbers `n` of staged rows that are refused."""
    applying: bool = field(init=False, default=False)
    present: set[str] = field(init=False, default_factory=set)
    """Names of the columns that the file has and that are read."""
    places: list[tuple[str, int]] = field(init=False, default_factory=list)
    """Sheet and row number of each staged row."""

    LOCK: ClassVar[int] = 0
    """Imports that share it wait for each other."""
    more_staged: ClassVar[dict[str, str]] = {}
    """Staging columns that `finish_row` fills, beside those of the file, with their SQL types."""

    @abstractmethod
    def columns(self) -> Sequence[FileColumn]:
        """All columns that a file may have."""

    @abstractmethod
    def missing(self, names: set[str]) -> str | Promise | None:
        """Which column is wanting, where the names found cannot say what a row is about; None where they can."""

    @abstractmethod
    def finish_row(self, values: dict[str, Any], sheet: Sheet) -> None:
        """Bring the values of one row together; raises ValidationError by column name where they contradict."""

    @abstractmethod
    def examine(self) -> None:
        """Find the records, refuse what cannot be, and find what would change."""

    @abstractmethod
    def apply(self) -> None:
        """Write what `examine` has found for the rows that are not refused."""

    @abstractmethod
    def count(self) -> None:
        """Set the counts of the report."""

    def run(self, path: Path | str, *, apply: bool = False, all_or_nothing: bool = False, **reading: Any) -> Report:
        """Try the file, and apply it where asked. The caller closes the report's table.

        Raises UnreadableFile where nothing can be said about rows: not a table, a column wanting.
        """
        allowed = [column for column in self.columns() if self.allows(column.permission)]
        withheld = {column.name: column for column in self.columns()} if len(allowed) < len(self.columns()) else {}
        recognise = Recogniser({column.name: column.labels for column in allowed})
        table = read_file(path, recognise, complete=lambda names: self.missing(names) is None, **reading)
        try:
            self.report = Report(Path(path).name, table)
            for sheet in table.sheets:
                wanting = self.missing(sheet.names)
                if wanting:
                    raise UnreadableFile("column_missing", sheet=sheet.name or self.report.file, column=wanting)
                self.present |= sheet.names
            for column in allowed:
                if column.name in self.present:
                    self.present.update(column.stands_for)
            self._tell_withheld(withheld, allowed)
            self._run_in_transaction(table, apply, all_or_nothing)
        except BaseException:
            table.close()
            raise
        return self.report

    def allows(self, permission: str) -> bool:
        """Whether the run may do what the permission is for."""
        return not permission or self.user is None or self.user.has_perm(permission)

    def _tell_withheld(self, columns: dict[str, FileColumn], allowed: list[FileColumn]) -> None:
        if not columns:
            return
        recognise = Recogniser({name: column.labels for name, column in columns.items()})
        names = {column.name for column in allowed}
        labels = [
            label
            for sheet in self.report.table.sheets
            for label in sheet.ignored
            if recognise(label) not in (None, *names)
        ]
        if labels:
            self.report.notices.append(
                Message(
                    _("Not read, because your account may not see such data: %(labels)s."),
                    {"labels": "、".join(labels)},
                )
            )

    def _run_in_transaction(self, table: Table, apply: bool, all_or_nothing: bool) -> None:
        said: dict[str, Any] = {"operation": "import", "file": self.report.file}
        if self.user is not None:
            said["user"] = self.user.pk
        with lost_races_as_conflicts(), transaction.atomic(), pghistory.context(**said):
            self.execute("SET LOCAL statement_timeout = 0; SET LOCAL work_mem = '32MB'")
            for (left_behind,) in list(self.query(_LEFT_BEHIND)):  # by an import earlier in the same transaction
                self.execute(f"DROP TABLE {left_behind}")
            if apply:
                self.execute("SELECT pg_advisory_xact_lock(%s)", [self.LOCK])
            self.applying = apply
            self._stage(table)
            self.examine()
            self.count()
            self.report.refused = len({(problem.sheet, problem.row) for problem in self.report.problems})
            self.report.problems.sort(key=lambda problem: self._sheet_order[problem.sheet, problem.row])
            if apply and not (all_or_nothing and self.report.refused):
                self.progress("write", 0, 1)
                self.apply()
                self.report.applied = True
            else:
                transaction.set_rollback(True)
            self.progress("write", 1, 1)

    # --- Parsing and staging

    def _stage(self, table: Table) -> None:
        columns = {column.name: column for column in self.columns() if column.name in self.present}
        types = {name: column.sql_type for name, column in columns.items()} | self.more_staged
        types |= {f"{name}_masked": "text" for name, column in columns.items() if column.masked}
        everything = {column.name: column.sql_type for column in self.columns()} | types
        everything |= {f"{column.name}_masked": "text" for column in self.columns() if column.masked}
        definition = ", ".join(f"{name} {sql_type}" for name, sql_type in everything.items())
        self.execute(f"CREATE TEMP TABLE import_row (n integer PRIMARY KEY, {definition}) ON COMMIT DROP")
        readers = {sheet.name: (sheet, self._readers(sheet, columns, table.date_1904)) for sheet in table.sheets}
        order = list(types)
        into = f"COPY import_row (n, {', '.join(order)}) FROM STDIN"
        batch: list[list[Any]] = []
        for n, row in enumerate(table.rows()):
            self.places.append((row.sheet, row.number))
            values = self._parse(n, row, *readers[row.sheet])
            batch.append([n, *map(values.get, order)])
            if len(batch) == _BATCH:
                self._copy(into, batch)
                self.progress("read", n, table.total)
        self._copy(into, batch)
        self.execute("ANALYZE import_row")
        self.progress("read", table.total, table.total)
        self._sheet_order = {place: n for n, place in enumerate(self.places)}

    def _copy(self, into: str, batch: list[list[Any]]) -> None:
        """Copy the rows and empty the batch. Parsing stays outside: no query can run on a connection that copies."""
        with connection.cursor() as cursor, cursor.copy(into) as copy:
            for values in batch:
                copy.write_row(values)
        batch.clear()

    def _readers(self, sheet: Sheet, columns: dict[str, FileColumn], date_1904: bool) -> dict[str, _Reader]:
        return {
            column.name: _Reader(columns[column.name], column.label, Context(header_unit(column.label), date_1904))
            for column in sheet.columns
        }

    def _parse(self, n: int, row: Row, sheet: Sheet, readers: dict[str, _Reader]) -> dict[str, Any]:
        values: dict[str, Any] = {}
        for name, cell in row.values.items():
            if cell == "":
                continue
            reader = readers[name]
            value = reader.known.get(cell) if isinstance(cell, str) else None
            if value is None:
                try:
                    value = reader.read(cell)
                except ValidationError as error:
                    self._refuse_cell(n, row, reader.label, cell, error)
                if value is None:
                    continue
            values[f"{name}_masked" if reader.column.masked and is_masked(value) else name] = value
        try:
            self.finish_row(values, sheet)
        except ValidationError as error:
            for name, errors in error.error_dict.items():
                label = readers[name].label if name in readers else ""
                self._refuse_cell(n, row, label, row.values.get(name, ""), ValidationError(errors))
        return values

    def _refuse_cell(self, n: int, row: Row, label: str, cell: Cell, error: ValidationError) -> None:
        self.bad.add(n)
        text = str(cell)
        text = text if len(text) <= 60 else text[:59] + "…"
        for message in messages_of(error):
            self.report.problems.append(Problem(row.sheet, row.number, label, text, message))

    # --- For subclasses

    def execute(self, statement: str, params: Sequence[Any] | None = None) -> None:
        with connection.cursor() as cursor:
            cursor.execute(statement, params)

    def value(self, query: str, params: Sequence[Any] | None = None) -> Any:
        """The only value of the only row."""
        return next(self.query(query, params))[0]

    def query(self, query: str, params: Sequence[Any] | None = None) -> Iterator[tuple[Any, ...]]:
        with connection.cursor() as cursor:
            cursor.execute(query, params)
            yield from cursor

    def label(self, n: int, name: str) -> str:
        """The label that a column has in the sheet of a staged row; empty where the sheet has no such column."""
        sheet_name = self.places[n][0]
        sheet = next(sheet for sheet in self.report.table.sheets if sheet.name == sheet_name)
        return next((column.label for column in sheet.columns if column.name == name), "")

    def refuse(self, n: int, names: str | Iterable[str], value: object, message: Message) -> None:
        """Refuse a staged row; the first of the named columns that its sheet has is told as the place."""
        self.bad.add(n)
        sheet, number = self.places[n]
        labels = (self.label(n, name) for name in ([names] if isinstance(names, str) else names))
        label = next(filter(None, labels), "")
        self.report.problems.append(Problem(sheet, number, label, "" if value is None else str(value), message))

    def refuse_broken_rules(self, model: type[Model], touched: Set[str]) -> None:
        """Refuse the rows of `import_final` that break a check constraint of the model, in the constraint's words."""
        query, checks = sql.broken_checks(model, "import_final", touched)
        if not checks:
            return
        broken: dict[int, list[int]] = {}
        for n, position in self.query(query):
            broken.setdefault(position, []).append(n)
        for position, numbers in broken.items():
            names = sql.fields_of(checks[position])
            message = Message(checks[position].violation_error_message or "", {"name": checks[position].name})
            column = sql.column_of(model._meta.get_field(names[0]))
            values = f"SELECT n, {column}::text FROM import_final WHERE n = ANY(%s) ORDER BY n"  # noqa: S608
            for n, value in self.query(values, [numbers]):
                self.refuse(n, names, value, message)
