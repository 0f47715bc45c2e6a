"""Pages of members: the list on a day, the history of each member, and the operations on memberships."""

import datetime
from collections.abc import Callable, Iterator
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Exists, Q, Subquery
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from alliance.members.names import on_day, rename_back
from alliance.members.states import State, suspended
from alliance.models import Alliance, EndReason, Member, MemberSector, Membership, Representative, Tier
from alliance.views.members import MemberRecordViewSet
from alliance.workplace.recorded import RecordedPages
from registry.collection.start_round import StartRound
from registry.disclosure.log import Subject
from registry.disclosure.models import Disclosure
from registry.disclosure.page import RevealAdmin
from registry.organizations.admin import bulk
from registry.organizations.admin.uscc import page_url
from registry.organizations.models.organizations import Organization
from registry.search.conditions import find
from registry.site import history
from registry.site.admin_site import Heading, Task
from registry.site.base import ChildInline, link
from registry.site.export import API, Handover, OfferedFile
from registry.site.fields import primary_keys
from registry.site.filters import KindFilter, PublishedFilter, SectorFilter, TownshipFilter
from registry.site.forms import RegistryForm

from .bulk import action
from .bulk_changes import MEMBER_CHANGES
from .council import seats_table
from .filters import (
    AllianceFilter,
    AsOfFilter,
    EndReasonFilter,
    MembershipStateFilter,
    TierFilter,
    UnrepresentedFilter,
    YearFilter,
    as_of,
    chosen_alliance,
    chosen_state,
    listed,
    of_organization,
)
from .member_list import MEMBER_PARTS, CountedTiers, more_panels, more_tools
from .operations import (
    AdmitForm,
    CancelEndForm,
    ChangeTierForm,
    CorrectForm,
    EndForm,
    OfMember,
    OperationForm,
    periods_table,
)
from .papers import PapersAdmin
from .reports import ReportPages
from .standing import STANDING_OPERATIONS, offered, suspension_of_today, suspensions_table
from .timeline import timeline_panel

EXPORT_INTERNAL = "alliance.export_internal_roster"
MEMBER_OPERATIONS: dict[str, type[OfMember]] = {
    "change_tier": ChangeTierForm,
    "end": EndForm,
    "cancel_end": CancelEndForm,
    **STANDING_OPERATIONS,
}
"""The operations on a member, by the name in their address."""

history.WORDS[MemberSector] = gettext_lazy("sector of participation")


def _require(request: HttpRequest, form_class: type[OperationForm]) -> None:
    if not request.user.has_perms(form_class.permissions):
        raise PermissionDenied


def may_admit(request: HttpRequest) -> bool:
    return request.user.has_perms(AdmitForm.permissions)


def of_members(members: Any) -> Any:
    """Return the organizations of the chosen members."""
    return Organization.objects.filter(pk__in=members.order_by().values("organization"))


class RepresentativeInline(ChildInline):
    model = Representative
    wrapped = True
    fields = ("role", "name", "title", "phone", "email", "valid_from", "valid_to")


class MemberForm(RegistryForm):
    def clean_member_no(self) -> str:
        """Return the number; an empty field keeps the stored one, since a number can only be replaced."""
        return self.cleaned_data["member_no"].strip() or self.instance.member_no


@admin.register(Member)
class MemberAdmin(RecordedPages, ReportPages, CountedTiers, PapersAdmin, RevealAdmin):
    recorded_view = MemberRecordViewSet
    disclosed = Disclosure.What.REPRESENTATIVES
    people_permission = "alliance.view_representative"
    form = MemberForm
    heading = Heading.ALLIANCES
    inlines = (RepresentativeInline,)
    add_label = AdmitForm.title
    import_table = "memberships"
    parts = MEMBER_PARTS
    search_fields = ("member_no",)
    search_help_text = gettext_lazy("Any part of a name, or the beginning of USCC, registry or member number")
    list_display = (
        *("member_no", "organization_name", "alliance_name", "tier_name"),
        *("joined_on", "ended_on", "kind", "township"),
    )
    list_display_links = ("member_no", "organization_name")
    list_select_related = ("organization__township", "alliance")
    list_filter = (
        AsOfFilter,
        AllianceFilter,
        MembershipStateFilter,
        YearFilter,
        EndReasonFilter,
        UnrepresentedFilter,
        of_organization(KindFilter),
        of_organization(TownshipFilter),
        of_organization(SectorFilter),
        of_organization(PublishedFilter),
        TierFilter,
    )
    sortable_by = ("member_no", "organization_name", "tier_name", "joined_on")
    ordering = ("alliance", "member_no", "id")
    actions = (*map(action, MEMBER_CHANGES), bulk.action(StartRound(), of_members))
    fields = ("organization_link", "alliance", "member_no", "state", "position", "sectors")
    readonly_fields = ("organization_link", "alliance", "state")
    autocomplete_fields = ("sectors",)

    # --- List

    def get_actions(self, request: HttpRequest, action_location: Any = None) -> dict[str, Any]:
        location = {} if action_location is None else {"action_location": action_location}  # new in Django 6.1
        return bulk.permitted(super().get_actions(request, **location), request.user)

    def get_list_display(self, request: HttpRequest) -> Any:
        """Return the columns of the list; the alliance is a column only if there are several."""
        columns = list(super().get_list_display(request))
        if chosen_state(request) != State.CURRENT:
            columns.insert(columns.index("ended_on") + 1, "end_reason")
        return columns if Alliance.objects.count() > 1 else [c for c in columns if c != "alliance_name"]

    def get_queryset(self, request: HttpRequest) -> Any:
        """Annotate tier and days of the membership by which the list shows each member."""
        row = listed(request)
        queryset = (
            super()
            .get_queryset(request)
            .annotate(
                list_tier_id=Subquery(row.values("tier")[:1]),
                list_rank=Subquery(row.values("tier__rank")[:1]),
                list_joined=Subquery(row.with_joined_on().values("joined_on")[:1]),
                list_ended=Subquery(row.values("ended_on")[:1]),
                list_reason=Subquery(row.values("end_reason")[:1]),
            )
        )
        if not request.user.has_perm("alliance.view_suspension"):
            return queryset
        return queryset.annotate(list_suspended=Exists(row.filter(suspended(as_of(request)))))

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        """Give the rows the names of the day: of their tiers, and of the organizations."""
        changelist = super().get_changelist_instance(request)
        on, rows = as_of(request), changelist.result_list
        tiers = Tier.objects.filter(pk__in={row.list_tier_id for row in rows})
        names = {tier.pk: tier.label() for tier in on_day(tiers, on)}
        rename_back((row.organization for row in rows), on)
        for row in rows:
            row.list_tier = names.get(row.list_tier_id)
        return changelist

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> tuple[Any, bool]:
        if not search_term.strip():
            return queryset, False
        found = find(Organization.objects.all(), search_term).values("pk")
        number = Q(member_no__istartswith=search_term.strip())
        return queryset.filter(Q(organization__in=found) | number), False

    @admin.display(description=gettext_lazy("organization"), ordering="organization__sort_key")
    def organization_name(self, obj: Member) -> str:
        return str(obj.organization)

    @admin.display(description=gettext_lazy("alliance"))
    def alliance_name(self, obj: Member) -> str:
        return obj.alliance.brief()

    @admin.display(description=gettext_lazy("tier"), ordering="list_rank")
    def tier_name(self, obj: Any) -> str | None:
        if getattr(obj, "list_suspended", False):
            return _("%(tier)s (suspended)") % {"tier": obj.list_tier}
        return obj.list_tier

    @admin.display(description=gettext_lazy("joined on"), ordering="list_joined")
    def joined_on(self, obj: Any) -> datetime.date | None:
        return obj.list_joined

    @admin.display(description=gettext_lazy("end date"))
    def ended_on(self, obj: Any) -> datetime.date | None:
        return obj.list_ended

    @admin.display(description=gettext_lazy("reason of the end"))
    def end_reason(self, obj: Any) -> str:
        return str(EndReason(obj.list_reason).label) if obj.list_reason else ""

    @admin.display(description=gettext_lazy("kind"))
    def kind(self, obj: Member) -> str:
        return obj.organization.get_kind_display()

    @admin.display(description=gettext_lazy("township"))
    def township(self, obj: Member) -> Any:
        return obj.organization.township

    def exports(self, request: HttpRequest, parameters: dict[str, str]) -> list[tuple[str, str]]:
        """Return the files on offer: the list of one alliance (filtered or the only one), and of members the roster
        to hand out.
        """
        alliance = chosen_alliance(request)
        if alliance is None:
            return []
        return self.files_of(alliance.slug, request, parameters)

    def files_of(self, slug: str, request: HttpRequest, parameters: dict[str, str]) -> list[tuple[str, str]]:
        address = f"{API}/alliances/{slug}/members/"

        def url(**more: str) -> str:
            return f"{address}?{urlencode(parameters | more)}"

        files = [(_("Export Excel"), url(format="xlsx")), (_("Export CSV"), url(format="csv"))]
        if request.GET.get("state"):
            return files
        files.append((_("Roster"), url(format="xlsx", layout="roster", edition="full")))
        if request.user.has_perms((EXPORT_INTERNAL, self.people_permission)):
            files.append((_("Internal roster"), url(format="xlsx", layout="roster", edition="internal")))
        return files

    def handover(self, request: HttpRequest, parameters: dict[str, str]) -> Handover | None:
        alliance = chosen_alliance(request)
        if alliance is None or request.GET.get("state") or not request.user.has_perm(EXPORT_INTERNAL):
            return None
        files = [OfferedFile(_("Internal roster"), f"{API}/alliances/{alliance.slug}/members/", "xlsx")]
        roster = parameters | {"layout": "roster", "edition": "internal"}
        return Handover.of(request, self.people_permission, files, roster)

    # --- Page

    @admin.display(description=gettext_lazy("organization"))
    def organization_link(self, obj: Member) -> str:
        return link(page_url(obj.organization), obj.organization)

    @admin.display(description=gettext_lazy("state"))
    def state(self, obj: Member) -> str:
        """Return the state on today's date: an organization that leaves next month is still a member."""
        today = timezone.localdate()
        memberships = obj.memberships.select_related("tier")
        if now := memberships.as_of(today).first():
            last = memberships.order_by("-admitted_on").first() or now
            tier = str(now.tier)
            if suspension := suspension_of_today(obj):
                tier = _("%(tier)s, suspended since %(day)s") % {"tier": tier, "day": suspension.suspended_on}
            if last.ended_on is None:
                return tier
            params = {"tier": tier, "day": last.ended_on, "reason": last.get_end_reason_display()}
            return _("%(tier)s, to end on %(day)s (%(reason)s)") % params
        if later := memberships.filter(admitted_on__gt=today).order_by("admitted_on").first():
            return _("%(tier)s from %(day)s") % {"tier": later.tier, "day": later.admitted_on}
        ended = memberships.order_by("-admitted_on").first()
        if ended is None:
            return _("Never a member")
        params = {"tier": ended.tier, "day": ended.ended_on, "reason": ended.get_end_reason_display()}
        return _("Ended on %(day)s: %(tier)s (%(reason)s)") % params

    def subject(self, obj: Member) -> Subject:
        return obj.organization.registry_no, str(obj.organization), f"{obj.alliance.slug}/{obj.member_no}"

    def page_heading(self, obj: Any) -> tuple[Any, Any]:
        return (obj.organization, f"{obj.alliance} {obj.member_no}") if obj else (obj, "")

    def panels(self, request: HttpRequest, obj: Any) -> Iterator[tuple[Any, str]]:
        if obj and request.user.has_perm("alliance.view_membership"):
            yield _("Memberships"), periods_table(request, obj.memberships)
            if shown := timeline_panel(request, obj.organization, [obj]):
                yield _("Timeline"), shown
            if suspensions := suspensions_table(request, obj):
                yield _("Suspensions"), suspensions
        if obj and request.user.has_perm("alliance.view_seat") and (seats := seats_table(request, obj)):
            yield _("Seats"), seats
        yield from more_panels(request, obj)

    def tools(self, request: HttpRequest, obj: Any) -> Iterator[tuple[Any, str]]:
        if obj is None:
            return
        today = timezone.localdate()
        names = []
        if obj.memberships.open().exists():
            names = ["change_tier", "end"]
        elif obj.memberships.ending_later().exists():
            names = ["change_tier", "cancel_end"] if obj.memberships.as_of(today).exists() else ["cancel_end"]
        for name in (*names, *offered(obj)):
            if request.user.has_perms(MEMBER_OPERATIONS[name].permissions):
                yield MEMBER_OPERATIONS[name].title, reverse(f"admin:alliance_member_{name}", args=[obj.pk])
        if not names and may_admit(request):
            address = reverse("admin:alliance_member_admit")
            yield _("Admit again"), f"{address}?organization={obj.organization_id}&alliance={obj.alliance_id}"
        yield from more_tools(request, obj)

    def tasks(self, request: HttpRequest) -> Iterator[Task]:
        if may_admit(request):
            yield Task("enter", AdmitForm.title, reverse("admin:alliance_member_admit"))
        if self.has_view_permission(request):
            yield Task("query", _("Members"), reverse("admin:alliance_member_changelist"))

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        context["show_save_and_add_another"] = False  # a member is added by admission
        return super().render_change_form(request, context, *args, **kwargs)

    # --- Operations

    def get_urls(self) -> list[Any]:
        def view(function: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
            return self.admin_site.admin_view(function)

        member = view(self.member_view)
        return [
            path("admit/", view(self.admit_view), name="alliance_member_admit"),
            *(
                path(f"<int:pk>/{name.replace('_', '-')}/", member, {"form": form}, name=f"alliance_member_{name}")
                for name, form in MEMBER_OPERATIONS.items()
            ),
            path("correct/<int:pk>/", view(self.correct_view), name="alliance_member_correct"),
            *super().get_urls(),
        ]

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        """Redirect to the form of admission, which creates members."""
        return HttpResponseRedirect(reverse("admin:alliance_member_admit"))

    def has_add_permission(self, request: HttpRequest) -> bool:
        return may_admit(request)

    def admit_view(self, request: HttpRequest) -> HttpResponse:
        _require(request, AdmitForm)
        initial: dict[str, Any] = {"on": timezone.localdate()}
        for key in ("organization", "alliance"):
            if pks := primary_keys(request.GET.getlist(key)):
                initial[key] = pks[-1]
        return self._operate(request, AdmitForm(request.POST or None, initial=initial), None)

    def member_view(self, request: HttpRequest, pk: int, form: type[OfMember]) -> HttpResponse:
        _require(request, form)
        member, initial = self._member(pk), {"on": timezone.localdate()}
        given = request.POST if request.method == "POST" else None  # a form without fields is sent empty
        refusal = form.refusal(request, member)
        return refusal or self._operate(request, form(given, member=member, initial=initial), member)

    def correct_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Correct wrong records. An event that happened later is entered as a change of tier or as an end instead."""
        _require(request, CorrectForm)
        membership = get_object_or_404(Membership.objects.select_related("alliance", "tier"), pk=pk)
        form = CorrectForm(request.POST or None, membership=membership)
        return self._operate(request, form, self._member(membership.member_id))

    def _member(self, pk: int) -> Member:
        return get_object_or_404(Member.objects.select_related("organization", "alliance"), pk=pk)

    def _operate(self, request: HttpRequest, form: OperationForm, member: Member | None) -> HttpResponse:
        if request.method == "POST" and form.is_valid() and (membership := form.operate()):
            self.message_user(request, form.tell(membership), messages.SUCCESS)
            return HttpResponseRedirect(reverse("admin:alliance_member_change", args=[membership.member_id]))
        context = {
            **self.admin_site.each_context(request),
            "title": form.title,
            "subtitle": member,
            "opts": self.opts,
            "media": self.media + form.media,
            "form": form,
            "member": member,
            "panel": periods_table(request, member.memberships) if member else "",
        }
        return TemplateResponse(request, "admin/alliance/operation.html", context)
