"""Pages of decisions: recording, reading, correcting."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Max
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from alliance.admin.council import CouncilList
from alliance.admin.filters import AllianceFilter
from alliance.meetings import recording
from alliance.meetings.choices import Matter
from alliance.meetings.rule_models import Shares
from alliance.meetings.rules import voting_rule
from alliance.meetings.views import DecisionViewSet
from alliance.meetings.wording import majority_in_words, quorum_in_words
from alliance.models import Decision, Meeting
from alliance.workplace.recorded import RecordedPages
from registry.attachments.admin import attachments_table
from registry.attachments.storage import keeping
from registry.site.base import ReadOnlyAdmin, link
from registry.site.filters import ChoiceFilter, Choices
from registry.site.forms import PlainForm
from registry.site.undo_offer import success

from .forms import AttachDocumentForm, CorrectDecisionForm, DecisionForm

RECORD = "alliance.record_decision"


@dataclass
class Quorum:
    """How many are called and present, and what the rule makes of it."""

    meeting: Meeting
    rule: Shares

    def __post_init__(self) -> None:
        self.called, self.present = self.meeting.number_entitled(), self.meeting.number_present()
        self.needed = self.rule.needed(self.called)

    @property
    def too_few(self) -> bool:
        return self.present < self.needed

    @property
    def quorum(self) -> str:
        return quorum_in_words(self.rule)

    @property
    def majority(self) -> str:
        return majority_in_words(self.rule)


def decisions_table(request: HttpRequest, meeting: Meeting) -> SafeString:
    context = {"decisions": meeting.decisions.order_by("number")}
    return render_to_string("admin/alliance/meetings/decisions.html", context, request)


class MatterFilter(ChoiceFilter):
    title = gettext_lazy("matter")
    parameter_name = "matter"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Choices:
        return [(matter.value, matter.label) for matter in Matter]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        return queryset.filter(matter=self.value()) if self.value() else queryset


class PassedFilter(ChoiceFilter):
    title = gettext_lazy("result")
    parameter_name = "passed"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Choices:
        return [("true", _("passed")), ("false", _("not passed"))]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        return queryset.filter(passed=self.value() == "true") if self.value() else queryset


@admin.register(Decision)
class DecisionAdmin(RecordedPages, ReadOnlyAdmin, CouncilList):
    recorded_view = DecisionViewSet
    import_table = export_resource = "decisions"
    list_display = ("subject", "meeting_name", "held_on", "matter", "votes", "result")
    list_display_links = ("subject",)
    list_filter = (AllianceFilter, MatterFilter, PassedFilter)
    list_select_related = ("alliance", "meeting__term", "meeting__alliance", "recorded_by")
    search_fields = ("subject",)
    sortable_by = ()
    ordering = ("-meeting__held_on", "meeting", "number")
    fields = (
        ("meeting_link", "number"),
        "subject",
        ("matter", "ballot"),
        ("entitled", "present"),
        ("votes_for", "votes_against", "abstentions"),
        "result",
        ("quorum_shown", "majority_shown"),
        "override_reason",
        ("recorded_by", "recorded_at"),
    )
    readonly_fields = ("meeting_link", "result", "quorum_shown", "majority_shown")

    @admin.display(description=gettext_lazy("meeting"))
    def meeting_name(self, obj: Decision) -> str:
        return str(obj.meeting)

    @admin.display(description=gettext_lazy("meeting"))
    def meeting_link(self, obj: Decision) -> str:
        return link(reverse("admin:alliance_meeting_change", args=[obj.meeting_id]), obj.meeting)

    @admin.display(description=gettext_lazy("held on"))
    def held_on(self, obj: Decision) -> Any:
        return obj.meeting.held_on

    @admin.display(description=gettext_lazy("for / against / abstentions"))
    def votes(self, obj: Decision) -> str:
        return f"{obj.votes_for} / {obj.votes_against} / {obj.abstentions}"

    @admin.display(description=gettext_lazy("result"))
    def result(self, obj: Decision) -> str:
        return _("passed") if obj.passed else _("not passed")

    @admin.display(description=gettext_lazy("asked to be present"))
    def quorum_shown(self, obj: Decision) -> str:
        return quorum_in_words(obj)

    @admin.display(description=gettext_lazy("asked to vote for it"))
    def majority_shown(self, obj: Decision) -> str:
        return majority_in_words(obj)

    def page_heading(self, obj: Any) -> tuple[Any, Any]:
        return (obj.subject, obj.meeting) if obj else (obj, "")

    def tools(self, request: HttpRequest, obj: Any) -> Iterator[tuple[Any, str]]:
        if obj and request.user.has_perm(RECORD):
            correct = reverse("admin:alliance_decision_correct", args=[obj.pk])
            if not recording.effects(obj):
                yield _("Correct"), correct
            elif obj.document_id is None:
                yield _("Attach the signed document"), correct
            elif not recording.effects(obj, begun=True):
                yield _("Replace the document"), correct

    def panels(self, request: HttpRequest, obj: Any) -> Iterator[tuple[Any, str]]:
        if obj and obj.document:
            yield _("Document"), attachments_table(request, [obj.document], Decision)
        if obj and (found := recording.effects(obj)):
            context = {"lines": found}
            begun = recording.effects(obj, begun=True)
            label = _("Took effect by it") if begun else _("Rests on it and is not in effect yet")
            yield label, render_to_string("admin/alliance/meetings/effects.html", context, request)

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view
        return [
            path("record/<int:pk>/", view(self.record_view), name="alliance_meeting_record"),
            path("<int:pk>/correct/", view(self.correct_view), name="alliance_decision_correct"),
            *super().get_urls(),
        ]

    def record_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Record a decision of the meeting."""
        if not request.user.has_perms(("alliance.view_meeting", "alliance.view_decision", RECORD)):
            raise PermissionDenied
        meeting = get_object_or_404(Meeting.objects.select_related("alliance", "term"), pk=pk)
        standing = Quorum(meeting, voting_rule(meeting.alliance, meeting.body))
        following = (meeting.decisions.aggregate(last=Max("number"))["last"] or 0) + 1
        initial: dict[str, Any] = {"number": following, "votes_against": 0, "abstentions": 0}
        initial["matter"] = Matter.OTHER
        form = DecisionForm(request.POST or None, request.FILES or None, initial=initial, too_few=standing.too_few)
        if request.method == "POST" and form.is_valid():
            values = dict(form.cleaned_data)
            upload = values.pop("document")
            try:
                with keeping(request.user) as keep:
                    document = keep(upload) if upload else None
                    decision = recording.record(meeting, request.user, document=document, **values)
            except ValidationError as refused:
                form.add_refusal(refused)
            else:
                success(request, self._told(decision))
                return HttpResponseRedirect(self._next(request, meeting))
        return self._page(request, form, meeting, standing, _("Record a decision"))

    def _next(self, request: HttpRequest, meeting: Meeting) -> str:
        name = "record" if "_another" in request.POST else "change"
        return reverse(f"admin:alliance_meeting_{name}", args=[meeting.pk])

    def _told(self, decision: Decision) -> str:
        decision.refresh_from_db(fields=["passed"])
        told = _("Recorded: %(subject)s, %(result)s.")
        return told % {"subject": decision.subject, "result": self.result(decision)}

    def correct_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Correct what was recorded wrongly, with a reason."""
        if not request.user.has_perms(("alliance.view_meeting", "alliance.view_decision", RECORD)):
            raise PermissionDenied
        found = Decision.objects.select_related("meeting__alliance", "meeting__term")
        decision = get_object_or_404(found, pk=pk)
        data, files = request.POST or None, request.FILES or None
        form: PlainForm = CorrectDecisionForm(data, files, decision=decision)
        if recording.effects(decision):
            form = AttachDocumentForm(data, files)
        if request.method == "POST" and form.is_valid():
            values = dict(form.cleaned_data)
            upload, reason = values.pop("document"), values.pop("reason")
            try:
                with keeping(request.user) as keep:
                    if values and upload:
                        values["document"] = keep(upload)
                    if values:
                        corrected = recording.correct(decision, request.user, reason, **values)
                    else:
                        corrected = recording.attach(decision, request.user, reason, keep(upload))
            except ValidationError as refused:
                form.add_refusal(refused)
            else:
                attached = _("The document is attached: %(subject)s.") % {"subject": corrected.subject}
                messages.success(request, self._told(corrected) if values else attached)
                return HttpResponseRedirect(reverse("admin:alliance_decision_change", args=[pk]))
        standing = Quorum(decision.meeting, decision)
        title = _("Correct a decision")
        if not isinstance(form, CorrectDecisionForm):
            title = _("Replace the document") if decision.document_id else _("Attach the signed document")
        return self._page(request, form, decision.meeting, standing, title, decision)

    def _page(
        self,
        request: HttpRequest,
        form: PlainForm,
        meeting: Meeting,
        standing: Quorum,
        title: str,
        decision: Decision | None = None,
    ) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            "title": title,
            "opts": self.opts if decision else Meeting._meta,
            "media": self.media + form.media,
            "form": form,
            "meeting": meeting,
            "standing": standing,
            "decision": decision,
            "effects": recording.effects(decision) if decision else [],
            "begun": recording.effects(decision, begun=True) if decision else [],
            "may_override": request.user.has_perm(recording.OVERRIDE),
        }
        return TemplateResponse(request, "admin/alliance/meetings/record.html", context)
