"""The page of suggested sectors: the sectors that the texts of organizations suggest; people accept or dismiss them."""

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.admin import AdminSite
from django.core.exceptions import PermissionDenied
from django.core.paginator import Page, Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from registry.database.db_errors import Conflict
from registry.organizations.models.choices import Kind
from registry.organizations.models.organizations import Organization, OrganizationQuerySet
from registry.organizations.models.reach import within
from registry.reference.cache import references
from registry.reference.models import Plan, Sector, Township
from registry.site.filters import Choices, sector_choices
from registry.suggestions import review
from registry.suggestions.engine import FIELDS, Match
from registry.suggestions.models import DismissedSuggestion
from registry.suggestions.review import SuggestedOrganization, SuggestionDecision
from registry.values.people import Account

PERMISSIONS = ("registry.add_sectortag", "registry.change_organization")
PER_PAGE = 20
_AROUND = 18
"""The number of characters shown on each side of a word."""
_CHOICE_RE = re.compile(r"(\d{1,18}):(\d{1,18})")


def may_decide(request: HttpRequest) -> bool:
    return request.user.has_perms(PERMISSIONS)


def view(request: HttpRequest, admin_site: AdminSite) -> HttpResponse:
    if not may_decide(request):
        raise PermissionDenied
    plan = references().current_plan
    if request.method == "POST":
        if plan:
            _decide(request, plan)
        return HttpResponseRedirect(request.get_full_path())
    filters = {name: request.GET[name] for name in ("township", "kind") if request.GET.get(name)}
    context: dict[str, Any] = {
        **admin_site.each_context(request),
        "title": _("Suggested sectors"),
        "opts": Organization._meta,
        "plan": plan,
        "filters": list(_filters(filters)),
        "dismissed": "dismissed" in request.GET,
        "list_url": reverse("admin:registry_organization_suggestions"),
    }
    if plan and context["dismissed"]:
        context["page"] = _dismissed(request, plan)
    elif plan:
        context |= _proposed(request, plan, filters)
    return TemplateResponse(request, "admin/registry/suggestions.html", context)


def _filters(given: dict[str, str]) -> Iterator[tuple[str, str, Choices, str]]:
    """Yield the filters of the page: name, label, choices and current choice."""
    towns: Choices = [(town.code, town.label()) for town in Township.objects.current()]
    yield "township", _("township"), towns, given.get("township", "")
    yield "kind", _("kind"), list(Kind.choices), given.get("kind", "")


def _organizations(filters: dict[str, str], user: Account) -> OrganizationQuerySet:
    rows = Organization.objects.within_reach_of(user)
    if town := filters.get("township"):
        rows = rows.filter(township__code=town)
    if filters.get("kind") in Kind.values:
        rows = rows.filter(kind=filters["kind"])
    return rows


def _proposed(request: HttpRequest, plan: Plan, filters: dict[str, str]) -> dict[str, Any]:
    given = request.GET.get("after", "")
    after = int(given) if re.fullmatch(r"\d{1,18}", given) else 0
    organizations = _organizations(filters, request.user)
    found, go_on = review.proposals(organizations, plan, after=after, count=PER_PAGE)
    sectors = {sector.pk: sector for sector in Sector.objects.filter(plan=plan)}
    codes = {sector.code: sector.pk for sector in sectors.values()}
    return {
        "rows": [_row(one, sectors) for one in found],
        "choices": [(codes[code], label) for code, label in sector_choices()],
        "left": review.without_sector(organizations, plan).count(),
        "first": after == 0,
        "first_url": f"?{urlencode(filters)}",
        "next_url": f"?{urlencode(filters | {'after': str(go_on)})}" if go_on else "",
    }


def _row(one: SuggestedOrganization, sectors: dict[int, Sector]) -> dict[str, Any]:
    texts = {field: getattr(one.organization, field) for field in FIELDS}
    return {
        "organization": one.organization,
        "suggestions": [
            {
                "key": f"{one.organization.pk}:{suggestion.sector}",
                "sector": sectors[suggestion.sector],
                "contexts": [
                    (FIELDS[field], in_context(texts[field], [m for m in suggestion.matches if m.field == field]))
                    for field in suggestion.words()
                ],
            }
            for suggestion in one.suggestions
        ],
    }


def in_context(text: str, matches: list[Match]) -> SafeString:
    """Return the matched words, marked, with the text around them; each word once."""
    seen: set[str] = set()
    pieces = []
    for match in matches:
        if match.word not in seen:
            seen.add(match.word)
            before, after = max(0, match.start - _AROUND), match.end + _AROUND
            pieces.append(
                (
                    "…" if before else "",
                    text[before : match.start],
                    match.word,
                    text[match.end : after],
                    "…" if after < len(text) else "",
                )
            )
    return format_html_join(" ", "<span>{}{}<mark>{}</mark>{}{}</span>", pieces)


def _dismissed(request: HttpRequest, plan: Plan) -> Page[DismissedSuggestion]:
    mine = within(request.user, lambda field: f"organization__{field}")
    rows = DismissedSuggestion.objects.filter(mine, sector__plan=plan).order_by("-pk")
    rows = rows.select_related("organization", "sector", "dismissed_by")
    return Paginator(rows, 50).get_page(request.GET.get("p"))


# --- Decisions


def _decide(request: HttpRequest, plan: Plan) -> None:
    try:
        messages.success(request, _decided(request, plan))
    except Conflict as conflict:
        messages.error(request, "; ".join(conflict.messages))


def _decided(request: HttpRequest, plan: Plan) -> str:
    """Accept or dismiss the ticked rows, or the row whose button was pressed; return a message about it."""
    ticked = _choices(request, request.POST.getlist("pick"))
    if one := request.POST.get("accept_one"):
        return _accepted(review.accept(_choices(request, [one]), plan))
    if one := request.POST.get("dismiss_one"):
        return _refused(review.dismiss(_choices(request, [one]), request.user))
    if "dismiss" in request.POST:
        return _refused(review.dismiss(ticked, request.user))
    if "bring_back" in request.POST:
        given = request.POST.getlist("dismissal")
        count = review.bring_back([int(pk) for pk in given if re.fullmatch(r"\d{1,18}", pk)])
        said = ngettext("%(count)d suggestion is back.", "%(count)d suggestions are back.", count)
        return said % {"count": count}
    return _accepted(review.accept(ticked, plan))


def _accepted(count: int) -> str:
    said = ngettext("%(count)d sector tag was added.", "%(count)d sector tags were added.", count)
    return said % {"count": count}


def _refused(count: int) -> str:
    said = ngettext("%(count)d suggestion was dismissed.", "%(count)d suggestions were dismissed.", count)
    return said % {"count": count}


def _choices(request: HttpRequest, keys: list[str]) -> list[SuggestionDecision]:
    """Return the decisions for the keys `organization:sector` of the page, each with the sector chosen beside it."""
    choices = []
    for key in keys:
        if parts := _CHOICE_RE.fullmatch(key):
            chosen = request.POST.get(f"as:{key}", "")
            suggested = int(parts[2])
            meant = int(chosen) if re.fullmatch(r"\d{1,18}", chosen) else suggested
            choices.append(SuggestionDecision(int(parts[1]), suggested, meant))
    return choices
