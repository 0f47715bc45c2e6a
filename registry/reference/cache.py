"""Keeps the reference data in memory, read once for each version of them.

Every answer names sectors, townships, zones, gradings or tiers, which change a few times a year. Every write to one of
these tables changes the version (`ReferenceState`); a request reads only the version.
"""

import datetime
from collections.abc import Callable, Hashable, Iterable, Iterator
from functools import cached_property, lru_cache
from typing import Any, Self, TypeVar

from django.db import connection
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from registry.reference.models import Grading, Plan, ReferenceState, Sector, Township, Zone
from registry.spreadsheet import Vocabulary
from registry.values.validators import fold_name

Reference = dict[str, str]
"""A record of the reference data in an answer: its code, and its name in the language of the answer."""
Table = dict[int, Reference]
T = TypeVar("T")


class References:
    """One version of the reference data. All threads share it, so nobody may change the values that it returns."""

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
        """Return the value that `build` makes from this version, the key and the active language, built once for
        each.
        """
        key = key, get_language()
        if key not in self._kept:
            self._kept[key] = build()
        return self._kept[key]

    def table(self, name: str) -> Table:
        """Return the records of a table by id, with their names in the active language."""
        return self.kept(name, lambda: {row.pk: {"code": row.code, "name": row.label()} for row in self.rows[name]})

    @cached_property
    def sectors(self) -> dict[int, Sector]:
        return {row.pk: row for row in self.rows["sectors"]}

    @cached_property
    def places(self) -> dict[int, int]:
        """Return the position of each sector id, negative for a primary one: primary ones first, then the plan's
        order.
        """
        pks = [row.pk for row in self.rows["sectors"]]
        return {pk: place for place, pk in enumerate([*(-pk for pk in pks), *pks])}

    @cached_property
    def branches(self) -> dict[int, list[int]]:
        """Return for each sector the ids of the sector itself and of all sectors below it."""
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


_of_version = lru_cache(maxsize=1)(References)


def references(version: object = None) -> References:
    """The reference data of the version that has just been read; without one, as they are now for this transaction."""
    if version is None:
        with connection.cursor() as cursor:
            cursor.execute(_VERSION)
            row = cursor.fetchone()
        version = row and row[0]
    return References(None) if version is None else _of_version(version)


_VERSION = f"SELECT version FROM {ReferenceState._meta.db_table}"


def _entries(rows: Iterable[Sector | Township | Zone | Grading]) -> Iterator[tuple[int, Iterable[str]]]:
    for row in rows:
        yield row.pk, [row.name_zh, row.name_en, row.code, *row.aliases]


class Townships(Vocabulary[int]):
    """Finds townships of today. The name of a township that has ended means its successor, and this is remembered."""

    def __init__(self, rows: Iterable[Township]) -> None:
        super().__init__(_("township"), self._towns)
        self._rows = {town.pk: town for town in rows}
        self.final: dict[int, int] = {}
        """Id of an ended township -> id of the township that exists now."""
        self.met: set[tuple[str, str, datetime.date]] = set()
        """The names of ended townships that were read, each with its successor's name and the day of the change."""
        self._ended: dict[str, tuple[str, str, datetime.date]] = {}

    def fresh(self) -> Self:
        fresh = super().fresh()
        fresh.met = set()
        return fresh

    def ended(self) -> dict[int, int]:
        """Return for each township that has ended the id of its successor."""
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
