"""The page of all changes, with its filters."""

import datetime
from urllib.parse import urlencode

from django.contrib import admin
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from registry.history.rendering import day_words
from registry.site.error_pages import WrongAddress
from registry.values.people import person_name
from registry.workplace.changes import telling, walking
from registry.workplace.changes.asked import TODAY, ChangesQuery

FILTERS = ("person", "table", "kind", "day", "organization", "import")


def view(request: HttpRequest) -> HttpResponse:
    if unknown := sorted(set(request.GET) - {*FILTERS, "before"}):
        raise WrongAddress(
            _("This list has no filter “%(name)s”. It has: %(names)s.")
            % {"name": unknown[0], "names": ", ".join(FILTERS)}
        )
    asked = ChangesQuery(request.user, request.GET)
    try:
        page = walking.read(asked, request.GET.get("before", ""))
    except (signing.BadSignature, ValueError):
        raise WrongAddress(_("This is no place of this list.")) from None
    entries = telling.tell(page.listed, asked)
    given = {name: request.GET[name] for name in FILTERS if request.GET.get(name)}
    context = {
        **admin.site.each_context(request),
        "title": _("All changes"),
        "subtitle": None,
        "days": [(_day(day), found) for day, found in telling.by_day(entries).items()],
        "entries": entries,
        "errors": asked.errors,
        "filters": _filters(asked, given),
        "typed": [(name, label, given.get(name, "")) for name, label in _typed()],
        "filtered": bool(given),
        "chips": _chips(request, given),
        "older": f"?{urlencode({**given, 'before': page.older})}" if page.older else "",
        "latest": f"?{urlencode(given)}" if "before" in request.GET else "",
    }
    return TemplateResponse(request, "admin/workplace/changes.html", context)


def _day(day: datetime.date) -> str:
    return " ".join(dict.fromkeys((day_words(day), day.isoformat())))


def _typed() -> list[tuple[str, str]]:
    labels = (pgettext("filter", "day"), _("registry number"), _("number of an import"))
    return list(zip(("day", "organization", "import"), labels, strict=True))


def _filters(asked: ChangesQuery, given: dict[str, str]) -> list[tuple[str, str, list[tuple[str, str]], str]]:
    """Return name, label, choices and value of each filter with choices."""
    people = asked.people.order_by("username")
    return [
        ("person", _("who"), [(one.username, person_name(one)) for one in people], given.get("person", "")),
        ("kind", _("kind of change"), asked.kind_choices, given.get("kind", "")),
        ("table", _("table"), asked.table_choices, given.get("table", "")),
    ]


def _chips(request: HttpRequest, given: dict[str, str]) -> list[tuple[str, str, bool]]:
    """Return label and address of what is asked most, and whether it is the current list."""
    page = reverse("admin:changes")
    own: dict[str, str] = {"person": request.user.get_username()}
    today = {"day": TODAY}
    chips = [(_("All"), {}), (_("Today"), today), (_("My own"), own), (_("My own of today"), own | today)]
    now = dict(given)
    if now.get("day") == localdate().isoformat():
        now["day"] = TODAY
    return [(label, f"{page}?{urlencode(query)}", query == now) for label, query in chips]
