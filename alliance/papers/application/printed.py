"""Makes of the blank application form a PDF to print and fill in by hand."""

from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from alliance.papers.application.asked import TALL, ApplicationForm, Question
from alliance.papers.document import Printer
from alliance.papers.pdf import TEMPLATES
from registry.typesetting import typeset
from registry.values.punctuation import listed

_SECTOR_LINES = 2
_MOST_BOXES = 10
"""The largest number of values that are printed with boxes to tick; for more of them there is room to write."""


def printed(form: ApplicationForm) -> bytes:
    """Return the PDF. Raises TypesettingFailed."""
    return typeset(TEMPLATES / "application.typ", document(form), tagged=True, public=True)


def document(form: ApplicationForm) -> dict[str, Any]:
    """Return what the template sets, with all texts in the active language."""
    printer, english = Printer(), (get_language() or "").startswith("en")
    day = _("Date: ______ / ____ / ____")
    return {
        "lang": "en" if english else "zh",
        "region": "us" if english else "cn",
        "alliance": printer.text(form.alliance),
        "title": form.title,
        "said": _("* needed. Write clearly, sign and stamp the sheet, and add a copy of the licence."),
        "sent_to": [printer.all(one) for one in form.sent_to],
        "parts": [
            {"title": part.title, "lines": [[_cell(one, printer) for one in line] for line in part.lines()]}
            for part in form.parts
        ],
        "declaration": [_("Declaration"), form.declaration],
        "signed": [
            [f"{label}", day]
            for label in (
                _("Legal representative or person in charge (signature):"),
                _("Stamp of the organization:"),
                _("Opinion of the office of the alliance:"),
                _("Decision of the council:"),
            )
        ],
        "admission": [_("How to join"), *printer.all(filter(None, form.admission.splitlines()))],
        "sectors_title": _("Sectors to choose from"),
        "sectors": [[printer.text(group), printer.text(listed(sectors))] for group, sectors in form.sectors],
    }


def _cell(entry: Question, printer: Printer) -> dict[str, Any]:
    boxes = entry.values if len(entry.values) <= _MOST_BOXES else ()
    lines = _SECTOR_LINES if entry.name == "sectors" else TALL.get(entry.name, 1)
    return {
        "label": printer.text(entry.marked),
        "text": printer.text(entry.filled),
        "boxes": printer.all(boxes),
        "lines": lines,
    }
