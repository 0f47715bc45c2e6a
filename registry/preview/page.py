"""Parts that all pages of the preview 看法预览 share: their address, the banner, and the answer where no page is."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from registry.preview import places
from registry.preview.audiences import PUBLIC_EYES, VIEWER_EYES, eyes_of_viewer, has_public_pages, label

PAGE = "_page"
"""The parameter with the address of the staff's page from which a preview was opened."""


def root_of(audience: str) -> str:
    """Return the address below which an audience's view of the whole site is found."""
    return reverse(f"admin:preview_{audience}", args=["-"]).removesuffix("-")


def links(request: HttpRequest) -> list[tuple[str | Promise, str]]:
    """Return label and address of each audience as which the page of the request can be looked at."""
    match, user = request.resolver_match, getattr(request, "user", None)
    if getattr(request, "previewed", False) or user is None or not user.is_active:
        return []
    found: list[tuple[str | Promise, str]] = []
    if has_public_pages() and places.has_public_place(match):
        page = urlencode({"page": request.get_full_path()})
        found.append((label(PUBLIC_EYES), f"{reverse('admin:preview')}?{page}"))
    if places.is_record_or_list(match) and eyes_of_viewer(user):
        found.append((label(VIEWER_EYES), root_of(VIEWER_EYES) + request.get_full_path().removeprefix("/")))
    return found


def read_only(request: HttpRequest) -> bool:
    return request.method in ("GET", "HEAD")


def columns_address(resource: str, back: str) -> str:
    """Return the address of the page that tells who gets which columns of a list."""
    return f"{reverse('admin:preview_columns', args=[resource])}?{urlencode({PAGE: back})}"


def back_to(page: str) -> str:
    """Return the address if it is one of the staff's site, else the start page."""
    return page if places.match_of(page) else reverse("admin:index")


def shown(audience: str, answer: HttpResponse, about: dict[str, Any]) -> HttpResponse:
    """Return the page as it is, with the banner at its head."""
    # Files would be made in the name of the previewer: their links lead to what is told of them.
    content = answer.content.replace(b'="/api/v1/', f'="{root_of(audience)}api/v1/'.encode())
    before, body, rest = content.partition(b"<body")
    attributes, end, inside = rest.partition(b">")
    banner = render_to_string("admin/preview/banner.html", {"audience": label(audience), **about}).encode()
    return HttpResponse(b"".join((before, body, attributes, end, banner, inside)), status=answer.status_code)


def refused(request: HttpRequest, audience: str, status: int, text: str) -> HttpResponse:
    """Say what the audience gets in place of a page."""
    context = {
        **admin.site.each_context(request),
        "title": _("Seen as: %(audience)s") % {"audience": label(audience)},
        "subtitle": None,
        "text": text,
        "back": back_to(request.GET.get(PAGE, "")),
    }
    return TemplateResponse(request, "admin/preview/refused.html", context, status=status)


def only_reading(request: HttpRequest, audience: str) -> HttpResponse:
    answer = refused(request, audience, 405, _("A preview is for reading: nothing was sent, nothing stored."))
    answer["Allow"] = "GET, HEAD"
    return answer


def redirect(answer: HttpResponse) -> HttpResponse:
    """Lead on, once: what a browser remembers for good is not for a preview."""
    return HttpResponseRedirect(answer["Location"])


def not_allowed() -> HttpResponse:
    return HttpResponseNotAllowed(["GET", "HEAD"])
