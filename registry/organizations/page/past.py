"""The page 当时的样子: the cards of an organization as they were at the end of an earlier day."""

import datetime
from typing import Any

from django.contrib.admin.options import InlineModelAdmin
from django.core.exceptions import ValidationError
from django.db.models import Max, Min, Q
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.timezone import localdate, make_aware

from registry.history.past import Past, not_recorded, typed_day
from registry.organizations.models.organizations import Organization
from registry.organizations.models.reach import reaches
from registry.organizations.page.cards import RecordCard
from registry.organizations.page.facts import capital
from registry.organizations.page.reading import Reading, placed
from registry.site import history

AS_OF = "as_of"


class PastReading(Reading):
    """Reads the cards of a day that has passed: nothing is edited, and who may see what is asked of today."""

    of_today: Organization

    @property
    def may_change(self) -> bool:
        return False

    def edit_url(self, card: RecordCard, inlines: list[InlineModelAdmin]) -> str:
        return ""

    @property
    def judged(self) -> Organization:
        return self.of_today


def view(model_admin: Any, request: HttpRequest, organization: Organization) -> HttpResponse:
    """Show the record at the end of the day that the address names, or say why there is none."""
    context = {
        **model_admin.admin_site.each_context(request),
        "title": str(organization),
        "subtitle": None,
        "is_nav_sidebar_enabled": False,
        "opts": model_admin.opts,
        "organization": organization,
        "record_url": model_admin.record_url(organization.pk),
        "history_url": reverse(f"admin:registry_{model_admin.opts.model_name}_history", args=[organization.pk]),
        "given": request.GET.get(AS_OF, ""),
        "within_reach": reaches(request.user, organization),
        "today": localdate().isoformat(),
    }
    try:
        day = typed_day(context["given"])
    except ValidationError as error:
        return TemplateResponse(request, "admin/registry/page/past.html", context | {"error": error.messages[0]})
    context |= {"day": day.isoformat(), **_changes_beside(model_admin, request, organization, day)}
    past = Past(organization, day)
    known = past.known()
    if known.recorded:
        context |= _read(model_admin, request, organization, past)
    else:
        context["error"] = not_recorded(known, day)
    return TemplateResponse(request, "admin/registry/page/past.html", context)


def _read(model_admin: Any, request: HttpRequest, organization: Organization, past: Past) -> dict[str, Any]:
    request.as_of = past.day  # type: ignore[attr-defined]
    with past.reading():
        found = Organization.objects.select_related("township", "zone", "successor", "verified_by")
        then = found.get(pk=organization.pk)
        reading = PastReading(request, model_admin, then, today=past.day)
        reading.of_today = organization
        cards = [card for card in model_admin.cards_of(reading) if card.shown]
    for card in cards:
        card.unfilled = []
    return {"then": then, "capital": capital(then), **placed(cards)}


def _changes_beside(
    model_admin: Any, request: HttpRequest, organization: Organization, day: datetime.date
) -> dict[str, str]:
    """Return the nearest days before and after on which something changed that the account may see."""
    begins = make_aware(datetime.datetime.combine(day, datetime.time.min))
    ends = make_aware(datetime.datetime.combine(day + datetime.timedelta(days=1), datetime.time.min))
    before = Max("pgh_created_at", filter=Q(pgh_created_at__lt=begins))
    after = Min("pgh_created_at", filter=Q(pgh_created_at__gte=ends))
    seen = history.parts_of(organization, model_admin.parts, request.user)
    rows = [
        history.event_model(model)._default_manager.filter(**{lookup: organization.pk}).order_by()
        .values(lookup).annotate(before=before, after=after).values_list("before", "after")
        for model, lookup in seen
    ]  # fmt: skip
    found = list(rows[0].union(*rows[1:], all=True))
    earlier, later = [row[0] for row in found if row[0]], [row[1] for row in found if row[1]]
    return {
        "earlier": localdate(max(earlier)).isoformat() if earlier else "",
        "later": localdate(min(later)).isoformat() if later else "",
    }
