"""The first half of every import: read the file, parse every cell and stage the rows; `records` does the second half.

All problems of all rows are found before anything is written. All rows are written in one transaction.
"""

from abc import abstractmethod
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

import pghistory
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from registry.database.db_errors import integrity_errors_as_conflicts
from registry.imports import locks, recording
from registry.imports.models import ImportBatch
from registry.imports.options import Choices, RowsTaken
from registry.imports.pipeline.columns import Reader, constants_of, public_texts, readers_of
from registry.imports.pipeline.outcomes import RowOutcome
from registry.imports.pipeline.recognition import Recognition
from registry.imports.pipeline.report import Message, Report, messages_of
from registry.imports.pipeline.temporary_tables import LEFT_BEHIND
from registry.imports.reading.files import open_file
from registry.imports.reading.tables import KEYLESS, LONGER, Row, Sheet, TableFile
from registry.imports.recognising.headers import column_letter
from registry.imports.recognising.layout import IGNORED, Layout, note_use
from registry.organizations.models.reach import reach_of
from registry.proposals.holding import holding, two_persons
from registry.spreadsheet import Cell, shown
from registry.values.contacts import may_have_contact
from registry.values.punctuation import listed_lazily
from registry.values.validators import is_masked

_BATCH = 2_000
_HELD = _(
    "Changes of what the public sees that wait under “Waiting for a decision” until another person has reviewed them: "
    "%(count)d."
)
_FAULTS = {
    LONGER: _(
        "The row has filled cells beyond the last label: a cell probably contains a separator, so that the cells "
        "after it have moved to the right. Put that cell in quotation marks, or move the cells back."
    ),
    KEYLESS: _(
        "The row is below the labels of another table, which lacks a key column. Put that table into a sheet or file "
        "of its own, or complete its labels."
    ),
}
"""The reasons for refusing a row that cannot be read as a whole."""
Progress = Callable[[str, int, int], None]
"""A function called with a phase (`read`, `match`, `check`, `write`), the amount done and the total amount."""
Record = Callable[[Iterator[RowOutcome]], object]
"""A function that receives the outcomes of all rows, inside the transaction."""


@dataclass
class Import(Recognition):
    """One run of an import. Subclasses declare the columns, and examine and write the rows by set-based SQL."""

    progress: Progress = lambda phase, done, total: None
    applying: bool = field(init=False, default=False)
    choices: Choices = field(init=False, default_factory=Choices)
    decisions: Mapping[int, int | None] = field(init=False, default_factory=dict)
    """Number of a staged row -> id of the organization that somebody has chosen for it; None: a new organization."""
    reach: frozenset[int] | None = field(init=False, default=None)
    """The townships whose organizations the account works on; None if it works on all."""
    suggest: bool = field(init=False, default=False)
    """Whether to look for possible duplicates of new rows; a row that has some is held back until somebody decides."""

    accepted: Mapping[int, Collection[int]] = field(init=False, default_factory=dict)
    """Staged row -> ids of the suggested sectors that somebody has accepted."""
    given_names: dict[int, str] = field(init=False, default_factory=dict)
    """Staged row matched by a person's decision -> its name in the file, which does not replace the stored one."""

    remarked: int = field(init=False, default=0)
    """The number of staged rows with remarks in a name that the registry does not hold as it is."""
    texts: list[str] = field(init=False, default_factory=list)
    """Names of the columns whose texts everybody may read."""
    suspicious: list[int] = field(init=False, default_factory=list)
    """Staged rows that may have contact data in such a text."""
    contacts_in_text: int = field(init=False, default=0)
    """The number of staged rows with contact data in a text that everybody may read."""

    staged: list[str] = field(init=False, default_factory=list)
    """The columns of the table `import_row` besides `n`."""
    unread_cells: dict[int, set[str]] = field(init=False, default_factory=dict)
    """Staged row -> names of the columns whose cells could not be read."""
    led: set[int] = field(init=False, default_factory=set)
    """Staged rows that name a merged record and therefore are about the record that it was merged into."""
    merged: set[int] = field(init=False, default_factory=set)
    """Staged rows that are about a merged record: no file changes such a record."""

    describes_organizations: ClassVar[bool] = False
    """Whether a row describes its organization (kind, registration status, former names) or only identifies it."""
    FOUND_BY: ClassVar[set[str]] = {"registry_no", "uscc", "kind"}
    """Columns that join the rows with stored records, if the file has them."""
    NAMED_BY: ClassVar[tuple[str, ...]] = ("name_zh", "name_en")
    """Columns by which the preview names a row: the first one that is filled in."""
    more_staged: ClassVar[dict[str, str]] = {}
    """Additional staging columns that `finish_row` fills, with their SQL types."""

    def prepare(self) -> None:
        """Prepare the run. Called once the columns of the file are known, before any row is read."""

    @abstractmethod
    def finish_row(self, values: dict[str, Any], sheet: Sheet) -> None:
        """Combine the values of one row. Raises ValidationError by column name if they contradict each other."""

    @abstractmethod
    def examine(self) -> None:
        """Match the rows with records, refuse rows that break a rule, and find the changes."""

    @abstractmethod
    def apply(self) -> None:
        """Write the changes that `examine` has found for the rows that are not refused."""

    @abstractmethod
    def count(self) -> None:
        """Set the counts of the report."""

    @abstractmethod
    def outcomes(self, writing: bool) -> Iterator[RowOutcome]:
        """Yield the outcome of each row. Called between `examine` and `apply`."""

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
        """Examine the file, and write its rows if `apply` is set. The caller closes the report's table.

        Without a `layout` the run uses the mapping remembered for files with the same labels. `batch` gets state,
        counts and history context, and `record` the outcomes of all rows, in the transaction that writes the rows.
        Raises UnreadableFile if nothing can be said about rows (not a table, a column is missing) and Conflict if the
        batch is not open any more.
        """
        self.choices, self.decisions, self.suggest = choices or Choices(), decisions or {}, suggest
        self.accepted, self.reach = accepted or {}, reach_of(self.user)
        if layout is not None:
            reading["encoding"] = reading.get("encoding") or layout.encoding or None
        raw = open_file(path, **reading)
        try:
            table = self.recognise(raw, layout)
            ignored = {key for key, name in self.layout.columns.items() if name == IGNORED}
            self.report = Report(Path(path).name, table, strict=self.strict, ignored=ignored)
            self.check_columns()
            self.prepare()
            self.tell_reading()
            self._run_in_transaction(table, apply, batch, record)
        except BaseException:
            raw.close()
            raise
        return self.report

    def _run_in_transaction(
        self, table: TableFile, apply: bool, batch: ImportBatch | None, record: Record | None
    ) -> None:
        operation: dict[str, Any] = {"operation": "import", "file": self.report.file}
        if self.user is not None:
            operation["user"] = self.user.pk
        with integrity_errors_as_conflicts(), transaction.atomic():
            if batch is not None and apply:
                recording.claim(batch)
                operation["batch"] = batch.pk
            with pghistory.context(**operation) as context:
                self.applying = apply
                self._examine_file(table)
                writing = apply and self._may_write()
                if record is not None:
                    record(self.outcomes(writing))
                self.progress("write", 0, 1)
                if writing:
                    with holding(self.user) as held:
                        self.apply()
                    if held:
                        self.report.notices.append(Message(_HELD, {"count": len(held.proposals)}))
                    self.report.applied = True
                    if self.layout.memory:
                        note_use(self.layout)
                if batch is not None:
                    batch.layout = batch.layout or self.layout.to_json()
                    recording.keep(batch, self.report, self.asked_permissions(), context.id, self.user)
                elif not writing and record is None:
                    transaction.set_rollback(True)
                self.progress("write", 1, 1)

    def _may_write(self) -> bool:
        """Return whether the good rows may be written although other parts of the file are left out."""
        if self.report.strict and self.report.unread_columns():
            return False
        whole = not self.report.refused and not self.report.undecided
        return whole or self.choices.take != RowsTaken.ALL_OR_NOTHING

    def _examine_file(self, table: TableFile) -> None:
        self.execute(
            "SET LOCAL statement_timeout = 0; SET LOCAL work_mem = '32MB'; SET LOCAL gin_pending_list_limit = '4MB'"
        )
        for (left_behind,) in list(self.query(LEFT_BEHIND)):
            self.execute(f"DROP TABLE {left_behind}")
        if self.applying:
            locks.imports()
        self._stage(table)
        if self.report.strict and (unread := self.report.unread_columns()):
            labels = listed_lazily(column.label or column_letter(column.index) for column in unread)
            message = _("Nothing is written: nothing takes %(labels)s, and --strict asks that every column is read.")
            self.report.notices.append(Message(message, {"labels": labels}))
        if not self.places:
            self.report.notices.append(Message(_("There are no rows below the labels: there is nothing to import.")))
        self.examine()
        self.count()
        if two_persons() and not self.applying and (self.report.new or self.report.changed):
            self.report.notices.append(
                Message(_("What the public sees changes only once another person has reviewed it."))
            )
        refused = {(problem.sheet, problem.row) for problem in self.report.problems}
        self.report.refused = len(refused)
        self.report.undecided = len(self.undecided)
        self.report.problems.sort(key=self.row_at)
        self.report.notes = [note for note in self.report.notes if self.row_at(note) not in self.bad]
        self.report.notes.sort(key=self.row_at)

    # --- Parsing and staging

    def _stage(self, table: TableFile) -> None:
        columns = {column.name: column for column in self.columns if column.name in self.present}
        types = {name: column.sql_type for name, column in columns.items()} | self.more_staged
        types |= {f"{name}_masked": "text" for name, column in columns.items() if column.masked}
        everything = {column.name: column.sql_type for column in self.columns} | types
        everything |= {f"{column.name}_masked": "text" for column in self.columns if column.masked}
        self.staged = list(everything)
        definition = ", ".join(f'"{name}" {sql_type}' for name, sql_type in everything.items())
        self.execute(f"CREATE TEMP TABLE import_row (n integer PRIMARY KEY, {definition}) ON COMMIT DROP")
        self.texts = public_texts(columns.values())
        constants = constants_of(columns.values(), self.layout)
        readers = {sheet.key: readers_of(sheet, columns, self.layout, table.date_1904) for sheet in table.sheets}
        order = list(types)
        batch: list[list[object]] = []
        for n, (sheet, row) in enumerate(table.rows()):
            self.places.append((sheet.name, row.number))
            values = self._parse(n, row, constants, sheet, readers[sheet.key])
            batch.append([n, *map(values.get, order)])
            if may_have_contact("\n".join(filter(None, map(values.get, self.texts)))):
                self.suspicious.append(n)
            if len(batch) == _BATCH:
                self.copy_rows("import_row", ["n", *order], batch)
                batch.clear()
                self.progress("read", n, table.total)
        self.copy_rows("import_row", ["n", *order], batch)
        # Of the columns that rows are found by; those of lists and texts would take as long as all the rest.
        self.execute(f"ANALYZE import_row ({', '.join(['n', *self.FOUND_BY & everything.keys()])})")
        self.progress("read", table.total, table.total)
        self._sheet_order = {place: n for n, place in enumerate(self.places)}

    def _parse(
        self, n: int, row: Row, constants: dict[str, Any], sheet: Sheet, readers: dict[str, Reader]
    ) -> dict[str, Any]:
        values: dict[str, Any] = dict(constants)
        if row.fault:
            self.refuse(n, (), "", Message(_FAULTS[row.fault]))
            self.unreadable.add(n)
            return values
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
                    self._refuse_cell(n, name, cell, error)
                if value is None:
                    continue
            values[f"{name}_masked" if reader.column.masked and is_masked(str(value)) else name] = value
        try:
            self.finish_row(values, sheet)
        except ValidationError as error:
            for name, errors in error.error_dict.items():
                self._refuse_cell(n, name, row.values.get(name, ""), ValidationError(errors))
        return values

    def _refuse_cell(self, n: int, name: str, cell: Cell, error: ValidationError) -> None:
        for message in messages_of(error):
            self.refuse(n, name, shown(cell), message)
