"""Applications of one alliance: the list, drafts to write, and an address for each step."""

from typing import Any, ClassVar, cast

from django.db import transaction
from django.db.models import Model, QuerySet
from django.utils.translation import gettext_lazy
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer
from rest_framework.viewsets import GenericViewSet

from alliance.applications import columns, filtersets, operations, serializers
from alliance.applications.transitions import ADD, CHECK, CONFIRM, DECIDE
from alliance.models import Alliance, Application, Decision
from alliance.views.alliances import BelowAlliance
from alliance.views.record_changes import RecordChanges
from registry.api.access.idempotency import idempotent
from registry.api.lists.mixins import CreateMixin, locked, require_match
from registry.api.lists.pagination import Orderings
from registry.attachments.api import AttachmentsMixin
from registry.attachments.models import Attachment
from registry.columns import RenderContext
from registry.database.db_errors import integrity_errors_as_conflicts
from registry.history.recorded import RecordedMixin
from registry.organizations.models.organizations import Organization

_VIEW = "alliance.view_application"


class ApplicationViewSet(BelowAlliance, RecordedMixin, CreateMixin, AttachmentsMixin, GenericViewSet[Model]):
    action_descriptions: ClassVar[dict[str, str]] = {
        "list": "The applications to one alliance, the earliest first.",
        "create": "Enters an application as a draft.",
        "partial_update": "Changes a draft, or an application that was returned.",
    }
    parent_models: ClassVar[tuple[type[Model], ...]] = (Organization, Alliance)
    action_permissions: ClassVar[dict[str, tuple[str, ...]]] = {
        "attach": (_VIEW, "alliance.change_application"),
        "submit": (_VIEW, ADD),
        "withdraw": (_VIEW, ADD),
        "accept": (_VIEW, CHECK),
        "send_back": (_VIEW, CHECK),
        "confirm": (_VIEW, CONFIRM),
        "reject": (_VIEW, CONFIRM),
        "decide": (_VIEW, "alliance.view_decision", DECIDE),
    }
    queryset: QuerySet[Model] = Application.objects.all()
    serializer_classes: ClassVar[dict[str, type[Serializer]]] = {
        "partial_update": serializers.ApplicationChangeSerializer,
        "submit": serializers.SubmitSerializer,
        "withdraw": serializers.WithdrawSerializer,
        "accept": serializers.AcceptSerializer,
        "send_back": serializers.SendBackSerializer,
        "confirm": serializers.ConfirmSerializer,
        "reject": serializers.RejectSerializer,
        "decide": serializers.DecideSerializer,
    }
    lookup_field = lookup_url_kwarg = location_field = "id"
    lookup_value_regex = "[0-9]{1,18}"
    columns = columns.APPLICATION_COLUMNS
    filterset_class = filtersets.ApplicationFilterSet
    orderings: ClassVar[Orderings] = {"applied_on": ("applied_on", "id")}
    export_title = gettext_lazy("Applications")

    def said(self, context: RenderContext) -> dict[str, Any]:
        return {}

    def get_serializer_class(self) -> type[Serializer]:
        return self.serializer_classes.get(self.action or "", serializers.ApplicationSerializer)

    def lock(self) -> Model:
        """Lock the organization, then the application, in the order of every operation."""
        found = cast(Application, self.get_object())
        locked(Organization.objects.all(), pk=found.organization_id)
        return super().lock()

    def attach_to(self, record: Any, attachment: Attachment, reason: str) -> None:
        operations.attach(record, self.request.user, attachment)

    @action(detail=True, methods=["post"])
    def submit(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The draft is complete and is to be checked."""
        return self._step(request)

    @action(detail=True, methods=["post"])
    def withdraw(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The applicant has withdrawn it."""
        return self._step(request)

    @action(detail=True, methods=["post"])
    def accept(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """It is checked and waits for the decision."""
        return self._step(request)

    @action(detail=True, methods=["post"], url_path="send-back")
    def send_back(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """It is returned to be completed; the `reason` says what is missing."""
        return self._step(request)

    @action(detail=True, methods=["post"])
    def confirm(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """A second person confirms it, and it takes effect."""
        return self._step(request)

    @action(detail=True, methods=["post"])
    def reject(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """A person does not pass it, where no body has to decide."""
        return self._step(request)

    @idempotent
    def _step(self, request: Request) -> Response:
        with integrity_errors_as_conflicts(), transaction.atomic():
            application = self.lock()
            require_match(request, lambda: self.represent({"pk": application.pk}), required=False)
            context = {**self.get_serializer_context(), "application": application}
            serializer = self.get_serializer_class()(data=request.data, context=context)
            serializer.is_valid(raise_exception=True)
            serializer.save()
        return self.answer({"pk": application.pk}, 200)

    @action(detail=False, methods=["post"])
    def decide(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """A meeting has decided on one or several waiting applications: the decision is recorded and takes effect."""
        return self._decide(request)

    @idempotent
    def _decide(self, request: Request) -> Response:
        serializer = self.get_serializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        decision = cast(Decision, serializer.save())
        decision.refresh_from_db(fields=["passed"])
        return Response({"decision": decision.pk, "passed": decision.passed}, status=201)


class ApplicationChangesViewSet(RecordChanges, of=ApplicationViewSet, feed="applications"):
    pass
