"""The landscape 产业图谱 as data: the sectors of a plan by layer and group, each with the chosen organizations in it.

The numbers come from the facets of the same list, so that picture, list, statistics and files agree.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from django.db.models import Count, F, Q, QuerySet, Value, Window
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce, NullIf, RowNumber
from django.utils.translation import get_language

from registry.api.lists.filters import StrictFilterSet
from registry.organizations.models.details import SectorTag
from registry.reference.models import Layer, Plan, Sector
from registry.search.organization_rows import OrganizationRows
from registry.statistics.dimensions import ORGANIZATION_DIMENSIONS, facets

MOST = 200
"""The most names that a sector shows; the whole number is beside them."""
_SECTOR = next(one for one in ORGANIZATION_DIMENSIONS if one.name == "sector")


@dataclass(frozen=True)
class SectorEntry:
    """An organization in a sector."""

    key: int
    registry_no: str
    name: str
    marked: bool
    """Whether it is a member of an alliance."""


@dataclass(frozen=True)
class Card:
    """A sector with the first of its organizations, members of an alliance first, then by name."""

    code: str
    name: str
    layer: str
    count: int
    """The number of organizations that have the sector, shown or not."""
    entries: tuple[SectorEntry, ...] = ()
    direct: bool = False
    """Whether it is a card of an upper sector and shows the organizations that have that sector itself."""


@dataclass(frozen=True)
class SectorGroup:
    """A sector of the upper level with those sectors below it that are in one layer."""

    code: str
    name: str
    count: int
    """The number of organizations in the whole branch, each counted once, in all layers."""
    cards: tuple[Card, ...]


@dataclass(frozen=True)
class Band:
    """A layer of the industry chain with its groups."""

    layer: str
    name: str
    groups: tuple[SectorGroup, ...]


@dataclass(frozen=True)
class Chart:
    """A landscape. `organizations` counts all that were chosen, `placed` those that have a sector of the plan."""

    plan: Plan
    bands: tuple[Band, ...]
    organizations: int
    placed: int

    @property
    def cards(self) -> Iterator[Card]:
        """Return the cards that are sectors of their own."""
        return (card for band in self.bands for group in band.groups for card in group.cards if not card.direct)

    def by_layer(self) -> "list[Chart]":
        """Return a landscape for each layer, with the numbers of the whole one."""
        return [replace(self, bands=(band,)) for band in self.bands]

    @property
    def empty(self) -> int:
        """Return the number of sectors that no chosen organization has."""
        return sum(card.count == 0 for card in self.cards)


def read_chart(
    rows: OrganizationRows,
    filterset: StrictFilterSet,
    plan: Plan,
    marked: Combinable | Q,
    renamed: Callable[[Collection[int]], Mapping[int, str]] = lambda pks: {},
    most: int = MOST,
) -> Chart:
    """Return the landscape of the rows that a list chooses.

    `marked` is the condition on a sector tag that its organization is a member. `renamed` returns for ids of
    organizations the names of those that had another one on the day.
    """
    total, counted = facets(rows, [_SECTOR], filterset)
    counts = {entry.key: count for entry, count in counted[_SECTOR.name]}
    tags = SectorTag.objects.filter(plan=plan, organization__in=rows.in_order(()).values("pk"))
    tagged = _tagged(tags, marked, most)
    _rename(tagged, renamed)
    sectors = [
        sector
        for sector in filterset.references.rows["sectors"]
        if sector.plan_id == plan.pk and (sector.disabled_on is None or counts.get(sector.pk))
    ]
    bands = tuple(_bands(sectors, counts, tagged))
    return Chart(plan, bands, organizations=total, placed=total - counts.get(None, 0))


@dataclass
class _Tagged:
    """The organizations that have one sector itself: their number, and the first of them."""

    count: int
    entries: list[SectorEntry]


def name_fields() -> tuple[str, ...]:
    """Return the fields that hold a name of an organization, the one to show first in front."""
    english = (get_language() or "zh").startswith("en")
    return ("name_en", "name_zh") if english else ("short_name", "name_zh", "name_en")


def first_given(*names: Combinable) -> Combinable:
    """Return the expression of the first name that is not empty."""
    return Coalesce(*(NullIf(name, Value("")) for name in names))


def _tagged(tags: QuerySet[SectorTag], marked: Combinable | Q, most: int) -> dict[int, _Tagged]:
    """Return the organizations of each sector by the sector's id, under their names of today."""
    shown = first_given(*(F(f"organization__{field}") for field in name_fields()))
    place = Window(
        RowNumber(), partition_by="sector", order_by=[F("marked").desc(), "organization__sort_key", "organization"]
    )
    found: dict[int, _Tagged] = {}
    read = (
        tags.annotate(marked=marked, shown=shown)
        .annotate(place=place, all=Window(Count("*"), partition_by="sector"))
        .filter(place__lte=most)
        .order_by("sector", "place")
        .values_list("sector", "all", "organization", "organization__registry_no", "shown", "marked")
    )
    for sector, count, *entry in read:
        found.setdefault(sector, _Tagged(count, [])).entries.append(SectorEntry(*entry))
    return found


def _rename(tagged: Mapping[int, _Tagged], renamed: Callable[[Collection[int]], Mapping[int, str]]) -> None:
    """Give the organizations that are shown the names of the day, which are looked up for these alone."""
    names = renamed({entry.key for one in tagged.values() for entry in one.entries})
    for one in tagged.values() if names else ():
        one.entries = [replace(entry, name=names.get(entry.key, entry.name)) for entry in one.entries]


def _bands(sectors: Sequence[Sector], counts: dict[object, int], tagged: dict[int, _Tagged]) -> Iterator[Band]:
    below: dict[int | None, list[Sector]] = {}
    for sector in sectors:
        below.setdefault(sector.parent_id, []).append(sector)
    cards: dict[tuple[str, int], list[Card]] = {}
    for upper in below.get(None, ()):
        lower = below.get(upper.pk, [])
        for sector in lower or [upper]:
            card = _card(sector, counts, tagged)
            cards.setdefault((card.layer, upper.pk), []).append(card)
        if lower and upper.pk in tagged:
            own = tagged[upper.pk]
            card = Card(upper.code, upper.label(), upper.layer, own.count, tuple(own.entries), direct=True)
            cards.setdefault((upper.layer, upper.pk), []).append(card)
    for layer, name in Layer.choices:
        groups = tuple(
            SectorGroup(upper.code, upper.label(), counts.get(upper.pk, 0), tuple(cards[layer, upper.pk]))
            for upper in below.get(None, ())
            if (layer, upper.pk) in cards
        )
        if groups:
            yield Band(layer, str(name), groups)


def _card(sector: Sector, counts: dict[object, int], tagged: dict[int, _Tagged]) -> Card:
    entries = tuple(tagged[sector.pk].entries) if sector.pk in tagged else ()
    return Card(sector.code, sector.label(), sector.layer, counts.get(sector.pk, 0), entries)
