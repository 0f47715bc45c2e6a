"""Counts of organizations: what they can be counted by, for facets and cross-tables of whatever rows were chosen."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

from django.db.models import Count, F, FilteredRelation, Q, QuerySet, Value
from django.db.models.functions import Coalesce, NullIf
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from registry.models import Category, Grading, Kind, RegistrationStatus, Sector, Size, Township, Zone
from registry.models.expressions import in_force

Key = Any
Level = Callable[[QuerySet[Any], str, Any], QuerySet[Any]]
"""Annotates the queryset with the values to count by, under a name; knows the filterset of the request."""


@dataclass(frozen=True)
class Entry:
    """A value that organizations are counted by; `parent` is the key of what it stands below."""

    key: Key
    code: str | None
    name: str
    parent: Key = None
    more: tuple[tuple[str, str], ...] = ()
    """What beside its code says which it is: the alliance of a tier."""

    def shown(self) -> dict[str, Any]:
        return {"code": self.code, "name": self.name, **dict(self.more)}


@dataclass(frozen=True, kw_only=True)
class Dimension:
    name: str
    label: Promise
    entries: Callable[[Any], Iterable[Entry]]
    """All values in their order, for the filterset of the request."""
    levels: Sequence[Level]
    """More than one where a value counts those below it too: a later level speaks louder."""
    several: bool = False
    """Whether an organization may have several of the values."""
    counts_none: bool = True
    """Whether those without any value are counted too."""
    merged: Callable[[Any], Mapping[Key, Key]] = lambda filterset: {}
    """Stored values that count as others."""
    permission: str = ""
    """Without it the dimension does not exist."""

    def all_entries(self, filterset: Any) -> list[Entry]:
        none = [Entry(None, None, _("not given"))] if self.counts_none else []
        return [*self.entries(filterset), *none]


def counts(queryset: QuerySet[Any], dimensions: Sequence[Dimension], filterset: Any) -> dict[tuple[Key, ...], int]:
    """How many organizations of the queryset have each combination of values of the dimensions; each counts once."""
    several = any(one.several for one in dimensions)
    merged = [one.merged(filterset) for one in dimensions]
    names = [f"counted_{number}" for number in range(len(dimensions))]
    result: dict[tuple[Key, ...], int] = {}
    for levels in product(*(one.levels for one in dimensions)):
        counted = queryset.order_by()
        for name, level in zip(names, levels, strict=True):
            counted = level(counted, name, filterset)
        found: dict[tuple[Key, ...], int] = defaultdict(int)
        for *keys, number in counted.values_list(*names).annotate(number=Count("pk", distinct=several)):
            found[tuple(same.get(key, key) for same, key in zip(merged, keys, strict=True))] += number
        result |= found
    return result


def facets(
    queryset: QuerySet[Any], dimensions: Sequence[Dimension], filterset: Any
) -> tuple[int, dict[str, dict[Key, int]]]:
    """The number of organizations, and of each dimension how many have each value.

    What an organization has one value of is counted in one pass.
    """
    single = [one for one in dimensions if not one.several]
    found: dict[str, dict[Key, int]] = {one.name: defaultdict(int) for one in dimensions}
    total = 0
    for keys, number in counts(queryset, single, filterset).items() if single else ():
        total += number
        for one, key in zip(single, keys, strict=True):
            found[one.name][key] += number
    for one in dimensions:
        if one.several:
            found[one.name] |= {key: number for (key,), number in counts(queryset, [one], filterset).items()}
    return total if single else queryset.order_by().count(), found


@dataclass
class CrossTable:
    """How many organizations have a value of `rows` and one of `columns`; totals count each organization once."""

    rows: list[tuple[Entry, int]]
    columns: list[tuple[Entry, int]]
    cells: dict[tuple[Key, ...], int]
    total: int

    def line(self, row: Entry) -> list[int]:
        return [self.cells.get((row.key, column.key), 0) for column, _count in self.columns]


def cross_table(
    queryset: QuerySet[Any], rows: Dimension, columns: Dimension, filterset: Any, *, empty: bool
) -> CrossTable:
    """Values that nobody has are left out unless `empty`."""

    def counted(dimension: Dimension) -> list[tuple[Entry, int]]:
        found = counts(queryset, [dimension], filterset)
        numbered = [(entry, found.get((entry.key,), 0)) for entry in dimension.all_entries(filterset)]
        return [(entry, number) for entry, number in numbered if number or (empty and entry.code is not None)]

    cells = counts(queryset, [rows, columns], filterset)
    return CrossTable(counted(rows), counted(columns), cells, queryset.order_by().count())


# --- What organizations are counted by


def field(name: str) -> Level:
    def level(queryset: QuerySet[Any], alias: str, filterset: Any) -> QuerySet[Any]:
        return queryset.annotate(**{alias: F(name)})

    return level


def _text(name: str) -> Level:
    """Empty text is no value."""

    def level(queryset: QuerySet[Any], alias: str, filterset: Any) -> QuerySet[Any]:
        return queryset.annotate(**{alias: NullIf(F(name), Value(""))})

    return level


def choices(options: Any) -> Callable[[Any], Iterable[Entry]]:
    return lambda filterset: [Entry(code, code, str(label)) for code, label in options.choices]


def references(model: Any) -> Callable[[Any], Iterable[Entry]]:
    return lambda filterset: [Entry(row.pk, row.code, row.label()) for row in model.objects.order_by("code")]


def _towns(filterset: Any) -> list[Entry]:
    gone = filterset.ended_townships
    return [Entry(t.pk, t.code, t.label()) for t in Township.objects.order_by("code") if t.pk not in gone]


def _sectors(filterset: Any) -> list[Entry]:
    """The tree from above: each branch and then what stands below it."""
    rows = list(Sector.objects.filter(plan=filterset.sector_plan).order_by("position", "code"))
    below: dict[Key, list[Sector]] = defaultdict(list)
    for row in rows:
        below[row.parent_id].append(row)
    tree = [one for branch in below[None] for one in (branch, *below[branch.pk])]
    return [Entry(row.pk, row.code, row.label(), row.parent_id) for row in tree]


def _tagged(queryset: QuerySet[Any], alias: str, filterset: Any) -> QuerySet[Any]:
    tags = FilteredRelation("sector_tags", condition=Q(sector_tags__plan=filterset.sector_plan))
    return queryset.annotate(**{f"{alias}_tags": tags})


def _own_sector(queryset: QuerySet[Any], alias: str, filterset: Any) -> QuerySet[Any]:
    return _tagged(queryset, alias, filterset).annotate(**{alias: F(f"{alias}_tags__sector")})


def _branch(queryset: QuerySet[Any], alias: str, filterset: Any) -> QuerySet[Any]:
    above = Coalesce(f"{alias}_tags__sector__parent", f"{alias}_tags__sector")
    return _tagged(queryset, alias, filterset).annotate(**{alias: above})


def _grading(queryset: QuerySet[Any], alias: str, filterset: Any) -> QuerySet[Any]:
    held = in_force(filterset.on, "qualifications__granted_on", "qualifications__valid_to")
    relation = f"{alias}_held"
    queryset = queryset.annotate(**{relation: FilteredRelation("qualifications", condition=held)})
    return queryset.annotate(**{alias: F(f"{relation}__grading")})


def _size(queryset: Any, alias: str, filterset: Any) -> QuerySet[Any]:
    return queryset.with_size_class().annotate(**{alias: F("size_class")})


ORGANIZATION_DIMENSIONS: tuple[Dimension, ...] = (
    Dimension(
        name="sector",
        label=gettext_lazy("sector"),
        entries=_sectors,
        levels=(_own_sector, _branch),
        several=True,
    ),
    Dimension(
        name="township",
        label=gettext_lazy("township"),
        entries=_towns,
        levels=(field("township"),),
        merged=lambda filterset: filterset.ended_townships,
    ),
    Dimension(name="zone", label=gettext_lazy("zone"), entries=references(Zone), levels=(field("zone"),)),
    Dimension(
        name="kind", label=gettext_lazy("kind"), entries=choices(Kind), levels=(field("kind"),), counts_none=False
    ),
    Dimension(name="category", label=gettext_lazy("category"), entries=choices(Category), levels=(_text("category"),)),
    Dimension(
        name="registration_status",
        label=gettext_lazy("registration status"),
        entries=choices(RegistrationStatus),
        levels=(field("registration_status"),),
        counts_none=False,
    ),
    Dimension(
        name="grading",
        label=gettext_lazy("qualification"),
        entries=references(Grading),
        levels=(_grading,),
        several=True,
        # Who holds one that has ended beside one in force would count as holding none too.
        counts_none=False,
    ),
    Dimension(
        name="size_class",
        label=gettext_lazy("size class"),
        entries=choices(Size),
        levels=(_size,),
        permission="registry.view_annualfigures",
    ),
)

BRANCH = Dimension(
    name="branch",
    label=gettext_lazy("branch of sectors"),
    entries=lambda filterset: [entry for entry in _sectors(filterset) if entry.parent is None],
    levels=(_branch,),
    several=True,
)
"""The upper level of the sectors alone, for tables that fit a page."""
