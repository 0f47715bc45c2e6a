"""The form 社会团体收费情况 as PDF, on one page."""

from collections.abc import Iterator
from typing import Any

from django.utils.timezone import localtime
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from alliance.dues.charges import CHARGES, SUM_COLUMNS, SUMS, ChargesFile, relief_text
from alliance.papers.document import Printer, foot, unprintable
from alliance.papers.pdf import pdf
from registry.api.lists.files import Table
from registry.api.lists.renderers import FileRenderer
from registry.spreadsheet import yuan_text

_SHOWN = ("rate", *SUMS)


class ChargesPDFRenderer(FileRenderer):
    media_type = "application/pdf"
    format = "pdf"

    def stream(self, table: Table) -> Iterator[bytes]:
        assert isinstance(table, ChargesFile)  # noqa: S101
        table.count = len(table.charges.classes)
        yield pdf("charges", document(table), tagged=True)


def document(table: ChargesFile) -> dict[str, Any]:
    """Return the data for the template, with all texts in the active language."""
    printer, found = Printer(), table.charges
    english = (get_language() or "").startswith("en")
    labels = {column.name: str(column.label) for column in SUM_COLUMNS}
    rows = [
        [one.name, *(_text(getattr(one, name)) for name in _SHOWN)]
        for one in ((*found.classes, found.total) if found.classes else ())
    ]
    data = {
        "lang": "en" if english else "zh",
        "region": "us" if english else "cn",
        "date": [*localtime().timetuple()[:3]],
        "title": printer.text(found.title),
        "alliance": printer.text(found.alliance.label()),
        "heading": printer.text(str(CHARGES)),
        "day": printer.text(_("Year %(year)d") % {"year": found.year}),
        "count": "",
        "edition": "",
        "mark": printer.text(_("Internal: keep confidential")),
        "notes": printer.all(found.warnings),
        "facts": [printer.all(pair) for pair in found.facts()],
        "head": printer.all([_("Dues class"), *(labels[name] for name in _SHOWN)]),
        "rows": [printer.all(row) for row in rows],
        "reliefs_title": printer.text(_("Reliefs")),
        "reliefs": printer.all([relief_text(one) for one in found.reliefs] or [_("None.")]),
        "signatures": printer.all([_("Filled in by"), _("Secretary-general"), _("Seal of the social organization")]),
        **foot("", table.receipt, printer),
    }
    return data | unprintable(printer)


def _text(value: Any) -> str:
    return str(value) if isinstance(value, int) else yuan_text(value)
