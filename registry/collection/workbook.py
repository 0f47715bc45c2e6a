"""The workbooks of a round: the form that a township fills in, and the list of organizations without an answer."""

import datetime
from collections import defaultdict
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import IO

import xlsxwriter
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from registry.collection.models import AnswerState, CollectionRound, RoundOrganization
from registry.columns import Column, chosen
from registry.disclosure.models import Receipt
from registry.disclosure.receipts import footer, properties
from registry.organizations.columns.organizations import ORGANIZATION_COLUMNS
from registry.organizations.columns.parts import FIGURES, FIGURES_COLUMNS
from registry.organizations.models.confidential import AnnualFigures, Contact
from registry.spreadsheet import WAN, xlsx_text
from registry.spreadsheet.styles import BOX
from registry.values.masking import masks_of

KEYS = ("registry_no", "uscc", "name_zh", "year")
_MONEY = ("assets", "revenue", "ai_revenue", "rd_expenditure")
CONTACTS = ("legal_representative", "contact_name", "contact_title", "contact_phone", "contact_email")
_HEADER_ROW = 2
_KEY_WIDTHS = {"registry_no": 15, "uscc": 22, "name_zh": 34, "year": 7}


class _Book:
    """One workbook with its formats. Only the cells to be filled in are unlocked."""

    def __init__(self, file: IO[bytes], receipt: Receipt | None) -> None:
        self.full = receipt is not None and receipt.full_numbers
        self.foot = "&C&P / &N" + (f"&R{footer(receipt).replace('&', '&&')}" if self.full else "")
        self.book = xlsxwriter.Workbook(file, {"in_memory": True, "strings_to_formulas": False})
        self.book.set_properties(properties(receipt))
        edge = {**BOX, "font_size": 10}
        head = {**edge, "bold": True, "text_wrap": True, "align": "center"}
        self.title = self.book.add_format({"bold": True, "font_size": 16, "align": "center", "valign": "vcenter"})
        self.lead = self.book.add_format({"font_size": 10, "font_color": "#B45309", "valign": "vcenter"})
        self.header = self.book.add_format({**head, "bg_color": "#DCE6F5"})
        self.old_header = self.book.add_format({**head, "bold": False, "bg_color": "#E5E7EB", "font_color": "#6B7280"})
        self.key = self.book.add_format({**edge, "bg_color": "#F3F6FB", "num_format": "@"})
        self.old = self.book.add_format({**edge, "bg_color": "#F3F4F6", "font_color": "#6B7280"})
        self.number = self.book.add_format({**edge, "locked": False})
        self.text = self.book.add_format({**edge, "locked": False, "num_format": "@"})
        self.wrapped = self.book.add_format({"text_wrap": True, "valign": "top", "font_size": 11})
        self.strong = self.book.add_format({"bold": True, "valign": "top", "font_size": 11, "text_wrap": True})


def write_form(
    file: IO[bytes],
    asking: CollectionRound,
    place: str,
    asked: Sequence[RoundOrganization],
    *,
    contacts: bool,
    receipt: Receipt | None = None,
) -> None:
    """Write the form of one township. `contacts` adds columns of personal information, to be confirmed.

    Their numbers are masked unless the receipt says that they are in full.
    """
    form = _Form(_Book(file, receipt), asking, place, asked, contacts)
    form.write()
    _write_instructions(form.book, asking, contacts)
    form.book.book.close()


class _Form:
    def __init__(
        self,
        book: _Book,
        asking: CollectionRound,
        place: str,
        asked: Sequence[RoundOrganization],
        contacts: bool,
    ) -> None:
        self.book, self.asking, self.place, self.asked = book, asking, place, asked
        self.keys = chosen(FIGURES_COLUMNS, KEYS)
        self.figures = FIGURES
        self.contacts = chosen(ORGANIZATION_COLUMNS, CONTACTS) if contacts else ()
        ids = [row.organization_id for row in asked]
        self.reported = _figures(ids, asking.year)
        self.known = _contacts(ids, full=book.full) if contacts else {}
        self.sheet = book.book.add_worksheet(_("Figures"))
        self.width = len(self.keys) + 2 * len(self.figures) + len(self.contacts) + 1

    def write(self) -> None:
        sheet, last = self.sheet, _HEADER_ROW + len(self.asked)
        params = {"year": self.asking.year, "place": self.place}
        title = _("Figures of %(year)s: %(place)s") % params
        sheet.merge_range(0, 0, 0, self.width - 1, xlsx_text(title)[0], self.book.title)
        sheet.set_row(0, 30)
        sheet.write_string(1, 0, _lead(self.asking), self.book.lead)
        sheet.set_row(1, 20)
        sheet.set_row(_HEADER_ROW, 44)
        at = self._write_keys(last)
        at = self._write_figures(at, last)
        at = self._write_contacts(at, last)
        self._write_state(at, last)
        for line in range(_HEADER_ROW + 1, last + 1):
            sheet.set_row(line, 20)
        sheet.freeze_panes(_HEADER_ROW + 1, len(KEYS) - 1)
        sheet.autofilter(_HEADER_ROW, 0, max(last, _HEADER_ROW + 1), self.width - 1)
        # This protects against slips only, hence without a password: anyone who must can take it off.
        sheet.protect("", {"autofilter": True, "sort": True, "format_columns": True, "format_rows": True})
        sheet.set_landscape()
        sheet.set_paper(8)  # A3
        sheet.set_margins(left=0.3, right=0.3, top=0.5, bottom=0.5)
        sheet.fit_to_pages(1, 0)
        sheet.repeat_rows(_HEADER_ROW)
        sheet.set_footer(self.book.foot)

    def _write_keys(self, last: int) -> int:
        for at, column in enumerate(self.keys):
            self.sheet.set_column(at, at, _KEY_WIDTHS[column.name])
            self.sheet.write_string(_HEADER_ROW, at, str(column.label), self.book.header)
        for line, asked in enumerate(self.asked, _HEADER_ROW + 1):
            organization = asked.organization
            # The English name replaces a missing Chinese one; the registry number says who it is.
            for at, text in enumerate(
                (organization.registry_no, organization.uscc or "", organization.name_zh or organization.name_en)
            ):
                self.sheet.write_string(line, at, xlsx_text(text)[0], self.book.key)
            self.sheet.write_number(line, len(KEYS) - 1, self.asking.year, self.book.key)
        return len(self.keys)

    def _write_figures(self, at: int, last: int) -> int:
        for column in self.figures:
            money = column.name in _MONEY
            self._head(at, column, 13)
            self.sheet.set_column(at + 1, at + 1, 11)
            label = _("Last year: %(label)s") % {"label": column.label}
            self.sheet.write_string(_HEADER_ROW, at + 1, label, self.book.old_header)
            for line, asked in enumerate(self.asked, _HEADER_ROW + 1):
                years = self.reported[asked.organization_id]
                for position, year, style in (
                    (at, self.asking.year, self.book.number),
                    (at + 1, self.asking.year - 1, self.book.old),
                ):
                    self._number(line, position, getattr(years.get(year), column.name, None), money, style)
            self._validate_number(at, last, money)
            at += 2
        return at

    def _number(
        self, line: int, at: int, value: Decimal | int | None, money: bool, style: xlsxwriter.format.Format
    ) -> None:
        if value is None:
            self.sheet.write_blank(line, at, None, style)
        else:
            self.sheet.write_number(line, at, Decimal(value) / WAN if money else value, style)

    def _validate_number(self, at: int, last: int, money: bool) -> None:
        if last > _HEADER_ROW:
            rule = {
                "validate": "decimal" if money else "integer",
                "criteria": ">=",
                "value": 0,
                "error_title": _("Not taken"),
                "error_message": _("Write an amount in 10,000 yuan, 0 or more; leave it empty where it is not known.")
                if money
                else _("Write a whole number, 0 or more; leave it empty where it is not known."),
            }
            self.sheet.data_validation(_HEADER_ROW + 1, at, last, at, rule)

    def _write_contacts(self, at: int, last: int) -> int:
        for column in self.contacts:
            self._head(at, column, 24 if column.name == "contact_email" else 15)
            for line, asked in enumerate(self.asked, _HEADER_ROW + 1):
                text = self.known.get(asked.organization_id, {}).get(column.name, "")
                self.sheet.write_string(line, at, xlsx_text(text)[0], self.book.text)
            at += 1
        return at

    def _write_state(self, at: int, last: int) -> None:
        self.sheet.set_column(at, at, 14)
        self.sheet.write_string(_HEADER_ROW, at, _("How it stands"), self.book.header)
        for line, asked in enumerate(self.asked, _HEADER_ROW + 1):
            self.sheet.write_string(line, at, asked.get_state_display(), self.book.text)
        if last > _HEADER_ROW:
            rule = {"validate": "list", "source": AnswerState.labels}
            self.sheet.data_validation(_HEADER_ROW + 1, at, last, at, rule)

    def _head(self, at: int, column: Column, width: int) -> None:
        self.sheet.set_column(at, at, width)
        self.sheet.write_string(_HEADER_ROW, at, str(column.label), self.book.header)


def _lead(asking: CollectionRound) -> str:
    return _("Due on %(day)s. Fill in the white cells; the grey ones show last year and are only for comparison.") % {
        "day": date_format(asking.due_on, "DATE_FORMAT")
    }


def _figures(ids: Sequence[int], year: int) -> dict[int, dict[int, AnnualFigures]]:
    """Return for each organization the figures of the round's year and of the year before, by year."""
    found: dict[int, dict[int, AnnualFigures]] = defaultdict(dict)
    for row in AnnualFigures.objects.filter(organization__in=ids, year__in=(year, year - 1)):
        found[row.organization_id][row.year] = row
    return found


def _contacts(ids: Sequence[int], *, full: bool) -> dict[int, dict[str, str]]:
    """Return for each organization its contacts, as texts by column of the file; numbers masked or in full."""
    masks = {} if full else masks_of(Contact)
    found: dict[int, dict[str, str]] = defaultdict(dict)
    roles = (Contact.Role.LEGAL_REPRESENTATIVE, Contact.Role.LIAISON)
    for row in Contact.objects.filter(organization__in=ids, role__in=roles):
        if row.role == Contact.Role.LEGAL_REPRESENTATIVE:
            found[row.organization_id]["legal_representative"] = row.name
        else:
            found[row.organization_id] |= {
                f"contact_{name}": masks.get(name, str)(getattr(row, name))
                for name in ("name", "title", "phone", "email")
            }
    return found


def _write_instructions(book: _Book, asking: CollectionRound, contacts: bool) -> None:
    sheet = book.book.add_worksheet(_("Instructions"))
    sheet.hide_gridlines(2)
    sheet.set_column(0, 0, 16)
    sheet.set_column(1, 1, 84)
    for line, (what, text) in enumerate(_instructions(asking, contacts)):
        sheet.set_row(line, 22 * (1 + text.count("\n")))
        sheet.write_string(line, 0, what, book.strong)
        sheet.write_string(line, 1, xlsx_text(text)[0], book.wrapped)
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)


def _instructions(asking: CollectionRound, contacts: bool) -> Iterator[tuple[str, str]]:
    yield _("Subject"), asking.title
    yield _("Year of the figures"), str(asking.year)
    yield _("Last day"), date_format(asking.due_on, "DATE_FORMAT")
    yield (
        _("What to fill in"),
        _("The white cells of the first sheet. Figures that were reported before are filled in."),
    )
    yield _("Money"), _("In 10,000 yuan, numbers without a unit.")
    yield _("Empty or 0"), _("Empty means not known or not reported; 0 means that there is none.")
    yield _("Grey columns"), _("Last year's figures, for comparison. They are not read.")
    if contacts:
        yield (
            _("Contacts"),
            _("Look at them and correct what has changed. An empty cell changes nothing, nor do hidden characters."),
        )
    yield (
        _("How it stands"),
        _("If an organization gives no figures, choose the reason from the list. It is stored with the round."),
    )
    yield (
        _("Please do not"),
        _("change header, registry number or USCC, nor add rows: tell apart which organizations are missing."),
    )
    if asking.notes:
        yield _("Notes"), asking.notes


# --- Who has not answered


def write_unanswered(
    file: IO[bytes],
    asking: CollectionRound,
    asked: Sequence[RoundOrganization],
    contacts: bool,
    receipt: Receipt | None = None,
) -> None:
    """Write the list of organizations without an answer (未报清单), used for calling them."""
    book = _Book(file, receipt)
    sheet = book.book.add_worksheet(_("Not answered"))
    rows = [row for row in asked if not row.answered]  # type: ignore[attr-defined]
    ids = [row.organization_id for row in rows]
    before = {pk for pk, years in _figures(ids, asking.year).items() if asking.year - 1 in years}
    known = _contacts(ids, full=book.full) if contacts else {}
    columns = chosen(ORGANIZATION_COLUMNS, ("registry_no", "uscc", "name_zh", "township", "kind"))
    people = chosen(ORGANIZATION_COLUMNS, CONTACTS) if contacts else ()
    labels = [str(column.label) for column in columns] + [_("Answered last year"), _("How it stands")]
    labels += [str(column.label) for column in people]
    params = {"title": asking.title, "count": len(rows), "day": date_format(datetime.date.today(), "DATE_FORMAT")}  # noqa: DTZ011
    title = _("%(title)s: not answered by %(day)s (%(count)d)") % params
    sheet.merge_range(0, 0, 0, len(labels) - 1, xlsx_text(title)[0], book.title)
    sheet.set_row(0, 30)
    for at, label in enumerate(labels):
        sheet.set_column(at, at, {1: 22, 2: 34}.get(at, 15))
        sheet.write_string(1, at, label, book.header)
    for line, row in enumerate(rows, 2):
        organization = row.organization
        texts = [
            organization.registry_no,
            organization.uscc or "",
            str(organization),
            organization.township.label() if organization.township else "",
            organization.get_kind_display(),
            _("Yes") if organization.pk in before else _("No"),
            row.get_state_display(),
            *(known.get(organization.pk, {}).get(column.name, "") for column in people),
        ]
        for at, text in enumerate(texts):
            sheet.write_string(line, at, xlsx_text(text)[0], book.text)
    sheet.freeze_panes(2, 3)
    sheet.autofilter(1, 0, max(1, len(rows) + 1), len(labels) - 1)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(1)
    sheet.set_footer(book.foot)
    book.book.close()
