"""`statistics/figures/`: annual figures added up, for who may see them; `statistics/releases/`: what all may see."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any, ClassVar

from django.db.models import Model, Q, QuerySet
from django.db.models.functions import TruncDate
from django.http.response import HttpResponseBase
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from registry.api.errors import InvalidParameters
from registry.api.lists.filters import StrictFilterSet
from registry.api.lists.list_mixin import RowListMixin
from registry.api.lists.pagination import Orderings
from registry.api.lists.renderers import CSVRenderer, JSONRenderer, XLSXRenderer
from registry.columns import Column, number
from registry.landscape.files import Drawn, Picture, PicturePDFRenderer, PNGRenderer, SVGRenderer
from registry.landscape.svg import Caption
from registry.landscape.words import CaptionMixin
from registry.organizations.columns.organizations import ORGANIZATION_COLUMNS
from registry.organizations.columns.parts import FIGURES
from registry.organizations.filtersets import OrganizationFilterSet
from registry.organizations.models.confidential import AnnualFigures
from registry.organizations.models.organizations import Organization
from registry.organizations.models.reach import within
from registry.statistics.bars import Link, no_link
from registry.statistics.counts import PICTURES, share
from registry.statistics.figures.files import HIDDEN, FigureFile, drawn_figures
from registry.statistics.figures.models import FiguresRelease
from registry.statistics.figures.releasing import released_table
from registry.statistics.figures.schemas import FIGURE_SUMS, RELEASES
from registry.statistics.figures.sums import (
    CUTS,
    YEAR,
    FigureLine,
    FigureSum,
    FigureTable,
    figures_of,
    read_reported,
    table_by,
    table_by_year,
    years_of,
)
from registry.statistics.views import DimensionsMixin

MONEY = frozenset(("assets", "revenue", "ai_revenue", "rd_expenditure"))
_BY = gettext_lazy("What to add up by: sector, branch, layer, township, kind or year; by default sector.")
_YEAR = gettext_lazy("The year of the figures; by default the latest.")
_FIGURE = gettext_lazy("Figures, joined by commas; by default all. A picture is of one.")


class FigureTableMixin(CaptionMixin, RowListMixin):
    """Answers with a table of figures as JSON, as a sheet and as bars."""

    cuts: ClassVar[Sequence[str]]

    @cached_property
    def chosen_columns(self) -> tuple[Column, ...]:
        """Return the figures that the request names, else all. Raises InvalidParameters."""
        known = {column.name: column for column in FIGURES}
        given = [name.strip() for text in self.request.query_params.getlist("figure") for name in text.split(",")]
        for name in given:
            if name not in known:
                said = _("“%(value)s” is not possible here; there are: %(values)s.")
                raise InvalidParameters({"figure": said % {"value": name, "values": ", ".join(known)}})
        return tuple(known[name] for name in dict.fromkeys(given or known))

    @cached_property
    def cut(self) -> str:
        return self.one_of("by", self.cuts)

    @cached_property
    def year(self) -> int | None:
        """Return the year that the request names, else the latest one. Raises InvalidParameters."""
        if "year" not in self.request.query_params:
            return max(self.years, default=None)
        return int(self.one_of("year", [str(year) for year in self.years] or [""]))

    @cached_property
    def years(self) -> Sequence[int]:
        raise NotImplementedError

    @cached_property
    def table(self) -> FigureTable:
        raise NotImplementedError

    def notes(self) -> Sequence[str]:
        raise NotImplementedError

    def title(self) -> str:
        raise NotImplementedError

    def file(self) -> HttpResponseBase:
        if self.request.accepted_renderer.format in PICTURES:
            if len(self.chosen_columns) != 1:
                raise InvalidParameters({"figure": _("A picture is of one figure: name it.")})
            public = not self.request.user.is_authenticated
            drawn = self.drawn(self.chosen_columns[0])
            return self.export(Picture(self.title(), [drawn], self.table.total.count or 0, public=public))
        return self.export(FigureFile(self.title(), self.table, self.notes()))

    def drawn(self, column: Column, link: Link = no_link) -> Drawn:
        """Return the bars of one figure; they lead to the addresses that `link` gives for a code."""
        title = _("%(figure)s by %(name)s") % {"figure": column.label, "name": self.table.label}
        caption = Caption(title, self.about(), (*self.notes(), self.source()))
        return drawn_figures(self.table, column, caption, link)

    def shown_table(self) -> dict[str, Any]:
        table = self.table
        return {
            "by": {"name": self.cut, "label": table.label},
            "figures": [
                {"name": one.name, "label": str(one.label), "unit": "CNY" if one.name in MONEY else ""}
                for one in table.columns
            ],
            "total": self._shown(table.total),
            "results": [
                {"code": line.code, "name": line.name, "parent": line.parent} | self._shown(line)
                for line in table.lines
            ],
        }

    def _shown(self, line: FigureLine) -> dict[str, Any]:
        return {
            "count": line.count,
            "sums": {
                column.name: self._sum(line.sums[column.name], self.table.total.sums[column.name].total)
                for column in self.table.columns
            },
        }

    def _sum(self, one: FigureSum, whole: Decimal | None) -> dict[str, Any]:
        part = None if one.total is None or not whole else share(one.total, whole)
        shown = {"sum": number(one.total), "share": part}
        if self.table.released:
            return shown
        return {"reported": one.reported, **shown, "median": number(one.median), "sensitive": one.sensitive}


class FigureStatisticsViewSet(FigureTableMixin, DimensionsMixin, GenericViewSet[Model]):
    """Adds up the figures of the list of organizations, with all its parameters, for who may see each of them."""

    queryset: QuerySet[Model] = Organization.objects.all()
    permission_models: ClassVar[tuple[type[Model], ...]] = (Organization, AnnualFigures)
    columns: ClassVar[tuple[Column, ...]] = ORGANIZATION_COLUMNS
    filterset_class = OrganizationFilterSet
    orderings: ClassVar[Orderings] = {}
    cuts = (*CUTS, YEAR)
    list_renderers: ClassVar[tuple[type[BaseRenderer], ...]] = (
        JSONRenderer,
        *(CSVRenderer, XLSXRenderer),
        *(SVGRenderer, PNGRenderer, PicturePDFRenderer),
    )
    action_descriptions: ClassVar[dict[str, str]] = {
        "list": "Sums, shares and medians of annual figures, unsuppressed, for those who may see the figures. An "
        "organization with several sectors counts in each. `sensitive` marks sums that a release would hide."
    }
    action_parameters: ClassVar[dict[str, dict[str, Any]]] = {"list": {"by": _BY, "year": _YEAR, "figure": _FIGURE}}
    action_answers: ClassVar[dict[str, dict[str, Any]]] = {"list": FIGURE_SUMS}

    def list(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponseBase:
        self.refuse_unknown({*self.known_filters(), *self.action_parameters["list"], "lang", "format"})
        self.check_filters()
        table = self.table
        if self.streams:
            return self.file()
        notices = [*self.filterset.notices(), *self.notes()]
        return Response(
            {
                "count": table.total.count,
                **self.said(self.get_render_context()),
                **({"notices": notices} if notices else {}),
                "year": None if self.cut == YEAR else self.year,
                "years": self.years,
                **self.shown_table(),
            }
        )

    @cached_property
    def visible(self) -> Q:
        """Return the condition on figures that the account may see."""
        return within(self.request.user, lambda name: f"organization__{name}")

    @cached_property
    def years(self) -> Sequence[int]:
        return years_of(figures_of(self.rows().in_order(()), self.visible))

    @cached_property
    def table(self) -> FigureTable:
        rows, plan, context = self.rows(), self.filterset.sector_plan, self.get_render_context()
        year = None if self.cut == YEAR else self.year
        figures = figures_of(rows.in_order(()), self.visible, year)
        reported = read_reported(figures, self.filterset, plan) if self.years else []
        if self.cut == YEAR:
            return table_by_year(reported, self.chosen_columns, context)
        return table_by(self.cut, reported, rows, self.filterset, self.chosen_columns, context)

    def title(self) -> str:
        if self.cut == YEAR:
            return _("Annual figures by year")
        return _("Annual figures %(year)s by %(name)s") % {"year": self.year or "", "name": self.table.label}

    def notes(self) -> Sequence[str]:
        limited = [_("Figures are added up only of organizations in your townships.")] if self.visible else []
        inside = _("For internal use: sums of fewer than 3 organizations, or with one above 80 %, show single figures.")
        return [*self.said_of_day(), *limited, inside]


class ReleaseViewSet(FigureTableMixin, GenericViewSet[Model]):
    """Shows the releases of figures. It knows no filters: what is suppressed is suppressed for these tables alone."""

    queryset: QuerySet[Model] = FiguresRelease.objects.all()
    columns: ClassVar[tuple[Column, ...]] = ()
    filterset_class = StrictFilterSet
    orderings: ClassVar[Orderings] = {}
    cuts = tuple(CUTS)
    list_actions: ClassVar[frozenset[str]] = frozenset()
    list_renderers: ClassVar[tuple[type[BaseRenderer], ...]] = (
        JSONRenderer,
        *(CSVRenderer, XLSXRenderer),
        *(SVGRenderer, PNGRenderer, PicturePDFRenderer),
    )
    action_descriptions: ClassVar[dict[str, str]] = {
        "list": "Sums of annual figures of published organizations, as released for one year. A sum is null where "
        "fewer than 3 organizations stand behind it, where one holds over 80 %, where it would let another be "
        "computed, or where nobody has reported. There are no filters; `crossed` has branches by township."
    }
    action_parameters: ClassVar[dict[str, dict[str, Any]]] = {"list": {"by": _BY, "year": _YEAR, "figure": _FIGURE}}
    action_answers: ClassVar[dict[str, dict[str, Any]]] = {"list": RELEASES}

    def list(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponseBase:
        self.refuse_unknown({*self.action_parameters["list"], "lang", "format"})
        table = self.table
        if self.streams:
            return self.file()
        release = self.release
        return Response(
            {
                "count": table.total.count,
                "plan": release and release["plan__code"],
                "year": self.year,
                "years": self.years,
                "released_on": release and release["released_on"],
                "notices": self.notes(),
                **self.shown_table(),
                "crossed": self._crossed(),
            }
        )

    @cached_property
    def years(self) -> Sequence[int]:
        return sorted(self._releases().values_list("year", flat=True))

    def _releases(self) -> Any:
        return FiguresRelease.objects.published()

    @cached_property
    def release(self) -> Any:
        """Return what the release has that everybody may see; None if there is none."""
        found = self._releases().filter(year=self.year).annotate(released_on=TruncDate("released_at"))
        return found.values("year", "plan__code", "tables", "released_on").first()

    @cached_property
    def table(self) -> FigureTable:
        tables = self.release["tables"] if self.release else None
        return released_table(tables, self.cut, self.chosen_columns, self.get_render_context())

    def _crossed(self) -> dict[str, Any]:
        known = self.release["tables"]["crossed"] if self.release else {}
        return {
            column.name: {
                code: {other: number(Decimal(text)) for other, text in line.items()}
                for code, line in known.get(column.name, {}).items()
            }
            for column in self.chosen_columns
        }

    def title(self) -> str:
        return _("Released figures %(year)s by %(name)s") % {"year": self.year or "", "name": self.table.label}

    def about(self) -> tuple[str, ...]:
        said = _("%(year)s · published organizations · released on %(day)s")
        day = self.release["released_on"].isoformat() if self.release else ""
        return (said % {"year": self.year or "", "day": day},)

    def notes(self) -> Sequence[str]:
        if not self.release:
            return [_("No figures have been released yet.")]
        return [
            _(
                "%(sign)s not shown: fewer than 3 organizations stand behind it, one holds over 80 %%, another sum "
                "could be computed from it, or nobody has reported."
            )
            % {"sign": HIDDEN},
            _("An organization with several sectors counts in each of them."),
        ]
