"""The landscape of a list of organizations: as data, and as a picture to look at, to print and to hand on."""

from collections.abc import Collection, Mapping
from functools import cached_property
from typing import Any, ClassVar

from django.db.models import BooleanField, Q, Value
from django.db.models.expressions import Combinable
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from rest_framework.decorators import action
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from registry.api.errors import InvalidParameters
from registry.api.lists.renderers import JSONRenderer
from registry.landscape import layout
from registry.landscape.chart import Card, Chart, read_chart
from registry.landscape.files import Drawn, Picture, PicturePDFRenderer, PNGRenderer, SVGRenderer
from registry.landscape.schemas import LANDSCAPE
from registry.landscape.svg import MARK, Caption, Links, draw, foot_height, head_height
from registry.landscape.words import CaptionMixin
from registry.statistics.views import CountsMixin

SCREEN_WIDTH, SCREEN_TEXT, SCREEN_MOST = 1240.0, 11.0, 40
PAPERS = {"A3": (1190.55, 841.89), "A4": (841.89, 595.28)}
"""Width and height of a sheet on its long side, in points (ISO 216)."""
PAGES = ("all", "layer")


class LandscapeMixin(CaptionMixin, CountsMixin):
    """`landscape/` beside a list, of the same organizations."""

    list_actions = CountsMixin.list_actions | {"landscape"}
    action_renderers: ClassVar[dict[str, tuple[type[BaseRenderer], ...]]] = {
        "landscape": (JSONRenderer, SVGRenderer, PNGRenderer, PicturePDFRenderer)
    }
    action_parameters: ClassVar[dict[str, dict[str, Any]]] = {
        **CountsMixin.action_parameters,
        "landscape": {
            "paper": gettext_lazy("A3 or A4: a sheet of this size, with as many names as can be read on it."),
            "pages": gettext_lazy(
                "`layer` draws a sheet for each layer of the industry chain; by default one for all."
            ),
        },
    }
    action_answers: ClassVar[dict[str, dict[str, Any]]] = {**CountsMixin.action_answers, "landscape": LANDSCAPE}

    @action(detail=False)
    def landscape(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Every sector of the plan by layer and group, with the organizations of the list that are in it.

        Sectors that nobody has are shown, too. Members of alliances on the day come first and are marked. With the
        format svg it is the picture.
        """
        self.refuse_unknown({*self.known_filters(), *self.action_parameters["landscape"], "lang", "format"})
        self.check_filters()
        paper, by_layer = self._paper()
        chart = self.chart
        if self.streams:
            drawn, public = self.drawn(chart, paper, by_layer), not request.user.is_authenticated
            return self.export(Picture(self.caption(chart).title, drawn, chart.organizations, public=public))
        return Response(
            {
                "count": chart.organizations,
                **self.said(self.get_render_context()),
                **self._notices(),
                "placed": chart.placed,
                "empty": chart.empty,
                "layers": [
                    {
                        "code": band.layer,
                        "name": band.name,
                        "groups": [
                            {
                                "code": group.code,
                                "name": group.name,
                                "count": group.count,
                                "sectors": [_shown(card) for card in group.cards],
                            }
                            for group in band.groups
                        ],
                    }
                    for band in chart.bands
                ],
            }
        )

    @cached_property
    def chart(self) -> Chart:
        """Return the landscape of the rows that the request chooses. Raises InvalidParameters without a plan."""
        plan = self.filterset.sector_plan
        if plan is None:
            raise InvalidParameters({"plan": _("There is no plan whose sectors could be drawn.")})
        return read_chart(self.rows(), self.filterset, plan, self.member_mark(), self.renamed)

    def member_mark(self) -> Combinable | Q:
        """Return the expression on a sector tag that is true of members of an alliance; here nobody is one."""
        return Value(False, output_field=BooleanField())

    def renamed(self, pks: Collection[int]) -> Mapping[int, str]:
        """Return the names of the day by the ids of organizations, of those that had another one; here nobody had."""
        return {}

    def on_screen(self, chart: Chart, links: Links, most: int = SCREEN_MOST) -> Drawn:
        """Return the picture for a screen, with at most `most` names in a sector, whose parts lead to `links`."""
        caption = self.caption(chart)
        head, foot = head_height(caption), foot_height(caption)
        sheet = layout.on_screen(chart, SCREEN_WIDTH, SCREEN_TEXT, most, head, foot)
        return Drawn(draw(chart, sheet, caption, links), sheet.width, sheet.height)

    def drawn(self, chart: Chart, paper: str, by_layer: bool) -> list[Drawn]:
        """Return the pictures of a file: one, or one for each layer. Raises InvalidParameters for too small a sheet."""
        parts = chart.by_layer() if by_layer else [chart]
        if not paper:
            return [self.on_screen(part, Links()) for part in parts]
        return [self._on_paper(part, *PAPERS[paper]) for part in parts]

    def _on_paper(self, chart: Chart, width: float, height: float) -> Drawn:
        caption = self.caption(chart)
        try:
            sheet = layout.on_paper(chart, width, height, head_height(caption), foot_height(caption))
        except layout.DoesNotFit:
            said = _("The plan has too many sectors for one sheet: ask for pages=layer or a larger sheet.")
            raise InvalidParameters({"paper": said}) from None
        return Drawn(draw(chart, sheet, caption, Links()), width, height)

    def caption(self, chart: Chart) -> Caption:
        """Return what the picture says of itself: plan, filters, day, numbers, legend and source."""
        numbers = [
            ngettext("%(count)d organization", "%(count)d organizations", chart.organizations)
            % {"count": chart.organizations},
            _("%(count)d in sectors of the plan") % {"count": chart.placed},
            ngettext("%(count)d sector without any", "%(count)d sectors without any", chart.empty)
            % {"count": chart.empty},
        ]
        notes = [
            _("%(mark)s member of an alliance · dashed: nobody in the sector · who has several sectors stands in each")
            % {"mark": MARK},
            self.source(),
        ]
        notes[1:1] = self.said_of_day()
        about = (*self.about(), " · ".join(numbers))
        return Caption(_("Landscape of the AI industry"), about, tuple(notes))

    def _paper(self) -> tuple[str, bool]:
        given = self.request.query_params
        paper = self.one_of("paper", tuple(PAPERS)) if "paper" in given else ""
        pages = self.one_of("pages", PAGES)
        renderer: Any = self.request.accepted_renderer
        if pages == "layer" and renderer.format in ("svg", "png"):
            raise InvalidParameters({"pages": _("Several sheets are a PDF: ask for format=pdf.")})
        return paper, pages == "layer"


def _shown(card: Card) -> dict[str, Any]:
    return {
        "code": card.code,
        "name": card.name,
        "direct": card.direct,
        "count": card.count,
        "organizations": [
            {"registry_no": entry.registry_no, "name": entry.name, "member": entry.marked} for entry in card.entries
        ],
    }
