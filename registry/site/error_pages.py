"""Error pages outside the views: problem documents for addresses of the API, elsewhere pages with links to go on."""

from typing import Any

from django.contrib import admin
from django.contrib.auth.models import AnonymousUser, Group
from django.core.exceptions import BadRequest, RequestDataTooBig
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.middleware.csrf import REASON_NO_CSRF_COOKIE
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import resolve, reverse
from django.urls.exceptions import Resolver404
from django.utils import translation
from django.utils.cache import add_never_cache_headers
from django.utils.translation import gettext as _

from registry.api.errors import Problem, answer
from registry.api.middleware import too_large
from registry.api.negotiation import language_of
from registry.site.admin_site import about
from registry.site.login import opens_at
from registry.values.punctuation import listed

API_ADDRESSES = ("/api/", "/public/")
ACTIONS = {"changelist": "view", "history": "view", "change": "view", "add": "add", "delete": "delete"}
"""Last word of the name of an admin's page -> the permission that opens the page."""


class WrongAddress(BadRequest):
    """Says that the address of a list has a filter that the list does not know; the text is for people."""


def bad_request(request: HttpRequest, exception: Exception, *args: Any) -> HttpResponseBase:
    """Show the text of a BadRequest, which is for people; other errors may hold details that are not public."""
    if request.path_info.startswith(API_ADDRESSES):
        return _problem(request, "invalid_request", str(exception) if isinstance(exception, BadRequest) else "")
    if isinstance(exception, RequestDataTooBig):
        return too_large(request)
    if isinstance(exception, WrongAddress):
        lines = [str(exception), _("The list is not shown, because it would not be the one that was asked for.")]
        return page(request, 400, _("The address is not understood"), lines, again=request.path)
    lines = [_("The address or the form holds something that this page does not know. Nothing was stored.")]
    if isinstance(exception, BadRequest):
        lines = [str(exception)]
    return page(request, 400, _("The request is not understood"), lines)


def permission_denied(request: HttpRequest, exception: Exception, *args: Any) -> HttpResponseBase:
    if request.path_info.startswith(API_ADDRESSES):
        return _problem(request, "permission_denied")
    lines = [str(exception) or _("Your account may not open this page or do this. Nothing was stored.")]
    if request.user.is_authenticated:
        own = listed(group.name for group in request.user.groups.all())
        lines.append(_("Your roles: %(roles)s.") % {"roles": own} if own else _("Your account has no role."))
    if roles := _roles_that_may(request):
        lines.append(_("Roles that may: %(roles)s.") % {"roles": listed(roles)})
    lines.append(_("The administrator gives roles."))
    return page(request, 403, _("No permission"), lines)


def page_not_found(request: HttpRequest, exception: Exception, *args: Any) -> HttpResponseBase:
    if request.path_info.startswith(API_ADDRESSES):
        return _problem(request, "not_found")
    lines = [_("There is no page at this address. Perhaps it was mistyped, or the record is no longer there.")]
    return page(request, 404, _("Page not found"), lines)


def server_error(request: HttpRequest, *args: Any) -> HttpResponseBase:
    """Show the page for a failed request. It needs neither session nor database, because these may have failed."""
    if request.path_info.startswith(API_ADDRESSES):
        return _problem(request, "error")
    lines = [
        _("The registry has met an error of its own. What you sent may not have been stored: look before you repeat."),
        _("Tell the administrator the number below; the log says under it what happened."),
    ]
    context = {
        **about(),
        "title": _("An error of the registry"),
        "lines": lines,
        "request_id": request.META.get("REQUEST_ID", ""),
    }
    return HttpResponse(render_to_string("admin/error.html", context), status=500)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Say that the form was opened in another session: somebody has logged in or out since, perhaps in another tab."""
    lines = [_("Not stored: this page was opened before the last log-in, so it is not accepted any more.")]
    if reason == REASON_NO_CSRF_COOKIE:
        lines = [_("Not stored: your browser does not send the cookie of this site. Allow cookies, or log in again.")]
    lines.append(_("Open the page again: the browser offers what you had typed, and you can save it then."))
    return page(request, 403, _("The page has expired"), lines, again=request.get_full_path())


def locked_out(
    request: HttpRequest, response: HttpResponse | None = None, credentials: dict[str, Any] | None = None
) -> HttpResponse:
    """Show the page after too many failed log-ins: its end, and who can help. Used as AXES_LOCKOUT_CALLABLE."""
    lines = [
        _("Too many log-ins have failed. Log-in is closed until %(time)s, for the right password too.")
        % {"time": opens_at(request, credentials).strftime("%H:%M")},
        _("Each further attempt is ignored until then. The administrator can open the log-in at once."),
    ]
    return page(request, 429, _("Log-in is closed for a while"), lines, again=reverse("admin:login"))


def page(request: HttpRequest, status: int, title: str, lines: list[str], again: str = "") -> HttpResponse:
    """Return an error page; `again` is the address of the button that opens the page again."""
    # What fails before the session is read has no user.
    user = getattr(request, "user", None) or AnonymousUser()
    staff = user.is_active and user.is_staff
    context = {
        **(admin.site.each_context(request) if staff else about()),
        "title": title,
        "lines": lines,
        "again": again,
        "request_id": request.META.get("REQUEST_ID", ""),
    }
    response = render(request, "admin/error.html", context, status=status)
    add_never_cache_headers(response)
    return response


def _problem(request: HttpRequest, code: str, detail: str = "") -> HttpResponseBase:
    with translation.override(language_of(request) or translation.get_language()):
        return answer(request, Problem(code, detail))


def _roles_that_may(request: HttpRequest) -> list[str]:
    """Return the roles with the permission for an admin's page; none if the address belongs to no known page."""
    try:
        app, _separator, rest = (resolve(request.path_info).url_name or "").partition("_")
    except Resolver404:
        return []
    model, _separator, page = rest.partition("_")
    if page not in ACTIONS:
        return []
    action = "change" if page == "change" and request.method == "POST" else ACTIONS[page]
    holding = Group.objects.filter(permissions__content_type__app_label=app, permissions__codename=f"{action}_{model}")
    return list(holding.order_by("pk").values_list("name", flat=True))
