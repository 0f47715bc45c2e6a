"""Figures as a sheet and as a picture."""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from registry.api.lists.files import Table
from registry.columns import Column, RenderContext, file_column
from registry.landscape.files import Drawn
from registry.landscape.svg import Caption
from registry.statistics.bars import Bar, Link, bar_width, draw_bars, no_link
from registry.statistics.counts import share
from registry.statistics.figures.sums import CROSSED, FigureLine, FigureTable
from registry.values.punctuation import listed

HIDDEN = "*"
"""The sign of a sum that is not shown."""
NOTHING = "—"
"""The sign in a picture for what nobody has reported."""


class FigureFile(Table):
    """A line for each value, the total first. Released figures have sums and shares alone."""

    def __init__(self, title: str, table: FigureTable, notes: Sequence[str]) -> None:
        self.title, self.table, self.notes, released = title, table, notes, table.released
        labels = [(_("Code"), 26), (table.label, 30), (_("Belongs to"), 20), (_("Number of organizations"), 10)]
        for column in table.columns:
            labels += [] if released else [(_("%(figure)s: reported by") % {"figure": column.label}, 12)]
            labels += [(str(column.label), 18), (_("%(figure)s: share (%%)") % {"figure": column.label}, 10)]
            labels += [] if released else [(_("%(figure)s: median") % {"figure": column.label}, 14)]
        labels += [] if released else [(_("Not to be passed on"), 30)]
        self.columns = [file_column(label, width) for label, width in labels]

    def cells(self) -> Iterator[Sequence[object]]:
        names = {line.code: line.name for line in self.table.lines}
        yield self._line(self.table.total, _("All organizations"), "")
        for line in self.table.lines:
            yield self._line(line, line.name, names.get(line.parent, "") if line.parent else "")
        for note in self.notes:
            yield [note, *[""] * (len(self.columns) - 1)]

    def _line(self, line: FigureLine, name: str, above: str) -> list[object]:
        cells: list[object] = [line.code or "", name, above, line.count]
        told, context = [], self.table.context
        for column in self.table.columns:
            one, whole = line.sums[column.name], self.table.total.sums[column.name].total
            part = None if one.total is None or not whole else share(one.total, whole)
            if self.table.released:
                cells += [HIDDEN if one.total is None else in_file(column, one.total, context), part]
                continue
            cells += [one.reported, in_file(column, one.total, context), part, in_file(column, one.median, context)]
            told += [str(column.label)] if one.sensitive else []
        return cells if self.table.released else [*cells, listed(told)]


def in_file(column: Column, amount: Decimal | None, context: RenderContext) -> object:
    """Return an amount as the columns of figures write it: money in 万元."""
    return None if amount is None else column.cell(amount, context)


def amount_text(column: Column, amount: Decimal | None, context: RenderContext, none: str = HIDDEN) -> str:
    """Return an amount for a page or a picture, with separators of thousands; `none` where there is none."""
    return none if amount is None else f"{Decimal(str(in_file(column, amount, context))):,f}"


def drawn_figures(table: FigureTable, column: Column, caption: Caption, link: Link = no_link) -> Drawn:
    """Return the sums of one figure as bars."""
    bars = []
    for line in table.lines:
        amount = line.sums[column.name].total
        if line.count or amount is not None:
            said = amount_text(column, amount, table.context, HIDDEN if table.released else NOTHING)
            bars.append(Bar(line.name, amount, said, bool(line.parent), link(line.code) if line.code else ""))
    return Drawn(*draw_bars(bars, caption))


def shown_table(table: FigureTable, figure: str, link: Link = no_link) -> dict[str, Any]:
    """Return a table as its template shows it: one figure in full with bars, or the sums and shares of a release."""
    columns = [column for column in table.columns if table.released or column.name == figure]
    lines = [line for line in table.lines if line.count]
    largest = max((line.sums[figure].total or Decimal() for line in lines), default=None)

    def cell(line: FigureLine, column: Column) -> dict[str, Any]:
        one, whole = line.sums[column.name], table.total.sums[column.name].total
        return {
            "text": amount_text(column, one.total, table.context, HIDDEN if table.released else ""),
            "share": None if one.total is None or not whole else share(one.total, whole),
            "median": amount_text(column, one.median, table.context, ""),
            "reported": one.reported,
            "sensitive": bool(one.sensitive and one.reported),
        }

    def shown(line: FigureLine, biggest: Decimal | None) -> dict[str, Any]:
        return {
            "line": line,
            "url": link(line.code) if line.code else "",
            "cells": [cell(line, column) for column in columns],
            "width": bar_width(line.sums[figure].total, biggest),
        }

    return {
        "label": table.label,
        "columns": [column.label for column in columns],
        "total": shown(table.total, None) if table.total.count is not None else None,
        "lines": [shown(line, largest) for line in lines],
        "released": table.released,
    }


def crossed_table(tables: dict[str, Any], column: Column, context: RenderContext) -> dict[str, Any]:
    """Return the crossed sums of one figure in a release as its template shows them; what is hidden has the sign."""
    lang = "en" if (get_language() or "").startswith("en") else "zh"
    found = tables["crossed"][column.name]
    known = {code for line in found.values() for code in line}
    rows, columns = (
        [(one["code"], one["names"][lang]) for one in tables["cuts"][cut] if one["code"]] for cut in CROSSED
    )

    def text(code: str, other: str) -> str:
        amount = found.get(code, {}).get(other)
        return amount_text(column, None if amount is None else Decimal(amount), context)

    columns = [one for one in columns if one[0] in known]
    return {
        "label": column.label,
        "columns": [name for _code, name in columns],
        "rows": [(name, [text(code, other) for other, _name in columns]) for code, name in rows if code in found],
    }
