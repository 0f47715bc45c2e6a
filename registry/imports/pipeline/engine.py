"""The first half of every import: read, parse every cell, stage the rows in a temporary table; `records` does the rest.

All problems of all rows are found before anything is written; what is written is one transaction.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, ClassVar

import pghistory
from django.contrib.auth.models import AbstractUser
from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from registry.database.db_errors import lost_races_as_conflicts
from registry.imports import locks, recording
from registry.imports.models import ImportBatch, ImportMapping
from registry.imports.options import Choices, Take
from registry.imports.pipeline import sql
from registry.imports.pipeline.outcomes import RowOutcome, Suggested, Written
from registry.imports.pipeline.report import Message, Problem, Report, messages_of
from registry.imports.pipeline.staging import FileColumn, Reader, constants_of, readers_of, texts_of
from registry.imports.pipeline.statements import Database
from registry.imports.pipeline.telling import Telling
from registry.imports.reading.files import Column, RawFile, Row, Sheet, Table, open_file
from registry.imports.reading.refusals import UnreadableFile
from registry.imports.recognising import mappings
from registry.imports.recognising.confidential import Confidential
from registry.imports.recognising.headers import Recogniser, column_letter, label_key
from registry.imports.recognising.layout import Layout
from registry.imports.recognising.sheets import Corrected, Recognise, own_header, recognise_table, unread_columns
from registry.spreadsheet import Cell, shorten
from registry.values.contacts import may_have_contact
from registry.values.validators import is_masked

__all__ = ["FileColumn", "Import", "Progress"]

_BATCH = 2_000
NEVER_READ = _("“%(label)s” holds data that not everybody may see: it is never read as “%(meant)s”.")
Progress = Callable[[str, int, int], None]
"""Called with a phase (`read`, `match`, `check`, `write`), how much of it is done, and how much there is."""
Record = Callable[[Iterator[RowOutcome]], object]
"""Takes what became of each row, inside the transaction."""


@dataclass
class Import(Telling, Database, ABC):
    """One run of an import. Subclasses declare the columns and do the examining and the writing by set-based SQL."""

    user: AbstractUser | None = None
    """For whom: what the account may not do is refused row by row. None may do everything (the command line)."""
    progress: Progress = lambda phase, done, total: None
    columns: list[FileColumn] = field(init=False, default_factory=list)
    """All columns that a file may have."""
    applying: bool = field(init=False, default=False)
    present: set[str] = field(init=False, default_factory=set)
    """Names of the columns that the file has and that are read, and of those that `prepare` adds."""
    in_file: frozenset[str] = field(init=False, default=frozenset())
    """Names of the columns that the file has and that are read."""
    choices: Choices = field(init=False, default_factory=Choices)
    layout: Layout = field(init=False, default_factory=Layout)
    mapping: ImportMapping | None = field(init=False, default=None)
    """What was remembered for such files, where it is used."""
    corrections: Mapping[str, str] = field(init=False, default_factory=dict)
    """`label_key()` of a label -> name of the column that it means, or IGNORED: goes before what is remembered."""
    constants: Mapping[str, str] = field(init=False, default_factory=dict)
    """Name of a column -> text for all rows: goes before what is remembered."""
    confidential: Confidential = field(init=False)
    confidential_places: dict[str, dict[int, str]] = field(init=False, default_factory=dict)
    """Name of a sheet -> index of a column with data that not everybody may see -> what seeing it asks for."""
    decisions: Mapping[int, int | None] = field(init=False, default_factory=dict)
    """Staged row -> organization that it is the same as; None: another one."""
    suggest: bool = field(init=False, default=False)
    """Whether possible duplicates of new rows are looked for; rows that have some are held back until decided."""

    accepted: Mapping[int, Collection[int]] = field(init=False, default_factory=dict)
    """Staged row -> sectors that were suggested for it and that somebody has accepted."""
    given_names: dict[int, str] = field(init=False, default_factory=dict)
    """Staged rows that a decision has matched -> the name in the file, which the record does not take over."""

    remarked: int = field(init=False, default=0)
    """How many staged rows have remarks in a name that the registry does not have as it stands."""
    texts: list[str] = field(init=False, default_factory=list)
    """Names of the columns whose texts everybody may read."""
    suspicious: list[int] = field(init=False, default_factory=list)
    """Staged rows that may have contact data in such a text."""
    contacts_in_text: int = field(init=False, default=0)
    """How many staged rows have contact data in a text that everybody may read."""

    staged: list[str] = field(init=False, default_factory=list)
    """The columns of `import_row` beside `n`."""
    unread_cells: dict[int, set[str]] = field(init=False, default_factory=dict)
    """Staged rows -> names of the columns whose cells could not be read."""
    led: set[int] = field(init=False, default_factory=set)
    """Staged rows that name a merged record, and are about its successor."""
    merged: set[int] = field(init=False, default_factory=set)
    """Staged rows about a merged record, as they say themselves: no file changes it."""

    TABLE: ClassVar[str] = ""
    """Name of the table of imports, under which mappings are remembered."""
    describes_organizations: ClassVar[bool] = False
    """Whether rows say what their organization is (kind, registration status, former names), not only which it is."""
    FOUND_BY: ClassVar[set[str]] = {"registry_no", "uscc", "kind"}
    """Columns by which rows are joined with what is stored, where a file may have them."""
    more_staged: ClassVar[dict[str, str]] = {}
    """Staging columns that `finish_row` fills, beside those of the file, with their SQL types."""

    @abstractmethod
    def missing(self, names: set[str]) -> str | Promise | None:
        """Which column is wanting, where the names found cannot say what a row is about; None where they can."""

    def unread(self, table: Table, sheet: Sheet) -> Sequence[Column]:
        """The columns that nothing takes and that must not be passed over before somebody has said so."""
        return ()

    def prepare(self) -> None:
        """Called once the columns of the file are known, before any row is read."""

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

    @abstractmethod
    def outcomes(self, writing: bool) -> Iterator[RowOutcome]:
        """What becomes of each row; asked between `examine` and `apply`."""

    @abstractmethod
    def written(self) -> Iterator[Written]:
        """The rows that are new or change something, with their changes; asked where `outcomes` is."""

    def suggested(self) -> Mapping[int, list[Suggested]]:
        """The sectors suggested for rows without any: asked where `written` is."""
        return {}

    def run(
        self,
        path: Path | str,
        *,
        apply: bool = False,
        choices: Choices | None = None,
        layout: Layout | None = None,
        decisions: Mapping[int, int | None] | None = None,
        accepted: Mapping[int, Collection[int]] | None = None,
        batch: ImportBatch | None = None,
        record: Record | None = None,
        suggest: bool = False,
        **reading: Any,
    ) -> Report:
        """Try the file, and apply it where asked. The caller closes the report's table.

        Without a `layout`, that is used which is remembered for files with the same labels. `batch` keeps state, counts
        and history context in the transaction that writes the rows, and `record` gets the outcomes of all rows in it.
        Raises UnreadableFile where nothing can be said about rows: not a table, a column wanting; Conflict where the
        batch is not open any more.
        """
        self.choices, self.decisions, self.suggest = choices or Choices(), decisions or {}, suggest
        self.accepted = accepted or {}
        if layout is not None:
            reading["encoding"] = reading.get("encoding") or layout.encoding or None
        raw = open_file(path, **reading)
        try:
            table = self.recognise(raw, layout)
            self.report = Report(Path(path).name, table)
            self._check_columns()
            self.in_file = frozenset(self.present)
            self.prepare()
            self._tell_layout()
            self._tell_withheld()
            self._run_in_transaction(table, apply, batch, record)
        except BaseException:
            raw.close()
            raise
        return self.report

    def recognise(self, raw: RawFile, layout: Layout | None) -> Table:
        """The file as a table of this import's columns. Raises UnreadableFile where it has no header."""
        joins = self.recogniser()
        if layout is None:
            self.mapping = mappings.find_mapping(self.TABLE, raw, joins) if self.TABLE else None
            layout = mappings.layout_of(self.mapping) if self.mapping else Layout()
        columns, constants = {**layout.columns, **self.corrections}, {**layout.constants, **self.constants}
        self.layout = layout = replace(layout, columns=columns, constants=constants)
        self.confidential = Confidential(self.columns, columns, self.allows)
        allowed = {column.name: column.labels for column in self.allowed_columns()}
        recognise: Recognise = Recogniser(allowed)
        if followed := self.confidential.followed():
            recognise = Corrected(recognise, followed, [*allowed])
        given = set(layout.constants) & set(allowed)
        table = recognise_table(
            raw, recognise, complete=lambda names: self.missing(names | given) is None, layout=layout, joins=joins
        )
        for sheet in table.sheets:
            self._close(sheet, raw, joins)
        return table

    def recogniser(self) -> Recogniser:
        """Knows all columns, whether the account may see them or not."""
        return Recogniser({column.name: column.labels for column in self.columns})

    def _close(self, sheet: Sheet, raw: RawFile, joins: Recognise) -> None:
        """Keep confidential columns from being read as others, also where corrections lead to another header."""
        own = own_header(raw, sheet.name, joins)[1]
        places = self.confidential_places[sheet.name] = self.confidential.places(sheet.header, own)
        permissions = {column.name: column.permission for column in self.columns}
        kept = [column for column in sheet.columns if places.get(column.index) in (None, permissions[column.name])]
        sheet.ignored += [column.label for column in sheet.columns if column not in kept]
        sheet.columns[:] = kept

    def allowed_columns(self) -> list[FileColumn]:
        """The columns whose values the account may see."""
        return [column for column in self.columns if self.allows(column.permission)]

    def _check_columns(self) -> None:
        """Note which columns the file has. Raises UnreadableFile where a sheet lacks one, or has one too many."""
        allowed = self.allowed_columns()
        given = {column.name for column in allowed if self.layout.constants.get(column.name)}
        for sheet in self.report.table.sheets:
            wanting = self.missing(sheet.names | given)
            if wanting:
                raise UnreadableFile("column_missing", sheet=sheet.name or self.report.file, column=wanting)
            if unread := self.unread(self.report.table, sheet):
                raise unread_columns(unread, sheet.name or self.report.file)
            self.present |= sheet.names | given
        for column in allowed:
            if column.name in self.present:
                self.present.update(column.stands_for)

    def allows(self, permission: str) -> bool:
        """Whether the run may do what the permission is for."""
        return not permission or self.user is None or self.user.has_perm(permission)

    def _tell_layout(self) -> None:
        """Tell what is read as remembered, and which corrections are not followed."""
        names = {column.name: column for column in self.allowed_columns()}
        labels = [label for sheet in self.report.table.sheets for label in sheet.header if label]
        self.report.remembered = list(mappings.in_force(self.layout, labels, names))
        known = {column.name: column for column in self.columns}
        for key, name in self.confidential.refused().items():
            meant = {"label": next((label for label in labels if label_key(label) == key), key), "meant": known[name]}
            self.report.notices.append(Message(NEVER_READ, meant))

    def _tell_withheld(self) -> None:
        """Name the columns that the account may not see."""
        labels = [
            "".join(sheet.header[index : index + 1]) or column_letter(index)
            for sheet in self.report.table.sheets
            for index, needed in self.confidential_places[sheet.name].items()
            if not self.allows(needed)
        ]
        if labels:
            message = _("Not read, because your account may not see such data: %(labels)s.")
            self.report.notices.append(Message(message, {"labels": "、".join(dict.fromkeys(labels))}))

    def _run_in_transaction(self, table: Table, apply: bool, batch: ImportBatch | None, record: Record | None) -> None:
        said: dict[str, Any] = {"operation": "import", "file": self.report.file}
        if self.user is not None:
            said["user"] = self.user.pk
        with lost_races_as_conflicts(), transaction.atomic():
            if batch is not None and apply:
                recording.claim(batch)
                said["batch"] = batch.pk
            with pghistory.context(**said) as context:
                self.applying = apply
                self._examine_file(table)
                whole = not self.report.refused and not self.report.undecided
                writing = apply and (whole or self.choices.take != Take.ALL_OR_NOTHING)
                if record is not None:
                    record(self.outcomes(writing))
                self.progress("write", 0, 1)
                if writing:
                    self.apply()
                    self.report.applied = True
                    mappings.used(self.layout)
                if batch is not None:
                    batch.layout = batch.layout or self.layout.to_json()
                    recording.keep(batch, self.report, self.asked_permissions(), context.id, self.user)
                elif not writing and record is None:
                    transaction.set_rollback(True)
                self.progress("write", 1, 1)

    def _examine_file(self, table: Table) -> None:
        self.execute(
            "SET LOCAL statement_timeout = 0; SET LOCAL work_mem = '32MB'; SET LOCAL gin_pending_list_limit = '4MB'"
        )
        for (left_behind,) in list(self.query(sql.LEFT_BEHIND)):  # by an import earlier in the same transaction
            self.execute(f"DROP TABLE {left_behind}")
        if self.applying:
            locks.imports()
        self._stage(table)
        if not self.places:
            self.report.notices.append(Message(_("There are no rows below the labels: there is nothing to import.")))
        self.examine()
        self.count()
        refused = {(problem.sheet, problem.row) for problem in self.report.problems}
        self.report.refused = len(refused)
        self.report.undecided = len(self.undecided)
        self.report.problems.sort(key=self.row_at)
        self.report.notes = [note for note in self.report.notes if self.row_at(note) not in self.bad]
        self.report.notes.sort(key=self.row_at)

    def asked_permissions(self, names: Collection[str] | None = None) -> set[str]:
        """What seeing the rows asks for: of the named columns, by default those that are read, and by the labels."""
        names = self.in_file if names is None else names
        read = {column.permission for column in self.columns if column.name in names}
        said = {needed for places in self.confidential_places.values() for needed in places.values()}
        return {needed for needed in read | said if needed and self.allows(needed)}

    # --- Parsing and staging

    def _stage(self, table: Table) -> None:
        columns = {column.name: column for column in self.columns if column.name in self.present}
        types = {name: column.sql_type for name, column in columns.items()} | self.more_staged
        types |= {f"{name}_masked": "text" for name, column in columns.items() if column.masked}
        everything = {column.name: column.sql_type for column in self.columns} | types
        everything |= {f"{column.name}_masked": "text" for column in self.columns if column.masked}
        self.staged = list(everything)
        definition = ", ".join(f"{name} {sql_type}" for name, sql_type in everything.items())
        self.execute(f"CREATE TEMP TABLE import_row (n integer PRIMARY KEY, {definition}) ON COMMIT DROP")
        self.texts = texts_of(columns.values())
        constants = constants_of(columns.values(), self.layout)
        readers = {
            sheet.name: (sheet, readers_of(sheet, columns, self.layout, table.date_1904)) for sheet in table.sheets
        }
        order = list(types)
        into = f"COPY import_row (n, {', '.join(order)}) FROM STDIN"
        batch: list[list[Any]] = []
        for n, row in enumerate(table.rows()):
            self.places.append((row.sheet, row.number))
            values = self._parse(n, row, constants, *readers[row.sheet])
            batch.append([n, *map(values.get, order)])
            if may_have_contact("\n".join(filter(None, map(values.get, self.texts)))):
                self.suspicious.append(n)
            if len(batch) == _BATCH:
                self._copy(into, batch)
                self.progress("read", n, table.total)
        self._copy(into, batch)
        # Of the columns that rows are found by; those of lists and texts would take as long as all the rest.
        self.execute(f"ANALYZE import_row ({', '.join(['n', *self.FOUND_BY & everything.keys()])})")
        self.progress("read", table.total, table.total)
        self._sheet_order = {place: n for n, place in enumerate(self.places)}

    def _copy(self, into: str, batch: list[list[Any]]) -> None:
        """Copy the rows and empty the batch. Parsing stays outside: no query can run on a connection that copies."""
        with connection.cursor() as cursor, cursor.copy(into) as copy:
            for values in batch:
                copy.write_row(values)
        batch.clear()

    def _parse(
        self, n: int, row: Row, constants: dict[str, Any], sheet: Sheet, readers: dict[str, Reader]
    ) -> dict[str, Any]:
        values: dict[str, Any] = dict(constants)
        for name, cell in row.values.items():
            if cell == "":
                continue
            reader = readers[name]
            value = reader.known.get(cell) if isinstance(cell, str) else None
            if value is None:
                try:
                    value = reader.read(cell)
                except ValidationError as error:
                    self.unread_cells.setdefault(n, set()).add(name)
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
        text = shorten(str(cell))
        for message in messages_of(error):
            self.report.problems.append(Problem(row.sheet, row.number, label, text, message))
