"""The button 撤销 of a message, and the page that says why something is not taken back."""

import uuid
from typing import Any

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from registry.site.error_pages import WrongAddress
from registry.site.undo_offer import success
from registry.workplace.undo.undoing import Undone, undo


def view(request: HttpRequest) -> HttpResponse:
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    try:
        change = uuid.UUID(request.POST.get("change", ""))
    except ValueError:
        raise WrongAddress(_("The address or the form does not say what to take back.")) from None
    back = _back(request)
    outcome = undo(change, request.user)
    if outcome.done:
        success(request, told(outcome))
        if outcome.held:
            messages.warning(request, outcome.held)
        return HttpResponseRedirect(back)
    context: dict[str, Any] = {
        **admin.site.each_context(request),
        "title": _("Not taken back"),
        "subtitle": None,
        "refused": outcome.refused,
        "back": back,
        "changes": f"{reverse('admin:changes')}?person={request.user.get_username()}",
    }
    return TemplateResponse(request, "admin/workplace/not_undone.html", context, status=409)


def _back(request: HttpRequest) -> str:
    """Return the page on which the button was, if it is one of this site."""
    given = request.POST.get("next", "")
    known = url_has_allowed_host_and_scheme(given, allowed_hosts=None) and given.startswith(reverse("admin:index"))
    return given if known else reverse("admin:index")


def told(outcome: Undone) -> str:
    parts = []
    if outcome.back:
        text = ngettext("Taken back: %(count)d row.", "Taken back: %(count)d rows.", outcome.back)
        parts.append(text % {"count": outcome.back})
    if outcome.withdrawn:
        text = ngettext(
            "Withdrawn: %(count)d change that waited for another person.",
            "Withdrawn: %(count)d changes that waited for another person.",
            outcome.withdrawn,
        )
        parts.append(text % {"count": outcome.withdrawn})
    return " ".join(parts)
