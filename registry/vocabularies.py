"""Reference data as vocabularies: codes, names in both languages and aliases."""

import datetime
from collections.abc import Iterable, Iterator
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from registry.cells import Vocabulary
from registry.models import Grading, Plan, Sector, Township, Zone
from registry.validators import fold_name


def sectors_of(plan: Plan) -> Vocabulary[int]:
    return Vocabulary(
        _("sector of the plan"), lambda: _entries(Sector.objects.filter(plan=plan).order_by("position", "code"))
    )


def zones() -> Vocabulary[int]:
    return Vocabulary(_("zone"), lambda: _entries(Zone.objects.order_by("code")))


def gradings() -> Vocabulary[int]:
    return Vocabulary(_("qualification"), lambda: _entries(Grading.objects.order_by("code")))


def _entries(queryset: QuerySet[Any]) -> Iterator[tuple[int, Iterable[str]]]:
    for pk, name_zh, name_en, code, aliases in queryset.values_list("pk", "name_zh", "name_en", "code", "aliases"):
        yield pk, [name_zh, name_en, code, *aliases]


class Townships(Vocabulary[int]):
    """The townships of today; one that has ended is read as its successor, and remembered."""

    def __init__(self) -> None:
        super().__init__(_("township"), self._towns)
        self.final: dict[int, int] = {}
        """Id of an ended township -> id of the township that exists now."""
        self.met: set[tuple[str, str, datetime.date]] = set()
        """Names of ended townships that were read, each with the name of its successor and the day of the change."""
        self._ended: dict[str, tuple[str, str, datetime.date]] = {}

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
        towns = {town.pk: town for town in Township.objects.order_by("code")}
        taken: set[str] = set()
        for town in towns.values():
            if town.valid_to is None:
                names = [town.name_zh, town.name_en, town.code, *town.aliases]
                taken.update(map(fold_name, names))
                yield town.pk, names
        for town in towns.values():
            if town.valid_to is None:
                continue
            last = town
            while last.successor_id:
                last = towns[last.successor_id]
            self.final[town.pk] = last.pk
            names = [town.name_zh, town.name_en, town.code, *town.aliases]
            names = [name for name in names if fold_name(name) not in taken]
            if last is not town:
                self._ended |= {fold_name(name): (name, last.name_zh, town.valid_to) for name in names}
            yield last.pk, names
