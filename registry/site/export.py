"""Links from a list to the API: the list as files, its address there, and the page that counts it.

The current filters and the search become parameters of the API.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from django.http import HttpRequest, HttpResponse
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from registry.disclosure.models import REVEAL, Reason
from registry.values.punctuation import clauses, labelled

API = "/api/v1"


@dataclass(frozen=True)
class ListAddress:
    """The address of a list in the API, for people who write programs."""

    url: str
    power_query: str
    words: str
    """The filters in words."""


@dataclass(frozen=True)
class OfferedFile:
    """A file that may have full numbers: the label of its button, its address, and the format that it asks for."""

    label: str
    url: str
    format: str = ""


@dataclass(frozen=True)
class Handover:
    """The form that asks for purpose and recipient of a file with full telephone numbers and e-mail addresses."""

    files: list[OfferedFile]
    parameters: dict[str, str]
    """The parameters of the list, such as its filters."""
    reasons: tuple[tuple[str, Any], ...] = tuple(Reason.choices)

    @classmethod
    def of(
        cls, request: HttpRequest, people: str, files: list[OfferedFile], parameters: dict[str, str] | None = None
    ) -> "Handover | None":
        """Return the form for accounts that may see the people and their numbers in full; `people` is a permission."""
        return cls(files, parameters or {}) if request.user.has_perms((people, REVEAL)) else None


class ExportMixin:
    """Adds the links to an admin whose filters have the names of the parameters of its API resource."""

    export_resource = ""

    def exports(self, request: HttpRequest, parameters: dict[str, str]) -> list[tuple[str, str]]:
        """Return label and address of each file on offer."""
        return [
            (_("Export Excel"), self.export_url(parameters | {"format": "xlsx"})),
            (_("Export CSV"), self.export_url(parameters | {"format": "csv"})),
        ]

    def choices_before_export(self, request: HttpRequest) -> list[tuple[str, str]]:
        """Return label and address of the lists of which one is to be chosen before there are files; usually none."""
        return []

    def export_url(self, parameters: dict[str, str]) -> str:
        return f"{API}/{self.export_resource}/?{urlencode(parameters)}"

    def handover(self, request: HttpRequest, parameters: dict[str, str]) -> Handover | None:
        """Return the form for files with full numbers; None where the list has none."""
        return None

    def pages_of_list(self, parameters: dict[str, str]) -> list[tuple[str, str]]:
        """Return label and address of the pages that show the list in another way: counted, or as a picture."""
        return []

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        response = super().changelist_view(request, extra_context)  # type: ignore[misc]
        context = getattr(response, "context_data", None)
        if context and "cl" in context:
            parameters = self._parameters(context["cl"])
            unread = any(getattr(spec, "errors", None) for spec in context["cl"].filter_specs)
            context["exports"] = exports = [] if unread else self.exports(request, parameters)
            context["choices_before_export"] = [] if exports or unread else self.choices_before_export(request)
            context["handover"] = None if unread else self.handover(request, parameters)
            context["pages_of_list"] = self.pages_of_list(parameters)
            csv = next((url for _label, url in exports if url.endswith("format=csv")), None)
            context["address"] = csv and address(request, csv, list(self._words(context["cl"])))
        return response

    def _parameters(self, changelist: Any) -> dict[str, str]:
        """Return the current filters and the search, by their names in the API."""
        parameters = {"search": changelist.query} if changelist.query else {}
        for spec in changelist.filter_specs:
            parameters |= spec.api_parameters()
        return parameters

    def _words(self, changelist: Any) -> Iterator[tuple[str, str]]:
        """Return the filters in words: the title of each with the label of its value."""
        if changelist.query:
            yield _("search"), changelist.query
        for spec in changelist.filter_specs:
            if value := spec.value():
                labels = {str(code): str(label).strip("　 ") for code, label in spec.lookup_choices}
                yield str(spec.title), labels.get(value, value)


def address(request: HttpRequest, csv: str, words: list[tuple[str, str]]) -> ListAddress:
    """Return the address of the list whose CSV file is at `csv`."""
    parts = urlsplit(csv)
    query = parse_qsl(parts.query)
    plain = urlencode([pair for pair in query if pair[0] != "format"])
    said = clauses(labelled(capfirst(name), value) for name, value in words)
    return ListAddress(
        request.build_absolute_uri(f"{parts.path}?{plain}" if plain else parts.path),
        power_query(request.build_absolute_uri("/"), parts.path.lstrip("/"), query),
        said or _("no filters: all rows"),
    )


def power_query(base: str, path: str, query: list[tuple[str, str]]) -> str:
    """Return the query for the advanced editor of Excel's Power Query, which fetches the CSV file with a token."""
    fields = ", ".join(f"{name} = {_m(value)}" for name, value in query)
    return "\n".join(
        [
            "let",
            f"    Token = {_m(_('put the API token here'))},",
            f"    Answer = Web.Contents({_m(base)}, [",
            f"        RelativePath = {_m(path)},",
            f"        Query = [{fields}],",
            '        Headers = [Authorization = "Bearer " & Token]',
            "    ]),",
            '    Lines = Csv.Document(Answer, [Delimiter = ",", Encoding = 65001, QuoteStyle = QuoteStyle.Csv]),',
            "    Rows = Table.PromoteHeaders(Lines, [PromoteAllScalars = true])",
            "in",
            "    Rows",
        ]
    )


def _m(text: str) -> str:
    """Return a text literal of the M language, where `#(` begins an escape."""
    return '"' + text.replace("#", "#(#)").replace('"', '""') + '"'
