"""Pages as the public gets them, made by the directory's own views and the public API."""

from typing import Any

from django.db import DatabaseError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.urls import Resolver404, ResolverMatch
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt

from registry.directory.asking import RequestRefused, ask
from registry.directory.lists import FACETS
from registry.organizations.models.choices import Kind
from registry.organizations.models.organizations import Organization
from registry.preview import hidden, inner, page, places
from registry.preview.audiences import PUBLIC_EYES, ClosedEyes, has_public_pages
from registry.preview.publishing import Unpublished, unpublished

DIRECTORY = ("directory", "directory-en")
LISTS = ("list", "sector", "township", "institutes")


def begin(request: HttpRequest) -> HttpResponse:
    """Lead from a page of the staff to what the public has in its place."""
    if not page.read_only(request):
        return page.not_allowed()
    staff = request.GET.get("page", "")
    place = _place(request, staff)
    if place is None or not has_public_pages():
        raise Http404
    query = urlencode({**place.parameters, page.PAGE: staff})
    return HttpResponseRedirect(f"{page.root_of(PUBLIC_EYES)}{place.address}?{query}")


def _place(request: HttpRequest, staff: str) -> places.Place | None:
    """Return what the public has in place of a page of the staff."""
    match = places.match_of(staff)
    if match is None:
        return None
    path, _sign, query = staff.partition("?")
    asked = inner.request_for(request, path, QueryDict(query))
    asked.user = request.user
    return places.public_place(asked, match)


@csrf_exempt
def view(request: HttpRequest, address: str) -> HttpResponse:
    if not page.read_only(request):
        return page.only_reading(request, PUBLIC_EYES)
    parameters = request.GET.copy()
    staff = str(parameters.pop(page.PAGE, [""])[-1])
    try:
        with inner.mounted(page.root_of(PUBLIC_EYES)):
            asked = inner.request_for(request, f"/{address}", parameters)
            match: Any = asked.resolver_match
            if match.app_name not in DIRECTORY:
                raise Resolver404
            answer: Any = inner.answered(asked)
    except Resolver404:
        return page.refused(request, PUBLIC_EYES, 404, _("The public has no such page."))
    if answer.status_code in (301, 302):
        return page.redirect(answer)
    if not answer.get("Content-Type", "").startswith("text/html"):
        return HttpResponseRedirect(f"/{address}")  # a file, the same for everybody
    waiting = unpublished(request.user, match) if answer.status_code in (404, 410) else None
    if waiting:
        answer = _as_published(request, waiting, asked) or answer
    return page.shown(PUBLIC_EYES, answer, _about(request, asked, staff, waiting))


@csrf_exempt
def home(request: HttpRequest) -> HttpResponse:
    return view(request, "")


def _as_published(request: HttpRequest, waiting: Unpublished, asked: HttpRequest) -> HttpResponse | None:
    """Return the page that the public will get once the record is published; None if that is not known now."""
    try:
        with inner.as_if_published(waiting.record):
            with inner.mounted(page.root_of(PUBLIC_EYES)):
                answer: Any = inner.answered(inner.request_for(request, asked.path_info, asked.GET))
            waiting.shown = answer.status_code == 200
            waiting.hidden = _hidden(request, asked) if waiting.shown else []
    except DatabaseError:  # somebody is writing to the record at this moment
        waiting.shown = False
    return answer if waiting.shown else None


def _about(request: HttpRequest, asked: HttpRequest, staff: str, waiting: Unpublished | None) -> dict[str, Any]:
    """Return what the banner tells of the page."""
    match: Any = asked.resolver_match
    place = _place(request, staff)
    back = staff if place else places.way_back(match)
    about: dict[str, Any] = {"back": back, "left_out": place.left_out if place else (), "waiting": waiting}
    about["hidden"] = waiting.hidden if waiting else _hidden(request, asked)
    resource = "organizations/" if match.url_name in LISTS else places.resource_of_public(match)
    return about | ({"columns": page.columns_address(resource, back)} if resource else {})


def _hidden(request: HttpRequest, asked: HttpRequest) -> list[hidden.Hidden]:
    match: Any = asked.resolver_match
    if counts := hidden.of_page(match.url_name):
        return counts(request.user, ClosedEyes(), match.kwargs)
    if not request.user.has_perm("registry.view_organization"):
        return []
    if match.url_name in LISTS:
        return _of_list(request, match, asked.GET)
    if match.url_name == "organization":
        return _of_record(request, match.kwargs["registry_no"])
    return []


def _of_record(request: HttpRequest, registry_no: str) -> list[hidden.Hidden]:
    found = Organization.objects.filter(registry_no=registry_no).first()
    try:
        record = ask(request, f"organizations/{registry_no}/")
    except (Http404, RequestRefused):
        return []
    return hidden.from_the_public(request.user, found, record) if found else []


def _of_list(request: HttpRequest, match: ResolverMatch, given: QueryDict) -> list[hidden.Hidden]:
    """Count the records that the same list has for the staff and not for the public."""
    asked = {name: str(given[name]) for name in ("search", *FACETS) if given.get(name)}
    if "code" in match.kwargs:
        asked[match.url_name or ""] = match.kwargs["code"]
    elif match.url_name == "institutes":
        asked["kind"] = Kind.RESEARCH
    staff = inner.count_of(request, f"{inner.API}/organizations/", asked, request.user)
    public = inner.count_of(request, f"{inner.PUBLIC_API}/organizations/", asked, None)
    if staff is None or public is None or staff <= public:
        return []
    return [(_("Organizations that are not published"), staff - public)]
