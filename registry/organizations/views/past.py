"""One organization as it was recorded on an earlier day, over HTTP: `?as_of=` on its address."""

from typing import Any, ClassVar

from django.db.models import Model, QuerySet
from django.utils.translation import gettext_lazy

from registry.api.json_schema import NULLABLE_TEXT, Schema
from registry.columns import Column, RenderContext
from registry.history.past import Past
from registry.history.recorded import PastPart, RecordedMixin
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


def _in_list(columns: tuple[Column, ...]) -> tuple[Column, ...]:
    return tuple(column for column in columns if column.in_list)


class PastMixin(RecordedMixin):
    """Reads an organization, or with `as_of` the record of that day with what belonged to it."""

    past_parameter = "as_of"
    past_component = "Past"
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
    def said_of_past(cls) -> dict[str, Schema]:
        return {"plan": NULLABLE_TEXT}

    def past_context(self, past: Past) -> tuple[RenderContext, dict[str, Any]]:
        context, _said = super().past_context(past)
        if "plan" not in self.request.query_params:
            context.plan = Plan.objects.filter(pk__in=[past.plan()]).first() or context.plan
        return context, {"plan": context.plan and context.plan.code}

    def past_rows(self) -> QuerySet[Model]:
        return Organization.objects.all()

    def reaches(self, record: Model) -> bool:
        return reaches(self.request.user, record)
