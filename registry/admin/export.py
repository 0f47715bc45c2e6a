"""The buttons that export a list as it is shown: its filters and search become parameters of the API."""

from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

API = "/api/v1"


class ExportMixin:
    """For an admin whose filters are named as the parameters of the API resource that it lists."""

    export_resource = ""

    def exports(self, request: HttpRequest, parameters: dict[str, str]) -> list[tuple[str, str]]:
        """Label and address of each file that is offered."""
        return [
            (_("Export Excel"), self.export_url(parameters | {"format": "xlsx"})),
            (_("Export CSV"), self.export_url(parameters | {"format": "csv"})),
        ]

    def export_url(self, parameters: dict[str, str]) -> str:
        return f"{API}/{self.export_resource}/?{urlencode(parameters)}"

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        response = super().changelist_view(request, extra_context)  # type: ignore[misc]
        context = getattr(response, "context_data", None)
        if context and "cl" in context:
            context["exports"] = self.exports(request, self._parameters(context["cl"]))
        return response

    def _parameters(self, changelist: Any) -> dict[str, str]:
        """The filters that are in force, and the search, by their names in the API."""
        parameters = {"search": changelist.query} if changelist.query else {}
        for spec in changelist.filter_specs:
            parameters |= spec.api_parameters()
        return parameters
