"""Parameters of the lists of terms, groups, seats and office holders."""

import datetime

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from alliance.models import Group, OfficeHolder
from registry.api.lists.filters import OnceFilter, StrictFilterSet, ValuesFilter, read_date
from registry.database.expressions import in_force
from registry.database.paths import Path
from registry.spreadsheet import choice_vocabulary


class TermFilterSet(StrictFilterSet):
    as_of = OnceFilter(read_date, apply="at_day", help_text=_("The term in force on this day."))

    def at_day(self, value: datetime.date, path: Path) -> Q:
        """A term that is put off holds until then."""
        late = Q(postponed_until__gt=value) | Q(postponed_until__isnull=True, ends_on__gt=value)
        return Q(begins_on__lte=value) & late


_KINDS = choice_vocabulary(_("kind of group"), Group.Kind.choices)


class GroupFilterSet(StrictFilterSet):
    kind = ValuesFilter(_KINDS, "kind", Group.Kind.values, help_text=_("Kind of group."))
    as_of = OnceFilter(read_date, apply="at_day", help_text=_("Groups that exist on this day."))

    def at_day(self, value: datetime.date, path: Path) -> Q:
        return in_force(value, "founded_on", "dissolved_on")


class HeldOnDay(StrictFilterSet):
    as_of = OnceFilter(read_date, apply="at_day", help_text=_("Those in office on this day; without it, of all times."))

    def at_day(self, value: datetime.date, path: Path) -> Q:
        return in_force(value, "begins_on", "ends_on")


class SeatFilterSet(HeldOnDay):
    kind = ValuesFilter(_KINDS, "group__kind", Group.Kind.values, help_text=_("Kind of group."))


class OfficeHolderFilterSet(HeldOnDay):
    office = ValuesFilter(
        choice_vocabulary(_("office"), OfficeHolder.Office.choices),
        "office",
        OfficeHolder.Office.values,
        help_text=_("Office."),
    )
