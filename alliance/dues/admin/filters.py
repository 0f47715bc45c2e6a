"""Filters of the lists of dues and payments; they have the names of the API's parameters."""

from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from alliance.dues.models import Due, DueState
from registry.site.filters import ChoiceFilter, Choices

OPEN = "open"
"""All dues of which something is still to be paid."""


class DuesYearFilter(ChoiceFilter):
    title = _("year")
    parameter_name = "year"
    path = "year"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Choices:
        known = Due.objects.order_by("-year").values_list("year", flat=True).distinct()
        return [(str(year), str(year)) for year in known]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        return queryset.filter(**{self.path: self.value()}) if self.value() else queryset


class PaidYearFilter(DuesYearFilter):
    title = _("year of the dues")
    path = "due__year"


class DueStateFilter(ChoiceFilter):
    title = _("state of payment")
    parameter_name = "state"
    as_tabs = True

    def lookups(self, request: HttpRequest, model_admin: Any) -> Choices:
        return [(OPEN, _("with a balance")), *((one.value, one.label) for one in DueState)]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        value = self.value()
        if value == OPEN:
            return queryset.filter(balance__gt=0)
        return queryset.filter(DueState(value).condition) if value else queryset

    def api_parameters(self) -> dict[str, str]:
        if self.value() == OPEN:
            return {"state": f"{DueState.UNPAID},{DueState.PARTLY}"}
        return super().api_parameters()


class DuesClassFilter(ChoiceFilter):
    title = _("dues class")
    parameter_name = "dues_class"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Choices:
        known = Due.objects.order_by("dues_class__name").values_list("dues_class__name", flat=True).distinct()
        return [(name, name) for name in known]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        return queryset.filter(dues_class__name=self.value()) if self.value() else queryset
