"""Parameters for the list of security events."""

from django.db.models import Q
from django.utils.translation import gettext_lazy

from registry.api.lists.filters import OnceFilter, ValuesFilter, read_date, read_text
from registry.database.paths import Path
from registry.disclosure.filtersets import LogFilterSet
from registry.security.models import EventKind, SecurityEvent
from registry.spreadsheet import choice_vocabulary


class SecurityEventFilterSet(LogFilterSet):
    moment = "at"
    person = OnceFilter(
        read_text, "username", lookup_expr="exact", help_text=gettext_lazy("User name of the account that did it.")
    )
    kind = ValuesFilter(
        choice_vocabulary(gettext_lazy("event"), EventKind.choices),
        "kind",
        EventKind.values,
        help_text=gettext_lazy("What happened."),
    )
    since = OnceFilter(read_date, apply="from_day", help_text=gettext_lazy("On this day or later."))
    until = OnceFilter(read_date, apply="to_day", help_text=gettext_lazy("On this day or earlier."))
    search = OnceFilter(
        read_text,
        apply="about",
        help_text=gettext_lazy("Part of an account or record, the beginning of an address, or the id of a request."),
    )

    def about(self, value: str, path: Path) -> Q:
        return SecurityEvent.about(value)
