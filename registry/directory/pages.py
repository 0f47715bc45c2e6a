"""The base of all pages of the directory: language by address, caching, errors with a way on, the foot."""

import datetime
import hashlib
from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any

from django.conf import settings
from django.core.exceptions import DisallowedHost
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseNotAllowed
from django.template.loader import get_template
from django.urls import get_script_prefix, reverse
from django.utils import timezone, translation
from django.utils.cache import get_conditional_response, patch_cache_control
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt

from registry.directory.asking import RequestRefused
from registry.organizations.models.public_changes import PublicChange
from registry.organizations.views.public import MAX_AGE

LANGUAGES = {"zh": "zh-hans", "en": "en"}
MENU = ("home", "list", "institutes", "alliances", "download", "sitemap", "privacy")
View = Callable[..., HttpResponseBase]


class WrongParameters(RequestRefused):
    """Says that a page does not know what its address asks for."""

    def __init__(self, *texts: str) -> None:
        super().__init__(400, list(texts))


def address(name: str, *args: Any, lang: str | None = None) -> str:
    """Return the address of a page in a language, by default in the active one: the English ones are below /en/."""
    path, root = reverse(f"directory:{name}", args=args), get_script_prefix()
    return f"{root}en/{path.removeprefix(root)}" if (lang == "en" if lang else english()) else path


def english() -> bool:
    return (translation.get_language() or "").startswith("en")


def name_of(one: Mapping[str, Any]) -> str:
    """Return the name of a record in the language of the page, or the other one."""
    first, second = (one["name_en"], one["name_zh"]) if english() else (one["name_zh"], one["name_en"])
    return str(first or second)


def page(view: View) -> View:
    """Make a view of the directory: GET only, in the language of its address, with what a cache needs."""
    return _answering(view, ("GET", "HEAD"))


def open_form(view: View) -> View:
    """Make a view with a form for people without an account: no session that a token would have to protect."""
    return csrf_exempt(_answering(view, ("GET", "HEAD", "POST")))


def _answering(view: View, methods: tuple[str, ...]) -> View:
    @wraps(view)
    def answer(request: HttpRequest, *args: Any, lang: str = "zh", **kwargs: Any) -> HttpResponseBase:
        if request.method not in methods:
            return HttpResponseNotAllowed(methods)
        with translation.override(LANGUAGES[lang]):
            try:
                response = view(request, *args, **kwargs)
            except Http404:
                response = not_found(request)
            except RequestRefused as refused:
                response = refusal(request, refused)
            return finished(request, response)

    return answer


def finished(request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
    """Add the headers; 304 where the visitor has the same answer already."""
    response.headers.setdefault("Content-Language", translation.get_language() or "zh-hans")
    response.language_by_address = True  # type: ignore[attr-defined]
    if response.status_code not in (200, 301, 304):
        response.headers.setdefault("Cache-Control", "no-store")
        return response
    if "Cache-Control" not in response:
        patch_cache_control(response, public=True, max_age=MAX_AGE)
    if response.status_code == 200 and isinstance(response, HttpResponse) and "ETag" not in response:
        response["ETag"] = f'"{hashlib.sha256(response.content).hexdigest()[:32]}"'
        return get_conditional_response(request, response["ETag"], response=response) or response
    return response


def render(request: HttpRequest, template: str, status: int = 200, **context: object) -> HttpResponse:
    """Show a template. It gets no request, so that nothing of the visitor gets into a page that caches keep."""
    known = {"robots": "", "canonical": True, "changed_at": changed_at(request), **context, **_about(request)}
    return HttpResponse(get_template(f"directory/{template}").render(known), status=status)


def _about(request: HttpRequest) -> dict[str, Any]:
    path = request.path_info.removeprefix("/en") if english() else request.path_info
    below = get_script_prefix().removesuffix("/")
    try:
        root = f"{request.scheme}://{request.get_host()}"
    except DisallowedHost:  # the page for this very error
        root = ""
    return {
        "site": settings.DIRECTORY,
        "site_name": settings.DIRECTORY["name"] or _("AI industry directory"),
        "practice": settings.PRACTICE,
        "staff": not settings.PUBLIC_ONLY,
        "english": english(),
        "root": root,
        "here": f"{root}{request.path_info}",
        "permanent": f"{root}{path}",
        "in_chinese": f"{below}{path}",
        "in_english": f"{below}/en{path}",
        "links": {
            name: address(name)
            for name in (
                "home",
                "list",
                "institutes",
                "landscape",
                "statistics",
                "download",
                "sitemap",
                "privacy",
                "alliances",
            )
        },
    }


def changed_at(request: HttpRequest) -> datetime.datetime | None:
    """Return when the public last saw a change of any organization; None as long as nothing was published."""
    if not hasattr(request, "public_changed_at"):
        latest = PublicChange.objects.order_by("-changed_at").values_list("changed_at", flat=True).first()
        request.public_changed_at = timezone.localtime(latest) if latest else None  # type: ignore[attr-defined]
    return request.public_changed_at  # type: ignore[attr-defined]


# --- Errors


def not_found(request: HttpRequest) -> HttpResponse:
    """Say that there is nothing. It does not repeat the address: every such page is the same, byte for byte."""
    lines = [_("There is no page at this address. Perhaps it was mistyped, or there is no such entry.")]
    return _error(request, 404, _("Page not found"), lines)


def gone(request: HttpRequest) -> HttpResponse:
    lines = [_("An organization was listed here once. It is no longer in the public directory.")]
    return _error(request, 410, _("No longer listed"), lines)


def refusal(request: HttpRequest, refused: RequestRefused) -> HttpResponse:
    titles = {400: _("The address is not understood"), 429: _("Too many requests")}
    title = titles.get(refused.status, _("The page cannot be shown now"))
    response = _error(request, refused.status, title, refused.texts)
    if refused.retry_after:
        response["Retry-After"] = refused.retry_after
    return response


def failed(request: HttpRequest) -> HttpResponse:
    """Say that the site has met an error of its own; without the database, which may be the cause."""
    lines = [_("The directory has met an error of its own. Please try again in a few minutes.")]
    return _error(request, 500, _("The page cannot be shown now"), lines)


def _error(request: HttpRequest, status: int, title: str, lines: list[str]) -> HttpResponse:
    given = {"title": title, "lines": lines, "robots": "noindex", "canonical": False}
    known = {**_about(request), "changed_at": None, **given}
    # No language switch to the same address, which the page would repeat.
    known |= {"in_chinese": address("home", lang="zh"), "in_english": address("home", lang="en"), "here": ""}
    return HttpResponse(get_template("directory/error.html").render(known), status=status)


def only(request: HttpRequest, *names: str) -> dict[str, str]:
    """Return the parameters of the address. Raises WrongParameters for others, and for more than one value of each."""
    found = {}
    for name in request.GET:
        values = request.GET.getlist(name)
        if name not in names:
            raise WrongParameters(_("This page has no parameter “%(name)s”.") % {"name": name[:40]})
        if len(values) > 1:
            raise WrongParameters(_("“%(name)s” may be given once.") % {"name": name})
        if values[0].strip():
            found[name] = values[0].strip()
    return found
