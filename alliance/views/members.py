"""One member of an alliance as a record, with what was recorded of it on an earlier day."""

from dataclasses import replace
from typing import Any, ClassVar

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Model, OuterRef, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy as _p
from rest_framework.viewsets import GenericViewSet

from alliance.certificates.columns import CERTIFICATE_COLUMNS
from alliance.council.columns import SEAT_COLUMNS
from alliance.members.columns import MEMBER_NO, AllianceRenderContext
from alliance.members.names import organization_name
from alliance.models import Alliance, Certificate, Member, Membership, Representative, Seat, Suspension
from registry.api.json_schema import NULLABLE_TEXT, TEXT, array_schema, component_schema
from registry.api.lists.filters import StrictFilterSet
from registry.api.lists.pagination import Orderings
from registry.columns import Column, RenderContext, field_columns, text_column
from registry.history.recorded import PastPart, RecordedMixin
from registry.organizations.models.organizations import Organization
from registry.organizations.models.reach import within
from registry.spreadsheet import join_list

from .alliances import BelowAlliance
from .organizations import MEMBERSHIPS_BELOW


def _name(field: str, label: str | Promise) -> Column:
    """Return the column of a name of the organization on the day."""
    return text_column(
        field,
        label,
        expression=lambda context: organization_name(field, context.on, "organization__"),
        schema=NULLABLE_TEXT,
    )


MEMBER_COLUMNS: tuple[Column, ...] = (
    replace(MEMBER_NO, expression="member_no"),
    text_column("registry_no", _p("column", "Registry number"), expression="organization__registry_no"),
    _name("name_zh", _p("column", "Organization name")),
    _name("name_en", _p("column", "English name")),
    *field_columns(Member, "position"),
    Column(
        name="sectors",
        label=_("sectors of participation"),
        expression=ArraySubquery(
            Member.sectors.through.objects.filter(member_id=OuterRef("pk"))
            .order_by("sector__position", "sector_id")
            .values_list("sector_id")
        ),
        present=lambda ids, context: [context.sectors[pk] for pk in ids],
        write=lambda ids, context: join_list(context.sectors[pk]["name"] for pk in ids),
        schema=array_schema(component_schema("Reference", code=TEXT, name=TEXT)),
    ),
)
_PEOPLE = field_columns(Representative, "id", "role", "name", "title", "phone", "email", "valid_from", "valid_to")
_SUSPENSIONS = field_columns(Suspension, "id", "suspended_on", "resumed_on", "reason")


class MemberRecordViewSet(BelowAlliance, RecordedMixin, GenericViewSet[Model]):
    action_descriptions: ClassVar[dict[str, str]] = {
        "retrieve": "One member of the alliance, whether it is one today or not. Its memberships are `memberships/`; "
        "with `recorded_on` it tells them, its seats, suspensions, representatives and certificates as recorded then."
    }
    queryset: QuerySet[Model] = Member.objects.all()
    permission_models: ClassVar[tuple[type[Model], ...]] = (Member,)
    parent_models: ClassVar[tuple[type[Model], ...]] = (Alliance, Organization)
    lookup_field = lookup_url_kwarg = "member_no"
    lookup_value_regex = "[^/]+"
    columns = MEMBER_COLUMNS
    filterset_class = StrictFilterSet
    orderings: ClassVar[Orderings] = {"member_no": ("member_no", "id")}
    past_component = "MemberPast"
    past_parts = (
        PastPart("memberships", Membership, MEMBERSHIPS_BELOW, AllianceRenderContext, "member"),
        PastPart("suspensions", Suspension, _SUSPENSIONS, path="member"),
        PastPart("seats", Seat, SEAT_COLUMNS, path="member"),
        PastPart("representatives", Representative, _PEOPLE, path="member"),
        PastPart("certificates", Certificate, CERTIFICATE_COLUMNS, path="member"),
    )

    def get_render_context(self) -> RenderContext:
        context = super().get_render_context()
        context.visible = within(self.request.user, lambda field: f"organization__{field}")
        return context

    def said(self, context: RenderContext) -> dict[str, Any]:
        return {}
