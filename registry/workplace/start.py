"""The start page: today's work of an account as numbers that lead to their lists, its tasks, and what it looks at.

What is shown follows from permissions alone: cards (`cards.card`), tasks (`tasks()` of the admins) and panels.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from registry.organizations.models.choices import RegistrationStatus
from registry.organizations.models.index_tables import SectorIndex
from registry.organizations.models.reach import reach_of, within
from registry.reference.cache import references
from registry.reference.models import Sector
from registry.site.admin_site import RegistryAdminSite, Task
from registry.workplace.bars import BarRow, bars
from registry.workplace.cards.card import list_address, organizations_address, shown
from registry.workplace.changes.recent import recent


@dataclass(frozen=True, slots=True)
class Panel:
    """A table with bars below the cards."""

    title: str
    bars: list[BarRow]
    links: list[tuple[str | Promise, str]] = field(default_factory=list)
    """Label and address of what leads on, such as files."""


PanelsOf = Callable[[HttpRequest], Iterator[Panel]]
_PANELS: list[PanelsOf] = []


def add_panels(panels: PanelsOf) -> None:
    """Have a feature yield panels for the start page of each request."""
    _PANELS.append(panels)


def context(site: RegistryAdminSite, request: HttpRequest) -> dict[str, Any]:
    """Return the values for the template."""
    tasks = [*site.tasks(request), Task("query", _("All changes"), reverse("admin:changes"))]
    cards = list(shown(request))
    return {
        "find_autofocus": True,
        "cards": cards,
        "waiting": [card for card in cards if card.number.value],
        "nothing_waits": [card for card in cards if not card.number.value],
        "recent": recent(request),
        "recent_url": list_address("changes", person=request.user.get_username()),
        "tasks": {group: [task for task in tasks if task.group == group] for group in ("enter", "query")},
        "panels": [panel for panels in _PANELS for panel in panels(request)],
    }


def sector_panels(request: HttpRequest) -> Iterator[Panel]:
    """Yield the numbers of organizations by branch of the current plan, as its list counts them."""
    plan = references().current_plan
    if plan is None or not request.user.has_perm("registry.view_organization"):
        return
    branches = list(Sector.objects.of_current_plan().enabled().filter(parent=None))
    rows = SectorIndex.objects.filter(within(request.user), sector__in=branches)
    numbers = dict(
        rows.exclude(registration_status=RegistrationStatus.MERGED)
        .order_by()
        .values_list("sector")
        .annotate(number=Count("organization"))
    )
    shown_bars = bars(
        (branch.label(), numbers.get(branch.pk, 0), organizations_address(request, sector=branch.code))
        for branch in branches
    )
    links: list[tuple[str | Promise, str]] = [
        (_("Cross-table"), list_address("registry_organization_crosstab")),
        (_("Landscape"), list_address("registry_organization_landscape")),
    ]
    title = str(plan) if reach_of(request.user) is None else _("%(plan)s: my townships") % {"plan": plan}
    yield Panel(title, shown_bars, links)


add_panels(sector_panels)
