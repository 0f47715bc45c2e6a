"""The form 社会团体收费情况 of the civil affairs office: how the standard was decided, and what a year brought."""

import datetime
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.db.models import Count, F, Q, Sum
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext
from django.utils.translation import pgettext_lazy as _p

from alliance.dues.models import NO_DUES, ZERO, Due, DueQuerySet, DuesStandard, Payment
from alliance.dues.rules import MOST_CLASSES, NOT_BY_PROCEDURE, TOO_MANY_CLASSES, wrong_procedure
from alliance.meetings.models import Decision
from alliance.models import Alliance
from registry.api.lists.files import Table
from registry.columns import file_column
from registry.spreadsheet import yuan_text
from registry.values.punctuation import clauses

CHARGES = gettext_lazy("Dues of the social organization")
"""The name of the form, 社会团体收费情况."""
SUMS = ("members", "amount", "relief", "paid", "balance")


@dataclass
class ClassSum:
    """One class with what its members owe, were relieved of and have paid in the year."""

    name: str
    rate: Decimal | None
    """Its amount for a year; None in the line of all classes."""
    members: int = 0
    amount: Decimal = ZERO
    relief: Decimal = ZERO
    paid: Decimal = ZERO
    balance: Decimal = ZERO

    def add(self, other: "ClassSum") -> None:
        for name in SUMS:
            setattr(self, name, getattr(self, name) + getattr(other, name))


@dataclass
class Relief:
    """A rule with the members that were relieved by it for one reason, by one decision."""

    rule: str
    reason: str
    decision: str
    members: int
    amount: Decimal


@dataclass
class Charges:
    alliance: Alliance
    year: int
    standard: DuesStandard | None
    warnings: list[str] = field(default_factory=list)
    classes: list[ClassSum] = field(default_factory=list)
    reliefs: list[Relief] = field(default_factory=list)
    receipts: int = 0
    """How many receipts of dues were given."""
    without_receipt: int = 0

    @property
    def total(self) -> ClassSum:
        total = ClassSum(_("All classes"), None)
        for one in self.classes:
            total.add(one)
        return total

    @property
    def title(self) -> str:
        return _("%(alliance)s: %(form)s, %(year)d") % {
            "alliance": self.alliance,
            "form": CHARGES,
            "year": self.year,
        }

    def facts(self) -> Iterator[tuple[str, str]]:
        """Yield the lines of the form above the table: label and text."""
        yield _("Social organization"), self.alliance.label()
        yield _("Year"), str(self.year)
        if self.standard is None:
            return
        yield from _decided(self.standard.decision)
        yield _("Made public on"), _day(self.standard.published_on)
        yield _("Applies from"), _day(self.standard.begins_on)
        yield _("Dues of the first year"), self.standard.get_first_year_display()
        yield _("Dues of the last year"), self.standard.get_last_year_display()
        yield _("Number of classes"), str(len(self.classes))
        told = _("%(given)d given, %(without)d payments without one")
        yield _("Receipts of dues"), told % {"given": self.receipts, "without": self.without_receipt}


def _decided(decision: Decision | None) -> Iterator[tuple[str, str]]:
    meeting = decision.meeting if decision else None
    none = "—"
    yield _("Meeting that decided on the standard"), str(meeting) if meeting else none
    yield _("Day of the meeting"), _day(meeting and meeting.held_on)
    yield _("Kind of vote"), decision.get_ballot_display() if decision else none
    for label, name in (
        (pgettext("votes", "Called"), "entitled"),
        (pgettext("votes", "Present"), "present"),
        (pgettext("votes", "For"), "votes_for"),
        (pgettext("votes", "Against"), "votes_against"),
        (pgettext("votes", "Abstentions"), "abstentions"),
    ):
        yield label, str(getattr(decision, name)) if decision else none


def _day(day: object) -> str:
    return date_format(day, _("Y-m-d")) if day else "—"  # type: ignore[arg-type]


def charges(alliance: Alliance, year: int) -> Charges:
    """Return the form for the year, with the standard that applied at its end, or the latest in the year."""
    standards = DuesStandard.objects.filter(alliance=alliance, begins_on__year__lte=year)
    # Half-open: one that ends on 1 January was last applied on 31 December.
    in_year = standards.filter(Q(ends_on__isnull=True) | Q(ends_on__gt=datetime.date(year, 1, 1)))
    standard = in_year.select_related("alliance", "decision__meeting__term").order_by("-begins_on").first()
    found = Charges(alliance, year, standard)
    if not alliance.legal_person:
        found.warnings = [str(NO_DUES)]
    elif standard is None:
        found.warnings = [_("No standard applies in this year.")]
    elif reasons := wrong_procedure(standard):
        found.warnings = [str(NOT_BY_PROCEDURE), *reasons]
    dues = Due.objects.filter(alliance=alliance, year=year)
    found.classes = _classes(dues, standard)
    if standard and (count := standard.classes.count()) > MOST_CLASSES:
        found.warnings.append(TOO_MANY_CLASSES % {"count": count})
    found.warnings += _overpaid(dues)
    found.reliefs = _reliefs(dues)
    given = Payment.objects.filter(due__in=dues)
    found.receipts = given.exclude(receipt_no="").values("receipt_no").distinct().count()
    found.without_receipt = given.filter(receipt_no="").count()
    return found


def _classes(dues: DueQuerySet, standard: DuesStandard | None) -> list[ClassSum]:
    """Return the classes of the standard, and others that members have in the year, the highest amount first."""
    rows: Any = dues.with_balance().order_by().values("dues_class", "dues_class__name", "dues_class__amount")
    sums = {
        row["dues_class"]: ClassSum(
            row["dues_class__name"],
            row["dues_class__amount"],
            **{name: row[f"sum_{name}"] for name in SUMS if name != "members"},
            members=row["sum_members"],
        )
        for row in rows.annotate(
            sum_members=Count("pk"),
            sum_amount=Sum("amount"),
            sum_relief=Sum("relief"),
            sum_paid=Sum("paid"),
            sum_balance=Sum("balance"),
        )
    }
    for one in standard.classes.all() if standard else ():
        sums.setdefault(one.pk, ClassSum(one.name, one.amount))
    return sorted(sums.values(), key=lambda one: (-(one.rate or ZERO), one.name))


def _overpaid(dues: DueQuerySet) -> list[str]:
    """Say how much more than owed is paid: the balance of all is what others owe less this."""
    rows: Any = dues.with_balance()
    over = rows.filter(balance__lt=0).aggregate(count=Count("pk"), sum=Sum("balance"))
    if not over["count"]:
        return []
    told = ngettext(
        "%(count)d member has paid %(sum)s yuan more than it owes: the others owe so much more than the balance says.",
        "%(count)d members have paid %(sum)s yuan more than they owe: the others owe so much more than the balance "
        "says.",
        over["count"],
    )
    return [told % {"count": over["count"], "sum": yuan_text(-over["sum"])}]


def _reliefs(dues: DueQuerySet) -> list[Relief]:
    relieved = dues.filter(relief__gt=0).order_by("relief_rule", "relief_reason")
    rows = relieved.values("relief_rule", "relief_reason", "relief_decision").annotate(
        members=Count("pk"), sum=Sum(F("relief"))
    )
    known = Decision.objects.select_related("meeting__term").in_bulk([row["relief_decision"] for row in rows])
    return [
        Relief(
            row["relief_rule"],
            row["relief_reason"],
            str(known[row["relief_decision"]]),
            row["members"],
            row["sum"],
        )
        for row in rows
    ]


SUM_COLUMNS = (
    file_column(_p("column", "Class, or what is asked"), 30, "item"),
    file_column(_p("column", "Answer"), 50, "text"),
    file_column(_p("column", "Standard (yuan a year)"), 16, "rate"),
    file_column(_p("column", "Members"), 10, "members"),
    file_column(_p("column", "Dues (yuan)"), 14, "amount"),
    file_column(_p("column", "Relief (yuan)"), 14, "relief"),
    file_column(_p("column", "Paid (yuan)"), 14, "paid"),
    file_column(_p("column", "Balance (yuan)"), 14, "balance"),
)


class ChargesFile(Table):
    """The form as one sheet: what is asked with its answer, then a line for each class, then the reliefs."""

    def __init__(self, found: Charges) -> None:
        self.charges, self.title, self.columns = found, found.title, SUM_COLUMNS

    def cells(self) -> Iterator[Sequence[object]]:
        found, blank = self.charges, [None] * len(SUMS)
        for warning in found.warnings:
            yield [_("Note"), warning, None, *blank]
        for label, text in found.facts():
            yield [label, text, None, *blank]
        for one in (*found.classes, found.total):
            yield [one.name, None, one.rate, *(getattr(one, name) for name in SUMS)]
        for relief in found.reliefs:
            text = clauses([relief.rule, relief.reason, relief.decision])
            yield [_("Relief"), text, None, relief.members, None, relief.amount, None, None]


def relief_text(relief: Relief) -> str:
    """Return a relief as a sentence of the paper."""
    said = {"members": relief.members, "amount": yuan_text(relief.amount), "rule": relief.rule}
    told = _("%(members)d members, %(amount)s yuan: %(rule)s") % said
    return clauses([told, relief.reason, relief.decision])
