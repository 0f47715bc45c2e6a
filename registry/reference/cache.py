"""The reference data, read once for each state of it and kept in memory.

Every answer names sectors, townships, zones, gradings or tiers, which change a few times a year. Whatever writes to one
of their tables gives the state another version (`ReferenceState`); a request asks for that alone.
"""

import datetime
from collections.abc import Callable, Hashable, Iterable, Iterator
from functools import cached_property
from typing import Any, Self, TypeVar

from django.db import connection
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from registry.reference.models import Grading, Plan, ReferenceState, Sector, Township, Zone
from registry.spreadsheet import Vocabulary
from registry.values.validators import fold_name

Reference = dict[str, str]
"""A record of the reference data as an answer shows it: its code, and its name in the language of the answer."""
Table = dict[int, Reference]
T = TypeVar("T")


class References:
    """One state of the reference data. Shared by all threads: nobody may change what it gives."""

    def __init__(self, version: object) -> None:
        self.version = version
        self.plans = list(Plan.objects.all())
        self.rows: dict[str, list[Any]] = {
            "sectors": list(Sector.objects.order_by("position", "code", "pk")),
            "townships": list(Township.objects.order_by("code")),
            "zones": list(Zone.objects.order_by("code")),
            "gradings": list(Grading.objects.order_by("code")),
        }
        self._kept: dict[Hashable, Any] = {}
        self._sectors: dict[int, Vocabulary[int]] = {}
        self._townships = Townships(self.rows["townships"])
        self._zones: Vocabulary[int] = Vocabulary(_("zone"), lambda: _entries(self.rows["zones"]))
        self._gradings: Vocabulary[int] = Vocabulary(_("qualification"), lambda: _entries(self.rows["gradings"]))

    @cached_property
    def current_plan(self) -> Plan | None:
        return next((plan for plan in self.plans if plan.current), None)

    def plan(self, code: str) -> Plan | None:
        return next((plan for plan in self.plans if plan.code == code), None)

    def kept(self, key: Hashable, build: Callable[[], T]) -> T:
        """What follows from this state, the key and the active language, and from nothing else: built once for each."""
        key = key, get_language()
        if key not in self._kept:
            self._kept[key] = build()
        return self._kept[key]

    def table(self, name: str) -> Table:
        """Records by id, with their names in the active language."""
        return self.kept(name, lambda: {row.pk: {"code": row.code, "name": row.label()} for row in self.rows[name]})

    def tags(self) -> dict[int, dict[str, Any]]:
        """Sectors as they are shown where one may be primary: that by its negative id, the others by their id."""
        return self.kept("tags", self._tags)

    def _tags(self) -> dict[int, dict[str, Any]]:
        table = self.table("sectors")
        primary = {-pk: {**one, "primary": True} for pk, one in table.items()}
        return primary | {pk: {**one, "primary": False} for pk, one in table.items()}

    @cached_property
    def sectors(self) -> dict[int, Sector]:
        return {row.pk: row for row in self.rows["sectors"]}

    @cached_property
    def places(self) -> dict[int, int]:
        """Id of a sector, negative where it is primary -> its place: primary ones first, all as the plan has them."""
        pks = [row.pk for row in self.rows["sectors"]]
        return {pk: place for place, pk in enumerate([*(-pk for pk in pks), *pks])}

    @cached_property
    def branches(self) -> dict[int, list[int]]:
        """Id of a sector -> its own and those below it."""
        branches: dict[int, list[int]] = {}
        for row in self.rows["sectors"]:
            branches.setdefault(row.pk, []).append(row.pk)
            if row.parent_id is not None:
                branches.setdefault(row.parent_id, []).append(row.pk)
        return branches

    # --- Vocabularies: codes, names in both languages and aliases. Each caller gets one of its own, which remembers.

    def sectors_of(self, plan: Plan | None) -> Vocabulary[int]:
        key = plan.pk if plan else 0
        if key not in self._sectors:
            rows = [row for row in self.rows["sectors"] if row.plan_id == key]
            self._sectors[key] = Vocabulary(_("sector of the plan"), lambda: _entries(rows))
        return self._sectors[key].fresh()

    @property
    def townships(self) -> "Townships":
        return self._townships.fresh()

    @property
    def zones(self) -> Vocabulary[int]:
        return self._zones.fresh()

    @property
    def gradings(self) -> Vocabulary[int]:
        return self._gradings.fresh()


_latest: References | None = None


def references(version: object = None) -> References:
    """The reference data of the version that has just been read; without one, as they are now for this transaction."""
    global _latest
    if version is None:
        with connection.cursor() as cursor:
            cursor.execute(_VERSION)
            row = cursor.fetchone()
        version = row and row[0]
    known = _latest
    if known is None or version is None or known.version != version:
        known = _latest = References(version)
    return known


_VERSION = f"SELECT version FROM {ReferenceState._meta.db_table}"  # noqa: S608


def _entries(rows: Iterable[Sector | Township | Zone | Grading]) -> Iterator[tuple[int, Iterable[str]]]:
    for row in rows:
        yield row.pk, [row.name_zh, row.name_en, row.code, *row.aliases]


class Townships(Vocabulary[int]):
    """The townships of today; one that has ended is read as its successor, and remembered."""

    def __init__(self, rows: Iterable[Township]) -> None:
        super().__init__(_("township"), self._towns)
        self._rows = {town.pk: town for town in rows}
        self.final: dict[int, int] = {}
        """Id of an ended township -> id of the township that exists now."""
        self.met: set[tuple[str, str, datetime.date]] = set()
        """Names of ended townships that were read, each with the name of its successor and the day of the change."""
        self._ended: dict[str, tuple[str, str, datetime.date]] = {}

    def fresh(self) -> Self:
        fresh = super().fresh()
        fresh.met = set()
        return fresh

    def ended(self) -> dict[int, int]:
        """Id of each township that has ended -> id of the one that it has become."""
        self._entries()
        return {old: new for old, new in self.final.items() if old != new}

    def find(self, text: str) -> int:
        town = super().find(text)
        ended = self._ended.get(fold_name(text))
        if ended:
            self.met.add(ended)
        return town

    def _towns(self) -> Iterator[tuple[int, Iterable[str]]]:
        taken: set[str] = set()
        for town in self._rows.values():
            if town.valid_to is None:
                names = [town.name_zh, town.name_en, town.code, *town.aliases]
                taken.update(map(fold_name, names))
                yield town.pk, names
        for town in self._rows.values():
            if town.valid_to is None:
                continue
            last = town
            while last.successor_id:
                last = self._rows[last.successor_id]
            self.final[town.pk] = last.pk
            names = [town.name_zh, town.name_en, town.code, *town.aliases]
            names = [name for name in names if fold_name(name) not in taken]
            if last is not town:
                self._ended |= {fold_name(name): (name, last.name_zh, town.valid_to) for name in names}
            yield last.pk, names
