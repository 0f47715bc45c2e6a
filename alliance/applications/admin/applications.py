"""Pages of applications: the list of those to work off, and the page on which one is read and taken further."""

from collections.abc import Iterator
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from alliance.admin.council import CouncilList
from alliance.admin.filters import AllianceFilter
from alliance.applications import deciding, operations
from alliance.applications.models import Application, ApplicationAttachment, ApplicationKind, ApplicationState
from alliance.applications.transitions import (
    ACCEPT,
    ADD,
    CONFIRM_IT,
    DECIDE,
    REJECT,
    SEND_BACK,
    SUBMIT,
    TRANSITIONS,
    WITHDRAW,
    Transition,
    may,
)
from alliance.applications.views import ApplicationViewSet
from alliance.meetings.choices import Body
from alliance.members.rules import period
from alliance.workplace.recorded import RecordedPages
from registry.attachments.admin import attachments_table
from registry.history.recorded import RECORDED_ON
from registry.history.shown import LAST_DAYS
from registry.organizations.admin.uscc import page_url
from registry.organizations.models.organizations import Organization
from registry.search.conditions import find
from registry.site import history
from registry.site.admin_site import Task
from registry.site.base import ReadOnlyAdmin
from registry.site.filters import ChoiceFilter, Choices
from registry.site.forms import PlainForm

from .forms import ConfirmForm, ConfirmRepresentativeForm, StepReasonForm

CHANGE = "alliance.change_application"
history.WORDS[ApplicationAttachment] = gettext_lazy("attachment")
LAST_DAYS[(Application, "announced_until")] = gettext_lazy("Announced until (last day)")
_ORDER = (SUBMIT, ACCEPT, CONFIRM_IT, SEND_BACK, REJECT, WITHDRAW)
_ASKS = (SEND_BACK, REJECT)


class ApplicationStateFilter(ChoiceFilter):
    title = gettext_lazy("state of the application")
    parameter_name = "state"
    as_tabs = True

    def lookups(self, request: HttpRequest, model_admin: Any) -> Choices:
        return [(state.value, state.label) for state in ApplicationState]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        return queryset.filter(state=self.value()) if self.value() else queryset


class ApplicationKindFilter(ChoiceFilter):
    title = gettext_lazy("kind of application")
    parameter_name = "kind"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Choices:
        return [(kind.value, kind.label) for kind in ApplicationKind]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        return queryset.filter(kind=self.value()) if self.value() else queryset


@admin.register(Application)
class ApplicationAdmin(RecordedPages, ReadOnlyAdmin, CouncilList):
    recorded_view = ApplicationViewSet
    import_table = export_resource = "applications"
    parts = ((ApplicationAttachment, "application"),)
    list_display = ("organization", "kind_name", "state_name", "tier", "applied_on", "alliance_name", "effective_on")
    list_display_links = ("organization",)
    list_filter = (ApplicationStateFilter, AllianceFilter, ApplicationKindFilter)
    list_select_related = ("organization", "tier", "alliance")
    search_fields = ("organization__name_zh",)
    search_help_text = gettext_lazy("Any part of a name, or the beginning of USCC or registry number")
    sortable_by = ("applied_on",)
    ordering = ("-applied_on", "-id")
    add_label = gettext_lazy("Enter an application")

    # --- List

    @admin.display(description=gettext_lazy("kind of application"))
    def kind_name(self, obj: Application) -> str:
        return obj.kind_name()

    @admin.display(description=gettext_lazy("state of the application"))
    def state_name(self, obj: Application) -> str:
        return obj.get_state_display()

    @admin.display(description=gettext_lazy("alliance"))
    def alliance_name(self, obj: Application) -> str:
        return obj.alliance.brief()

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> tuple[Any, bool]:
        words = search_term.replace("\0", "").strip()
        if not words:
            return queryset, False
        return queryset.filter(organization__in=find(Organization.objects.all(), words)), False

    def has_add_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm(ADD)

    def enter_url(self) -> str:
        return reverse("admin:alliance_application_enter")

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        if not self.has_add_permission(request):
            raise PermissionDenied
        return HttpResponseRedirect(self.enter_url())

    def list_tools(self, request: HttpRequest) -> Iterator[tuple[Any, str]]:
        if request.user.has_perm(DECIDE):
            yield _("Record a decision on applications"), reverse("admin:alliance_application_decide")

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        return super().changelist_view(request, {"list_tools": self.list_tools(request), **(extra_context or {})})

    def tasks(self, request: HttpRequest) -> Iterator[Task]:
        if self.has_add_permission(request):
            yield Task("enter", self.add_label, self.enter_url())

    # --- Pages

    def get_urls(self) -> list[Any]:
        from alliance.applications.admin import deciding as decisions
        from alliance.applications.admin import entering

        def view(function: Any) -> Any:
            def bound(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
                return function(self, request, *args, **kwargs)

            return self.admin_site.admin_view(bound)

        return [
            path("enter/", view(entering.begin_view), name="alliance_application_enter"),
            path("enter/form/", view(entering.form_view), name="alliance_application_form"),
            path("decide/", view(decisions.decide_view), name="alliance_application_decide"),
            path("<int:pk>/edit/", view(entering.edit_view), name="alliance_application_edit"),
            path(
                "<int:pk>/step/<slug:name>/",
                self.admin_site.admin_view(self.step_view),
                name="alliance_application_step",
            ),
            *super().get_urls(),
        ]

    def changeform_view(
        self, request: HttpRequest, object_id: str | None = None, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """Show the application with what can be done next; nothing is sent to this address."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        pk = int(object_id) if object_id and object_id.isdecimal() and len(object_id) < 19 else None
        found = self._found().filter(pk=pk).first()
        if found is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, str(object_id))  # type: ignore[attr-defined]
        if request.method == "POST":
            raise PermissionDenied
        if RECORDED_ON in request.GET:
            return super().changeform_view(request, object_id, form_url, extra_context)
        return self.page(request, found)

    def _found(self) -> Any:
        people = ("entered_by", "submitted_by", "confirmed_by")
        return Application.objects.select_related(
            "alliance", "organization", "tier", "decision__meeting__term", "decision__meeting__alliance", *people
        )

    def found(self, pk: int) -> Application:
        return get_object_or_404(self._found(), pk=pk)

    def page(self, request: HttpRequest, one: Application, asking: dict[str, PlainForm] | None = None) -> HttpResponse:
        steps = [step for step in _ORDER if may(request.user, one, step) and self._offers(step, one)]
        body = deciding.body_for(one)
        context = {
            **self.admin_site.each_context(request),
            "title": str(one),
            "opts": self.opts,
            "one": one,
            "organization_url": page_url(one.organization),
            "announced": period(one.announced_from, one.announced_until) if one.announced_from else "",
            "early": deciding.still_announced(one),
            "next": self._next(request, one, body),
            "steps": [(step, (asking or {}).get(step.name) or self._form(step, one)) for step in steps],
            "may_edit": one.is_editable and request.user.has_perm(CHANGE),
            "may_decide": self._waits_for_meeting(one, body) and request.user.has_perm(DECIDE),
            "attachments": attachments_table(request, one.attachments.select_related("added_by"), Application)
            if one.attachments.exists()
            else "",
            "history": self.history_of(request, one)["days"],
            "media": self.media,
        }
        return TemplateResponse(request, "admin/alliance/applications/page.html", context)

    @staticmethod
    def _waits_for_meeting(one: Application, body: str) -> bool:
        return bool(body) and one.state == ApplicationState.TO_DECIDE and one.decision_id is None

    def _offers(self, step: Transition, one: Application) -> bool:
        """Return whether the page offers the step: not what the rules of the alliance leave to a body."""
        return step not in (CONFIRM_IT, REJECT) or deciding.needs_confirmation(one)

    def _form(self, step: Transition, one: Application, data: Any = None) -> PlainForm | None:
        if step in _ASKS:
            return StepReasonForm(data, prefix=step.name)
        if step is CONFIRM_IT:
            day = one.effective_on or timezone.localdate()
            form = ConfirmRepresentativeForm if one.kind == ApplicationKind.REPRESENTATIVE else ConfirmForm
            made = form(data, prefix=step.name, initial={"on": day})
            made.fields["on"].disabled = one.effective_on is not None  # the meeting has decided on the day
            return made
        return None

    def _next(self, request: HttpRequest, one: Application, body: str) -> str:
        """Say in words what is to be done next, and by whom."""
        if one.state == ApplicationState.DRAFT:
            if one.kind in (ApplicationKind.LAPSE, ApplicationKind.EXPULSION):
                return _("Check the reasons, then submit it. It comes from the alliance: no form is needed.")
            if one.attachments.exists():
                return _("A file is attached: if it is the stamped scan, submit the application.")
            return _("Attach the stamped scan, then submit it.")
        if one.state == ApplicationState.RETURNED:
            return _("Complete what is missing, then submit it again. The applicant was told: %(why)s") % {
                "why": one.answer
            }
        if one.state == ApplicationState.SUBMITTED:
            return _(
                "Check that the form, the scan and the organization agree; put it to the decision or send it back."
            )
        if one.state == ApplicationState.REJECTED:
            return one.answer
        if one.state != ApplicationState.TO_DECIDE:
            return ""
        if self._waits_for_meeting(one, body):
            return _("%(body)s decides on it: its decision is recorded by whoever records decisions.") % {
                "body": capfirst(Body(body).label)
            }
        own = deciding.second_person_missing(one, request.user)
        if own or one.decision is None:
            return own or _("A second person, who has neither entered nor submitted it, confirms it.")
        return _("The meeting has decided on it. A second person confirms it, or does not pass it and says why.")

    # --- Steps

    def step_view(self, request: HttpRequest, pk: int, name: str) -> HttpResponse:
        step = TRANSITIONS.get(name)
        if step is None or not request.user.has_perms(("alliance.view_application", step.permission)):
            raise PermissionDenied
        one = self.found(pk)
        if request.method != "POST":
            return HttpResponseRedirect(self.record_url(pk))
        form = self._form(step, one, request.POST)
        if form is None or form.is_valid():
            try:
                done = self._run(step, one, request, form)
            except ValidationError as refused:
                if form is None or not hasattr(refused, "error_dict"):
                    messages.error(request, " ".join(refused.messages))
                    return HttpResponseRedirect(self.record_url(pk))
                form.add_refusal(refused)
            else:
                told = _("%(application)s: now “%(state)s”.")
                messages.success(request, told % {"application": done, "state": done.get_state_display()})
                early = deciding.early(done, timezone.localdate())
                if early and step is CONFIRM_IT and done.decision_id is None:
                    messages.warning(request, early)
                return HttpResponseRedirect(self.record_url(pk))
        return self.page(request, one, {step.name: form})

    @staticmethod
    def _run(step: Transition, one: Application, request: HttpRequest, form: PlainForm | None) -> Application:
        seen, by = request.POST.get("seen", ""), request.user
        if step is CONFIRM_IT:
            person = form.person() if isinstance(form, ConfirmRepresentativeForm) else None
            assert form is not None  # noqa: S101 - `_form()` makes it
            return deciding.confirm(one, by, form.cleaned_data["on"], seen=seen, representative=person)
        reason = form.cleaned_data["reason"] if form else ""
        if step is REJECT:
            return deciding.reject(one, by, reason, seen=seen)
        return operations.act(one, step, by, reason=reason, seen=seen)
