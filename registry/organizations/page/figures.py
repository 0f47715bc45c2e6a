"""The figures of five years: a table, each line with small bars, and the years before below it."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.text import capfirst

from registry.database.fields import field_of
from registry.organizations.models.confidential import AnnualFigures
from registry.site.fields import in_ten_thousands
from registry.spreadsheet import wan_text

YEARS = 5
COLUMNS = ("employees", "rd_staff", "revenue", "ai_revenue", "rd_expenditure", "assets", "valid_invention_patents")
_WIDE, _HIGH, _BAR, _GAP = 60, 20, 10, 2


def figures_table(rows: Sequence[AnnualFigures]) -> dict[str, Any]:
    """Return the values for the template; the rows come with the latest year first."""
    shown = [*reversed(rows[:YEARS])]
    return {
        "years": [row.year for row in shown],
        "lines": _lines(shown),
        "earlier": [row.year for row in rows[YEARS:]],
        "earlier_lines": _lines([*reversed(rows[YEARS:])]),
        "sources": [(row.year, row.source) for row in rows[:YEARS] if row.source],
    }


def _lines(rows: Sequence[AnnualFigures]) -> list[dict[str, Any]]:
    """Return label, bars and texts of every figure that any of the years has."""
    lines = []
    for name in COLUMNS:
        values = [getattr(row, name) for row in rows]
        if all(value is None for value in values):
            continue
        label = capfirst(str(field_of(AnnualFigures, name).verbose_name))
        money = any(isinstance(value, Decimal) for value in values)
        lines.append(
            {
                "label": in_ten_thousands(label) if money else label,
                "bars": bars(values),
                "texts": [_text(value) for value in values],
            }
        )
    return lines


def _text(value: object) -> str:
    if value is None:
        return ""
    return wan_text(value) if isinstance(value, Decimal) else str(value)


def bars(values: Sequence[int | Decimal | None]) -> SafeString:
    """Return a bar for each value in presentation attributes; a year that was not reported has none.

    The table beside has the numbers, so that the picture is hidden from readers of screens.
    """
    most = max((float(value) for value in values if value is not None), default=0) or 1
    drawn = [
        (
            number * (_BAR + _GAP),
            round(_HIGH - height, 1),
            _BAR,
            height,
            "#2563eb" if number == len(values) - 1 else "#93c5fd",
        )
        for number, value in enumerate(values)
        if value is not None
        for height in [round(max(1.0, float(value) / most * _HIGH), 1)]
    ]
    return format_html(
        '<svg viewBox="0 0 {} {}" width="{}" height="{}" aria-hidden="true">{}</svg>',
        _WIDE,
        _HIGH,
        _WIDE,
        _HIGH,
        format_html_join("", '<rect x="{}" y="{}" width="{}" height="{}" fill="{}"/>', drawn),
    )
