"""Pages of meetings: entering one, who is called and was there, and what it decided."""

from collections.abc import Iterator
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Count
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from alliance.admin.council import CouncilList
from alliance.admin.filters import AllianceFilter
from alliance.meetings import calling
from alliance.meetings.choices import Body, FormOfMeeting
from alliance.meetings.rules import voting_rule
from alliance.meetings.views import MeetingViewSet
from alliance.models import Attendance, Meeting
from alliance.workplace.recorded import RecordedPages
from registry.database.db_errors import Conflict
from registry.organizations.models.reach import reach_of
from registry.site.admin_site import Task
from registry.site.export import API
from registry.site.filters import ChoiceFilter, Choices
from registry.site.undo_offer import success

from .decisions import RECORD, Quorum, decisions_table
from .forms import MeetingForm
from .sign_in import SignInPage

SIGN_IN = "alliance.change_attendance"


class BodyFilter(ChoiceFilter):
    title = gettext_lazy("body")
    parameter_name = "body"
    as_tabs = True

    def lookups(self, request: HttpRequest, model_admin: Any) -> Choices:
        return [(body.value, body.label) for body in Body]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        return queryset.filter(body=self.value()) if self.value() else queryset


@admin.register(Meeting)
class MeetingAdmin(RecordedPages, CouncilList):
    recorded_view = MeetingViewSet
    form = MeetingForm
    import_table = export_resource = "meetings"
    parts = ((Attendance, "meeting"),)
    list_display = ("name", "alliance", "held_on", "form_name", "called_number", "present_number", "decided")
    list_display_links = ("name",)
    list_filter = (AllianceFilter, BodyFilter)
    list_select_related = ("alliance", "term")
    sortable_by = ()
    ordering = ("alliance", "-held_on", "-id")
    search_fields = ("place",)
    add_label = gettext_lazy("Enter a meeting")

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        base = ("alliance", "body", ("held_on", "form"), ("term", "number"), "place")
        if obj is None:
            return base
        typed = ("called_shown", ("entitled", "entitled_reason"))
        may = self.has_change_permission(request, obj)
        return (*base, *typed, "reason") if may and obj.decisions.exists() else (*base, *typed)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        if obj is None:
            return ()
        return ("alliance", "called_shown", *(("body", "held_on") if obj.decisions.exists() else ()))

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        field: Any = super().formfield_for_foreignkey(db_field, request, **kwargs)
        if field and db_field.name == "term":
            field.queryset = field.queryset.select_related("alliance")
            field.label_from_instance = lambda term: f"{term.alliance.brief()} · {term}"
            field.empty_label = _("the term of the day")
        return field

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).annotate(decided_count=Count("decisions"))

    # --- List

    @admin.display(description=gettext_lazy("meeting"))
    def name(self, obj: Meeting) -> str:
        return str(obj)

    @admin.display(description=gettext_lazy("form of the meeting"))
    def form_name(self, obj: Meeting) -> str:
        return obj.get_form_display()

    @admin.display(description=gettext_lazy("called"))
    def called_number(self, obj: Meeting) -> int:
        return obj.number_entitled()

    @admin.display(description=gettext_lazy("present"))
    def present_number(self, obj: Meeting) -> int:
        return obj.number_present()

    @admin.display(description=gettext_lazy("decisions"))
    def decided(self, obj: Any) -> int:
        return obj.decided_count

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> tuple[Any, bool]:
        """Find meetings by what they decided."""
        words = search_term.replace("\0", "").strip()
        return (queryset.filter(decisions__subject__icontains=words).distinct() if words else queryset), False

    # --- Page

    @admin.display(description=gettext_lazy("called, as counted"))
    def called_shown(self, obj: Meeting) -> int:
        return obj.called

    def page_heading(self, obj: Any) -> tuple[Any, Any]:
        return obj, obj.alliance if obj else ""

    def tools(self, request: HttpRequest, obj: Any) -> Iterator[tuple[Any, str]]:
        if obj is None:
            return
        user = request.user
        if user.has_perm("alliance.view_attendance") and reach_of(user) is None:
            yield _("Sign in"), reverse("admin:alliance_meeting_sign_in", args=[obj.pk])
        if user.has_perm(RECORD):
            yield _("Record a decision"), reverse("admin:alliance_meeting_record", args=[obj.pk])
        if user.has_perm("alliance.view_membership"):
            papers = (
                f"{API}/alliances/{obj.alliance.slug}/members/?meeting={obj.pk}&as_of={obj.held_on}&format=pdf&lang=zh"
            )
            yield _("Sign-in sheet (PDF)"), f"{papers}&layout=signin"
            yield _("Ballot (PDF)"), f"{papers}&layout=voting"

    def panels(self, request: HttpRequest, obj: Any) -> Iterator[tuple[Any, str]]:
        if obj is None:
            return
        standing = Quorum(obj, voting_rule(obj.alliance, obj.body))
        counted = calling.counted(obj)
        context = {
            "meeting": obj,
            "standing": standing,
            "counted": len(counted),
            "differs": counted != set(obj.attendance.values_list("member_id", flat=True)),
            "may": self.has_change_permission(request, obj) and not obj.decided_count,
            "correspondence": obj.form == FormOfMeeting.CORRESPONDENCE,
        }
        yield _("Present"), render_to_string("admin/alliance/meetings/standing.html", context, request)
        if request.user.has_perm("alliance.view_decision"):
            yield _("Decisions"), decisions_table(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Allow it for a meeting entered by mistake: what has decided stays."""
        allowed = request.user.has_perm("alliance.delete_meeting")
        return allowed and (obj is None or not obj.decisions.exists())

    def get_actions(self, request: HttpRequest, **location: Any) -> dict[str, Any]:
        return {}

    def tasks(self, request: HttpRequest) -> Iterator[Task]:
        if self.has_add_permission(request):
            yield Task("enter", self.add_label, reverse("admin:alliance_meeting_add"))

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        try:
            if change:
                calling.change(obj, request.user, form.cleaned_data.get("reason", ""))
            else:
                calling.call(obj, request.user)
        except ValidationError as refused:
            raise Conflict(refused.messages, code="conflict") from None
        if obj.term is None and obj.alliance.terms.exists():
            told = _("No term of the alliance holds on %(day)s: check the day, or enter the term.")
            messages.warning(request, told % {"day": date_format(obj.held_on, "DATE_FORMAT")})

    def response_post_save_add(self, request: HttpRequest, obj: Any) -> HttpResponseRedirect:
        """Go on with the meeting itself: who was there is ticked next."""
        return HttpResponseRedirect(reverse("admin:alliance_meeting_change", args=[obj.pk]))

    # --- Other pages

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view
        return [
            path("<int:pk>/sign-in/", view(self.sign_in_view), name="alliance_meeting_sign_in"),
            path("<int:pk>/recount/", view(self.recount_view), name="alliance_meeting_recount"),
            *super().get_urls(),
        ]

    def _meeting(self, pk: int) -> Meeting:
        return get_object_or_404(Meeting.objects.select_related("alliance", "term"), pk=pk)

    def recount_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Count again who is called, by the records as they are now."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        if not self.has_change_permission(request):
            raise PermissionDenied
        meeting = self._meeting(pk)
        try:
            meeting = calling.recount(meeting, request.user)
            success(request, _("%(count)d members are called.") % {"count": meeting.called})
        except ValidationError as refused:
            messages.error(request, " ".join(refused.messages))
        return HttpResponseRedirect(reverse("admin:alliance_meeting_change", args=[pk]))

    def sign_in_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        may_see = request.user.has_perms(("alliance.view_meeting", "alliance.view_attendance"))
        if not may_see or reach_of(request.user) is not None:
            raise PermissionDenied
        may = request.user.has_perm(SIGN_IN)
        if request.method == "POST" and not may:
            raise PermissionDenied
        page = SignInPage(self._meeting(pk), request.POST if request.method == "POST" else None)
        if page.run(request.user):
            told = _("%(present)d of %(called)d are signed in.")
            meeting = self._meeting(pk)
            said = {"present": meeting.number_present(), "called": meeting.number_entitled()}
            success(request, told % said)
            return HttpResponseRedirect(reverse("admin:alliance_meeting_change", args=[pk]))
        context = {
            **self.admin_site.each_context(request),
            "title": _("Sign in"),
            "opts": self.opts,
            "media": self.media + page.form.media,
            "page": page,
            "may": may,
        }
        return TemplateResponse(request, "admin/alliance/meetings/sign_in.html", context)
