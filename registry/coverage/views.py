"""How well the sectors and townships are covered, and how the industry grows, for the organizations of a list."""

from collections.abc import Callable
from functools import cached_property
from typing import Any, ClassVar

from django.http.response import HttpResponseBase
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from registry.api.errors import InvalidParameters
from registry.api.lists.renderers import CSVRenderer, JSONRenderer, XLSXRenderer
from registry.coverage.board import MEASURES, Board, BoardFile, SectorLine, Strength, read_board
from registry.coverage.growth import IndustryGrowth, IndustryGrowthFile, draw_growth, read_growth
from registry.coverage.schemas import COVERAGE, GROWTH, TOWNSHIPS
from registry.coverage.townships import TownshipCounts, draw_townships, read_townships
from registry.landscape.files import Drawn, Picture, PicturePDFRenderer, PNGRenderer, SVGRenderer
from registry.landscape.svg import Caption
from registry.landscape.views import LandscapeMixin

SEES_MEASURES = "registry.view_sectormeasures"
BY = ("kind", "township")
ORDERS = ("gaps", "plan")
_PICTURES = (JSONRenderer, SVGRenderer, PNGRenderer, PicturePDFRenderer)
_FILES = (JSONRenderer, CSVRenderer, XLSXRenderer)


class CoverageMixin(LandscapeMixin):
    """`coverage/`, `townships/` and `growth/` beside a list, of the same organizations."""

    list_actions = LandscapeMixin.list_actions | {"coverage", "townships", "growth"}
    action_renderers = {
        **LandscapeMixin.action_renderers,
        "coverage": _FILES,
        "townships": _PICTURES,
        "growth": _FILES,
    }
    action_parameters: ClassVar[dict[str, dict[str, Any]]] = {
        **LandscapeMixin.action_parameters,
        "coverage": {
            "columns": gettext_lazy("What the columns count by: `kind` or `township`."),
            "order": gettext_lazy("gaps shows the sectors with the fewest first, plan the order of the plan."),
        },
        "townships": {},
        "growth": {},
    }
    action_answers: ClassVar[dict[str, dict[str, Any]]] = {
        **LandscapeMixin.action_answers,
        "coverage": COVERAGE,
        "townships": TOWNSHIPS,
        "growth": GROWTH,
    }

    @action(detail=False)
    def coverage(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """How many organizations each sector of the plan has: none is a gap, one or two are weak."""
        self._begin("coverage")
        board, measured = self.board, self.may(SEES_MEASURES)
        if self.streams:
            title = _("Coverage of the sectors by %(columns)s") % {"columns": board.label}
            return self.export(BoardFile(title, board, measured=measured, notes=self.said_of_day()))
        return Response(
            {
                "count": board.organizations,
                **self.said(self.get_render_context()),
                **self._notices(),
                **{strength.value: board.with_strength(strength) for strength in Strength},
                "columns": [entry.shown() for entry in board.columns],
                "results": [_shown(line, measured=measured) for line in board.lines],
            }
        )

    @action(detail=False)
    def townships(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """How many organizations are in each township; as a picture a map of tiles, which are no boundaries."""
        self._begin("townships")
        counted = self.counted_townships()
        if self.streams:
            drawn = self.map_of(counted)
            return self.export(Picture(_("Townships"), [drawn], counted.organizations, public=False))
        return Response(
            {
                "count": counted.organizations,
                **self.said(self.get_render_context()),
                **self._notices(),
                "elsewhere": counted.elsewhere,
                "results": [{"code": tile.code, "name": tile.name, "count": tile.count} for tile in counted.tiles],
            }
        )

    @action(detail=False)
    def growth(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """How many were founded, introduced and closed in each year, by these days, never by the days of entry."""
        self._begin("growth")
        growth = self.grown()
        if self.streams:
            return self.export(IndustryGrowthFile(_("Growth by year"), growth))
        return Response(
            {
                "count": growth.organizations,
                **self.said(self.get_render_context()),
                **self._notices(),
                "undated": growth.undated,
                "results": [year._asdict() for year in growth.years],
            }
        )

    @cached_property
    def board(self) -> Board:
        """Return the board that the request asks for. Raises InvalidParameters."""
        plan = self.filterset.sector_plan
        if plan is None:
            raise InvalidParameters({"plan": _("There is no plan whose sectors could be counted.")})
        by = next(one for one in self.dimensions if one.name == self.one_of("columns", BY))
        gaps_first, measured = self.one_of("order", ORDERS) == "gaps", self.may(SEES_MEASURES)
        return read_board(self.rows(), self.filterset, plan, by, gaps_first=gaps_first, measured=measured)

    def counted_townships(self) -> TownshipCounts:
        return read_townships(self.rows(), self.filterset)

    def map_of(self, counted: TownshipCounts, link: Callable[[str], str] = lambda _code: "") -> Drawn:
        """Return the map of townships, whose tiles lead to the addresses that `link` gives."""
        told = _("%(count)d organizations, of these %(elsewhere)d in no township of the city")
        about = (*self.about(), told % {"count": counted.organizations, "elsewhere": counted.elsewhere})
        sketch = _("A sketch: the tiles are no administrative boundaries. Positions: GeoNames, CC BY 4.0.")
        caption = Caption(_("Organizations by township"), about, (sketch, *self.said_of_day(), self.source()))
        return Drawn(*draw_townships(counted, caption, link))

    def growth_picture(self, growth: IndustryGrowth) -> str:
        """Return the bars of the last years."""
        told = _("%(count)d organizations, of these %(undated)d without a day of foundation, which count in no year")
        about = (*self.about(), told % {"count": growth.organizations, "undated": growth.undated})
        note = _("Counted by days in the world, never by the day of entry; sectors are today's, looked back upon.")
        return draw_growth(growth, Caption(_("Growth by year"), about, (note, *self.said_of_day(), self.source())))[0]

    def grown(self) -> IndustryGrowth:
        return read_growth(self.rows(), localdate().year)

    def _begin(self, name: str) -> None:
        self.refuse_unknown({*self.known_filters(), *self.action_parameters[name], "lang", "format"})
        self.check_filters()


def _shown(line: SectorLine, *, measured: bool) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "code": line.sector.code,
        "name": line.sector.label(),
        "layer": line.sector.layer,
        "group": line.group,
        "coverage": line.strength.value,
        "count": line.count,
        "counts": list(line.counts),
    }
    if measured:
        shown |= {name: getattr(line.measures, name, "") for name in MEASURES}
    return shown
