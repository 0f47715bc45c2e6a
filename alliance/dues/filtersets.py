"""Parameters of the lists of standards, classes, dues and payments."""

import datetime
from functools import reduce
from operator import or_

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from alliance.dues.models import DueState
from alliance.members.filtersets import read_year
from registry.api.lists.filters import MethodFilter, OnceFilter, StrictFilterSet, read_date, read_text
from registry.database.expressions import in_force
from registry.database.paths import Path
from registry.spreadsheet import choice_vocabulary


class StandardFilterSet(StrictFilterSet):
    as_of = OnceFilter(read_date, apply="at_day", help_text=_("The standard that applies on this day."))

    def at_day(self, value: datetime.date, path: Path) -> Q:
        return in_force(value, "begins_on", "ends_on")


class DueFilterSet(StrictFilterSet):
    year = OnceFilter(read_year, "year", help_text=_("Dues of this year."))
    state = MethodFilter(
        choice_vocabulary(_("state of payment"), DueState.choices),
        "of_state",
        codes=DueState.values,
        help_text=_("How far they are paid."),
    )
    dues_class = OnceFilter(read_text, "dues_class__name", help_text=_("Name of the class."))
    member_no = OnceFilter(read_text, "member__member_no", help_text=_("Number of the member."))

    def of_state(self, value: list[str], path: Path) -> Q:
        """The state is computed: its condition is one on what was paid, and on the balance."""
        return reduce(or_, (DueState(one).condition for one in value))


class PaymentFilterSet(StrictFilterSet):
    year = OnceFilter(read_year, "due__year", help_text=_("Payments for the dues of this year."))
    paid_after = OnceFilter(read_date, "paid_on", lookup_expr="gte", help_text=_("Paid on this day or later."))
    paid_before = OnceFilter(read_date, "paid_on", lookup_expr="lt", help_text=_("Paid before this day."))
    member_no = OnceFilter(read_text, "due__member__member_no", help_text=_("Number of the member."))
