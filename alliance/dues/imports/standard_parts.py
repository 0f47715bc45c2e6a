"""Fills the tables that a file of classes has besides them: their standards, and the tiers that each is for."""

import datetime
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

from django.utils.functional import Promise, lazy
from django.utils.translation import gettext_lazy as _

from alliance.dues.models import NO_DUES, DuesStandard
from alliance.dues.rules import NOT_BY_PROCEDURE, TIER_TAKEN, wrong_procedure
from alliance.models import Alliance, Tier
from registry.columns import Column, RenderContext
from registry.database.permission_names import permission
from registry.imports.options import StoredValues
from registry.imports.pipeline.engine import Import
from registry.imports.pipeline.report import Message
from registry.imports.tables.nested import ChildTable
from registry.spreadsheet import parse_text

_COLUMNS = ("ends_on", "decision", "published_on", "first_year", "last_year", "remarks")
_NEXT = "SELECT nextval(pg_get_serial_sequence('alliance_duesstandard', 'id')) FROM generate_series(1, %s)"
_SET = """
UPDATE import_row r SET standard = d.standard
FROM unnest(%s::integer[], %s::bigint[]) AS d (n, standard) WHERE d.n = r.n
"""
_KEEP = "INSERT INTO import_standard SELECT n, NULL, is_new FROM unnest(%s::integer[], %s::boolean[]) AS d (n, is_new)"
_MAY_NOT_ADD = _("Your account may not add dues standards.")
_MAY_NOT_CHANGE = _("Your account may not change dues standards.")
CONTRADICTED = _("Row %(rows)s says something else of the same standard: they must agree.")
_AS_STORED: dict[str, str] = {"decision": "decision_id"}


@dataclass
class _Standard:
    """A standard that rows of the file are about, as it will be."""

    row: DuesStandard
    is_new: bool
    rows: list[int] = field(default_factory=list)
    said: dict[str, dict[int, Any]] = field(default_factory=dict)
    """Name of a column -> the values of the rows that have it."""
    before: dict[str, Any] = field(default_factory=dict)
    """Name of a column that changes -> its stored value."""


class Standards(ChildTable):
    """The standards that the rows name by their first day: new ones are made, others changed where cells differ."""

    columns = _COLUMNS
    table = "import_standard"
    has_permissions = True

    def __init__(self, run: Import, alliance: Alliance) -> None:
        super().__init__(run)
        self.alliance = alliance
        self.by_day: dict[datetime.date, _Standard] = {}

    @property
    def present(self) -> bool:
        return True

    def days(self) -> dict[int, datetime.date]:
        return {one.row.pk: day for day, one in self.by_day.items()}

    def find(self) -> None:
        """Write into the staged rows which standard each is about; one that is new has its key already."""
        named = f"SELECT n, begins_on, {', '.join(_COLUMNS)} FROM import_row WHERE begins_on IS NOT NULL"
        rows = list(self.run.query(f"{named} AND n <> ALL (%s) ORDER BY n", [sorted(self.run.bad)]))
        known = DuesStandard.objects.filter(alliance=self.alliance)
        stored = {one.begins_on: one for one in (known.select_for_update(no_key=True) if self.run.applying else known)}
        unknown = list(dict.fromkeys(day for _n, day, *_rest in rows if day not in stored))
        keys = iter([pk for (pk,) in self.run.query(_NEXT, [len(unknown)])])
        for n, day, *values in rows:
            if day not in self.by_day:
                row = stored.get(day) or DuesStandard(pk=next(keys), alliance=self.alliance, begins_on=day)
                self.by_day[day] = _Standard(row, day not in stored)
            self._take(n, self.by_day[day], dict(zip(_COLUMNS, values, strict=True)))
        found = [(n, one.row.pk) for one in self.by_day.values() for n in one.rows]
        self.run.execute(_SET, [list(column) for column in zip(*found, strict=True)] if found else [[], []])

    def _take(self, n: int, one: _Standard, values: dict[str, Any]) -> None:
        one.rows.append(n)
        for name, value in values.items():
            if value is None:
                continue
            said = one.said.setdefault(name, {})
            first = next(iter(said), n)
            if said.setdefault(first, value) != value:
                told = Message(CONTRADICTED, {"rows": self.run.rows_text([first], n)})
                self.run.refuse(n, name, str(value), told)
                continue
            said[n] = value
            attribute = _AS_STORED.get(name, name)
            now = getattr(one.row, attribute)
            same = value == (parse_text(now) if name == "remarks" else now)
            if not same and (one.is_new or not now or self.run.choices.stored != StoredValues.FILL_BLANKS):
                one.before[name] = now
                setattr(one.row, attribute, value)

    def examine(self) -> None:
        self.run.make_table(self.table)
        touched = [(n, one.is_new) for one in self.by_day.values() if one.is_new or one.before for n in one.rows]
        self.run.execute(_KEEP, [list(column) for column in zip(*touched, strict=True)] if touched else [[], []])
        for one in self.by_day.values():
            if one.is_new or one.before:
                self._check(one)

    def _check(self, one: _Standard) -> None:
        if one.is_new and not self.alliance.legal_person:
            return self._refuse(one, "begins_on", NO_DUES)
        period, overlap = DuesStandard._meta.constraints[:2]
        if one.row.ends_on and one.row.ends_on <= one.row.begins_on:
            return self._refuse(one, "ends_on", period.violation_error_message)
        named = {other.row.pk for other in self.by_day.values()}
        others = [other.row for other in self.by_day.values() if other is not one]
        others += DuesStandard.objects.filter(alliance=self.alliance).exclude(pk__in=named)
        if any(_meet(one.row, other) for other in others):
            return self._refuse(one, "begins_on", overlap.violation_error_message)
        if wrong_procedure(one.row):  # told in the language of the reader
            reason = lazy(lambda: wrong_procedure(one.row)[0], str)()
            told = Message("%(rule)s %(reason)s", {"rule": NOT_BY_PROCEDURE, "reason": reason})
            self.run.note(one.rows[0], "decision", "", told)
        return None

    def _refuse(self, one: _Standard, name: str, told: Any) -> None:
        for n in one.rows:
            self.run.refuse(n, name, "", Message(told))

    def _left(self) -> dict[int, _Standard]:
        """Return the rows that are taken and make or change a standard."""
        left = {n for (n,) in self.run.query(f"SELECT n FROM {self.table}")}
        return {n: one for one in self.by_day.values() for n in one.rows if n in left}

    def settle(self) -> None:
        """Take back what only refused rows say of a standard."""
        for one in self.by_day.values():
            for name, before in list(one.before.items()):
                if self.run.bad.issuperset(one.said[name]):
                    setattr(one.row, _AS_STORED.get(name, name), before)
                    del one.before[name]
            if not one.is_new and not one.before:
                self.run.execute(f"DELETE FROM {self.table} WHERE n = ANY (%s)", [one.rows])

    def write(self) -> None:
        self.run.execute("SET CONSTRAINTS dues_standard_no_overlap DEFERRED")
        for one in {one.row.pk: one for one in self._left().values()}.values():
            one.row.save(force_insert=one.is_new, update_fields=None if one.is_new else [*one.before])
        self.run.execute("SET CONSTRAINTS dues_standard_no_overlap IMMEDIATE")

    def apply(self) -> None:
        """Do nothing: the standards are written before their classes."""

    def permissions(self) -> Iterator[tuple[str, str, Promise]]:
        for action, rows, told in (("add", "is_new", _MAY_NOT_ADD), ("change", "NOT is_new", _MAY_NOT_CHANGE)):
            yield permission(action, DuesStandard), f"SELECT n FROM {self.table} WHERE {rows}", told

    def count(self) -> int:
        """Return 0: `changed_cells` counts column by column."""
        return 0

    def changed_cells(self) -> dict[str, int]:
        """Return how many rows change each column of a stored standard."""
        counts: dict[str, int] = {}
        for one in self._left().values():
            for name in () if one.is_new else one.before:
                counts[name] = counts.get(name, 0) + 1
        return counts

    def changes(
        self, columns: Mapping[str, Column], context: RenderContext
    ) -> Iterator[tuple[int, bool, int | None, str, object, object]]:
        new = {n for (n,) in self.run.query("SELECT n FROM import_target WHERE is_new OR id < 0")}
        alone = {n for (n,) in self.run.query("SELECT n FROM import_target WHERE id < 0")}
        for n, one in self._left().items():
            if one.is_new and n in alone:
                yield n, True, None, "standard", None, one.row.pk
            for name, before in one.before.items():
                after = getattr(one.row, _AS_STORED.get(name, name))
                yield n, one.is_new and n in new, None, name, before, after

    def shown(
        self, stored: object, row: Sequence[object], context: RenderContext
    ) -> Iterator[tuple[str, object, object]]:
        return iter(())  # `changes` knows


def _meet(one: DuesStandard, other: DuesStandard) -> bool:
    ends = one.ends_on is None or other.begins_on < one.ends_on
    return ends and (other.ends_on is None or one.begins_on < other.ends_on)


class ClassTiers(ChildTable):
    """The tiers whose members are proposed for a class: the file's list replaces the stored one."""

    columns = ("tiers",)
    table = "import_tier"
    FIND: ClassVar[str] = """
        SELECT r.n, NULL, t.id, r.tiers, coalesce(s.tiers, '{{}}')
        FROM import_row r JOIN import_target t ON t.n = r.n CROSS JOIN LATERAL (
            SELECT array_agg(tier_id ORDER BY tier_id) AS tiers FROM alliance_duesclass_tiers WHERE duesclass_id = t.id
        ) s WHERE r.tiers IS NOT NULL AND ({blank}) AND s.tiers IS DISTINCT FROM (
            SELECT array_agg(x ORDER BY x) FROM unnest(r.tiers) x
        )
    """
    _CLASS = """
        (SELECT i.tiers, coalesce(i.class, c.id) AS class FROM import_tier i JOIN import_row r ON r.n = i.n
         LEFT JOIN alliance_duesclass c ON i.class IS NULL AND c.standard_id = r.standard AND c.name = r.name) w
    """
    _HELD = """
        SELECT i.n, r.standard, r.name, unnest(i.tiers) FROM import_tier i JOIN import_row r ON r.n = i.n
        WHERE i.n <> ALL (%s)
        UNION ALL
        SELECT NULL, c.standard_id, c.name, d.tier_id FROM alliance_duesclass c
        JOIN alliance_duesclass_tiers d ON d.duesclass_id = c.id
        WHERE c.alliance_id = %s AND NOT EXISTS (SELECT 1 FROM import_tier i WHERE i.class = c.id)
        ORDER BY 1 NULLS FIRST
    """

    def __init__(self, run: Import, alliance: Alliance) -> None:
        super().__init__(run)
        self.alliance = alliance

    def examine(self) -> None:
        blank = "s.tiers IS NULL" if self.run.choices.stored == StoredValues.FILL_BLANKS else "true"
        self.run.make_table(self.table, self.FIND.format(blank=blank))
        names = {tier.pk: tier for tier in self.alliance.tiers.all()}
        taken: dict[tuple[int, int], str] = {}
        for n, standard, name, tier in list(self.run.query(self._HELD, [sorted(self.run.bad), self.alliance.pk])):
            other = taken.setdefault((standard, tier), name)
            if other != name and n is not None:
                told = Message(TIER_TAKEN, {"tier": names[tier].name_zh, "other": other})
                self.run.refuse(n, "tiers", names[tier].name_zh, told)

    def apply(self) -> None:
        self.run.execute(
            f"DELETE FROM alliance_duesclass_tiers d USING {self._CLASS} "
            "WHERE d.duesclass_id = w.class AND d.tier_id <> ALL (w.tiers)"
        )
        self.run.execute(
            f"INSERT INTO alliance_duesclass_tiers (duesclass_id, tier_id) "
            f"SELECT w.class, t.tier FROM {self._CLASS} CROSS JOIN LATERAL unnest(w.tiers) AS t (tier) "
            "WHERE NOT EXISTS (SELECT 1 FROM alliance_duesclass_tiers d WHERE d.duesclass_id = w.class "
            "AND d.tier_id = t.tier) ORDER BY w.class, t.tier"
        )

    def count(self) -> int:
        return int(self.run.value(f"SELECT count(*) FROM {self.table} WHERE class IS NOT NULL"))

    def changes(
        self, columns: Mapping[str, Column], context: RenderContext
    ) -> Iterator[tuple[int, bool, int | None, str, object, object]]:
        tiers = {
            tier.pk: {"code": tier.code, "name_zh": tier.name_zh}
            for tier in Tier.objects.filter(alliance=self.alliance)
        }
        for n, known, before, after in self.run.query(f"SELECT n, class, stored, tiers FROM {self.table} ORDER BY n"):
            yield n, known is None, None, "tiers", [tiers[pk] for pk in before], [tiers[pk] for pk in after]

    def shown(
        self, stored: object, row: Sequence[object], context: RenderContext
    ) -> Iterator[tuple[str, object, object]]:
        return iter(())  # `changes` knows
