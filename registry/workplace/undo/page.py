"""The page of one operation: everything that it wrote, and taking it back, whole or value by value."""

import uuid
from typing import Any
from urllib.parse import urlencode

from django.contrib import admin, messages
from django.contrib.auth.models import User
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from pghistory.models import Context

from registry.history.rendering import moment, visible_imports, way_of
from registry.site.undo_offer import success
from registry.values.people import person_name
from registry.workplace.undo.showing import ROWS, chosen_from, rows_of
from registry.workplace.undo.undoing import Undone, revert
from registry.workplace.undo.view import told

WHOLE = "whole"


def view(request: HttpRequest, change: uuid.UUID) -> HttpResponse:
    """Show the operation with what taking it back would do (GET), or take back what was chosen (POST)."""
    if request.method not in ("GET", "HEAD", "POST"):
        return HttpResponseNotAllowed(["GET", "POST"])
    context = Context.objects.filter(pk=change).first()
    if context is None:
        raise Http404
    outcome = revert(change, request.user, apply=False)
    rows, more = rows_of(change, request.user, outcome)
    if not rows:
        raise Http404
    refused, status = [], 200
    if request.method == "POST":
        chosen = None if WHOLE in request.POST else chosen_from(request.POST.getlist("value"), rows)
        if chosen is None or chosen:
            status = 409
            done = revert(change, request.user, chosen=chosen, reason=_reason(request))
        else:
            status = 400
            done = Undone(refused=[_("Tick what is to be taken back.")])
        if done.done:
            success(request, told(done))
            if done.held:
                messages.warning(request, done.held)
            return HttpResponseRedirect(reverse("admin:change", args=[change]))
        refused = done.refused
    shown = {
        **admin.site.each_context(request),
        **_head(request, context),
        "rows": rows,
        "most": ROWS if more else None,
        "ways": outcome.ways,
        "in_the_way": [] if outcome.ways else outcome.refused,
        "takeable": any(row.taken for row in rows) and not outcome.lacking and not outcome.ways,
        "whole": not outcome.refused,
        "refused": refused,
        "reason": request.POST.get("reason", ""),
        "picked": request.POST.getlist("value"),
    }
    return TemplateResponse(request, "admin/workplace/change.html", shown, status=status)


def _reason(request: HttpRequest) -> str:
    return request.POST.get("reason", "").replace("\0", "").strip()[:500]


def _head(request: HttpRequest, context: Context) -> dict[str, Any]:
    said = context.metadata or {}
    who = User.objects.filter(pk=said.get("user") or 0).first()
    imports = visible_imports({said["batch"]} if said.get("batch") else set(), request.user)
    person = {"person": request.user.get_username()}
    return {
        "title": _("One change"),
        "subtitle": None,
        "when": localtime(context.created_at),
        "moment": moment(localtime(context.created_at)),
        "who": person_name(who) if who else _("the system"),
        "way": way_of(said, bool(imports)),
        "said_reason": str(said.get("reason") or ""),
        "changes": reverse("admin:changes"),
        "mine": f"{reverse('admin:changes')}?{urlencode(person)}",
    }
