"""Meetings, attendance, decisions and rules of one alliance: lists, and records to write by their operations."""

from typing import Any, ClassVar

from django.db import transaction
from django.db.models import Model, QuerySet
from django.utils.translation import gettext_lazy
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from alliance.meetings import columns, filtersets, recording, serializers
from alliance.models import Alliance, AllianceRules, Attendance, Decision, Meeting, VotingRule
from alliance.views.alliances import BelowAlliance
from alliance.views.record_changes import RecordChanges
from registry.api.json_schema import Schema
from registry.api.lists.filters import StrictFilterSet
from registry.api.lists.mixins import CreateMixin, DestroyMixin, UpdateMixin
from registry.api.lists.pagination import Orderings
from registry.attachments.api import UPLOAD_WITH_REASON, AttachmentsMixin
from registry.attachments.models import Attachment
from registry.columns import RenderContext
from registry.database.db_errors import integrity_errors_as_conflicts
from registry.history.recorded import PastPart, RecordedMixin
from registry.organizations.models.reach import reach_of, within


class _OfMeetings(BelowAlliance, RecordedMixin, UpdateMixin, GenericViewSet[Model]):
    parent_models: ClassVar[tuple[type[Model], ...]] = (Alliance,)
    lookup_field = lookup_url_kwarg = location_field = "id"
    lookup_value_regex = "[0-9]{1,18}"

    def said(self, context: RenderContext) -> dict[str, Any]:
        return {}


class MeetingViewSet(_OfMeetings, CreateMixin, DestroyMixin):
    action_descriptions: ClassVar[dict[str, str]] = {
        "list": "The meetings of one alliance, the earliest first.",
        "create": "Enters a meeting; everybody who may vote in its body on its day is called.",
        "destroy": "Removes a meeting that was entered by mistake; one that has decided stays.",
    }
    queryset: QuerySet[Model] = Meeting.objects.all()
    serializer_class = serializers.MeetingSerializer
    past_component = "MeetingPast"
    past_parts = (
        PastPart("attendance", Attendance, columns.ATTENDANCE_COLUMNS, path="meeting"),
        PastPart("decisions", Decision, columns.DECISION_COLUMNS, path="meeting"),
    )
    columns = columns.MEETING_COLUMNS
    filterset_class = filtersets.MeetingFilterSet
    orderings: ClassVar[Orderings] = {"held_on": ("held_on", "id")}
    export_title = gettext_lazy("Meetings")

    def reaches(self, record: Model) -> bool:
        """Return whether the caller sees who was there, which is confidential of all members alike."""
        return reach_of(self.request.user) is None

    def destroy(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        with integrity_errors_as_conflicts(), transaction.atomic():
            recording.check_undecided(self.lock())
            return super().destroy(request, *args, **kwargs)


class AttendanceViewSet(_OfMeetings):
    action_descriptions: ClassVar[dict[str, str]] = {
        "list": "Who was called to the meetings of one alliance, and who was there."
    }
    parent_models = (Alliance, Meeting)
    queryset: QuerySet[Model] = Attendance.objects.all()
    serializer_class = serializers.AttendanceSerializer
    columns = columns.ATTENDANCE_COLUMNS
    filterset_class = filtersets.AttendanceFilterSet
    orderings: ClassVar[Orderings] = {"meeting": ("meeting", "id")}
    export_title = gettext_lazy("Attendance")

    def get_queryset(self) -> QuerySet[Model]:
        queryset = super().get_queryset()
        if getattr(self, "swagger_fake_view", False):
            return queryset
        return queryset.filter(within(self.request.user, lambda field: f"member__organization__{field}"))


class DecisionViewSet(_OfMeetings, CreateMixin, AttachmentsMixin):
    action_descriptions: ClassVar[dict[str, str]] = {
        "list": "The decisions of one alliance, those of the earliest meeting first.",
        "create": "Records a decision by the rule that the alliance has for the body.",
        "partial_update": "Corrects what was recorded wrongly, with a `reason`.",
        "attach": "Attaches the signed decision or the minutes, as `multipart/form-data`, in place of the file that it "
        "has: one PDF, JPEG or PNG by its content. It is a correction with its `reason`. Once something holds by "
        "the decision, a document is added where there is none, and stays where there is one; until then, before the "
        "day of effect or the second person, it is replaced. 413 for a file "
        "above the size that is allowed, 415 for any other kind.",
    }
    action_permissions: ClassVar[dict[str, tuple[str, ...]]] = {
        "create": ("alliance.view_decision", "alliance.record_decision"),
        "partial_update": ("alliance.view_decision", "alliance.record_decision"),
        "attach": ("alliance.view_decision", "alliance.record_decision"),
    }
    action_uploads: ClassVar[dict[str, Schema]] = {"attach": UPLOAD_WITH_REASON}
    parent_models = (Alliance, Meeting)
    queryset: QuerySet[Model] = Decision.objects.all()
    serializer_class = serializers.MeetingDecisionSerializer
    columns = columns.DECISION_COLUMNS
    filterset_class = filtersets.DecisionFilterSet
    orderings: ClassVar[Orderings] = {"held_on": ("meeting__held_on", "meeting_id", "number", "id")}
    export_title = gettext_lazy("Decisions")

    def attach_to(self, record: Any, attachment: Attachment, reason: str) -> None:
        recording.attach(record, self.request.user, reason, attachment)


class MeetingChangesViewSet(RecordChanges, of=MeetingViewSet, feed="meetings"):
    pass


class AttendanceChangesViewSet(RecordChanges, of=AttendanceViewSet, feed="attendance"):
    pass


class DecisionChangesViewSet(RecordChanges, of=DecisionViewSet, feed="decisions"):
    pass


class VotingRuleViewSet(_OfMeetings, CreateMixin):
    action_descriptions: ClassVar[dict[str, str]] = {"list": "The voting rules that one alliance has set."}
    queryset: QuerySet[Model] = VotingRule.objects.all()
    serializer_class = serializers.VotingRuleSerializer
    columns = columns.VOTING_RULE_COLUMNS
    filterset_class = StrictFilterSet
    orderings: ClassVar[Orderings] = {"body": ("body", "id")}
    export_title = gettext_lazy("Voting rules")


class AllianceRulesViewSet(_OfMeetings, CreateMixin):
    action_descriptions: ClassVar[dict[str, str]] = {"list": "Who decides in one alliance, if that was set."}
    queryset: QuerySet[Model] = AllianceRules.objects.all()
    serializer_class = serializers.AllianceRulesSerializer
    columns = columns.ALLIANCE_RULES_COLUMNS
    filterset_class = StrictFilterSet
    orderings: ClassVar[Orderings] = {"id": ("id",)}
    export_title = gettext_lazy("Rules of the alliance")
