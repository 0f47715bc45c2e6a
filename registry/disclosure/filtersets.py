"""Parameters for the lists of the two logs."""

import datetime
from typing import ClassVar

from django.db.models import Q
from django.utils.timezone import make_aware
from django.utils.translation import gettext_lazy

from registry.api.lists.filters import OnceFilter, StrictFilterSet, ValuesFilter, read_boolean, read_date, read_text
from registry.database.paths import Path
from registry.disclosure.models import Disclosure, Receipt
from registry.spreadsheet import choice_vocabulary

_SINCE = gettext_lazy("On this day or later.")
_UNTIL = gettext_lazy("On this day or earlier.")
_PERSON = gettext_lazy("User name of the account.")


class LogFilterSet(StrictFilterSet):
    """By account and by days."""

    moment: ClassVar[str]

    def from_day(self, value: datetime.date, path: Path) -> Q:
        return Q(**{f"{path(self.moment)}__gte": midnight(value)})

    def to_day(self, value: datetime.date, path: Path) -> Q:
        return Q(**{f"{path(self.moment)}__lt": midnight(value, 1)})


def midnight(day: datetime.date, later: int = 0) -> datetime.datetime:
    last = datetime.date.max - datetime.timedelta(days=2)
    first = datetime.date.min + datetime.timedelta(days=2)  # the edges of the calendar have no other time zones
    day = max(first, min(day, last)) + datetime.timedelta(days=later)
    return make_aware(datetime.datetime.combine(day, datetime.time()))


class DisclosureFilterSet(LogFilterSet):
    moment = "at"
    person = OnceFilter(read_text, "user__username", lookup_expr="exact", help_text=_PERSON)
    reason = OnceFilter(
        read_text, "reason", lookup_expr="exact", help_text=gettext_lazy("Why: a code of `reveal`, or a whole text.")
    )
    since = OnceFilter(read_date, apply="from_day", help_text=_SINCE)
    until = OnceFilter(read_date, apply="to_day", help_text=_UNTIL)
    search = OnceFilter(read_text, apply="about", help_text=gettext_lazy("Part of a name, or a registry number."))

    def about(self, value: str, path: Path) -> Q:
        return Disclosure.about(value)


class ReceiptFilterSet(LogFilterSet):
    moment = "started_at"
    person = OnceFilter(read_text, "user__username", lookup_expr="exact", help_text=_PERSON)
    state = ValuesFilter(
        choice_vocabulary(gettext_lazy("state"), Receipt.State.choices),
        "state",
        Receipt.State.values,
        help_text=gettext_lazy("How it ended."),
    )
    full_numbers = OnceFilter(
        read_boolean,
        "full_numbers",
        lookup_expr="exact",
        help_text=gettext_lazy("Whether it has telephone numbers and e-mail addresses in full."),
    )
    since = OnceFilter(read_date, apply="from_day", help_text=_SINCE)
    until = OnceFilter(read_date, apply="to_day", help_text=_UNTIL)
    search = OnceFilter(
        read_text, apply="about", help_text=gettext_lazy("Number of a receipt, SHA-256 of a file, part of a title.")
    )

    def about(self, value: str, path: Path) -> Q:
        return Receipt.about(value)
