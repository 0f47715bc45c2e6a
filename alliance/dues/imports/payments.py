"""Imports payments from the bank's list: a row is one line of the bank, found again by its serial number.

Whose dues a line pays is found by name and amount. Whatever leaves a doubt is refused with the remedy, never guessed.
"""

import datetime
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from typing import Any, ClassVar, NamedTuple

from django.db.models import F
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from alliance.council.imports.members import CouncilRenderContext, OfMembers
from alliance.dues import labels
from alliance.dues.columns import DUES, PAYMENT_COLUMNS, parse_yuan
from alliance.dues.models import NOT_PAID_YET, Due, Payment, may_have_been_paid
from registry.columns import RenderContext, text_column
from registry.imports.pipeline.columns import FileColumn
from registry.imports.pipeline.report import Message
from registry.imports.reading.tables import Sheet
from registry.spreadsheet import yuan_text
from registry.values.punctuation import labelled, listed_lazily

_YEARS = re.compile(r"(?<!\d)(20\d\d)(?!\d)")
_ROWS = """
SELECT r.n, r.member, r.year, r.paid_on, r.amount, coalesce(r.text, ''), coalesce(r.serial_no, ''), r.outgoing
FROM import_row r WHERE r.n <> ALL (%s) ORDER BY r.n
"""
_DUES = "UPDATE import_row r SET due = d.due FROM unnest(%s::integer[], %s::bigint[]) AS d (n, due) WHERE d.n = r.n"
# The name that the bank writes is kept only where it is another one.
_OWN_NAME = """
UPDATE import_row r SET payer = NULL FROM import_match m JOIN registry_organization o ON o.id = m.id
WHERE m.n = r.n AND r.payer IN (o.name_zh, o.name_en)
"""
_NOT_NEW = "UPDATE import_target t SET is_new = false FROM import_row r WHERE r.n = t.n AND r.due IS NULL"

PAID_ABOVE = _(
    "Row %(rows)s of this file pays the dues of %(years)s of %(name)s already. If it is the same payment, leave one of "
    "them out; an overpayment is entered by hand. Amount: %(amount)s."
)
REMEDY = _("Write the year into a column “会费年度”, or enter the payment by hand.")
NOBODY = _("The row names no payer.")
NO_OPEN = _("%(name)s has no open dues: draw them up first, or find out what it has paid for. Amount: %(amount)s.")
SEVERAL = _("The amount %(amount)s fits the open dues of %(years)s. %(remedy)s")
OTHER_AMOUNT = _("The amount %(amount)s fits no open dues of %(name)s, which are: %(open)s. %(remedy)s")
OTHER_YEAR = _("The text names %(named)s, but the amount %(amount)s fits the dues of %(years)s. %(remedy)s")
NO_YEAR = _("%(name)s has no dues of %(year)s.")
TOO_MUCH = _("%(amount)s is more than is open for %(year)s: %(open)s. An overpayment is entered by hand.")
PART = _("A part of the dues of %(year)s: %(rest)s stay open.")
READ_BEFORE = _("A line with this serial number was read before, with other values: %(known)s.")
SPLIT_BEFORE = _("This line was entered before, for the dues of %(years)s.")
SAME_NUMBER = _("Row %(rows)s has the same serial number: find out whether it is one payment.")
SAME_LINE = _("The same payer, day and amount as row %(rows)s, without serial numbers: is it one payment?")
PASSED_OVER = _("Money that went out: nothing to record.")


class BankLine(NamedTuple):
    """One row of the file."""

    n: int
    member: int | None
    year: int | None
    paid_on: datetime.date | None
    amount: Decimal | None
    text: str
    serial_no: str
    outgoing: Decimal | None


class PaymentContext(CouncilRenderContext):
    """Shows dues by the name of the member and the year."""

    @cached_property
    def due_names(self) -> dict[int | None, str]:
        return {
            due.pk: str(due)
            for due in Due.objects.filter(alliance=self.alliance).select_related("member__organization")
        }


def _due(pk: int | None, context: PaymentContext) -> str:
    return context.due_names.get(pk, "")


@dataclass
class PaymentImport(OfMembers):
    """Adds payments, and to those read before what they lack, such as the number of the receipt."""

    TABLE: ClassVar[str] = "payments"
    NAMED_BY: ClassVar[tuple[str, ...]] = ("name_zh", "name_en", "payer")
    more_staged: ClassVar[dict[str, str]] = {"due": "bigint", "member": "bigint"}
    shown_as: ClassVar[Mapping[str, str]] = {**OfMembers.shown_as, "due": "year"}

    model = Payment
    shown = (*PAYMENT_COLUMNS, text_column("due", _("dues of a year"), write=_due))
    key = ("n",)
    same = (
        "x.due_id = r.due AND (x.serial_no = r.serial_no OR (r.serial_no IS NULL AND x.serial_no = '' "
        "AND x.paid_on = r.paid_on AND x.amount = r.amount))"
    )
    needed: ClassVar = {}
    needed_if_new: ClassVar = {}
    second_message = _("Row %(rows)s is about the same payment: keep one of them.")

    _open: dict[int, list["_Open"]] = field(init=False, default_factory=dict)
    _names: dict[int, str] = field(init=False, default_factory=dict)
    _seen: dict[tuple[object, ...], int] = field(init=False, default_factory=dict)

    @classmethod
    def file_only(cls) -> list[FileColumn]:
        outgoing = FileColumn("outgoing", labels.OUTGOING.split("、"), parse_yuan, "numeric", group=DUES)
        return [*super().file_only(), outgoing]

    def vocabularies(self) -> dict[str, Any]:
        return {}

    def missing(self, names: set[str]) -> str | Promise | None:
        if told := super().missing(names):
            return told
        if names.isdisjoint({"name_zh", "name_en", "member_no", "registry_no", "uscc"}):
            return _("name of the payer, or number of the member")
        wanting = next((name for name in ("paid_on", "amount") if name not in names), None)
        return next((str(column) for column in self.columns if column.name == wanting), None)

    def prepare(self) -> None:
        super().prepare()
        self.present |= {"due", "payer"}

    def finish_row(self, values: dict[str, Any], sheet: Sheet) -> None:
        super().finish_row(values, sheet)
        values.setdefault("payer", values.get("name_zh") or values.get("name_en"))
        if values.get("outgoing") and not values.get("amount"):
            for name in ("name_zh", "name_en", "member_no", "registry_no", "uscc"):  # it is about no dues of theirs
                values.pop(name, None)

    def label(self, n: int, name: str) -> str:
        """Return the label of a column; of the dues, of the amount by which they are found."""
        return super().label(n, "amount" if name == "due" else name)

    def render_context(self) -> RenderContext:
        return PaymentContext(self.alliance)

    # --- Whose dues of which year a line pays

    def find_members(self) -> None:
        super().find_members()
        self.execute(_OWN_NAME)
        lines = [BankLine(*row) for row in self.query(_ROWS, [sorted(self.bad)])]
        members = {line.member for line in lines if line.member}
        dues = Due.objects.with_balance().filter(alliance=self.alliance, member__in=members)
        for due in dues.select_related("member__organization").order_by("member", "year"):
            self._open.setdefault(due.member_id, []).append(_Open(due.pk, due.year, due.balance))  # type: ignore[attr-defined]
            self._names[due.member_id] = str(due.member.organization)
        stored = self._stored(lines)
        found = {line.n: pk for line in lines if (pk := self._due_of(line, stored)) is not None}
        self.execute(_DUES, [list(found), list(found.values())])

    def find_records(self) -> None:
        super().find_records()
        self.execute(_NOT_NEW)

    def _stored(self, lines: list[BankLine]) -> dict[object, list[Payment]]:
        """Return the payments that lines of the file may be, by serial number, or by member, day and amount."""
        own = Payment.objects.filter(alliance=self.alliance).annotate(member=F("due__member"), year=F("due__year"))
        by: dict[object, list[Payment]] = {}
        for one in own.filter(serial_no__in=[line.serial_no for line in lines if line.serial_no]):
            by.setdefault(one.serial_no, []).append(one)
        days = {line.paid_on for line in lines if line.paid_on and not line.serial_no}
        for one in own.filter(serial_no="", paid_on__in=days):
            by.setdefault((one.member, one.paid_on, one.amount), []).append(one)
        return by

    def _due_of(self, line: BankLine, stored: dict[object, list[Payment]]) -> int | None:
        """Return the key of the dues that a line pays; None if it is refused, or no payment at all."""
        if line.outgoing and not line.amount:
            self.note(line.n, "outgoing", line.outgoing, Message(PASSED_OVER))
            return None
        known = stored.get(line.serial_no or (line.member, line.paid_on, line.amount), [])
        if known:
            return self._known(line, known)
        if not line.member:
            self.refuse(line.n, ("name_zh", "name_en", "member_no"), "", Message(NOBODY))
            return None
        if line.paid_on is None or not line.amount:
            name = "paid_on" if line.paid_on is None else "amount"
            self.refuse(line.n, name, "", Message(_("A payment needs its day and its amount.")))
            return None
        if not may_have_been_paid(line.paid_on):
            self.refuse(line.n, "paid_on", line.paid_on, Message(NOT_PAID_YET))
            return None
        if self._is_second(line):
            return None
        return self._choose(line, line.member, line.amount)

    def _known(self, line: BankLine, known: list[Payment]) -> int | None:
        """Return the dues of a line that was read before; refuse it if it says something else now."""
        if len(known) > 1:
            years = listed_lazily(str(one.year) for one in known)  # type: ignore[attr-defined]
            self.refuse(line.n, ("serial_no", "amount"), line.serial_no, Message(SPLIT_BEFORE, {"years": years}))
            return None
        one = known[0]
        said = [(line.amount, one.amount), (line.paid_on, one.paid_on), (line.year, one.year)]  # type: ignore[attr-defined]
        said.append((line.member, one.member))  # type: ignore[attr-defined]
        if any(given is not None and given != kept for given, kept in said):
            text = f"{one.paid_on} {yuan_text(one.amount)} {one.due}"
            self.refuse(line.n, ("serial_no", "amount"), line.serial_no, Message(READ_BEFORE, {"known": text}))
            return None
        return one.due_id

    def _is_second(self, line: BankLine) -> bool:
        """Refuse a line that another row of the file may be, too."""
        key = (line.serial_no,) if line.serial_no else (line.member, line.paid_on, line.amount, line.text)
        first = self._seen.setdefault(key, line.n)
        if first == line.n:
            return False
        message = Message(SAME_NUMBER if line.serial_no else SAME_LINE, {"rows": self.rows_text([first], line.n)})
        self.refuse(line.n, ("serial_no", "amount"), line.serial_no, message)
        return True

    def _choose(self, line: BankLine, member: int, amount: Decimal) -> int | None:
        """Return the dues of the member that the amount pays."""
        dues, said = self._open.get(member, []), self._said(line, member)
        if line.year:
            return self._of_year(line, dues, amount, said)
        open_dues = [one for one in dues if one.balance > 0]
        fitting = [one for one in open_dues if one.balance == amount]
        named = {int(year) for year in _YEARS.findall(line.text)}
        by_text = [one for one in fitting if one.year in named]
        if not fitting:
            if above := [one for one in dues if one.rows and (not open_dues or one.paid == amount)]:
                return self._paid_above(line, above, said)
            return self._doubt(line, OTHER_AMOUNT if open_dues else NO_OPEN, said)
        if len(by_text) == 1 or (len(fitting) == 1 and not named):
            return (by_text or fitting)[0].take(line)
        said["years"] = listed_lazily(str(one.year) for one in fitting)
        said["named"] = listed_lazily(map(str, sorted(named)))
        return self._doubt(line, SEVERAL if by_text or not named else OTHER_YEAR, said)

    def _of_year(self, line: BankLine, dues: list["_Open"], amount: Decimal, said: dict[str, Any]) -> int | None:
        """Return the dues of the year that the row names: a person has decided."""
        chosen = next((one for one in dues if one.year == line.year), None)
        if chosen is None:
            return self._doubt(line, NO_YEAR, said)
        if amount > chosen.balance:
            if chosen.rows and chosen.balance <= 0:
                return self._paid_above(line, [chosen], said)
            return self._doubt(line, TOO_MUCH, said | {"open": yuan_text(max(chosen.balance, Decimal(0)))})
        if amount < chosen.balance:
            rest = yuan_text(chosen.balance - amount)
            self.note(line.n, "amount", yuan_text(amount), Message(PART, said | {"rest": rest}))
        return chosen.take(line)

    def _said(self, line: BankLine, member: int) -> dict[str, Any]:
        open_dues = [one for one in self._open.get(member, []) if one.balance > 0]
        return {
            "name": self._names.get(member) or self._name_of(member),
            "amount": yuan_text(line.amount),
            "year": str(line.year),
            "open": listed_lazily(labelled(one.year, yuan_text(one.balance)) for one in open_dues) or "—",
            "remedy": REMEDY,
        }

    def _name_of(self, member: int) -> str:
        return str(self.alliance.members.select_related("organization").get(pk=member).organization)

    def _paid_above(self, line: BankLine, dues: list["_Open"], said: dict[str, Any]) -> int | None:
        """Refuse a line for which rows further up have left nothing open, and name them."""
        said["rows"] = self.rows_text([n for one in dues for n in one.rows], line.n)
        said["years"] = listed_lazily(str(one.year) for one in dues)
        return self._doubt(line, PAID_ABOVE, said)

    def _doubt(self, line: BankLine, message: Promise, said: dict[str, Any]) -> int | None:
        self.refuse(line.n, "amount", said["amount"], Message(message, said))
        return None


@dataclass
class _Open:
    """Dues of a member with what is open of them, less what rows further up pay."""

    due: int
    year: int
    balance: Decimal
    paid: Decimal = Decimal(0)
    rows: list[int] = field(default_factory=list)

    def take(self, line: BankLine) -> int:
        amount = line.amount or Decimal(0)
        self.balance -= amount
        self.paid += amount
        self.rows.append(line.n)
        return self.due
