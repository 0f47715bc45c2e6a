"""`statistics/counts/`: how many organizations have each value of a dimension, also as a sheet and as a picture."""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any, ClassVar

from django.db.models import Model, QuerySet
from django.http.response import HttpResponseBase
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from registry.api.errors import InvalidParameters
from registry.api.lists.files import Table
from registry.api.lists.pagination import Orderings
from registry.api.lists.renderers import CSVRenderer, JSONRenderer, XLSXRenderer
from registry.columns import Column, file_column
from registry.landscape.files import Drawn, Picture, PicturePDFRenderer, PNGRenderer, SVGRenderer
from registry.landscape.svg import Caption
from registry.landscape.words import CaptionMixin
from registry.organizations.columns.organizations import ORGANIZATION_COLUMNS
from registry.organizations.filtersets import OrganizationFilterSet
from registry.organizations.models.organizations import Organization
from registry.statistics.bars import Bar, Link, draw_bars, no_link
from registry.statistics.dimensions import BRANCH, Dimension, Numbered, facets
from registry.statistics.schemas import COUNTS
from registry.statistics.views import COSTLY, DimensionsMixin
from registry.values.punctuation import bracketed

PICTURES = ("svg", "png", "pdf")


class CountStatisticsViewSet(CaptionMixin, DimensionsMixin, GenericViewSet[Model]):
    """Counts the rows of the list of organizations, with all its parameters."""

    queryset: QuerySet[Model] = Organization.objects.all()
    columns: ClassVar[tuple[Column, ...]] = ORGANIZATION_COLUMNS
    filterset_class = OrganizationFilterSet
    orderings: ClassVar[Orderings] = {}
    list_renderers: ClassVar[tuple[type[BaseRenderer], ...]] = (
        JSONRenderer,
        *(CSVRenderer, XLSXRenderer),
        *(SVGRenderer, PNGRenderer, PicturePDFRenderer),
    )
    action_descriptions: ClassVar[dict[str, str]] = {
        "list": "How many organizations have each value of a dimension, and their share of all. The numbers are those "
        "of the lists and of `facets/`; a sector counts those of its branch once. Counts are never suppressed."
    }
    action_parameters: ClassVar[dict[str, dict[str, Any]]] = {
        "list": {
            "by": gettext_lazy("What to count by, joined by commas; by default all that costs little."),
            "empty": gettext_lazy("`true` shows values that nobody has too."),
        }
    }
    action_answers: ClassVar[dict[str, dict[str, Any]]] = {"list": COUNTS}

    def list(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponseBase:
        self.refuse_unknown({*self.known_filters(), *self.action_parameters["list"], "lang", "format"})
        table = self.counted()
        if not self.streams:
            return Response(self.answer(table))
        if request.accepted_renderer.format in PICTURES:
            if len(table.dimensions) != 1:
                raise InvalidParameters({"by": _("A picture counts by one: name it.")})
            drawn, public = self.drawn(table), not request.user.is_authenticated
            return self.export(Picture(table.title, [drawn], table.organizations, public=public))
        return self.export(CountFile(table, self.said_of_day()))

    def counted(self) -> "CountTable":
        """Return the numbers that the request asks for. Raises InvalidParameters."""
        known = self.known_dimensions
        known |= {BRANCH.name: BRANCH} if "sector" in known else {}
        usual = [name for name in known if name not in COSTLY or name in ("layer", "founded")]
        dimensions = self.named_dimensions("by", usual, known)
        empty = self.read_truth("empty")
        total, found = facets(self.rows(), dimensions, self.filterset)
        return CountTable(total, dimensions, {one.name: _kept(found[one.name], empty) for one in dimensions})

    def answer(self, table: "CountTable") -> dict[str, Any]:
        return {
            "count": table.organizations,
            **self.said(self.get_render_context()),
            **self._notices(),
            "results": [
                {
                    "name": one.name,
                    "label": capfirst(str(one.label)),
                    "values": [
                        {**entry.shown(), **parent, "count": count, "share": share(count, table.organizations)}
                        for entry, count, parent in table.lines(one)
                    ],
                }
                for one in table.dimensions
            ],
        }

    def drawn(self, table: "CountTable", link: Link = no_link) -> Drawn:
        """Return the bars of the only dimension; they lead to the addresses that `link` gives for a code."""
        numbers = [
            Bar(entry.name, count, _percent(count, table.organizations), "parent" in parent, link(entry.code))
            for entry, count, parent in table.lines(table.dimensions[0])
        ]
        said = _("%(count)d organizations; who has several values counts for each") % {"count": table.organizations}
        caption = Caption(table.title, (*self.about(), said), (*self.said_of_day(), self.source()))
        return Drawn(*draw_bars(numbers, caption))


class CountTable:
    """The number of organizations in all, and the number for each value of each dimension."""

    def __init__(self, organizations: int, dimensions: Sequence[Dimension], numbered: dict[str, Numbered]) -> None:
        self.organizations, self.dimensions, self.numbered = organizations, dimensions, numbered

    @property
    def title(self) -> str:
        if len(self.dimensions) == 1:
            return _("Organizations by %(name)s") % {"name": self.dimensions[0].label}
        return _("Statistics of organizations")

    def lines(self, dimension: Dimension) -> Iterator[tuple[Any, int, dict[str, str | None]]]:
        """Return the values with their numbers, and the code of the one above where there is one."""
        found = self.numbered[dimension.name]
        codes = {entry.key: entry.code for entry, _count in found}
        for entry, count in found:
            yield entry, count, {"parent": codes[entry.parent]} if entry.parent in codes and entry.parent else {}


class CountFile(Table):
    """The numbers as a sheet: a line for each value of each dimension, what is said of them below."""

    def __init__(self, table: CountTable, notes: Sequence[str]) -> None:
        self.title, self.table, self.notes = table.title, table, notes
        labels = [(_("Counted by"), 16), (_("Code"), 26), (_("Name"), 30), (_("Belongs to"), 20)]
        labels += [(_("Number of organizations"), 10), (_("Share (%)"), 10)]
        self.columns = [file_column(label, width) for label, width in labels]

    def cells(self) -> Iterator[Sequence[object]]:
        total = self.table.organizations
        yield [_("All organizations"), "", "", "", total, share(total, total)]
        for dimension in self.table.dimensions:
            names = {entry.code: entry.name for entry, _count in self.table.numbered[dimension.name]}
            label = capfirst(str(dimension.label))
            for entry, count, parent in self.table.lines(dimension):
                above = names.get(parent.get("parent"), "") or dict(entry.more).get("alliance", "")
                yield [label, entry.code or "", entry.name, above, count, share(count, total)]
        for note in self.notes:
            yield [note, *[""] * (len(self.columns) - 1)]


def _kept(numbered: Numbered, empty: bool) -> Numbered:
    return [(entry, count) for entry, count in numbered if count or (empty and entry.code is not None)]


def share(part: int | Decimal, whole: int | Decimal) -> Decimal | None:
    """Return a part in percent of the whole, to one place; None of nothing."""
    return round(Decimal(100) * part / whole, 1) if whole else None


def _percent(part: int, whole: int) -> str:
    found = share(part, whole)
    return str(part) if found is None else bracketed(part, f"{found.normalize():f}%")
