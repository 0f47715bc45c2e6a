"""Filters of the list of certificates."""

from typing import Any

from django.http import HttpRequest
from django.utils.timezone import localdate
from django.utils.translation import gettext_lazy as _

from alliance.certificates.filtersets import CertificateState, in_state
from registry.site.filters import ChoiceFilter, Choices, DayFilter


class CertificateStateFilter(ChoiceFilter):
    title = _("state")
    parameter_name = "state"
    as_tabs = True

    def lookups(self, request: HttpRequest, model_admin: Any) -> Choices:
        return list(CertificateState.choices)

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        state = self.value()
        return queryset.filter(in_state(state, localdate())) if state else queryset


class IssuedOnFilter(DayFilter):
    title = _("day of issue")
    parameter_name = "issued_on"

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        if self.errors:
            return queryset.none()
        return queryset.filter(issued_on=self.day) if self.day else queryset
