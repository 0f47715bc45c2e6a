"""One organization as it was on an earlier day, over HTTP: `?as_of=` on its address."""

import datetime
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
from registry.api.json_schema import COMPONENT, NULLABLE_TEXT, TEXT, Schema, array_schema, object_schema
from registry.api.lists.filters import read_date
from registry.api.lists.mixins import RetrieveMixin, etag
from registry.columns import Column, RenderContext, present_rows
from registry.database.permission_names import permission
from registry.history.past import Past, not_recorded
from registry.organizations.columns.parts import (
    CONTACT_COLUMNS,
    FIGURES_COLUMNS,
    QUALIFICATION_COLUMNS,
    RELATION_COLUMNS,
)
from registry.organizations.models.confidential import AnnualFigures, Contact
from registry.organizations.models.details import Qualification, Relation
from registry.organizations.models.organizations import Organization
from registry.organizations.models.reach import reaches
from registry.reference.models import Plan


@dataclass(frozen=True)
class PastPart:
    """A table below an organization, with the columns that a record of the past shows of its rows."""

    name: str
    model: type[Model]
    columns: tuple[Column, ...]
    context: type[RenderContext] = RenderContext
    path: str = "organization"

    def schema(self) -> Schema:
        return object_schema(**{column.name: column.schema for column in self.columns})

    def rows(self, organization: int, context: RenderContext) -> list[dict[str, Any]]:
        """Return the rows as JSON, by their numbers; telephone numbers are masked."""
        found: QuerySet[Model] = self.model._default_manager.filter(**{self.path: organization}).order_by("pk")
        own = self.context(context.plan, context.on, context.references)
        return present_rows(found.values_list(*(one.selected(own) for one in self.columns)), self.columns, own)


def _in_list(columns: tuple[Column, ...]) -> tuple[Column, ...]:
    return tuple(column for column in columns if column.in_list)


class PastMixin(RetrieveMixin):
    """Reads a record, or with `as_of` the record at the end of that day with what belonged to it."""

    read_parameters: ClassVar[dict[str, Any]] = {
        "as_of": gettext_lazy(
            "The record as the registry had it at the end of this day, with `past`: contacts, figures, qualifications, "
            "relations and memberships of then, as far as the caller may see them. Telephone numbers are masked. Names "
            "of reference data and accounts are those of today."
        )
    }
    past_parts: ClassVar[tuple[PastPart, ...]] = (
        PastPart("contacts", Contact, _in_list(CONTACT_COLUMNS)),
        PastPart("figures", AnnualFigures, _in_list(FIGURES_COLUMNS)),
        PastPart("qualifications", Qualification, _in_list(QUALIFICATION_COLUMNS)),
        PastPart("relations", Relation, _in_list(RELATION_COLUMNS)),
    )

    @classmethod
    def further_properties(cls) -> dict[str, Any]:
        if not cls.read_parameters:
            return {}
        rows = {part.name: array_schema(part.schema()) for part in cls.past_parts}
        past = {"as_of": {**TEXT, "format": "date"}, "plan": NULLABLE_TEXT, **rows}
        said = "With `as_of` alone: whose day it is, and the rows of then that the caller may see."
        return {"past": {COMPONENT: "Past", "type": "object", "description": said, "properties": past}}

    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        if "as_of" not in request.query_params or "as_of" not in self.read_parameters:
            return super().retrieve(request, *args, **kwargs)
        day = self._day()
        organization: Organization = get_object_or_404(self.get_queryset(), **self.get_lookup())
        past = Past(organization.pk, day)
        known = past.known()
        if not known.recorded:
            raise NotFound(not_recorded(known, day))
        shown = self._record_of(organization, past)
        return Response(shown, headers={"ETag": etag(shown)})

    def _day(self) -> datetime.date:
        given = self.request.query_params.getlist("as_of")
        try:
            day = read_date(given[0])
        except ValidationError as error:
            raise InvalidParameters({"as_of": error.messages}) from None
        if len(given) > 1:
            raise InvalidParameters({"as_of": _("Give one day.")})
        if day > localdate():
            raise InvalidParameters({"as_of": _("This day is still to come.")})
        if "reveal" in self.request.query_params:
            raise InvalidParameters({"reveal": _("Numbers of the past are shown masked only.")})
        return day

    def _record_of(self, organization: Organization, past: Past) -> dict[str, Any]:
        """Return the record of the day. Who may see what is asked of the organization as it is today."""
        reached = reaches(self.request.user, organization)
        columns, context = self.get_detail_columns(), self.get_render_context()
        context.on = past.day
        context.visible = Q() if reached else Q(pk__in=[])
        if "plan" not in self.request.query_params:
            context.plan = Plan.objects.filter(pk__in=[past.plan()]).first() or context.plan
        parts = [
            part
            for part in self.past_parts
            if self.may(permission("view", part.model)) and (reached or not getattr(part.model, "CONFIDENTIAL", False))
        ]
        with past.reading():
            found = Organization.objects.filter(pk=organization.pk)
            rows = found.values_list(*(column.selected(context) for column in columns))
            shown = present_rows(rows, columns, context)[0]
            below = {part.name: part.rows(organization.pk, context) for part in parts}
        return {**shown, "past": {"as_of": past.day.isoformat(), "plan": context.plan and context.plan.code, **below}}
