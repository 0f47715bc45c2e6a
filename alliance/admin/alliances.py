"""Pages of alliances with their tiers and supporters."""

from collections.abc import Iterator
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import gettext_lazy as _

from alliance.meetings.admin.rules import VIEW as RULES
from alliance.meetings.admin.rules import rules_panel, rules_urls
from alliance.meetings.rules import name_member_units
from alliance.models import Alliance, FormerName, OfficeHolder, StandardTier, Supporter, Tier
from alliance.papers.application import FORMS, file_name, file_of
from alliance.views.alliances import AllianceViewSet
from alliance.workplace.recorded import RecordedPages
from registry.database.expressions import in_force
from registry.reference.admin import ReferenceAdmin
from registry.site.admin_site import Heading
from registry.site.base import ChildInline, RegistryAdmin
from registry.site.forms import ChildFormSet
from registry.typesetting import TypesettingFailed

from .council import OfficeHolderInline, files_of, import_link
from .renaming import FormerNameInline, RenameForm

_APPLICATION = "alliance_alliance_application"


class TierFormSet(ChildFormSet):
    """Offers the standard tiers to a new alliance: rows filled in, which people keep, change or empty."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk is None and not self.is_bound:
            self.initial_extra = [standard.values() for standard in StandardTier.objects.all()]
            self.extra = len(self.initial_extra)


class TierInline(ChildInline):
    model = Tier
    wrapped = True
    formset = TierFormSet
    fields = ("rank", "code", "name_zh", "name_en", "aliases", "in_council", "in_standing_council", "disabled_on")
    ordering = ("rank", "code")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Allow no deletion: a tier that is no longer in use is disabled, because past memberships have it."""
        return False


class SupporterInline(ChildInline):
    model = Supporter
    autocomplete_fields = ("organization",)
    fields = ("role", "organization", "position")

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).select_related("organization")


@admin.register(Alliance)
class AllianceAdmin(RecordedPages, RegistryAdmin):
    recorded_view = AllianceViewSet
    heading = Heading.ALLIANCES
    inlines = (TierInline, SupporterInline, OfficeHolderInline, FormerNameInline)
    parts = ((Tier, "alliance"), (Supporter, "alliance"), (OfficeHolder, "alliance"), (FormerName, "alliance"))
    search_fields = ("name_zh", "name_en", "short_name", "slug")
    list_display = (
        "slug",
        "name_zh",
        "name_en",
        "short_name",
        "legal_person",
        "founded_on",
        "members_now",
        "published",
    )
    list_display_links = ("slug", "name_zh")
    sortable_by = ()
    labels = {"introduction": _("introduction of the alliance")}
    fieldsets = (
        (None, {"fields": ("name_zh", "name_en", ("short_name", "slug"), ("legal_person", "published"))}),
        (_("Period"), {"fields": (("founded_on", "dissolved_on"),)}),
        (_("More"), {"fields": ("member_no_prefix", "website", "office_phone", "office_address", "introduction")}),
        (_("Joining"), {"fields": ("admission", "organs", "charter")}),
    )

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Return the short name as read-only once it is set: programs use it in addresses."""
        return ("slug",) if obj else ()

    def get_queryset(self, request: HttpRequest) -> Any:
        now = in_force(timezone.localdate(), "memberships__admitted_on", "memberships__ended_on")
        return super().get_queryset(request).annotate(members_today=Count("memberships", filter=now))

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        if not change and (tier := name_member_units(form.instance)):
            told = _("It is not registered: its members are called %(tier)s. The name can be changed below.")
            self.message_user(request, told % {"tier": tier}, messages.INFO)

    def get_inlines(self, request: HttpRequest, obj: Any) -> Any:
        """Return no former names of an alliance that is only being entered."""
        return self.inlines if obj else [one for one in self.inlines if one is not FormerNameInline]

    def tools(self, request: HttpRequest, obj: Any) -> Iterator[tuple[Any, str]]:
        yield from super().tools(request, obj)
        if obj and request.user.has_perms(RenameForm.permissions):
            yield RenameForm.title, reverse("admin:alliance_alliance_rename", args=[obj.pk])
        if obj and request.user.has_perms(RULES):
            yield _("Rules of decisions"), reverse("admin:alliance_alliance_rules", args=[obj.pk])
        if obj and request.user.has_perm("alliance.view_officeholder"):
            yield from import_link(request, "office_holders", _("Import office holders"))
            yield _("Office holders as Excel"), next(files_of(obj, "office-holders"))[1]
        if obj and self.has_view_permission(request, obj):
            for form, label in (("xlsx", _("Application form (Excel)")), ("pdf", _("Application form (PDF)"))):
                yield label, reverse(f"admin:{_APPLICATION}_{form}", args=[obj.pk])

    def panels(self, request: HttpRequest, obj: Any) -> Iterator[tuple[Any, str]]:
        if obj and request.user.has_perms(RULES):
            yield _("Rules of decisions"), rules_panel(request, obj)

    def get_urls(self) -> list[Any]:
        rename = self.admin_site.admin_view(self.rename_view)
        application = self.admin_site.admin_view(self.application_view)
        return [
            path("<int:pk>/rename/", rename, name="alliance_alliance_rename"),
            *(
                path(
                    f"<int:pk>/application.{form}", application, {"form": form}, f"alliance_alliance_application_{form}"
                )
                for form in FORMS
            ),
            *rules_urls(),
            *super().get_urls(),
        ]

    def application_view(self, request: HttpRequest, pk: int, form: str) -> HttpResponse:
        """Return the blank application form. It holds nothing but what the alliance says to everybody who asks."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        alliance = get_object_or_404(Alliance, pk=pk)
        try:
            content, media_type = file_of(alliance, form)
        except TypesettingFailed as failed:
            self.message_user(request, str(failed), messages.ERROR)
            return HttpResponseRedirect(reverse("admin:alliance_alliance_change", args=[pk]))
        disposition = content_disposition_header(as_attachment=True, filename=file_name(alliance, form))
        return HttpResponse(content, content_type=media_type, headers={"Content-Disposition": disposition})

    def rename_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        if not request.user.has_perms(RenameForm.permissions):
            raise PermissionDenied
        alliance = get_object_or_404(Alliance, pk=pk)
        form = RenameForm(request.POST or None, alliance=alliance, initial={"on": timezone.localdate()})
        if request.method == "POST" and form.is_valid() and (told := form.operate()):
            self.message_user(request, told, messages.SUCCESS)
            return HttpResponseRedirect(reverse("admin:alliance_alliance_change", args=[pk]))
        context = {
            **self.admin_site.each_context(request),
            "title": form.title,
            "subtitle": alliance,
            "opts": self.opts,
            "media": self.media + form.media,
            "form": form,
            "button": _("Rename"),
        }
        return TemplateResponse(request, "admin/alliance/rename.html", context)

    @admin.display(description=_("members today"))
    def members_now(self, obj: Alliance) -> int:
        return obj.members_today  # type: ignore[attr-defined]


@admin.register(StandardTier)
class StandardTierAdmin(ReferenceAdmin):
    list_display = ("rank", "code", "name_zh", "name_en", "in_council", "in_standing_council")
    list_display_links = ("code", "name_zh")
