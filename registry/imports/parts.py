"""Import of what belongs to an organization and stands in a table of its own: annual figures, qualifications.

Organizations are found as everywhere and never created; a row creates or changes one record below its organization.
"""

from abc import abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar

from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from registry.cells import parse_line
from registry.columns import Column, Reading
from registry.imports import sql
from registry.imports.choices import Stored
from registry.imports.columns import file_columns
from registry.imports.duplicates import hold_possible_duplicates
from registry.imports.engine import FileColumn, Import
from registry.imports.identifiers import join_identifiers, key_columns
from registry.imports.matching import KEYS, STAGED, match_organizations
from registry.imports.outcomes import Written, change
from registry.imports.reading import Sheet
from registry.imports.remarked_rows import look_up_without_remarks
from registry.imports.report import Message
from registry.rows.template_help import NAMES

_TEXT = (models.CharField, models.TextField)


@dataclass
class PartImport(Import):
    """One run for one model below organizations."""

    model: ClassVar[type[models.Model]]
    rows: ClassVar[tuple[Column, ...]]
    """The columns of the model's lists and files."""
    required: ClassVar[str]
    """The field without which a row says nothing."""
    required_message: ClassVar[Promise]
    second_message: ClassVar[Promise]
    """For two rows about one record."""

    LOCK: ClassVar[int] = 0x5A534149
    more_staged: ClassVar[dict[str, str]] = STAGED

    @abstractmethod
    def find_records(self) -> None:
        """Make `import_part`: `n` and `organization_id` of the rows to be recorded, `id` of their records or NULL."""

    # --- Columns

    def columns(self) -> Sequence[FileColumn]:
        if not hasattr(self, "_columns"):
            self._columns = self._make_columns()
        return self._columns

    def _make_columns(self) -> list[FileColumn]:
        own = [
            column if column.name in (*KEYS, self.required) else replace(column, permission=self.permission("view"))
            for column in file_columns(self.model, self.rows)
        ]
        own.append(FileColumn("name_en", ["英文名称", "English name", "单位英文名称"], parse_line, group=NAMES))
        return [*own, *key_columns(NAMES)]

    def permission(self, action: str) -> str:
        options = self.model._meta
        return f"{options.app_label}.{action}_{options.model_name}"

    def finish_row(self, values: dict[str, Any], sheet: Sheet) -> None:
        join_identifiers(values)

    def missing(self, names: set[str]) -> str | Promise | None:
        return None if not names.isdisjoint(KEYS) else _("registry number, USCC or organization name")

    # --- Examining

    def examine(self) -> None:
        self.progress("match", 0, 1)
        look_up_without_remarks(self)
        match_organizations(self)
        if self.suggest:
            hold_possible_duplicates(self)
        self.progress("match", 1, 1)
        self.progress("check", 0, 1)
        self._refuse_unknown()
        if self.allows(self.permission("view")):
            self.find_records()
        else:
            self._refuse_all("SELECT n, NULL FROM import_row", (), _("Your account may not see such data."))
            self.execute("CREATE TEMP TABLE import_part (n integer, organization_id bigint, id bigint) ON COMMIT DROP")
        self._make_final()
        self._refuse_second_rows()
        self.refuse_broken_rules(self.model, set(self._changes))
        self._check_permissions()
        self.execute("DELETE FROM import_final WHERE n = ANY(%s)", [sorted(self.bad)])
        self.progress("check", 1, 1)

    def _refuse_all(self, query: str, names: str | Sequence[str], message: Promise) -> None:
        """Refuse the rows that a query finds: pairs of a row and the value to tell."""
        for n, value in list(self.query(f"{query} ORDER BY 1")):
            self.refuse(n, names, value, Message(message, {"value": value}))

    def _refuse_unknown(self) -> None:
        name = "coalesce(r.registry_no, r.uscc, r.name_zh, r.name_en)"
        unknown = f"SELECT r.n, {name} FROM import_row r JOIN import_match m ON m.n = r.n WHERE m.id IS NULL"  # noqa: S608
        for n, value in list(self.query(f"{unknown} ORDER BY r.n")):
            if n not in self.bad:
                message = _("The registry has no such organization. Import or enter it first.")
                self.refuse(n, KEYS, value, Message(message))
        wanting = f"SELECT n, NULL FROM import_row WHERE {self.required} IS NULL AND n <> ALL (%s) ORDER BY n"  # noqa: S608
        for n, _value in list(self.query(wanting, [sorted(self.bad)])):
            self.refuse(n, self.required, "", Message(self.required_message))

    def _fields(self) -> list[Any]:
        skipped = ("id", "organization")
        return [field for field in self.model._meta.local_concrete_fields if field.name not in skipped]

    def _find_changes(self) -> dict[str, str]:
        """Field -> condition that the row `r` changes the record `x`. Blank cells change nothing."""
        conditions = {}
        for field in self._fields():
            if field.name not in self.present and field.name not in self.more_staged:
                continue
            given, stored = f"r.{field.name}", f"x.{sql.column_of(field)}"
            condition = f"{given} IS NOT NULL AND {given} IS DISTINCT FROM {stored}"
            if isinstance(field, _TEXT):
                condition += f" AND {given} IS DISTINCT FROM {sql.clean_line(stored)}"
            if self.choices.stored == Stored.FILL_BLANKS:
                blank = f" OR {stored} = ''" if isinstance(field, _TEXT) else ""
                condition += f" AND ({stored} IS NULL{blank})"
            conditions[field.name] = f"({condition})"
        return conditions

    def _make_final(self) -> None:
        """Make `import_final`: what every record will be."""
        self._changes = self._find_changes()
        final = {}
        for field in self._fields():
            stored = f"x.{sql.column_of(field)}"
            if isinstance(field, _TEXT) and not field.null:
                stored = f"coalesce({stored}, '')"
            changed = self._changes.get(field.name)
            final[sql.column_of(field)] = (
                f"CASE WHEN {changed} THEN r.{field.name} ELSE {stored} END" if changed else stored
            )
        self.execute(
            f"""
            CREATE TEMP TABLE import_final ON COMMIT DROP AS
            SELECT r.n, p.organization_id, x.id, x.id IS NULL AS is_new, x.xmin AS seen,
                   x.id IS NOT NULL AND ({" OR ".join(self._changes.values()) or "false"}) AS changed,
                   {", ".join(f"{value} AS {column}" for column, value in final.items())}
            FROM import_row r JOIN import_part p ON p.n = r.n
            LEFT JOIN {self.model._meta.db_table} x ON x.id = p.id
            ORDER BY r.n
            """  # noqa: S608
        )
        self.execute("ANALYZE import_final")
        self._final = list(final)

    def _refuse_second_rows(self) -> None:
        """Refuse all rows about one record, except the first of rows that are wholly alike."""
        unique = next(rule for rule in self.model._meta.constraints if isinstance(rule, models.UniqueConstraint))
        columns = ", ".join(sql.column_of(self.model._meta.get_field(name)) for name in unique.fields)
        groups = [
            numbers
            for (numbers,) in self.query(
                f"""
            SELECT array_agg(n ORDER BY n) FROM import_final WHERE id IS NOT NULL GROUP BY id HAVING count(*) > 1
            UNION ALL
            SELECT array_agg(n ORDER BY n) FROM import_final WHERE id IS NULL GROUP BY {columns} HAVING count(*) > 1
            """  # noqa: S608
            )
        ]
        alike = _("The same as row %(rows)s: only the first is taken.")
        for group in groups:
            contents = {
                text
                for (text,) in self.query(
                    "SELECT DISTINCT md5((to_jsonb(r) - 'n')::text) FROM import_row r WHERE n = ANY(%s)", [group]
                )
            }
            for n in group if len(contents) > 1 else group[1:]:
                rows = self.places_of([other for other in group if other != n][:5], n)
                self.refuse(
                    n, self.required, "", Message(self.second_message if len(contents) > 1 else alike, {"rows": rows})
                )

    def places_of(self, numbers: Sequence[int], beside: int) -> str:
        """Row numbers as the spreadsheet program shows them, with their sheet where it is another one."""
        own = self.places[beside][0]
        places = (self.places[number] for number in numbers)
        return "、".join(str(row) if sheet == own else f"{sheet} {row}" for sheet, row in places)

    def _check_permissions(self) -> None:
        wanted = [
            ("add", "is_new", _("Your account may not add such records.")),
            ("change", "changed", _("Your account may not change such records.")),
        ]
        for action, condition, message in wanted:
            if not self.allows(self.permission(action)):
                self._refuse_all(f"SELECT n, NULL FROM import_final WHERE {condition}", (), message)  # noqa: S608

    # --- Counting and writing

    def count(self) -> None:
        report = self.report
        report.new = self.value("SELECT count(*) FROM import_final WHERE is_new")
        report.changed = self.value("SELECT count(*) FROM import_final WHERE changed")
        report.unchanged = len(self.places) - report.new - report.changed - len(self.bad)
        if report.changed:
            counts = ", ".join(f"count(*) FILTER (WHERE {condition})" for condition in self._changes.values())
            found = self.query(
                f"""
                SELECT {counts} FROM import_final f JOIN import_row r ON r.n = f.n
                JOIN {self.model._meta.db_table} x ON x.id = f.id
                """  # noqa: S608
            )
            cells = zip(self._changes, next(found), strict=True)
            report.changed_columns = {self.label(0, name) or name: count for name, count in cells if count}

    def written(self) -> Iterator[Written]:
        reading = Reading()
        columns = [column for column in self.rows if column.name in self._changes]
        names = [sql.column_of(self.model._meta.get_field(column.name)) for column in columns]
        values = ", ".join([*(f"x.{name}" for name in names), *(f"f.{name}" for name in names)])
        query = f"""
            SELECT f.n, f.is_new, f.organization_id, {values} FROM import_final f
            LEFT JOIN {self.model._meta.db_table} x ON x.id = f.id WHERE f.is_new OR f.changed ORDER BY f.n
        """  # noqa: S608
        for n, is_new, organization, *row in self.query(query):
            cells = zip(columns, row[: len(names)], row[len(names) :], strict=True)
            changes = [change(column, old, new, reading, is_new) for column, old, new in cells if old != new]
            yield Written(n, is_new, organization, [one for one in changes if one["new"] != one.get("old", "")])

    def apply(self) -> None:
        table, columns = self.model._meta.db_table, ", ".join(self._final)
        self.execute(
            f"""
            INSERT INTO {table} (organization_id, {columns})
            SELECT organization_id, {columns} FROM import_final WHERE is_new ORDER BY n
            """  # noqa: S608
        )
        changes = ", ".join(f"{column} = f.{column}" for column in self._final)
        self.overwrite(
            f"""
            UPDATE {table} x SET {changes} FROM import_final f WHERE f.changed AND x.id = f.id AND x.xmin = f.seen
            """,  # noqa: S608
            "SELECT count(*) FROM import_final WHERE changed",
        )
