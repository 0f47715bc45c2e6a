"""The comparison of two member lists as PDF, one table for each kind of change."""

import datetime
from collections.abc import Iterator
from typing import Any

from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.timezone import localtime
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from alliance.members.names import label_on
from alliance.papers.comparison import ComparisonFile, ListChange
from alliance.papers.document import Printer, foot, unprintable
from alliance.papers.pdf import TAGGED_ROWS, pdf
from registry.api.lists.files import Table
from registry.api.lists.renderers import FileRenderer

_WIDTHS = {"member_no": 12, "name": 40, "before": 26, "after": 26, "on": 12, "reason": 18, "remarks": 24}


class ComparisonPDFRenderer(FileRenderer):
    media_type = "application/pdf"
    format = "pdf"

    def stream(self, table: Table) -> Iterator[bytes]:
        assert isinstance(table, ComparisonFile)  # noqa: S101
        table.count = len(table.comparison.differences)
        yield pdf("comparison", document(table), tagged=table.count <= TAGGED_ROWS)


def document(table: ComparisonFile) -> dict[str, Any]:
    """Return the data for the template, with all texts in the active language."""
    printer, compared = Printer(), table.comparison
    english = (get_language() or "").startswith("en")
    places = [place for place, column in enumerate(table.columns) if column.name in _WIDTHS]
    shown = [table.columns[place] for place in places]
    params = {"earlier": _day(compared.earlier), "later": _day(compared.later)}
    renamed = [_("Tier renamed: %(old)s → %(new)s") % {"old": old, "new": new} for old, new in compared.tiers]
    data = {
        "lang": "en" if english else "zh",
        "region": "us" if english else "cn",
        "date": [*localtime().timetuple()[:3]],
        "title": printer.text(table.title),
        "alliance": printer.text(label_on(compared.alliance, compared.later)),
        "heading": printer.text(_("Member lists compared")),
        "day": printer.text(_("%(earlier)s and %(later)s") % params),
        "count": printer.text(compared.said()),
        "edition": "",
        "mark": printer.text(_("Internal: keep confidential")),
        "notes": printer.all(renamed),
        "head": printer.all([_("No."), *(column.label for column in shown)]),
        "widths": [6, *(_WIDTHS[column.name] for column in shown)],
        "size": 8,
        "aligned": ["center", *("center" if column.width <= 12 else "left" for column in shown)],
        "groups": [group for change in ListChange if (group := _group(table, change, places, printer))],
        **foot("", table.receipt, printer),
    }
    return data | unprintable(printer)


def _group(table: ComparisonFile, change: ListChange, places: list[int], printer: Printer) -> dict[str, Any] | None:
    differences = table.comparison.of(change)
    if not differences:
        return None
    rows = []
    for number, one in enumerate(differences, 1):
        cells = table.row(one)
        written = ["" if cells[place] is None else str(cells[place]) for place in places]
        rows.append([str(number), *(printer.text(text, number) for text in written)])
    params = {"group": capfirst(str(change.label)), "count": len(rows)}
    return {"title": printer.text(_("%(group)s (%(count)s)") % params), "note": "", "rows": rows}


def _day(day: datetime.date) -> str:
    return date_format(day, _("Y-m-d"))
