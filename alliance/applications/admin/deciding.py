"""The page on which a decision of a meeting on one or several waiting applications is recorded."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from alliance.applications import deciding
from alliance.applications.models import Application, ApplicationKind, ApplicationState
from alliance.applications.transitions import DECIDE
from alliance.meetings.choices import Ballot, Body
from alliance.meetings.rules import rules_of
from alliance.models import Alliance, Meeting
from registry.site.fields import primary_keys
from registry.values.punctuation import listed

from .forms import DecideForm

MEETINGS_SHOWN = 30
_BALLOTS = {ApplicationKind.EXPULSION: Ballot.SECRET}


def decide_view(model_admin: Any, request: HttpRequest) -> HttpResponse:
    """Choose the kind, tick the applications, name the meeting and the votes."""
    if not request.user.has_perms(("alliance.view_application", "alliance.view_meeting", DECIDE)):
        raise PermissionDenied
    groups = _groups()
    asked = request.GET.get("group", "")
    group = next((one for one in groups if one["key"] == asked), groups[0] if groups else None)
    if group is None:
        return _page(model_admin, request, groups, None, None, [])
    meetings = Meeting.objects.filter(
        alliance=group["alliance"], body=group["body"], held_on__lte=timezone.localdate()
    ).select_related("alliance", "term")
    ticked = primary_keys(request.POST.getlist("application") or request.GET.getlist("application"))
    chosen = [one for one in group["applications"] if str(one.pk) in ticked]
    form = DecideForm(
        request.POST if request.method == "POST" else None,
        meetings=meetings.order_by("-held_on", "-pk"),
        initial=_initial(group, chosen or group["applications"], meetings),
    )
    if gone := _gone({*ticked} - {str(one.pk) for one in chosen}) if request.method == "POST" else []:
        form.add_error(None, gone)
    elif request.method == "POST" and form.is_valid():
        said = dict(form.cleaned_data)
        meeting = said.pop("meeting")
        on = said.pop("on") or meeting.held_on
        try:
            decision = deciding.decide(meeting, chosen, request.user, on, **said)
        except ValidationError as refused:
            form.add_refusal(refused)
        else:
            decision.refresh_from_db(fields=["passed"])
            result = _("passed") if decision.passed else _("not passed")
            told = _("Recorded for %(count)d applications: %(subject)s, %(result)s.")
            messages.success(request, told % {"count": len(chosen), "subject": decision.subject, "result": result})
            for why in filter(None, (deciding.early(one, meeting.held_on) for one in chosen)):
                messages.warning(request, why)
            if decision.passed and on < meeting.held_on:
                days = {"day": date_format(on, "DATE_FORMAT"), "held": date_format(meeting.held_on, "DATE_FORMAT")}
                told = _("It takes effect on %(day)s, before the meeting of %(held)s has decided on it. Check the day.")
                messages.warning(request, told % days)
            if len(chosen) == 1:
                return HttpResponseRedirect(model_admin.record_url(chosen[0].pk))
            return HttpResponseRedirect(reverse("admin:alliance_decision_change", args=[decision.pk]))
    return _page(model_admin, request, groups, group, form, ticked)


def _gone(ticked: set[str]) -> list[str]:
    """Say of applications that were ticked why they are not among those that wait any more."""
    found = Application.objects.select_related("organization").filter(pk__in=ticked)
    told = _("%(application)s is now “%(state)s”. Nothing was recorded.")
    return [told % {"application": one, "state": one.get_state_display()} for one in found.order_by("pk")]


def _groups() -> list[dict[str, Any]]:
    """Return the waiting applications by alliance and kind, where a body has to decide on that kind."""
    waiting = Application.objects.filter(state=ApplicationState.TO_DECIDE, decision=None).select_related(
        "alliance", "organization", "tier"
    )
    rules: dict[int, Any] = {}
    found: dict[str, dict[str, Any]] = {}
    for one in waiting.order_by("alliance__slug", "kind", "applied_on", "pk"):
        alliance: Alliance = one.alliance
        if alliance.pk not in rules:
            rules[alliance.pk] = rules_of(alliance)
        if body := rules[alliance.pk].body_for(one.kind):
            key = f"{alliance.slug}:{one.kind}"
            group = found.setdefault(
                key,
                {
                    "key": key,
                    "alliance": alliance,
                    "kind": ApplicationKind(one.kind),
                    "body": body,
                    "body_name": Body(body).label,
                    "applications": [],
                },
            )
            group["applications"].append(one)
    return list(found.values())


def _initial(group: dict[str, Any], chosen: list[Application], meetings: Any) -> dict[str, Any]:
    names = listed(str(one.organization) for one in chosen[:3])
    if len(chosen) > 3:
        names = _("%(names)s and %(count)d more") % {"names": names, "count": len(chosen) - 3}
    subject = _("%(kind)s: %(names)s") % {"kind": group["kind"].label, "names": names}
    latest = meetings.order_by("-held_on", "-pk").first()
    return {
        "meeting": latest,
        "subject": subject[:300],
        "ballot": _BALLOTS.get(group["kind"], Ballot.SHOW_OF_HANDS),
        "votes_for": latest.number_present() if latest else 0,
    }


def _page(
    model_admin: Any,
    request: HttpRequest,
    groups: list[dict[str, Any]],
    group: dict[str, Any] | None,
    form: DecideForm | None,
    ticked: Any,
) -> HttpResponse:
    context = {
        **model_admin.admin_site.each_context(request),
        "title": _("Record a decision on applications"),
        "opts": model_admin.opts,
        "media": model_admin.media + form.media if form else model_admin.media,
        "groups": groups,
        "group": group,
        "form": form,
        "ticked": set(ticked),
        "meeting_url": reverse("admin:alliance_meeting_add"),
    }
    return TemplateResponse(request, "admin/alliance/applications/decide.html", context)
