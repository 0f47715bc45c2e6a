"""The page of the papers of an alliance on a day: rosters, council, ballot and sign-in sheet, as files."""

import datetime
from collections.abc import Iterator
from typing import Any, NamedTuple

from django.contrib.admin.views.main import PAGE_VAR
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from alliance.council.sitting import entitled, sitting
from alliance.members.names import organization_name
from alliance.models import Alliance, Body, Membership
from alliance.papers.layouts import LAYOUTS, Edition
from alliance.papers.rows import Grouping, numbers
from registry.organizations.models.organizations import Organization
from registry.site.export import API, ExportMixin
from registry.typesetting import fonts

from .filters import as_of, chosen_alliance

CHOOSING = ("tier", "kind", "township", "sector", "published", "search")
"""Parameters of the list of members that its papers have, too."""
MOST_SHOWN = 50
EXPORT_INTERNAL = ("alliance.export_internal_roster", "alliance.view_representative")


class PaperFiles(NamedTuple):
    name: Any
    members: int
    files: list[tuple[str, str]]
    """Label and address of each file."""


class Unprintable(NamedTuple):
    name: str
    codes: str


class PapersAdmin(ExportMixin):
    """Adds the page to the list of members."""

    admin_site: Any
    opts: Any

    def get_urls(self) -> list[Any]:
        page = self.admin_site.admin_view(self.papers_view)
        return [path("papers/", page, name="alliance_member_papers"), *super().get_urls()]  # type: ignore[misc]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        tools = []
        if request.user.has_perm("alliance.view_membership") and not request.GET.get("state"):
            kept = {name: request.GET[name] for name in ("as_of", "alliance", *CHOOSING) if request.GET.get(name)}
            if words := request.GET.get("q"):
                kept["search"] = words
            tools.append((_("Papers to print"), f"{reverse('admin:alliance_member_papers')}?{urlencode(kept)}"))
        return super().changelist_view(request, {"list_tools": tools, **(extra_context or {})})

    def choices_before_export(self, request: HttpRequest) -> list[tuple[str, str]]:
        """Return the list of each alliance: files and rosters are of one."""
        known = [(name, str(value)) for name, value in request.GET.items() if name not in ("alliance", PAGE_VAR)]
        return [(one.brief(), f"?{urlencode([*known, ('alliance', one.slug)])}") for one in Alliance.objects.all()]

    def papers_view(self, request: HttpRequest) -> HttpResponse:
        if not request.user.has_perm("alliance.view_membership"):
            raise PermissionDenied
        alliance, on = chosen_alliance(request), as_of(request)
        grouping = request.GET.get("group", "")
        kept = {name: request.GET[name] for name in CHOOSING if request.GET.get(name)}
        context = {
            **self.admin_site.each_context(request),
            "title": _("Papers to print"),
            "opts": self.opts,
            "alliances": Alliance.objects.all(),
            "alliance": alliance,
            "on": on,
            "groupings": Grouping.choices,
            "grouping": grouping if grouping in Grouping.values else Grouping.TIER.value,
            "kept": kept,
        }
        if alliance:
            context |= self._of(request, alliance, on, context["grouping"], kept)
        return TemplateResponse(request, "admin/alliance/papers.html", context)

    def _of(
        self, request: HttpRequest, alliance: Alliance, on: datetime.date, grouping: str, kept: dict[str, str]
    ) -> dict[str, Any]:
        held = Membership.objects.as_of(on).filter(alliance=alliance)
        hidden = Organization.objects.filter(published=False, alliance_members__memberships__in=held)
        counted = numbers(alliance, on)
        return {
            "numbers": counted,
            "hidden": hidden.order_by("sort_key", "pk")[:MOST_SHOWN],
            "hidden_more": max(0, counted.total - counted.public - MOST_SHOWN),
            "unprintable": list(_unprintable(held, on))[:MOST_SHOWN],
            "papers": list(_papers(request, alliance, on, grouping, kept)),
        }


def _papers(
    request: HttpRequest, alliance: Alliance, on: datetime.date, grouping: str, kept: dict[str, str]
) -> Iterator[PaperFiles]:
    address = f"{API}/alliances/{alliance.slug}/members/"
    counted = numbers(alliance, on)
    council, voting, assembly = (
        rows.count()
        for rows in (
            sitting(alliance, on),
            entitled(alliance, on, Body.COUNCIL),
            entitled(alliance, on, Body.ASSEMBLY),
        )
    )

    def files(workbook: bool = False, **given: str) -> list[tuple[str, str]]:
        asked = {**kept, "as_of": on.isoformat(), **given}
        made = [
            (_("PDF, Chinese"), f"{address}?{urlencode(asked | {'format': 'pdf', 'lang': 'zh'})}"),
            (_("PDF, English"), f"{address}?{urlencode(asked | {'format': 'pdf', 'lang': 'en'})}"),
        ]
        return [*made, ("Excel", f"{address}?{urlencode(asked | {'format': 'xlsx'})}")] if workbook else made

    for edition in Edition:
        if edition == Edition.INTERNAL and not request.user.has_perms(EXPORT_INTERNAL):
            continue
        name = _("%(paper)s · %(edition)s") % {"paper": LAYOUTS["roster"].heading, "edition": edition.label}
        count = counted.public if edition == Edition.PUBLIC else counted.total
        of = {"layout": "roster", "edition": edition.value, "group": grouping}
        yield PaperFiles(name, count, files(workbook=True, **of))
    yield PaperFiles(
        LAYOUTS["council"].heading, council, files(layout="council", edition=Edition.FULL.value, group=grouping)
    )
    yield PaperFiles(LAYOUTS["voting"].heading, voting, files(layout="voting"))
    yield PaperFiles(LAYOUTS["signin"].heading, assembly, files(layout="signin"))


def _unprintable(held: Any, on: datetime.date) -> Iterator[Unprintable]:
    """Yield the names on the day that have a character that no font here has."""
    fields = [organization_name(field, on, "member__organization__") for field in ("name_zh", "name_en")]
    for names in held.values_list(*fields):
        for name in names:
            shown, missing = fonts.printable(name)
            if missing:
                yield Unprintable(shown, " ".join(map(fonts.code_point, missing)))
