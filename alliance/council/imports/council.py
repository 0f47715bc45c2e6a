"""The base of the imports of terms, groups, seats and office holders: one alliance, natural keys, periods."""

import datetime
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.utils.functional import Promise, lazy
from django.utils.translation import gettext_lazy as _

from alliance.council.columns import COUNCIL
from alliance.members.imports.columns import is_named, parse_last_day, settle_last_day
from alliance.models import Alliance
from registry.columns import Hint
from registry.database.fields import field_of
from registry.database.permission_names import permission
from registry.imports.matching.matches import KEYS
from registry.imports.pipeline import comparing
from registry.imports.pipeline.columns import FileColumn, file_columns
from registry.imports.pipeline.records import RecordImport
from registry.imports.pipeline.report import CellMessage, Message
from registry.imports.reading.tables import Sheet
from registry.spreadsheet import PLAIN, Cell, Context, Vocabulary, parse_line


@dataclass(frozen=True)
class LastDays:
    """A column of last days, which files may have instead of the days after: name, labels, the column it replaces."""

    name: str
    labels: str
    field: str
    hint: Hint | None = None


@dataclass(frozen=True)
class NoOverlap:
    """An exclusion constraint as an import asks it: which columns are the same, when a row begins and ends."""

    constraint: str
    same: tuple[str, ...]
    end: str = "ends_on"
    """SQL for the end of a row `x`."""
    among: str = "true"
    """SQL for the condition of the constraint on a row `x`."""
    begin: str = "begins_on"
    """The column with the first day of a row."""
    named: tuple[str, ...] = ("begins_on", "ends_on")
    """The columns that a refusal names."""


@dataclass
class CouncilImport(RecordImport):
    """One run of an import into one table of the council of one alliance."""

    slug: str = ""
    alliance: Alliance = field(init=False)

    owner: ClassVar[str] = ""
    key: ClassVar[tuple[str, ...]]
    """The database columns that tell the new records of a file apart."""
    same: ClassVar[str]
    """SQL condition that the row `r` is about the stored record `x` of the alliance."""
    nearer: ClassVar[str] = "false"
    """SQL condition that tells apart several such records."""
    needed: ClassVar[Mapping[str, Promise]]
    """Columns without which a row is about no record -> the message."""
    needed_if_new: ClassVar[Mapping[str, Promise]]
    last_days: ClassVar[tuple[LastDays, ...]] = ()
    no_overlap: ClassVar[NoOverlap | None] = None
    second_message: ClassVar[Promise]
    several_message: ClassVar[Promise] = _("Several records answer to this row: give the first day.")

    def __post_init__(self) -> None:
        found = Alliance.objects.filter(slug=self.slug).first()
        if found is None:
            known = " / ".join(Alliance.objects.values_list("slug", flat=True)) or "–"
            message = _("There is no alliance “%(slug)s”. There are: %(known)s.")
            raise ValidationError({"alliance": ValidationError(message, params={"slug": self.slug, "known": known})})
        self.alliance = found
        columns = [column for column in self.shown if column.name not in self.more_staged]
        own = file_columns(self.model, columns, self.vocabularies())
        if getattr(self.model, "CONFIDENTIAL", False):
            view = permission("view", self.model)
            own = [
                column if column.name in (*KEYS, "member_no") else replace(column, permission=view) for column in own
            ]
        others = [
            replace(one, parse=self._parse_alliance) if one.name == "alliance" else one for one in self.file_only()
        ]
        days = {one.name: one.field for one in self.last_days}
        for column in own:  # a last day stands beside the day after
            beside = [one for one in others if days.get(one.name) == column.name]
            self.columns += [column, *beside]
        self.columns += [one for one in others if one.name not in days]

    @classmethod
    def file_only(cls) -> list[FileColumn]:
        """Return the columns of files that no list shows."""
        days = [
            FileColumn(one.name, one.labels.split("、"), parse_last_day, "date", hint=one.hint, group=COUNCIL)
            for one in cls.last_days
        ]
        return [*days, FileColumn("alliance", ["联盟", "Alliance", "联盟名称"], parse_line, group=COUNCIL)]

    def vocabularies(self) -> dict[str, Vocabulary[object]]:
        return {}

    def missing(self, names: set[str]) -> str | Promise | None:
        """Return the label of the column without which no row is about a record."""
        wanting = next((name for name in self.needed if name not in names), None)
        return next((str(column) for column in self.columns if column.name == wanting), None)

    def prepare(self) -> None:
        self.present.update(one.field for one in self.last_days if one.name in self.present)

    def finish_row(self, values: dict[str, Any], sheet: Sheet) -> None:
        for one in self.last_days:
            settle_last_day(values, one.name, one.field)

    def _parse_alliance(self, cell: Cell, context: Context = PLAIN) -> str | None:
        text = parse_line(cell)
        if text is None or is_named(self.alliance, text):
            return None
        raise ValidationError(_("“%(value)s” is not the alliance of this import."), params={"value": text})

    def label(self, n: int, name: str) -> str:
        """Return the label of a column; of a last day, where the sheet has that instead of the day after."""
        named = (one.name for one in self.last_days if one.field == name)
        return super().label(n, name) or next(
            filter(None, (super(CouncilImport, self).label(n, one) for one in named)), ""
        )

    def _told(self, n: int, names: str | Iterable[str], value: object, message: Message) -> CellMessage:
        """Return the message; the value of a last day as the file has it, not the day after."""
        told = super()._told(n, names, value, message)
        labels = {super(CouncilImport, self).label(n, one.name) for one in self.last_days} - {""}
        if told.column not in labels or not told.value:
            return told
        last = datetime.date.fromisoformat(told.value) - datetime.timedelta(days=1)
        return told._replace(value=last.isoformat())

    # --- The hooks

    def find_records(self) -> None:
        if self.reach is not None:
            told = _("Your account works on organizations of its townships only: the secretariat keeps the council.")
            self.refuse_all("SELECT n, NULL FROM import_row ORDER BY n", (), told)
        self.find_members()
        for name, message in self.needed.items():
            wanting = f"SELECT n, NULL FROM import_row r WHERE {self.wanting(name)} AND n <> ALL (%s) ORDER BY n"
            self.refuse_all(wanting, name, message, [sorted(self.bad)])
        self.make_table("import_target")
        answer = f"""
            SELECT r.n, m.id, CASE WHEN f.count = 1 THEN f.id WHEN f.near = 1 THEN f.nearest END, f.count = 0
            FROM import_row r LEFT JOIN import_match m ON m.n = r.n
            CROSS JOIN LATERAL (
                SELECT count(*) AS count, min(x.id) AS id,
                       count(*) FILTER (WHERE {self.nearer}) AS near, min(x.id) FILTER (WHERE {self.nearer}) AS nearest
                FROM {self.model._meta.db_table} x WHERE x.alliance_id = %s AND {self.same}
            ) f WHERE r.n <> ALL (%s)
        """
        self.execute(f"INSERT INTO import_target {answer}", [self.alliance.pk, sorted(self.bad)])
        several = "SELECT n, NULL FROM import_target WHERE id IS NULL AND NOT is_new ORDER BY n"
        self.refuse_all(several, "begins_on", self.several_message)

    def wanting(self, name: str) -> str:
        """Return the SQL condition that the row `r` lacks what it needs in this column."""
        return f"r.{name} IS NULL"

    def find_members(self) -> None:
        """Make `import_match`: rows of most tables are about no organization."""
        self.make_table("import_match")

    def compare(self) -> None:
        self.find_changes()
        defaults = {**self.defaults, "alliance": str(self.alliance.pk)}
        self.make_final(comparing.results(self.model, self.changes, defaults))

    def check(self) -> None:
        for name, message in self.needed_if_new.items():
            column = field_of(self.model, name).column
            wanting = f"SELECT n, NULL FROM import_final WHERE is_new AND coalesce({column}::text, '') = '' ORDER BY n"
            self.refuse_all(wanting, name, message)
        self.refuse_rows_of_one_record(self.key, next(iter(self.needed), ""), self.second_message)
        self.check_rules()
        self._check_overlaps()

    def check_rules(self) -> None:
        """Refuse rows by rules over several tables."""

    def _check_overlaps(self) -> None:
        """Refuse rows that meet a stored record or another row of the file which holds in a part of their period."""
        rule = self.no_overlap
        if rule is None:
            return
        words = next(one for one in self.model._meta.constraints if one.name == rule.constraint)
        columns = (
            f"x.id, {', '.join(f'x.{name}' for name in rule.same)}, x.{rule.begin} AS begins_on, {rule.end} AS ends_on"
        )
        query = f"""
            WITH known AS (
                SELECT x.n, {columns} FROM import_final x WHERE x.n <> ALL (%s) AND {rule.among}
                UNION ALL
                SELECT NULL, {columns} FROM {self.model._meta.db_table} x
                WHERE {rule.among} AND NOT EXISTS (
                    SELECT 1 FROM import_final f WHERE f.id = x.id AND f.n <> ALL (%s)
                )
            )
            SELECT a.n, b.begins_on, b.ends_on FROM known a JOIN known b
              ON ({", ".join(f"a.{name}" for name in rule.same)}) = ({", ".join(f"b.{name}" for name in rule.same)})
             AND (a.n, a.id) IS DISTINCT FROM (b.n, b.id)
             AND (b.ends_on IS NULL OR a.begins_on < b.ends_on) AND (a.ends_on IS NULL OR b.begins_on < a.ends_on)
            WHERE a.n IS NOT NULL ORDER BY a.n
        """
        bad = sorted(self.bad)
        for n, start, end in list(self.query(query, [bad, bad])):
            if n not in self.bad:
                period = f"{start:%Y-%m-%d} – {end:%Y-%m-%d}" if end else f"{start:%Y-%m-%d} –"
                params = {"rule": words.violation_error_message, "period": period}
                self.refuse(n, rule.named, "", Message("%(rule)s (%(period)s)", params))

    def write(self) -> None:
        """Write the changes first: who leaves makes room for who comes."""
        self.write_changed()
        self.write_new()


def refuse_by_rules(
    run: CouncilImport, n: int, names: Sequence[str], who: str, told: Callable[..., Iterable[str]], *facts: Any
) -> None:
    """Refuse a row by what a function of `alliance.members.rules` tells of the facts, in the language of the reader."""
    for place in range(len(list(told(*facts)))):
        text = lazy(lambda place=place: list(told(*facts))[place], str)()
        run.refuse(n, names, "", Message(_("%(name)s: %(value)s"), {"name": who, "value": text}))
