"""Parameters of the lists of meetings, attendance and decisions."""

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from alliance.meetings.choices import Body, Matter
from registry.api.lists.filters import SCHEMAS, OnceFilter, StrictFilterSet, ValuesFilter, read_boolean, read_date
from registry.spreadsheet import choice_vocabulary


def read_key(text: str) -> int:
    """Read the key of a meeting."""
    if not (text.isascii() and text.isdecimal() and len(text) < 19):
        raise ValidationError(_("“%(value)s” is no key: a whole number.") % {"value": text})
    return int(text)


SCHEMAS[read_key] = {"type": "integer"}


_BODIES = choice_vocabulary(gettext_lazy("body"), Body.choices)


class MeetingFilterSet(StrictFilterSet):
    body = ValuesFilter(_BODIES, "body", Body.values, help_text=gettext_lazy("The body that meets."))
    since = OnceFilter(read_date, "held_on", lookup_expr="gte", help_text=gettext_lazy("Held on this day or later."))
    until = OnceFilter(read_date, "held_on", lookup_expr="lte", help_text=gettext_lazy("Held on this day or earlier."))


class AttendanceFilterSet(StrictFilterSet):
    meeting = OnceFilter(read_key, "meeting", lookup_expr="exact", help_text=gettext_lazy("The key of a meeting."))
    present = OnceFilter(read_boolean, "present", lookup_expr="exact", help_text=gettext_lazy("Who was there."))


class DecisionFilterSet(StrictFilterSet):
    body = ValuesFilter(_BODIES, "meeting__body", Body.values, help_text=gettext_lazy("The body that decided."))
    meeting = OnceFilter(read_key, "meeting", lookup_expr="exact", help_text=gettext_lazy("The key of a meeting."))
    matter = ValuesFilter(
        choice_vocabulary(gettext_lazy("matter"), Matter.choices),
        "matter",
        Matter.values,
        help_text=gettext_lazy("What it is about."),
    )
    passed = OnceFilter(read_boolean, "passed", lookup_expr="exact", help_text=gettext_lazy("Whether it was passed."))
