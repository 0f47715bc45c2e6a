"""`timeline/` of a member and of an organization: every period that it had, as one list for each alliance."""

from collections.abc import Iterable
from typing import Any, ClassVar

from django.db.models import Model, QuerySet
from django.shortcuts import get_object_or_404
from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from alliance.models import Alliance, Member, Membership
from alliance.papers.timeline import KINDS, timeline
from registry.api.json_schema import INTEGER, NULLABLE_DATE, TEXT, array_schema, component_schema, object_schema
from registry.organizations.models.organizations import Organization
from registry.organizations.views.parts import BelowOrganization
from registry.values.people import Account

from .alliances import BelowAlliance

_SPAN = object_schema(
    number=INTEGER,
    kind={**TEXT, "enum": [*KINDS]},
    label=TEXT,
    start={**NULLABLE_DATE, "description": "null where it is not known."},
    end={**NULLABLE_DATE, "description": "The first day on which it no longer holds; null while it goes on."},
    detail={**TEXT, "description": "The reason of the end, or the role."},
)
_TIMELINE = component_schema(
    "Timeline",
    registry_no=TEXT,
    name=TEXT,
    as_of={**TEXT, "format": "date"},
    alliances=array_schema(
        object_schema(
            alliance=component_schema("AllianceReference", slug=TEXT, name=TEXT),
            member_no=TEXT,
            spans=array_schema(_SPAN),
        )
    ),
    names=array_schema(_SPAN),
)
DESCRIPTION = "Tiers, gaps, suspensions, seats, names and, for those who may see them, people; each with its days."


def answer(organization: Organization, members: Iterable[Member], user: Account) -> dict[str, Any]:
    shown = timeline(organization, members, user, timezone.localdate())
    told: list[tuple[Member | None, list[dict[str, Any]]]] = [
        (
            chapter.member,
            [
                {name: getattr(span, name) for name in ("number", "kind", "label", "start", "end", "detail")}
                for lane in chapter.lanes
                for span in lane.spans
            ],
        )
        for chapter in shown.chapters
    ]
    return {
        "registry_no": organization.registry_no,
        "name": shown.title,
        "as_of": shown.today,
        "alliances": [
            {
                "alliance": {"slug": member.alliance.slug, "name": member.alliance.label()},
                "member_no": member.member_no,
                "spans": spans,
            }
            for member, spans in told
            if member
        ],
        "names": next((spans for member, spans in told if member is None), []),
    }


class _TimelineView(GenericViewSet[Model]):
    queryset: QuerySet[Model] = Membership.objects.all()
    permission_models: ClassVar[tuple[type[Model], ...]] = (Member, Membership)
    action_descriptions: ClassVar[dict[str, str]] = {"list": DESCRIPTION}
    action_answers: ClassVar[dict[str, dict[str, Any]]] = {"list": _TIMELINE}


class MemberTimelineView(BelowAlliance, _TimelineView):
    parent_models: ClassVar[tuple[type[Model], ...]] = (Alliance, Organization)

    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        members = Member.objects.select_related("organization", "alliance").filter(alliance=self.alliance)
        member = get_object_or_404(members, member_no=self.kwargs["member_no"])
        return Response(answer(member.organization, [member], request.user))


class OrganizationTimelineView(BelowOrganization, _TimelineView):
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        members = Member.objects.filter(organization=self.organization).select_related("alliance")
        return Response(answer(self.organization, members.order_by("alliance__slug"), request.user))
