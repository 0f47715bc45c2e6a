"""The page 当时的样子 of members and alliances: the record of the API as it was recorded at the end of a day.

It asks the view of the API, so that columns, rights and masks are declared once.
"""

import datetime
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.html import format_html
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from rest_framework import exceptions

from alliance.models import Alliance
from registry.columns import Column, RenderContext
from registry.history.past import Past, not_recorded, typed_day
from registry.history.recorded import RECORDED_ON, RecordedMixin
from registry.site.base import NOTHING, RegistryAdmin

Cells = list[tuple[str, object]]
WIDE = 8
"""The most columns of a table that is easily read across."""


@dataclass(frozen=True)
class _Part:
    heading: str
    rows: list[Cells]

    @property
    def wide(self) -> bool:
        return bool(self.rows) and len(self.rows[0]) > WIDE


class RecordedPages(RegistryAdmin):
    recorded_view: ClassVar[type[RecordedMixin]]
    """The view of the API that reads the record."""

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        if object_id and RECORDED_ON in request.GET and request.method in ("GET", "HEAD"):
            return self._recorded(request, unquote(object_id))
        return super().changeform_view(request, object_id, form_url, extra_context)

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """Lead to the page of the past, too."""
        response: Any = super().render_change_form(request, context, *args, **kwargs)
        if context.get("original"):
            response.context_data["tools"].append((_("As it was then"), f"?{RECORDED_ON}="))
        return response

    def _recorded(self, request: HttpRequest, pk: str) -> HttpResponse:
        record = self.get_object(request, pk)
        if record is None:
            raise Http404
        if not self.has_view_or_change_permission(request, record):
            raise PermissionDenied
        given = request.GET.get(RECORDED_ON, "")
        context = {
            **self.admin_site.each_context(request),
            "title": str(record),
            "subtitle": None,
            "opts": self.opts,
            "record": record,
            "record_url": self.record_url(record.pk),
            "given": given,
        }
        if not given:
            return TemplateResponse(request, "admin/alliance/recorded.html", context)
        try:
            past = Past(record, typed_day(given))
        except ValidationError as error:
            context["error"] = error.messages[0]
        else:
            known = past.known()
            context["day"] = past.day.isoformat()
            context |= self._read(request, past) if known.recorded else {"error": not_recorded(known, past.day)}
        return TemplateResponse(request, "admin/alliance/recorded.html", context)

    def _read(self, request: HttpRequest, past: Past) -> dict[str, Any]:
        view: Any = self.recorded_view()
        view.action_map = {"get": "retrieve", "head": "retrieve"}
        view.setup(request, **_address(view, past.record))
        view.request, view.format_kwarg = view.initialize_request(request), None
        try:
            view.initial(view.request, **view.kwargs)
        except exceptions.PermissionDenied:
            raise PermissionDenied from None
        record, _told, below = view.read(past, _cells)
        headings = {part.name: capfirst(part.model._meta.verbose_name_plural) for part in view.past_parts}
        return {
            "then": record,
            "parts": [_Part(headings[name], _narrowed(rows, record)) for name, rows in below.items()],
        }


def _address(view: Any, record: Any) -> dict[str, str]:
    """Return the words of the address at which the view has the record."""
    alliance = record if isinstance(record, Alliance) else record.alliance
    own = {view.lookup_url_kwarg or view.lookup_field: str(getattr(record, view.lookup_field))}
    return {"slug": alliance.slug} | own


def _narrowed(rows: list[Cells], record: Cells) -> list[Cells]:
    """Leave out the columns that only repeat the record, and those in which no row has anything."""
    above = dict(record)
    values = [{value for _label, value in column} for column in zip(*rows, strict=True)]
    kept = [
        place
        for place, (label, _value) in enumerate(rows[0] if rows else ())
        if values[place] != {NOTHING} and values[place] != {above.get(label)}
    ]
    return [[row[place] for place in kept] for row in rows]


def _cells(rows: Iterable[Sequence[object]], columns: tuple[Column, ...], context: RenderContext) -> list[Cells]:
    """Return the rows as pairs of heading and text, as files have them."""
    named = [(place, column) for place, column in enumerate(columns) if column.in_file]
    return [[(capfirst(str(one.label)), _text(one.cell(row[place], context))) for place, one in named] for row in rows]


def _text(value: object) -> object:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, datetime.date):
        return format_html('<span class="day">{}</span>', value.isoformat())
    return NOTHING if value in (None, "") else value
