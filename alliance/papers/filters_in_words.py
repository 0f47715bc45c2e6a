"""Says in words by which parameters the members on a paper were chosen."""

from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.utils.translation import pgettext_lazy as _p

from alliance.members.states import State
from registry.api.lists.filters import StrictFilterSet, ValuesFilter
from registry.values.punctuation import labelled, listed

TITLES: dict[str, Any] = {
    "kind": _p("column", "Kind"),
    "category": _p("column", "Category"),
    "sector": _p("column", "Sectors"),
    "sector_all": gettext_lazy("in all of these sectors"),
    "sector_not": gettext_lazy("in none of these sectors"),
    "sector_primary": gettext_lazy("primary sector"),
    "township": _p("column", "Township"),
    "zone": _p("column", "Zone"),
    "registration_status": _p("column", "Registration status"),
    "grading": _p("column", "Qualifications"),
    "size_class": gettext_lazy("size class"),
    "country": _p("column", "Country or region"),
    "founded_after": gettext_lazy("founded on this day or later"),
    "founded_before": gettext_lazy("founded before this day"),
    "verified_before": gettext_lazy("not verified since this day"),
    "freshness": gettext_lazy("freshness"),
    "missing": gettext_lazy("missing"),
    "complete": gettext_lazy("record is complete"),
    "updated_since": gettext_lazy("changed at this moment or later"),
    "published": _p("column", "Published"),
    "search": gettext_lazy("search"),
    "alliance": gettext_lazy("alliance"),
    "tier": _p("column", "Tier"),
    "organization": _p("column", "Registry number"),
    "joined_after": gettext_lazy("joined on this day or later"),
    "joined_before": gettext_lazy("joined before this day"),
    "ended_after": gettext_lazy("ends on this day or later"),
    "ended_before": gettext_lazy("ends before this day"),
    "end_reason": _p("column", "Reason of the end"),
    "suspended": gettext_lazy("suspended"),
    "state": gettext_lazy("state"),
    "year": gettext_lazy("year"),
}
"""Parameter of the list of members -> its title. Any other one has the words of its description in the API."""
_LEAVE_NOBODY_OUT = ("as_of", "plan")
"""The paper names day and plan."""


def filters_in_words(filterset: StrictFilterSet) -> Iterator[str]:
    """Yield title and values of each filter that was asked for."""
    for name, one in filterset.filters.items():
        if name not in _LEAVE_NOBODY_OUT:
            texts = one.texts(filterset.data.getlist(name))
            value = listed(_value(filterset, name, text) for text in texts)
            yield labelled(title_of(name, one), value)


def title_of(name: str, one: Any) -> str:
    return str(TITLES.get(name) or one.extra["help_text"]).rstrip(".。")


def _value(filterset: StrictFilterSet, name: str, text: str) -> str:
    """Return the name of a value, which may have been given by its code."""
    one = filterset.filters[name]
    label = getattr(one.known(filterset), "label", None) if isinstance(one, ValuesFilter) else None
    if label is not None:
        return str(label(text))
    if name == "state":
        return str(State(text.strip()).label)
    return text if name == "search" else {"true": _("yes"), "false": _("no")}.get(text, text)
