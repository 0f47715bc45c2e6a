"""The pages 名录对比 and 会员增减, which show to read what the API gives as files."""

import datetime
from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from alliance.models import Alliance
from alliance.papers.comparison import Comparison, ListChange, compare
from alliance.papers.growth import FLOWS, RATES, Growth, growth
from alliance.papers.growth_chart import chart
from alliance.papers.svg import NARROW, WIDE
from registry.site.export import API
from registry.site.fields import DayField

from .filters import chosen_alliance

COMPARISON, GROWTH = _("Compare two days"), _("Growth of membership")


class DaysForm(forms.Form):
    earlier = DayField(label=_("Earlier day"))
    later = DayField(label=_("Later day"))

    def add_prefix(self, field_name: str) -> str:
        """Return the names of the API's parameters, so that an address means the same in both."""
        return {"earlier": "from", "later": "to"}.get(field_name, field_name)

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        earlier, later = cleaned.get("earlier"), cleaned.get("later")
        if earlier and later and earlier >= later:
            raise ValidationError({"later": _("The later day must be after the earlier one.")})
        return cleaned


class ReportPages:
    """Adds the pages to the list of members."""

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view  # type: ignore[attr-defined]
        return [
            path("compare/", view(self.comparison_view), name="alliance_member_compare"),
            path("growth/", view(self.growth_view), name="alliance_member_growth"),
            *super().get_urls(),  # type: ignore[misc]
        ]

    def report_links(self, request: HttpRequest) -> list[tuple[Any, str]]:
        """Return the buttons above the list of one alliance."""
        alliance = chosen_alliance(request)
        if alliance is None or not _may(request):
            return []
        query = urlencode({"alliance": alliance.slug})
        return [
            (COMPARISON, f"{reverse('admin:alliance_member_compare')}?{query}"),
            (GROWTH, f"{reverse('admin:alliance_member_growth')}?{query}"),
        ]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        tools = {"list_tools": self.report_links(request)}
        response: HttpResponse = super().changelist_view(request, {**tools, **(extra_context or {})})  # type: ignore[misc]
        return response

    def comparison_view(self, request: HttpRequest) -> HttpResponse:
        today = timezone.localdate()
        days = {"from": str(datetime.date(today.year - 1, 12, 31)), "to": str(today)}
        form = DaysForm({**days, **{name: request.GET[name] for name in days if name in request.GET}})
        alliance, found = chosen_alliance(request), None
        if alliance and form.is_valid():
            found = compare(alliance, form.cleaned_data["earlier"], form.cleaned_data["later"])
        context: dict[str, Any] = {"form": form, "found": found, "groups": _groups(found) if found else []}
        if alliance and found:
            url = f"{API}/alliances/{alliance.slug}/members/compare/"
            asked = {"from": str(found.earlier), "to": str(found.later)}
            context["files"] = [
                (label, f"{url}?{urlencode({**asked, 'format': kind})}")
                for label, kind in ((_("Export PDF"), "pdf"), (_("Export Excel"), "xlsx"))
            ]
        return self._report(request, COMPARISON, "admin/alliance/comparison.html", alliance, context)

    def growth_view(self, request: HttpRequest) -> HttpResponse:
        alliance = chosen_alliance(request)
        context: dict[str, Any] = {}
        if alliance:
            found = growth(alliance, timezone.localdate())
            url = f"{API}/alliances/{alliance.slug}/statistics/growth/?format=xlsx"
            context = {
                "found": found,
                "wide": chart(found, WIDE),
                "narrow": chart(found, NARROW),
                "heads": [column.label for column in (*FLOWS, *RATES)],
                "rows": _rows(found),
                "files": [(_("Export Excel"), url)],
            }
        return self._report(request, GROWTH, "admin/alliance/growth.html", alliance, context)

    def _report(
        self, request: HttpRequest, title: Any, template: str, alliance: Alliance | None, context: dict[str, Any]
    ) -> HttpResponse:
        if not _may(request):
            raise PermissionDenied
        admin: Any = self
        known = list(Alliance.objects.all())
        context = {
            **admin.admin_site.each_context(request),
            "title": title,
            "opts": admin.opts,
            "alliance": alliance,
            "alliances": known if len(known) > 1 else [],
            **context,
        }
        return TemplateResponse(request, template, context)


def _may(request: HttpRequest) -> bool:
    needed = (
        "registry.view_organization",
        "alliance.view_member",
        "alliance.view_membership",
        "alliance.view_alliance",
    )
    return request.user.has_perms(needed)


def _groups(found: Comparison) -> list[tuple[str, Any]]:
    return [(capfirst(str(change.label)), found.of(change)) for change in ListChange]


def _rows(found: Growth) -> list[tuple[Any, list[tuple[str, list[object]]]]]:
    """Return each year, the latest first, with its lines: all tiers, then each."""
    rows = []
    for year in reversed(found.years):
        rates = [getattr(year, column.name) for column in RATES]
        lines: list[tuple[str, list[object]]] = [
            (str(_("All tiers")), [*(getattr(year.total, column.name) for column in FLOWS), *rates])
        ]
        for tier in found.tiers:
            if flow := year.tiers.get(tier.pk):
                lines.append((tier.label(), [*(getattr(flow, column.name) for column in FLOWS), None, None]))
        rows.append((year, lines))
    return rows
