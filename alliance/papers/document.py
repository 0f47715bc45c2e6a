"""Makes of a member list the data that a template of `templates/` sets; all texts are ready in the active language."""

import datetime
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any
from unicodedata import east_asian_width

from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.timezone import localtime
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from alliance.papers.layouts import Edition, PaperLayout
from alliance.papers.rows import Grouping, Numbers, PaperGroup, PaperRow, PaperTable
from registry.columns import Column
from registry.disclosure import receipts
from registry.disclosure.models import Receipt
from registry.typesetting import fonts

_CENTRED = 16
"""Columns up to this width have short values, which are centred."""
_LIAISON = "liaison_"
_PADDING = 3
_WIDE = 150
"""Letters of 9 points in a line; with more, the table has smaller ones."""
_MOST_UNPRINTABLE = 500


@dataclass
class Paper:
    """The texts of a paper besides its rows."""

    layout: PaperLayout
    edition: Edition
    alliance: str
    on: datetime.date
    numbers: Numbers
    chosen: str = ""
    """The filters in words; empty for all members."""
    exported_by: str = ""
    """The person at the foot of the internal edition."""
    suspended: int = 0
    """How many are left out because they are suspended."""
    filled: Sequence[str] = ()
    """Texts for lines that are otherwise filled in by hand."""
    anonymous: bool = False
    """Whether somebody asks for it without an account."""


@dataclass
class Printer:
    """Replaces what no font can print by its code point, and keeps a list of where that was."""

    known: set[str] = field(default_factory=set)
    """Characters that are printed."""
    unprintable: list[tuple[str, str, str]] = field(default_factory=list)
    """Number of the row, text, and code points."""

    def text(self, text: str, number: int = 0) -> str:
        if self.known.issuperset(text):
            return text
        shown, missing = fonts.printable(text)
        self.known |= {*shown}
        if missing:
            codes = " ".join(map(fonts.code_point, missing))
            self.unprintable.append((str(number) if number else "", shown, codes))
        return shown

    def all(self, texts: Iterable[object]) -> list[str]:
        return [self.text(str(text)) for text in texts]


def document(paper: Paper, table: PaperTable, groups: Sequence[PaperGroup]) -> dict[str, Any]:
    printer = Printer()
    layout, english = paper.layout, (get_language() or "").startswith("en")
    shown = _shown(layout, table)
    columns = [table.columns[places[0]] for places in shown]
    merged = groups if layout.grouped else [PaperGroup("", [row for group in groups for row in group.rows])]
    by_pinyin = [group.by_pinyin for group in groups]
    mixed = table.grouping == Grouping.TIER and any(by_pinyin) and not all(by_pinyin)
    head = printer.all([_("No."), *(column.label for column in columns), *(label for label, _width in layout.blanks)])
    written = [_group(group, shown, len(layout.blanks), printer, mixed) for group in merged]
    widths = [*_widths(head, columns, written), *(width for _label, width in layout.blanks)]
    data = {
        "lang": "en" if english else "zh",
        "region": "us" if english else "cn",
        "date": [*localtime().timetuple()[:3]],
        **_head(paper, table, printer, groups),
        "notes": printer.all(notes(paper, all(by_pinyin))),
        "head": head,
        "widths": widths,
        "size": 9 if sum(widths) <= _WIDE else 8,
        "aligned": ["center", *("center" if column.width <= _CENTRED else "left" for column in columns)]
        + ["center"] * len(layout.blanks),
        "groups": written,
        **foot(paper.exported_by, table.receipt, printer),
    }
    return data | unprintable(printer)


def _widths(head: Sequence[str], columns: Sequence[Column], groups: Sequence[dict[str, Any]]) -> list[int]:
    """Return the widths of number and columns: the length of the longest text, at most the width of the column."""
    longest = [_PADDING + _places(label) for label in head[: len(columns) + 1]]
    for row in (row for group in groups for row in group["rows"]):
        for place, text in enumerate(row[: len(longest)]):
            if len(text) * 2 + _PADDING > longest[place]:
                longest[place] = max(longest[place], _PADDING + _places(text))
    most = [longest[0]]
    for number, column in enumerate(columns, 1):
        wide = 3 * column.width if column.name == "liaison" else column.width
        most.append(max(wide + (_PADDING if wide <= _CENTRED else 0), _PADDING + _places(head[number])))
    return [min(pair) for pair in zip(longest, most, strict=True)]


def _places(text: str) -> int:
    """Return how wide a text is, in letters; a Chinese sign is as wide as two."""
    return sum(2 if east_asian_width(character) in "WF" else 1 for character in text)


def _shown(layout: PaperLayout, table: PaperTable) -> list[list[int]]:
    """Return the columns of the paper, each as the places of the values that share it.

    The headings of the groups say the tier. Title and numbers of the liaison share the cell of the name: a cell of its
    own for each would take a sixth more memory.
    """
    shown: list[list[int]] = []
    for place, column in enumerate(table.columns):
        if column.name == "tier" and layout.grouped and table.grouping == Grouping.TIER:
            continue
        if column.name.startswith(_LIAISON) and shown:
            shown[-1].append(place)
        else:
            shown.append([place])
    return shown


def _head(paper: Paper, table: PaperTable, printer: Printer, groups: Sequence[PaperGroup]) -> dict[str, Any]:
    day = date_format(paper.on, _("Y-m-d"))
    count = sum(len(group.rows) for group in groups)
    counts = [(group.name, _members(len(group.rows))) for group in groups]
    layout = paper.layout
    return {
        "title": printer.text(table.title),
        "alliance": printer.text(paper.alliance),
        "heading": printer.text(str(layout.heading)),
        "day": printer.text(_("As of %(day)s") % {"day": day}),
        "edition": printer.text(capfirst(str(paper.edition.label))) if layout.editions else "",
        "mark": printer.text(_("Internal: keep confidential")) if paper.edition == Edition.INTERNAL else "",
        "counts": [printer.all(row) for row in (*counts, (_("In all"), _members(count)))],
        "count": printer.text(_members(count)),
        "lines": printer.all(_lines(paper)),
        "hints": printer.all(layout.hints),
    }


def _lines(paper: Paper) -> list[str]:
    """Return the labels of what is filled in by hand, with what is known of it."""
    filled = [*paper.filled, *[""] * len(paper.layout.lines)]
    return [f"{label} {known}".strip() for label, known in zip(paper.layout.lines, filled, strict=False)]


def notes(paper: Paper, by_pinyin: bool) -> list[str]:
    """Return the sentences below the title; `by_pinyin` says that the secretariat has given no member a place."""
    said = []
    if by_pinyin:
        said.append(in_pinyin_order() + _("."))
    if paper.layout.editions and paper.edition == Edition.PUBLIC and not paper.layout.council:
        said.append(paper.numbers.said())
    if paper.suspended:
        told = ngettext(
            "%(count)d suspended member is left out: it may not vote.",
            "%(count)d suspended members are left out: they may not vote.",
            paper.suspended,
        )
        said.append(told % {"count": paper.suspended})
    if paper.chosen:
        said.append(_("Not the whole list; chosen by: %(filters)s.") % {"filters": paper.chosen})
    return said


def in_pinyin_order() -> str:
    return _("Members of the same tier stand by the pinyin of their names, in no order of rank")


def _group(
    group: PaperGroup, shown: Sequence[Sequence[int]], blanks: int, printer: Printer, mixed: bool
) -> dict[str, Any]:
    params = {"group": group.name, "count": _members(len(group.rows))}
    title = _("%(group)s (%(count)s)") % params if group.name else ""
    return {
        "title": printer.text(title),
        "note": printer.text(in_pinyin_order()) if title and mixed and group.by_pinyin and len(group.rows) > 1 else "",
        "rows": [_row(row, shown, blanks, printer) for row in group.rows],
    }


def _row(row: PaperRow, shown: Sequence[Sequence[int]], blanks: int, printer: Printer) -> list[str]:
    written = [_written(cell) for cell in row.cells]
    cells = [printer.text(" ".join(filter(None, [written[place] for place in places])), row.number) for places in shown]
    return [str(row.number), *cells, *[""] * blanks]


def _written(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime.date):
        return f"{value:%Y-%m-%d}"
    return str(value)


def _members(count: int) -> str:
    return ngettext("%(count)d member", "%(count)d members", count) % {"count": count}


def foot(exported_by: str, receipt: Receipt | None, printer: Printer) -> dict[str, str]:
    number = receipt.number if receipt else ""
    handed = ""
    if receipt and receipt.full_numbers:
        params = {"recipient": receipt.recipient, "number": number}
        handed = _("For %(recipient)s. Receipt %(number)s") % params
    exported = ""
    if exported_by:
        params = {"person": exported_by, "time": localtime().strftime("%Y-%m-%d %H:%M")}
        exported = _("Exported by %(person)s, %(time)s") % params
    return {
        "author": receipts.properties(receipt).get("author", ""),
        "made": printer.text(_("Made on %(day)s") % {"day": date_format(localtime(), _("Y-m-d"))}),
        "pages": printer.text(_("Page {page} of {pages}")),
        "said": printer.text(handed or (number and _("Receipt %(number)s") % {"number": number})),
        "exported": printer.text(exported),
    }


def unprintable(printer: Printer) -> dict[str, Any]:
    """Return the list of texts with characters that no font has. A text that occurs in many rows is listed once."""
    once = dict.fromkeys(printer.unprintable)
    more = len(once) - _MOST_UNPRINTABLE
    note = _("No font here has these characters. In their place the paper has the code point, such as 〔U+E000〕.")
    if more > 0:
        note += " " + _("%(count)d more are not listed.") % {"count": more}
    return {
        "unprintable": [list(row) for row in [*once][:_MOST_UNPRINTABLE]],
        "unprintable_title": _("Characters that cannot be printed"),
        "unprintable_note": note,
        "unprintable_head": [_("No."), _("Text"), _("Character")],
    }
