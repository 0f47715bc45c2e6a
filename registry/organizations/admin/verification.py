"""Verifying on the pages of the staff: one click on an organization's page, and what waits to be verified by town."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Count, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from registry.database.permission_names import permission
from registry.organizations.actions import verify
from registry.organizations.completeness import FIELDS, missing, number_expected
from registry.organizations.freshness import DUE, Freshness, freshness
from registry.organizations.models.choices import RegistrationStatus, VerifiedFrom
from registry.organizations.models.organizations import Organization
from registry.organizations.models.reach import reaches, require_reach
from registry.reference.cache import references
from registry.site import history, undo_offer
from registry.site.forms import VERSION
from registry.values.people import person_name

DUE_VALUE = ",".join(DUE)
"""The value of the filter by freshness for all that waits to be verified."""


def may_verify(request: HttpRequest) -> bool:
    return request.user.has_perm(permission("verify", Organization))


def _asked_of(request: HttpRequest) -> QuerySet[Organization]:
    """Return the organizations that this account is to keep verified."""
    return Organization.objects.unmerged().within_reach_of(request.user)


# --- On the page of an organization


def state_of(model_admin: Any, request: HttpRequest, obj: Organization) -> dict[str, Any]:
    """Return the values for the template: how fresh and how complete the record is, and how to verify it."""
    row = Organization.objects.filter(pk=obj.pk).annotate(
        lacks=missing(references().current_plan), asked=number_expected(), fresh=freshness(localdate())
    )
    lacking, asked, value = row.values_list("lacks", "asked", "fresh").get()
    merged = obj.registration_status == RegistrationStatus.MERGED
    return {
        "url": reverse(f"admin:registry_{model_admin.opts.model_name}_verify", args=[obj.pk]),
        "sources": VerifiedFrom.choices if may_verify(request) and reaches(request.user, obj) and not merged else (),
        "freshness": Freshness(value),
        "due": value in DUE,
        "who": person_name(obj.verified_by) if obj.verified_by else "",
        "asked": asked,
        "there": asked - len(lacking),
        "missing": [FIELDS[name].label for name in lacking],
    }


def verify_view(model_admin: Any, request: HttpRequest, pk: int) -> HttpResponse:
    """Verify the organization as the page has shown it; not if it has changed since."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    if not model_admin.has_view_permission(request) or not may_verify(request):
        raise PermissionDenied(_("Your account may not verify organizations. Nothing was stored."))
    shown = model_admin.get_queryset(request).filter(pk=pk).first()
    if shown is None:
        raise Http404
    require_reach(request.user, shown)
    source = request.POST.get("source", "")
    back = HttpResponseRedirect(model_admin.record_url(pk))
    if source not in VerifiedFrom:
        messages.error(request, _("Not verified: say from what you know that the record is right."))
        return back
    with transaction.atomic():
        stored = Organization.objects.select_for_update(of=("self",), no_key=True).get(pk=pk)
        if request.POST.get(VERSION) != history.version(stored, model_admin.parts, request.user):
            message = _("Not verified: the record has changed since you opened this page. Look at it, then verify it.")
            messages.warning(request, message)
            return back
        try:
            verify(pk, source, request.user)
        except ValidationError as error:
            messages.error(request, " ".join(error.messages))
            return back
    told = {"name": stored, "source": VerifiedFrom(source).label}
    undo_offer.success(request, _("Verified today: %(name)s (%(source)s).") % told)
    return back


# --- What waits to be verified


@dataclass
class TownRow:
    """The numbers of organizations of a township by their freshness."""

    name: str
    code: str | None
    counts: dict[str, int] = field(default_factory=dict)

    @property
    def all(self) -> int:
        return sum(self.counts.values())

    @property
    def due(self) -> int:
        return sum(self.counts.get(value, 0) for value in DUE)

    @property
    def percent(self) -> int:
        """How many percent are fresh, rounded down so that 100 is said only of all."""
        return 100 * self.counts.get(Freshness.FRESH, 0) // (self.all or 1)

    def cells(self) -> Iterator[tuple[int, str]]:
        """Yield for what is due, never verified, too long ago and fresh: the number and the address of the list."""
        shown = {DUE_VALUE: self.due} | {value: self.counts.get(value, 0) for value in (*DUE, Freshness.FRESH)}
        for value, number in shown.items():
            where = {"township": self.code} if self.code else {}
            yield number, _list_url(freshness=str(value), **where) if self.code is not None else ""


def _list_url(**parameters: str) -> str:
    return f"{reverse('admin:registry_organization_changelist')}?{urlencode(parameters)}"


def by_town(request: HttpRequest) -> tuple[list[TownRow], TownRow]:
    """Return a row for each township that has organizations, in their order, and the row of all."""
    known = references()
    ended = known.townships.ended()
    counted = _asked_of(request).annotate(value=freshness(localdate())).exclude(value=Freshness.ENDED)
    rows = {town.pk: TownRow(town.label(), town.code) for town in known.rows["townships"] if town.pk not in ended}
    rows[None] = TownRow(_("not given"), None)
    total = TownRow(_("Total"), "")
    numbers = counted.order_by().values_list("township", "value").annotate(number=Count("pk"))
    for township, value, number in numbers:
        for row in (rows[ended.get(township, township)], total):
            row.counts[value] = row.counts.get(value, 0) + number
    return [row for row in rows.values() if row.all], total


def overdue_view(model_admin: Any, request: HttpRequest) -> HttpResponse:
    if not model_admin.has_view_permission(request) or not may_verify(request):
        raise PermissionDenied(_("Your account may not verify organizations."))
    rows, total = by_town(request)
    context = {
        **model_admin.admin_site.each_context(request),
        "title": _("Waiting to be verified"),
        "subtitle": None,
        "opts": model_admin.opts,
        "rows": sorted(rows, key=lambda row: -row.due),
        "total": total,
        "crosstab": model_admin.page_url("crosstab", {"rows": "township", "columns": "freshness"}),
    }
    return TemplateResponse(request, "admin/registry/overdue.html", context)
