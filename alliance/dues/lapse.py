"""Proposes to the council whose membership lapses 自动退会, by the alliance's own rule. It proposes, and never acts."""

import datetime
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from django.db.models import Count, Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.utils.translation import pgettext_lazy as _p

from alliance.dues.models import ZERO, Due
from alliance.meetings.models import Attendance
from alliance.meetings.rules import rules_of
from alliance.models import Alliance, Membership
from registry.api.lists.files import Table
from registry.columns import file_column
from registry.values.punctuation import bracketed, clauses, listed


@dataclass
class LapseRow:
    """A member of today for whom the rule speaks, with the reasons."""

    membership: Membership
    unpaid: list[tuple[int, Decimal]] = field(default_factory=list)
    """The years with the balance of each, the latest first."""
    called: int = 0
    """The number of meetings to which it was called without coming to any; 0 if it came, or was not called."""

    @property
    def balance(self) -> Decimal:
        return sum((balance for _year, balance in self.unpaid), ZERO)

    @property
    def reasons(self) -> str:
        said = []
        if self.unpaid:
            years = listed(str(year) for year, _balance in reversed(self.unpaid))
            said.append(_("dues of %(years)s not paid in full") % {"years": years})
        if self.called:
            told = ngettext(
                "called to %(count)d meeting and came to none",
                "called to %(count)d meetings and came to none",
                self.called,
            )
            said.append(told % {"count": self.called})
        return clauses(said)


@dataclass
class LapseProposal:
    alliance: Alliance
    last_year: int
    """The latest year that counts: the one before, as dues of the present year may still come in."""
    years: int | None
    """How many years in a row must be unpaid; None if unpaid dues are no reason."""
    absence_counts: bool
    rows: list[LapseRow]
    not_drawn_up: list[int] = field(default_factory=list)
    """The years that count for which nobody has dues, so that nobody can be found unpaid."""

    @property
    def first_year(self) -> int:
        return self.last_year - (self.years or 1) + 1

    def said(self) -> str:
        """Return the rule in words."""
        said = []
        if self.years:
            told = ngettext("%(count)d year unpaid", "%(count)d years in a row unpaid", self.years)
            period = str(self.last_year) if self.years == 1 else f"{self.first_year}–{self.last_year}"
            said.append(bracketed(told % {"count": self.years}, period))
        if self.absence_counts:
            said.append(_("or came to no meeting to which it was called") if said else _("came to no meeting"))
        if self.not_drawn_up:
            years = listed(map(str, self.not_drawn_up))
            said.append(_("but no dues of %(years)s are drawn up: nobody counts as unpaid") % {"years": years})
        return listed(said) or _("The rules of the alliance name no reason.")


LAPSE_COLUMNS = (
    file_column(_p("column", "Member number"), 12, "member_no"),
    file_column(_p("column", "Registry number"), 14, "registry_no"),
    file_column(_p("column", "Organization name"), 36, "name"),
    file_column(_p("column", "Tier"), 16, "tier"),
    file_column(_p("column", "Years unpaid"), 16, "years"),
    file_column(_p("column", "Balance (yuan)"), 14, "balance"),
    file_column(_p("column", "Called to meetings"), 14, "called"),
    file_column(_p("column", "Why a lapse is proposed"), 50, "reasons"),
)


class LapseFile(Table):
    """The proposal as a list for the council."""

    def __init__(self, found: LapseProposal) -> None:
        self.found, self.columns = found, LAPSE_COLUMNS
        self.title = _("%(alliance)s: proposed lapses of membership") % {"alliance": found.alliance}

    def cells(self) -> Iterator[Sequence[object]]:
        for row in self.found.rows:
            member = row.membership.member
            years = listed(str(year) for year, _balance in reversed(row.unpaid))
            yield [
                member.member_no,
                member.organization.registry_no,
                str(member.organization),
                row.membership.tier.label(),
                years,
                row.balance or None,
                row.called or None,
                row.reasons,
            ]


def proposed(alliance: Alliance, today: datetime.date, years: int | None = None) -> LapseProposal:
    """Return the members to whom the rule applies today; `years` replaces the number of years in the rule."""
    rules = rules_of(alliance)
    asked = years or rules.unpaid_years
    found = LapseProposal(alliance, today.year - 1, asked if alliance.legal_person else None, rules.absence_counts, [])
    members = Membership.objects.as_of(today).filter(alliance=alliance).select_related("tier", "member__organization")
    rows = {one.member_id: LapseRow(one) for one in members}
    if found.years:
        _add_unpaid(found, rows, found.years)
    if found.absence_counts:
        _add_absent(found, rows)
    found.rows = sorted(
        (row for row in rows.values() if row.unpaid or row.called),
        key=lambda row: (row.membership.tier.rank, row.membership.member.organization.sort_key),
    )
    return found


def _add_unpaid(found: LapseProposal, rows: dict[int, LapseRow], years: int) -> None:
    of_years = Due.objects.filter(alliance=found.alliance, year__gte=found.first_year, year__lte=found.last_year)
    drawn_up = set(of_years.order_by().values_list("year", flat=True).distinct())
    found.not_drawn_up = [year for year in range(found.first_year, found.last_year + 1) if year not in drawn_up]
    dues = of_years.open()
    unpaid: dict[int, list[tuple[int, Decimal]]] = {}
    for due in dues.order_by("-year"):
        unpaid.setdefault(due.member_id, []).append((due.year, due.balance))  # type: ignore[attr-defined]
    for member, balances in unpaid.items():
        if member in rows and len(balances) == years:
            rows[member].unpaid = balances


def _add_absent(found: LapseProposal, rows: dict[int, LapseRow]) -> None:
    first, last = datetime.date(found.first_year, 1, 1), datetime.date(found.last_year, 12, 31)
    called = Attendance.objects.filter(alliance=found.alliance, meeting__held_on__range=(first, last))
    came = Count("pk", filter=Q(present=True))
    counted = called.order_by().values_list("member").annotate(called=Count("pk"), came=came)
    for member, number, present in counted:
        if member in rows and not present:
            rows[member].called = number
