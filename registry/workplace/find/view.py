"""The page of results of the box in the head, the list that it shows while one types, and the search by telephone."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.cache import add_never_cache_headers
from django.utils.translation import gettext as _

from registry.disclosure.log import by_whom, log_looks
from registry.disclosure.models import Reason, reason_label
from registry.disclosure.page import REASON
from registry.organizations.admin.near_names import Offer, near_names
from registry.organizations.models.organizations import Organization
from registry.workplace.find.hits import HitGroup, digits_of, groups, searched_by_phone, with_phone

LONGEST = 100


def view(request: HttpRequest) -> HttpResponse:
    if request.method == "POST":
        return _by_phone(request)
    text = _text(request.GET.get("q", ""))
    live = "live" in request.GET
    found = groups(request, text, live=live) if text else []
    context = {
        "query": text,
        "groups": found,
        "near": _near(request, text) if text and not found else [],
        "phone": digits_of(text) if searched_by_phone(request) else "",
        "page_url": reverse("admin:find"),
    }
    if live:
        answer = render(request, "admin/workplace/hits.html", context)
        add_never_cache_headers(answer)
        return answer
    return _page(request, context)


def _text(given: str) -> str:
    return given.replace("\0", "").strip()[:LONGEST]


def _near(request: HttpRequest, text: str) -> list[Offer]:
    if not request.user.has_perm("registry.view_organization") or digits_of(text):
        return []
    return near_names(Organization, text, reverse("admin:find"))


def _page(request: HttpRequest, context: dict[str, Any]) -> HttpResponse:
    text = context["query"]
    title = _("Found for “%(text)s”") % {"text": text} if text else _("Find")
    context = {
        **admin.site.each_context(request),
        "title": title,
        "subtitle": None,
        "reasons": Reason.choices,
        "reason": request.session.get(REASON, ""),
        "list_url": reverse("admin:registry_organization_changelist"),
        "find_query": text,
        **context,
    }
    answer = TemplateResponse(request, "admin/workplace/find.html", context)
    add_never_cache_headers(answer)
    return answer


def _by_phone(request: HttpRequest) -> HttpResponse:
    """Search persons by telephone number, which tells their numbers in full: each hit is logged as a look."""
    tables = searched_by_phone(request)
    if not tables:
        raise PermissionDenied(_("Your account may not search by telephone number."))
    text, reason = _text(request.POST.get("q", "")), request.POST.get("reason", "")
    digits = digits_of(text)
    found: list[HitGroup] = []
    if not digits:
        messages.error(request, _("Give at least seven digits of the telephone number."))
    elif reason not in Reason.values:
        messages.error(request, _("Choose what you need the full numbers for."))
    else:
        request.session[REASON] = reason
        for people in tables:
            rows = with_phone(people, request.user, digits)
            log_looks(by_whom(request), people.what, [people.subject(row) for row in rows], reason)
            if rows:
                found.append(HitGroup(people.name, people.label, [people.hit(row) for row in rows]))
        told = _("This search was logged for: %(reason)s.") if found else _("No contact has this telephone number.")
        messages.info(request, told % {"reason": reason_label(reason)} if found else told)
    return _page(request, {"query": text, "groups": found, "near": [], "phone": digits})
