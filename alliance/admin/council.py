"""Pages of terms, of the change of council, and of groups with their seats."""

from collections.abc import Iterator, Mapping
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from alliance.council import change
from alliance.council.sitting import sitting
from alliance.models import Alliance, Decision, Group, Member, Membership, OfficeHolder, Seat, Term
from alliance.views.council import GroupViewSet, TermViewSet
from alliance.workplace.recorded import RecordedPages
from registry.history.shown import LAST_DAYS
from registry.imports import import_tables
from registry.imports.undo.outcome import Reversal
from registry.site.admin_site import Heading, Task
from registry.site.base import ChildInline, RegistryAdmin
from registry.site.export import API, ExportMixin
from registry.site.fields import ONE_DAY, primary_keys
from registry.values.people import Account

from .change_council import PERMISSIONS, ChangeCouncilPage, told
from .filters import AllianceFilter, TermEndFilter, chosen_alliance, initial_alliance

LAST_DAY, PUT_OFF_TO = gettext_lazy("last day of the term"), gettext_lazy("put off until (last day)")
LAST_DAYS[(Term, "ends_on")] = LAST_DAY
LAST_DAYS[(Term, "postponed_until")] = PUT_OFF_TO


class CouncilList(ExportMixin, RegistryAdmin):
    """A list of the council: the files of one alliance, filtered or the only one."""

    heading = Heading.ALLIANCES
    after_others = True

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        return {**initial_alliance(request), **super().get_changeform_initial_data(request)}

    def exports(self, request: HttpRequest, parameters: dict[str, str]) -> list[tuple[str, str]]:
        alliance = chosen_alliance(request)
        if alliance is None or parameters:  # the API has no search here
            return []
        return list(files_of(alliance, self.export_resource))


def files_of(alliance: Alliance, resource: str) -> Iterator[tuple[str, str]]:
    address = f"{API}/alliances/{alliance.slug}/{resource}/"
    yield _("Export Excel"), f"{address}?format=xlsx"
    yield _("Export CSV"), f"{address}?format=csv"


def import_link(request: HttpRequest, name: str, label: str | Promise) -> Iterator[tuple[Any, str]]:
    """Yield the link to the import of a table, for accounts that may import it."""
    table = import_tables.get(name)
    if table and table.allows(request.user):
        yield label, f"{reverse('admin:registry_importbatch_start')}?table={name}"


def may_change_council(request: HttpRequest) -> bool:
    return request.user.has_perms(PERMISSIONS)


@admin.register(Term)
class TermAdmin(RecordedPages, CouncilList):
    recorded_view = TermViewSet
    import_table = export_resource = "terms"
    list_display = ("number_name", "alliance", "begins_on", "last_day", "put_off_to", "approval_no", "council_size")
    list_display_links = ("number_name",)
    list_filter = (AllianceFilter, TermEndFilter)
    list_select_related = ("alliance",)
    sortable_by = ()
    ordering = ("alliance", "-begins_on")
    last_days = ("ends_on", "postponed_until")
    labels = {"begins_on": gettext_lazy("first day of the term"), "ends_on": LAST_DAY, "postponed_until": PUT_OFF_TO}
    help_texts = {
        "ends_on": gettext_lazy("A term lasts at most 5 years."),
        "postponed_until": gettext_lazy("If the change of council is put off, by at most one year."),
    }
    fields = ("alliance", "number", ("begins_on", "ends_on"), ("postponed_until", "approval_no"))

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return ("alliance",) if obj else ()

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Add the decision on the election; which there are to choose from follows from the alliance of the term."""
        fields = super().get_fields(request, obj)
        return (*fields, "decision") if obj and request.user.has_perm("alliance.view_decision") else fields

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "decision":
            match = request.resolver_match
            term = Term.objects.filter(pk=match.kwargs["object_id"]).first() if match else None
            known = change.elections(term.alliance) if term else Decision.objects.none()
            kwargs["queryset"] = known.filter(meeting__held_on__lte=term.begins_on) if term else known
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    @admin.display(description=gettext_lazy("term"))
    def number_name(self, obj: Term) -> str:
        return str(obj)

    @admin.display(description=LAST_DAY)
    def last_day(self, obj: Term) -> Any:
        return obj.ends_on - ONE_DAY

    @admin.display(description=PUT_OFF_TO)
    def put_off_to(self, obj: Term) -> Any:
        return obj.postponed_until and obj.postponed_until - ONE_DAY

    @admin.display(description=gettext_lazy("council units on the first day"))
    def council_size(self, obj: Term) -> int:
        return sitting(obj.alliance, obj.begins_on).count()

    def page_heading(self, obj: Any) -> tuple[Any, Any]:
        return obj, obj.alliance if obj else ""

    def tools(self, request: HttpRequest, obj: Any) -> Iterator[tuple[Any, str]]:
        if obj and may_change_council(request):
            yield _("Undo the change of council"), reverse("admin:alliance_term_undo", args=[obj.pk])

    def list_tools(self, request: HttpRequest) -> Iterator[tuple[Any, str]]:
        if may_change_council(request):
            yield _("Change the council"), _address_of_change(request)

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        return super().changelist_view(request, {"list_tools": self.list_tools(request), **(extra_context or {})})

    def panels(self, request: HttpRequest, obj: Any) -> Iterator[tuple[Any, str]]:
        if obj and request.user.has_perm("alliance.view_membership"):
            rows = sitting(obj.alliance, obj.begins_on)
            yield (
                _("The council on the first day of the term"),
                render_to_string("admin/alliance/council.html", {"rows": rows}, request),
            )

    def tasks(self, request: HttpRequest) -> Iterator[Task]:
        if may_change_council(request):
            yield Task("enter", _("Change the council"), reverse("admin:alliance_term_change_council"))

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view
        return [
            path("change-council/", view(self.change_council_view), name="alliance_term_change_council"),
            path("<int:pk>/undo/", view(self.undo_view), name="alliance_term_undo"),
            *super().get_urls(),
        ]

    def change_council_view(self, request: HttpRequest) -> HttpResponse:
        if not may_change_council(request):
            raise PermissionDenied
        alliances = list(Alliance.objects.all())
        asked = primary_keys(request.GET.getlist("alliance"))
        chosen = [one for one in alliances if str(one.pk) in asked] or (alliances if len(alliances) == 1 else [])
        data = request.POST if request.method == "POST" else None
        page = ChangeCouncilPage(chosen[0], data, request.user) if chosen else None
        if page:
            page.run(request.user)
            if page.done and page.outcome:
                self.message_user(request, told(page.outcome), messages.SUCCESS)
                return HttpResponseRedirect(reverse("admin:alliance_term_change", args=[page.outcome.term.pk]))
        context = {
            **self.admin_site.each_context(request),
            "title": _("Change the council"),
            "opts": self.opts,
            "media": self.media + page.form.media if page else self.media,
            "alliances": alliances,
            "page": page,
        }
        return TemplateResponse(request, "admin/alliance/change_council.html", context)

    def undo_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        if not may_change_council(request):
            raise PermissionDenied
        term = get_object_or_404(Term.objects.select_related("alliance"), pk=pk)
        user: Account = request.user
        undone = _("%(term)s: the change of council is undone.") % {"term": term}
        outcome, errors = None, []
        try:
            outcome = change.undo(term, user, trial=request.method != "POST")
        except ValidationError as error:
            errors = error.messages
        if outcome and outcome.done:
            self.message_user(request, undone, messages.SUCCESS)
            return HttpResponseRedirect(reverse("admin:alliance_term_changelist"))
        context = {
            **self.admin_site.each_context(request),
            "title": _("Undo the change of council"),
            "subtitle": term,
            "opts": self.opts,
            "media": self.media,
            "term": term,
            "outcome": outcome,
            "lines": list(_lines_of_undo(term, outcome)) if outcome else [],
            "in_the_way": change.changed_since(outcome, user) if outcome and outcome.staying else [],
            "errors": errors,
        }
        return TemplateResponse(request, "admin/alliance/undo_change_council.html", context)


def _lines_of_undo(term: Term, outcome: Reversal) -> Iterator[str]:
    """Yield what undoing would do, in words."""
    back = {table.model: table.changed_back for table in outcome.tables}
    yield _("%(term)s is removed.") % {"term": term}
    if back.get(Term):
        yield _("The term before ends again as it was planned.")
    count = back.get(Membership, 0)
    yield ngettext(
        "%(count)d member holds its former tier again, as if there had been no change of council.",
        "%(count)d members hold their former tiers again, as if there had been no change of council.",
        count,
    ) % {"count": count}


def _address_of_change(request: HttpRequest) -> str:
    address = reverse("admin:alliance_term_change_council")
    alliance = chosen_alliance(request) if "alliance" in request.GET else None
    return f"{address}?alliance={alliance.pk}" if alliance else address


def seats_table(request: HttpRequest, member: Member) -> str:
    """Return the seats of a member in groups; empty if it never had one."""
    rows = member.seats.select_related("group").order_by("-begins_on", "id")
    context = {"rows": rows, "today": timezone.localdate()}
    return render_to_string("admin/alliance/seats.html", context, request) if rows else ""


class SeatInline(ChildInline):
    model = Seat
    autocomplete_fields = ("member",)
    fields = ("member", "role", "begins_on", "ends_on")
    ordering = ("begins_on", "id")

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).select_related("member__organization", "member__alliance", "group")


@admin.register(Group)
class GroupAdmin(RecordedPages, CouncilList):
    recorded_view = GroupViewSet
    import_table = export_resource = "groups"
    inlines = (SeatInline,)
    parts = ((Seat, "group"),)
    list_display = ("name_zh", "kind", "alliance", "founded_on", "dissolved_on", "seats_now")
    list_display_links = ("name_zh",)
    list_filter = (AllianceFilter,)
    list_select_related = ("alliance",)
    search_fields = ("name_zh", "name_en")
    sortable_by = ()
    fields = ("alliance", ("name_zh", "kind"), "name_en", ("founded_on", "dissolved_on"))

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return ("alliance",) if obj else ()

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        return super().changelist_view(request, {"list_tools": self.list_tools(request), **(extra_context or {})})

    def list_tools(self, request: HttpRequest) -> Iterator[tuple[Any, str]]:
        """Yield the links to the seats, which have no list of their own."""
        yield from import_link(request, "seats", _("Import seats"))
        alliance = chosen_alliance(request)
        if alliance and request.user.has_perm("alliance.view_seat"):
            yield _("Seats as Excel"), next(files_of(alliance, "seats"))[1]

    def get_queryset(self, request: HttpRequest) -> Any:
        groups: Any = super().get_queryset(request)
        return groups.with_seats_on(timezone.localdate())

    @admin.display(description=gettext_lazy("seats today"))
    def seats_now(self, obj: Any) -> int:
        return obj.seats_on_day


class OfficeHolderInline(ChildInline):
    model = OfficeHolder
    wrapped = True
    autocomplete_fields = ("member", "group")
    fields = ("office", "group", "name", "member", "title", "begins_on", "ends_on")
    labels: Mapping[str, Any] = {
        "office": gettext_lazy("office in the alliance"),
        "title": gettext_lazy("job title at the member"),
    }
    ordering = ("office", "begins_on", "id")

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).select_related("member__organization", "member__alliance", "group")
