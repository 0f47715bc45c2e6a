"""The second half of every import, after its rows are staged: find the records, compare, check, count, write.

An import declares its model, its columns and its child tables. An import that needs SQL of its own has it in five
hooks: `find_records`, `compare`, `check`, `tell`, `write`. The tables between the steps are listed in
`temporary_tables`.
"""

from abc import abstractmethod
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import ClassVar

from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from registry.columns import Column, RenderContext
from registry.database.permission_names import permission
from registry.imports.matching.matches import KEYS
from registry.imports.matching.reach import refuse_out_of_reach
from registry.imports.options import StoredValues
from registry.imports.pipeline import comparing
from registry.imports.pipeline.columns import stored_field
from registry.imports.pipeline.contacts_in_text import hold_contacts_in_text
from registry.imports.pipeline.engine import Import
from registry.imports.pipeline.outcomes import Change, RowOutcome, SuggestedSector, WrittenRow, change
from registry.imports.pipeline.report import CellMessage, Message
from registry.imports.tables.nested import ChildTable

_NAME = "coalesce(r.registry_no, r.uscc, r.name_zh, r.name_en)"
UNKNOWN = f"SELECT r.n, {_NAME} FROM import_row r JOIN import_match m ON m.n = r.n WHERE m.id IS NULL ORDER BY r.n"


@dataclass
class RecordImport(Import):
    """Creates and changes records of one model; an absent column or a blank cell changes nothing."""

    model: ClassVar[type[models.Model]]
    shown: ClassVar[tuple[Column, ...]]
    """The columns of the model's lists and files."""
    owner: ClassVar[str] = "organization_id"
    """The database column of a new record that is known before it is written: the organization's id, or its own.

    Empty for records that belong to no organization.
    """
    defaults: ClassVar[Mapping[str, str]] = {}
    """Field -> SQL for its value in a new record if the file has none."""
    filled_in: ClassVar[tuple[str, ...]] = ()
    """Fields whose values may be derived from cells of other columns."""
    checked_before: ClassVar[frozenset[str]] = frozenset()
    """Fields whose rules the parser has checked already."""
    shown_as: ClassVar[Mapping[str, str]] = {}
    """Column of the model -> column of the file that stands for it; the preview shows a change in that."""
    read_back: ClassVar[comparing.ReadBack] = {}
    verified: ClassVar[str] = ""
    """SQL for the day on which a stored record was verified."""
    keys: ClassVar[Promise] = _("registry number, USCC or organization name")
    """The text that names the columns a file must have."""
    add_forbidden: ClassVar[Promise] = _("Your account may not add such records.")
    change_forbidden: ClassVar[Promise] = _("Your account may not change such records.")

    children: list[ChildTable] = field(init=False, default_factory=list)
    """Child tables of the record that the same file fills."""
    changes: dict[str, str] = field(init=False, default_factory=dict)
    """Field -> SQL condition that a row changes it."""
    final: dict[str, str] = field(init=False, default_factory=dict)
    """Database column -> SQL for its value after the import."""
    _compared: list[models.Field] = field(init=False, default_factory=list)
    """The fields that the file has a column for."""
    _filled: list[ChildTable] = field(init=False, default_factory=list)
    """The child tables that the file has a column for."""

    # --- The hooks

    @abstractmethod
    def find_records(self) -> None:
        """Match the rows, refuse rows without a record if none may be created, and make the table `import_target`."""

    def compare(self) -> None:
        """Make the table `import_final`."""
        self.find_changes()
        self.make_final(comparing.results(self.model, self.changes, self.defaults))

    def check(self) -> None:
        """Refuse rows by the rules that the constraints of the model do not express."""

    def tell(self) -> None:
        """Add to the report what is true of the file as a whole."""

    def write(self) -> None:
        """Write the rows of `import_final`."""
        self.write_new()
        self.write_changed()

    def write_new(self) -> None:
        columns = [*filter(None, [self.owner]), *self.final]
        values = ["organization_id" if column == self.owner else column for column in columns]
        self.execute(
            f"""
            INSERT INTO {self.model._meta.db_table} ({", ".join(columns)})
            SELECT {", ".join(values)} FROM import_final WHERE is_new ORDER BY n
            """
        )

    def write_changed(self) -> None:
        touched = {stored_field(self.model, name).column for name in (*self.changes, *self.filled_in)}
        if written := [f"{column} = f.{column}" for column in self.final if column in touched]:
            self.overwrite(
                f"""
                UPDATE {self.model._meta.db_table} x SET {", ".join(written)} FROM import_final f
                WHERE NOT f.is_new AND x.id = f.id AND x.xmin = f.seen
                """,
                "SELECT count(*) FROM import_final WHERE NOT is_new",
            )

    # --- The steps

    def examine(self) -> None:
        self.progress("match", 0, 1)
        if self.suspicious:
            hold_contacts_in_text(self, self.model)
        self.find_records()
        if self.reach is not None:
            refuse_out_of_reach(self, self.reach)
        self.progress("match", 1, 1)
        self.progress("check", 0, 1)
        self.compare()
        self._filled = [child for child in self.children if child.present]
        for child in self._filled:
            child.examine()
        self.refuse_broken_rules(self.model, self.checked_before)
        if self.user is not None:
            self._refuse_forbidden(self.permissions(), ())
            for child in self._filled:
                self._refuse_forbidden(child.permissions(), child.columns)
        self.check()
        if out := sorted(self.bad | self.merged):
            for table in self.written_tables():
                self.execute(f"DELETE FROM {table} WHERE n = ANY(%s)", [out])
        self.progress("check", 1, 1)

    def apply(self) -> None:
        self.write()
        for child in self._filled:
            child.apply()

    def count(self) -> None:
        report = self.report
        report.new = self.value("SELECT count(*) FROM import_final WHERE is_new")
        report.changed = self.value(f"SELECT count(DISTINCT n) FROM ({self.changed_rows()}) q")
        report.unchanged = len(self.places) - report.new - report.changed - len(self.bad)
        if report.changed or self._filled:
            self._count_cells()
        if self.choices.stored != StoredValues.OVERWRITE and self.changes:
            self._tell_kept()
        self.tell()

    # --- What the steps ask

    def missing(self, names: set[str]) -> str | Promise | None:
        return None if not names.isdisjoint(KEYS) else self.keys

    def refuse_unknown_organizations(self) -> None:
        """Refuse the rows whose organization is not in the registry. For imports that create no organizations."""
        for n, value in list(self.query(UNKNOWN)):
            if n not in self.bad:
                message = _("The registry has no such organization. Import or enter it first.")
                self.refuse(n, KEYS, value, Message(message))

    def refuse_rows_of_one_record(self, key: Iterable[str], names: str, message: Promise) -> None:
        """Refuse the rows about one record if they differ; if they are all alike, take the first one.

        `key` are the database columns that tell new records apart.
        """
        groups = self.query(
            f"""
            SELECT array_agg(n ORDER BY n) FROM import_target WHERE id IS NOT NULL GROUP BY id HAVING count(*) > 1
            UNION ALL
            SELECT array_agg(n ORDER BY n) FROM import_final WHERE is_new GROUP BY {", ".join(key)} HAVING count(*) > 1
            """
        )
        self.refuse_groups([numbers for (numbers,) in groups], names, message)

    def find_changes(self) -> None:
        """Set `changes` for the columns that the file has."""
        fields = [stored_field(self.model, column.name) for column in self.shown if column.name in self.present]
        self._compared = [field for field in fields if field is not None and not field.has_db_default()]
        self.changes = comparing.changes(self._compared, self.choices.stored, self.read_back, self.verified)

    def make_final(self, final: dict[str, str]) -> None:
        """Make the table `import_final` with the records that are new or change."""
        self.final = final
        self.execute(
            f"""
            CREATE TEMP TABLE import_final ON COMMIT DROP AS
            SELECT r.n, t.organization_id, t.id, t.is_new, x.xmin AS seen,
                   {", ".join(f"{value} AS {column}" for column, value in final.items())}
            FROM import_row r JOIN import_target t ON t.n = r.n LEFT JOIN {self.model._meta.db_table} x ON x.id = t.id
            WHERE t.is_new OR (x.id IS NOT NULL AND ({" OR ".join(self.changes.values()) or "false"}))
            ORDER BY r.n
            """
        )
        self.execute("ANALYZE import_final (n, id, is_new)")

    def written_tables(self) -> list[str]:
        """Return the names of the temporary tables whose rows are written."""
        return ["import_final", *(child.table for child in self._filled)]

    def changed_rows(self, tables: Sequence[str] | None = None) -> str:
        """Return a query for the rows that change stored records or their child records."""
        return " UNION ".join(
            f"SELECT w.n FROM {table} w JOIN import_target t ON t.n = w.n WHERE NOT t.is_new"
            for table in (self.written_tables() if tables is None else tables)
        )

    def permissions(self) -> Iterator[tuple[str, str, Promise]]:
        """Yield permissions, each with a query for the rows that need it and the message if it is missing."""
        own = ["import_final", *(child.table for child in self._filled if not child.has_permissions)]
        yield permission("add", self.model), "SELECT n FROM import_final WHERE is_new", self.add_forbidden
        yield permission("change", self.model), self.changed_rows(own), self.change_forbidden

    def _refuse_forbidden(self, permissions: Iterable[tuple[str, str, Promise]], names: Sequence[str]) -> None:
        for needed, query, message in permissions:
            if not self.allows(needed):
                self.refuse_all(f"SELECT DISTINCT n, NULL FROM ({query}) q ORDER BY n", names, message)

    def _tell_kept(self) -> None:
        """Report how many cells differ from stored values and are ignored because of the choice for stored values."""
        differing = comparing.changes(self._compared, StoredValues.OVERWRITE, self.read_back, self.verified)
        kept = [f"count(*) FILTER (WHERE {differing[name]} AND NOT {self.changes[name]})" for name in differing]
        count = self.value(
            f"""
            SELECT {" + ".join(kept)} FROM import_row r JOIN import_target t ON t.n = r.n
            JOIN {self.model._meta.db_table} x ON x.id = t.id WHERE r.n <> ALL (%s)
            """,
            [sorted(self.bad)],
        )
        if count:
            message = _("Cells that differ from stored values, which stay because of your choice: %(count)d.")
            self.report.notices.append(Message(message, {"count": count}))

    def _count_cells(self) -> None:
        """Report how many cells of each column change stored records."""
        counts: dict[str, int] = {}
        if self.changes:
            found = self.query(
                f"""
                SELECT {", ".join(f"count(*) FILTER (WHERE {condition})" for condition in self.changes.values())}
                FROM import_final f JOIN import_row r ON r.n = f.n JOIN {self.model._meta.db_table} x ON x.id = f.id
                WHERE NOT f.is_new
                """
            )
            counts = dict(zip(self.changes, next(found), strict=True))
        for child in self._filled:
            present = (name for name in child.columns if name in self.present and name not in self.changes)
            counts[next(present, child.columns[0])] = child.count()
        labels = {column.name: column.labels[0] for column in self.columns}
        self.report.changed_columns = {
            self.label(0, name) or labels[name]: count for name, count in counts.items() if count
        }

    # --- What is shown of the rows

    def outcomes(self, writing: bool) -> Iterator[RowOutcome]:
        """Yield the outcomes of all rows in order, between `examine` and `apply`; they are stored with the import.

        The id of a new record is given only if the run is `writing` it.
        """
        problems, notes = self.by_row(self.report.problems), self.by_row([*self.report.notes, *self.guessed()])
        # Of rows with candidates the page asks in its own words.
        held = self.by_row([problem for problem in self.report.held if not self.undecided[self.row_at(problem)]])
        written = {row.n: row for row in self.written() if row.n not in self.bad}
        suggested = self.suggested() if self.suggest else {}
        for n, name, organization in self.query(self._named_rows()):
            sheet, number = self.places[n]
            changes: list[Change] = []
            if n in problems:
                outcome = "refused"
            elif n in self.undecided:
                outcome = "undecided"
            elif n in written:
                row = written[n]
                outcome, changes = "new" if row.is_new else "changed", row.changes
                organization = row.organization if writing or not row.is_new else None
            else:
                outcome = "unchanged"
            yield RowOutcome(
                n,
                sheet,
                number,
                outcome,
                self.given_names.get(n) or name or "",
                organization,
                problems.get(n, []) + held.get(n, []),
                changes,
                self.undecided.get(n, []),
                suggested.get(n, []),
                notes.get(n, []),
            )

    def _named_rows(self) -> str:
        """Return a query for the names by which the preview calls the rows, and their organizations."""
        columns = {column.name: column for column in self.columns}
        texts = []
        for name in self.NAMED_BY:
            if name in columns:
                texts += [f"r.{name}::text"] + ([f"r.{name}_masked"] if columns[name].masked else [])
        texts += ["nullif(o.name_zh, '')", "o.name_en"]
        texts += [f"r.{name}" for name in ("registry_no", "uscc") if name in columns]
        return f"""
            SELECT r.n, coalesce({", ".join(texts)}), o.id FROM import_row r LEFT JOIN import_match m ON m.n = r.n
            LEFT JOIN registry_organization o ON o.id = m.id ORDER BY r.n
        """

    def suggested(self) -> Mapping[int, list[SuggestedSector]]:
        """Return the sectors suggested for rows without any."""
        return {}

    def guessed(self) -> Iterable[CellMessage]:
        """Return messages about guessed values: the report counts them, the page shows each beside its row."""
        return ()

    def render_context(self) -> RenderContext:
        """Return the context that the columns need to show values."""
        return RenderContext()

    def written(self) -> Iterator[WrittenRow]:
        """Yield the rows that are new or change something, with their changes."""
        columns = {column.name: column for column in self.shown if column.in_file}
        order = {name: place for place, name in enumerate(columns)}
        context = self.render_context()
        rows = dict(self._written_records(columns, context))
        for child in self._filled:
            for n, is_new, organization, name, before, after in child.changes(columns, context):
                row = rows.setdefault(n, WrittenRow(n, is_new, organization, []))
                if before != after:
                    _add(row.changes, change(columns[name], before, after, context, is_new))
        for n in sorted(rows):
            rows[n].changes.sort(key=lambda one: order[one["column"]])
            for one in rows[n].changes if self.shown_as else ():
                one["column"] = self.shown_as.get(one["column"], one["column"])
            yield rows[n]

    def _written_records(
        self, columns: Mapping[str, Column], context: RenderContext
    ) -> Iterator[tuple[int, WrittenRow]]:
        names = {*self.changes, *self.filled_in}
        shown = [column for column in columns.values() if column.name in names]
        stored = [stored_field(self.model, column.name).column for column in shown]
        values = [f"{table}.{column}" for table in "xf" for column in stored]
        query = f"""
            SELECT {", ".join(["f.n", "f.is_new", "f.organization_id", *values])} FROM import_final f
            LEFT JOIN {self.model._meta.db_table} x ON x.id = f.id AND NOT f.is_new ORDER BY f.n
        """
        for n, is_new, organization, *row in self.query(query):
            found: list[Change] = []
            for column, before, after in zip(shown, row[: len(shown)], row[len(shown) :], strict=True):
                # Most cells of a list are blank, or as stored: they are passed over without being written.
                if before != after and not (is_new and after == ""):
                    _add(found, change(column, before, after, context, is_new))
            yield n, WrittenRow(n, is_new, organization, found)


def _add(changes: list[Change], change: Change) -> None:
    if change["new"] != change.get("old", ""):
        changes.append(change)
