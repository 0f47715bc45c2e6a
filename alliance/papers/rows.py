"""The members on a paper: chosen, in their order, and in groups. Workbook and PDF take them from here."""

import datetime
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import NamedTuple

from django.db.models import Count, Exists, F, Model, OuterRef, QuerySet, Subquery, TextChoices
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from alliance.models import Alliance, Membership
from registry.api.lists.files import Export
from registry.api.lists.rows import ListRows
from registry.columns import Column, RenderContext, write_row
from registry.organizations.models.details import SectorTag
from registry.organizations.models.organizations import Organization
from registry.reference.models import Plan


class Grouping(TextChoices):
    TIER = "tier", gettext_lazy("by tier")
    SECTOR = "sector", gettext_lazy("by sector")


class Numbers(NamedTuple):
    """How many members an alliance had on a day, and how many of them the public may see."""

    total: int
    public: int

    def said(self) -> str:
        return _("%(public)d shown to the public, %(total)d in all.") % self._asdict()


def numbers(alliance: Alliance, on: datetime.date) -> Numbers:
    """Count all members without the filters of the list: a filter must not tell which of them are not shown."""
    held = Membership.objects.as_of(on).filter(alliance=alliance)
    # Apart from the organizations, of which the role of the public directory reads the published ones alone.
    published = Organization.objects.published().filter(alliance_members__memberships=OuterRef("pk"))
    return Numbers(**held.aggregate(total=Count("pk"), public=Count("pk", filter=Exists(published))))


class PaperRows(ListRows):
    """The rows of a paper: a list in an order of its own, which no parameter changes."""

    def __init__(self, queryset: QuerySet[Model], grouping: Grouping, plan: Plan | None) -> None:
        super().__init__(queryset.annotate(branch=_branch("sector", plan)))
        self.grouping = grouping
        self.plan = plan

    def in_order(self, order: Sequence[str]) -> QuerySet[Model]:
        """Return the members by tier, within it in the order of the secretariat, and those without one by pinyin."""
        of_tier = (
            "tier__rank",
            "tier__code",
            F("member__position").asc(nulls_last=True),
            "member__organization__sort_key",
            "id",
        )
        if self.grouping == Grouping.TIER:
            return self.queryset.order_by(*of_tier)
        places = [F(name).asc(nulls_last=True) for name in ("branch_position", "branch_code")]
        placed = self.queryset.annotate(
            branch_position=_branch("sector__position", self.plan), branch_code=_branch("sector__code", self.plan)
        )
        return placed.order_by(*places, *of_tier)


def _branch(field: str, plan: Plan | None) -> Subquery:
    """Return a field of the upper sector to which the primary sector of the organization belongs in the plan."""
    tags = SectorTag.objects.filter(organization=OuterRef("member__organization"), is_primary=True, plan=plan)
    upper = field.replace("sector", "sector__parent", 1)
    return Subquery(tags.order_by().annotate(upper=Coalesce(F(upper), F(field))).values("upper")[:1])


class PaperRow(NamedTuple):
    number: int
    cells: list[object]
    tier: int
    branch: int | None
    placed: bool
    """Whether the secretariat has given the member a place within its tier."""


class PaperGroup(NamedTuple):
    name: str
    rows: list[PaperRow]

    @property
    def by_pinyin(self) -> bool:
        return not any(row.placed for row in self.rows)


class PaperTable(Export):
    """A member list that knows the groups of its rows."""

    def __init__(
        self,
        title: str,
        queryset: QuerySet[Model],
        columns: Sequence[Column],
        context: RenderContext,
        grouping: Grouping,
    ) -> None:
        super().__init__(title, queryset, columns, context)
        self.context = context
        self.grouping = grouping
        selected = (column.selected(context) for column in columns)
        self._all = queryset.values_list(*selected, "tier_id", "branch", "member__position")

    def groups(self) -> list[PaperGroup]:
        """Read all rows, and return them in their groups."""

        def key(row: PaperRow) -> int | None:
            return row.tier if self.grouping == Grouping.TIER else row.branch

        return [PaperGroup(self._name(pk), list(rows)) for pk, rows in groupby(self._read(), key)]

    def _read(self) -> Iterator[PaperRow]:
        width = len(self.columns)
        for number, row in enumerate(self._all, 1):
            self.count = number
            tier, branch, position = row[width:]
            cells = write_row(row[:width], self.columns, self.context)
            yield PaperRow(number, cells, tier, branch, position is not None)

    def _name(self, pk: int | None) -> str:
        if pk is None:
            return _("Without a sector")
        names = self.context.table("tiers") if self.grouping == Grouping.TIER else self.context.sectors
        return names[pk]["name"]
