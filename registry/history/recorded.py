"""A record as it was recorded at the end of an earlier day, over HTTP: a parameter on the address of the record.

This is no `as_of` of memberships. That one asks who was a member on a day, by all that is known today; this one asks
what the registry said at the end of a day, before later entries and corrections.
"""

import datetime
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.db.models import Model, Q, QuerySet
from django.shortcuts import get_object_or_404
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from registry.api.errors import InvalidParameters
from registry.api.json_schema import COMPONENT, TEXT, Schema, array_schema, object_schema
from registry.api.lists.filters import read_date
from registry.api.lists.mixins import RetrieveMixin, etag
from registry.columns import Column, RenderContext, present_rows
from registry.database.permission_names import permission
from registry.history.past import Past, not_recorded

RECORDED_ON = "recorded_on"
Present = Callable[[Iterable[Sequence[object]], tuple[Column, ...], RenderContext], list[Any]]
"""Makes rows of database values what is shown of them."""


@dataclass(frozen=True)
class PastPart:
    """A table below a record, with the columns that a record of the past shows of its rows."""

    name: str
    model: type[Model]
    columns: tuple[Column, ...]
    context: type[RenderContext] = RenderContext
    path: str = "organization"

    def schema(self) -> Schema:
        return object_schema(**{column.name: column.schema for column in self.columns})

    def rows(
        self, record: int, context: RenderContext, may: Callable[[Column], bool], present: Present
    ) -> list[object]:
        """Return the rows by their numbers, in the columns that may be shown; telephone numbers are masked."""
        columns = tuple(filter(may, self.columns))
        found: QuerySet[Model] = self.model._default_manager.filter(**{self.path: record}).order_by("pk")
        own = self.context(context.plan, context.on, context.references)
        return present(found.values_list(*(one.selected(own) for one in columns)), columns, own)


class RecordedMixin(RetrieveMixin):
    """Reads a record, or with `recorded_on` the record of the end of that day, with the rows of its parts."""

    past_parameter: ClassVar[str] = RECORDED_ON
    past_component: ClassVar[str] = "RecordedPast"
    past_parts: ClassVar[tuple[PastPart, ...]] = ()
    read_parameters: ClassVar[dict[str, Any]] = {
        RECORDED_ON: gettext_lazy(
            "The record as the registry had it at the end of this day, whatever was entered or put right later, with "
            "`past`. It does not ask who was a member on a day: that is `as_of` of lists. Telephone numbers are "
            "masked. Names of reference data and accounts are those of today."
        )
    }

    @classmethod
    def further_properties(cls) -> dict[str, Any]:
        if not cls.read_parameters:
            return {}
        rows = {part.name: array_schema(part.schema()) for part in cls.past_parts}
        past = {cls.past_parameter: {**TEXT, "format": "date"}, **cls.said_of_past(), **rows}
        told = f"With `{cls.past_parameter}` alone: whose day it is, and the rows of then that the caller may see."
        return {"past": {COMPONENT: cls.past_component, "type": "object", "description": told, "properties": past}}

    @classmethod
    def said_of_past(cls) -> dict[str, Schema]:
        """Return the schemas of what `past` says besides the day and the rows."""
        return {}

    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        if self.past_parameter not in request.query_params or self.past_parameter not in self.read_parameters:
            return super().retrieve(request, *args, **kwargs)
        day = self._day()
        record: Model = get_object_or_404(self.get_queryset(), **self.get_lookup())
        past = Past(record, day)
        known = past.known()
        if not known.recorded:
            raise NotFound(not_recorded(known, day))
        record_of, told, below = self.read(past, present_rows)
        shown = {**record_of, "past": {self.past_parameter: past.day.isoformat(), **told, **below}}
        return Response(shown, headers={"ETag": etag(shown)})

    def _day(self) -> datetime.date:
        given = self.request.query_params.getlist(self.past_parameter)
        try:
            day = read_date(given[0])
        except ValidationError as error:
            raise InvalidParameters({self.past_parameter: error.messages}) from None
        if len(given) > 1:
            raise InvalidParameters({self.past_parameter: _("Give one day.")})
        if day > localdate():
            raise InvalidParameters({self.past_parameter: _("This day is still to come.")})
        if "reveal" in self.request.query_params:
            raise InvalidParameters({"reveal": _("Numbers of the past are shown masked only.")})
        return day

    def reaches(self, record: Model) -> bool:
        """Return whether the caller reaches the record as it is today, and so what is confidential of it."""
        visible = self.get_render_context().visible
        return not visible or self.get_queryset().filter(visible, pk=record.pk).exists()

    def past_rows(self) -> QuerySet[Model]:
        """Return the rows among which the record is looked up in the past."""
        return type(self).shown()

    def past_context(self, past: Past) -> tuple[RenderContext, dict[str, Any]]:
        """Return the context in which the record is shown, and what `past` says besides the day and the rows."""
        context = self.get_render_context()
        context.on = past.day
        return context, {}

    def read(self, past: Past, present: Present) -> tuple[Any, dict[str, Any], dict[str, list[Any]]]:
        """Return the record of the day, what is said besides, and the rows of its parts by their names.

        Who may see what is asked of the record as it is today.
        """
        pk, reached, columns = past.record.pk, self.reaches(past.record), self.get_detail_columns()
        context, told = self.past_context(past)
        context.visible = Q() if reached else Q(pk__in=[])
        parts = [
            part
            for part in self.past_parts
            if self.may(permission("view", part.model)) and (reached or not getattr(part.model, "CONFIDENTIAL", False))
        ]
        found = self.past_rows()

        def may(column: Column) -> bool:
            return not column.permission or (reached and self.may(column.permission))

        with past.reading():
            rows = found.filter(pk=pk).values_list(*(column.selected(context) for column in columns))
            shown = present(rows, columns, context)[0]
            below = {part.name: part.rows(pk, context, may, present) for part in parts}
        return shown, told, below
