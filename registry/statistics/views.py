"""Organizations counted: facets and cross-tables of the rows that the parameters of the list choose."""

from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.http.response import HttpResponseBase
from django.utils.text import capfirst
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from registry.api.errors import InvalidParameters
from registry.api.lists.files import Table
from registry.api.lists.filters import nearest, read_boolean
from registry.columns import file_column
from registry.search.organization_rows import OrganizationListMixin
from registry.statistics.dimensions import (
    BRANCH,
    ORGANIZATION_DIMENSIONS,
    CrossTable,
    Dimension,
    Entry,
    cross_table,
    facets,
)
from registry.statistics.layers_and_years import FOUNDED, LAYER
from registry.statistics.schemas import CROSS_TABLE, FACETS

COSTLY = ("size_class", "freshness", "missing", "layer", "founded")
"""Facets that are counted only when asked for by name."""


class DimensionsMixin(OrganizationListMixin):
    """A list whose rows are counted by dimensions. In public `dimension_names` is the allow-list."""

    dimensions: ClassVar[tuple[Dimension, ...]] = (*ORGANIZATION_DIMENSIONS, LAYER, FOUNDED)
    dimension_names: ClassVar[tuple[str, ...] | None] = None

    @cached_property
    def known_dimensions(self) -> dict[str, Dimension]:
        if self.dimension_names is not None:
            return {one.name: one for one in self.dimensions if one.name in self.dimension_names}
        return {one.name: one for one in self.dimensions if self.may(one.permission)}

    def known_dimension(self, parameter: str, name: str, known: dict[str, Dimension]) -> Dimension:
        """Return the dimension of that name. Raises InvalidParameters, with the nearest ones."""
        if name not in known:
            said = _("There is nothing to count by called “%(value)s”. Nearest: %(names)s.")
            raise InvalidParameters({parameter: said % {"value": name, "names": nearest(name, known)}})
        return known[name]

    def named_dimensions(self, parameter: str, usual: Sequence[str], known: dict[str, Dimension]) -> list[Dimension]:
        """Return the dimensions that the request names, joined by commas, else the usual ones."""
        given = [name.strip() for text in self.request.query_params.getlist(parameter) for name in text.split(",")]
        return [self.known_dimension(parameter, name, known) for name in dict.fromkeys(given or usual)]

    def read_truth(self, parameter: str) -> bool:
        """Return whether the parameter says `true`; without it false. Raises InvalidParameters."""
        given = self.request.query_params.getlist(parameter) or ["false"]
        try:
            return read_boolean(", ".join(given))
        except ValidationError as error:
            raise InvalidParameters({parameter: error.messages[0]}) from None

    def said_of_day(self) -> list[str]:
        """Return what the day of the request does not change, for pictures, boards and files; nothing for today."""
        if self.filterset.on == localdate():
            return []
        return [_("Members and names are those of the day; sectors and townships are as they are now.")]

    def _notices(self) -> dict[str, list[str]]:
        notices = [*self.filterset.notices(), *self.said_of_day()]
        return {"notices": notices} if notices else {}


class CountsMixin(DimensionsMixin):
    """`facets/` and `crosstab/` beside a list, of the same rows."""

    list_actions = frozenset(["list", "facets", "crosstab"])
    file_actions = frozenset(["list", "crosstab"])
    action_parameters: ClassVar[dict[str, dict[str, Any]]] = {
        "facets": {"facet": gettext_lazy("What to count by, joined by commas; by default all that costs little.")},
        "crosstab": {
            "rows": gettext_lazy("What the lines count by; by default township."),
            "columns": gettext_lazy("What the columns count by; by default branch, the upper level of the sectors."),
            "empty": gettext_lazy("`true` shows values that nobody has too."),
        },
    }
    action_answers: ClassVar[dict[str, dict[str, Any]]] = {"facets": FACETS, "crosstab": CROSS_TABLE}

    @action(detail=False)
    def facets(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """How many organizations there are, and how many of each sector, township, kind ...

        Of the organizations that the parameters of the list choose. A sector counts those of its branch once.
        """
        self.refuse_unknown({*self.known_filters(), *self.action_parameters["facets"], "lang", "format"})
        usual = [name for name in self.known_dimensions if name not in COSTLY]
        dimensions = self.named_dimensions("facet", usual, self.known_dimensions)
        total, found = facets(self.rows(), dimensions, self.filterset)
        shown = {name: _tree(numbered) for name, numbered in found.items()}
        return Response({"count": total, **self.said(self.get_render_context()), **self._notices(), "facets": shown})

    @action(detail=False)
    def crosstab(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """How many organizations have both: `rows` against `columns`, any two of what `facets/` counts by.

        `branch` is the upper level of the sectors. Totals count each organization once, so that they may be less than
        the sum of a row. `empty=true` also shows values that nobody has.
        """
        self.refuse_unknown({*self.known_filters(), *self.action_parameters["crosstab"], "lang", "format"})
        known = self.known_dimensions | {"branch": BRANCH}
        rows = self._dimension("rows", request.query_params.get("rows", "township"), known)
        columns = self._dimension("columns", request.query_params.get("columns", "branch"), known)
        table = cross_table(self.rows(), rows, columns, self.filterset, empty=self.read_truth("empty"))
        if self.streams:
            return self.export(CrossTableFile(_title(rows, columns), rows, table))
        return Response(
            {
                "count": table.total,
                **self.said(self.get_render_context()),
                **self._notices(),
                "rows": {"name": rows.name, "label": capfirst(str(rows.label))},
                "columns": {
                    "name": columns.name,
                    "label": capfirst(str(columns.label)),
                    "values": [
                        {**shown, "count": count}
                        for shown, (_entry, count) in zip(_shown(table.columns), table.columns, strict=True)
                    ],
                },
                "results": [
                    {**shown, "count": count, "counts": table.line(row)}
                    for shown, (row, count) in zip(_shown(table.rows), table.rows, strict=True)
                ],
            }
        )

    def _dimension(self, parameter: str, name: str, known: dict[str, Dimension]) -> Dimension:
        if len(self.request.query_params.getlist(parameter)) > 1:
            raise InvalidParameters({parameter: _("Give one value.")})
        return self.known_dimension(parameter, name, known)


class CrossTableFile(Table):
    """A cross-table as a file: one line for each row, the totals last."""

    def __init__(self, title: str, rows: Dimension, table: CrossTable) -> None:
        self.title = title
        self.table = table
        labels = [capfirst(str(rows.label)), *(entry.name for entry, _count in table.columns), _("Total")]
        self.columns = [file_column(label, 12 if position else 20) for position, label in enumerate(labels)]

    def cells(self) -> Iterator[Sequence[object]]:
        for row, count in self.table.rows:
            indent = "　" if row.parent is not None else ""
            yield [indent + row.name, *self.table.line(row), count]
        yield [_("Total"), *(count for _entry, count in self.table.columns), self.table.total]


def _title(rows: Dimension, columns: Dimension) -> str:
    return _("%(rows)s by %(columns)s") % {"rows": capfirst(str(rows.label)), "columns": columns.label}


def _tree(numbered: Sequence[tuple[Entry, int]]) -> list[dict[str, Any]]:
    """Values that somebody has, each below its parent."""
    roots: list[dict[str, Any]] = []
    placed: dict[object, dict[str, Any]] = {}
    for entry, count in numbered:
        if count:
            shown = {**entry.shown(), "count": count}
            if entry.parent in placed and entry.parent is not None:
                placed[entry.parent].setdefault("children", []).append(shown)
            else:
                roots.append(shown)
            placed[entry.key] = shown
    return roots


def _shown(entries: Sequence[tuple[Entry, int]]) -> list[dict[str, Any]]:
    """Return the entries as JSON values, with the code of the value above each where the dimension has levels."""
    codes = {entry.key: entry.code for entry, _count in entries}
    if all(entry.parent is None for entry, _count in entries):
        return [entry.shown() for entry, _count in entries]
    return [{**entry.shown(), "parent": codes.get(entry.parent) if entry.parent else None} for entry, _count in entries]
