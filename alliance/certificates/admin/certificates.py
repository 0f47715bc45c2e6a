"""The list of certificates and the page of one."""

from collections.abc import Iterator
from typing import Any, cast

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.html import format_html
from django.utils.http import urlencode
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from alliance.admin.council import CouncilList
from alliance.admin.filters import AllianceFilter, alliance_of_list, chosen_alliance
from alliance.certificates.standing import standing_of
from alliance.certificates.views import CertificateViewSet
from alliance.models import Alliance, Certificate
from alliance.workplace.recorded import RecordedPages
from registry.history.shown import LAST_DAYS
from registry.organizations.admin.uscc import page_url
from registry.site.admin_site import Task
from registry.site.base import NOTHING, link
from registry.site.export import API
from registry.site.fields import ONE_DAY

from .ending import EndCertificateForm, EndingForm, ReturnForm
from .filters import CertificateStateFilter, IssuedOnFilter
from .issue import IssuePage
from .shown import ISSUE

LAST_DAY = gettext_lazy("certificate valid until (last day)")
LAST_DAYS[(Certificate, "valid_to")] = LAST_DAY
CHANGE = ("alliance.view_certificate", "alliance.change_certificate")
ENDINGS: dict[str, type[EndingForm]] = {"end": EndCertificateForm, "returned": ReturnForm}


def pdf_address(alliance: Alliance, **asked: Any) -> str:
    return f"{API}/alliances/{alliance.slug}/certificates/?{urlencode({'format': 'pdf', **asked}, doseq=True)}"


@admin.action(description=gettext_lazy("Print the chosen certificates as PDF"))
def print_chosen(model_admin: Any, request: HttpRequest, queryset: Any) -> HttpResponse | None:
    chosen = list(queryset.select_related("alliance"))
    if len({one.alliance_id for one in chosen}) > 1:
        said = _("The chosen certificates are of several alliances: choose those of one alliance.")
        model_admin.message_user(request, said, messages.ERROR)
        return None
    return HttpResponseRedirect(pdf_address(chosen[0].alliance, number=[one.number for one in chosen]))


@admin.register(Certificate)
class CertificateAdmin(RecordedPages, CouncilList):
    recorded_view = CertificateViewSet
    import_table = export_resource = "certificates"
    add_label = gettext_lazy("Issue certificates")
    list_display = (
        *("number", "organization_name", "present_name", "tier_name", "alliance_name_short"),
        *("issued_on", "last_day", "standing"),
    )
    list_display_links = ("number",)
    list_filter = (AllianceFilter, IssuedOnFilter, CertificateStateFilter)
    list_select_related = ("alliance", "member__organization")
    search_fields = ("number", "organization_name", "member__member_no")
    search_help_text = gettext_lazy("Any part of the number or of the printed name, or the member number")
    sortable_by = ("number", "issued_on")
    ordering = ("alliance", "-issued_on", "-number")
    actions = (print_chosen,)
    last_days = ("valid_to",)
    labels = {"valid_to": LAST_DAY}
    help_texts = {"valid_to": gettext_lazy("Left empty: it has no end.")}
    fields = (
        *("holder", "standing", ("number", "from_list"), ("issued_on", "valid_from", "valid_to")),
        *(("organization_name", "organization_name_en"), ("tier_name", "tier_name_en")),
        *(("alliance_name", "alliance_name_en"), ("member_number", "signature")),
        *(("ended_on", "end_kind"), ("end_reason", "successor"), "returned_on"),
    )
    readonly_fields = (
        "holder",
        "standing",
        "from_list",
        "successor",
        "ended_on",
        "end_kind",
        "end_reason",
        "returned_on",
    )

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Allow no form for a certificate that was issued here: it ends by its own pages."""
        return super().has_change_permission(request, obj) and (obj is None or obj.from_list)

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        context["show_save_and_add_another"] = False  # one is added by issuing, or by an import
        return super().render_change_form(request, context, *args, **kwargs)

    def get_queryset(self, request: HttpRequest) -> Any:
        certificates: Any = super().get_queryset(request)
        return certificates.with_member_on(localdate())

    def get_list_display(self, request: HttpRequest) -> Any:
        columns = super().get_list_display(request)
        return columns if Alliance.objects.count() > 1 else [one for one in columns if one != "alliance_name_short"]

    def exports(self, request: HttpRequest, parameters: dict[str, str]) -> list[tuple[str, str]]:
        alliance = chosen_alliance(request)
        if alliance is None:
            return []
        address = f"{API}/alliances/{alliance.slug}/certificates/"
        labels = {"xlsx": _("Export Excel"), "csv": _("Export CSV"), "pdf": _("Print as PDF")}
        return [(label, f"{address}?{urlencode(parameters | {'format': kind})}") for kind, label in labels.items()]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perms(ISSUE)

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        """Redirect to the page of issuing, which makes certificates."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        found = alliance_of_list(request)
        chosen = f"?alliance={found.slug}" if found else ""
        return HttpResponseRedirect(f"{reverse('admin:alliance_certificate_issue')}{chosen}")

    @admin.display(description=pgettext_lazy("certificate", "present name"))
    def present_name(self, obj: Certificate) -> str:
        present = str(obj.member.organization)
        return present if obj.organization_name != present else NOTHING

    @admin.display(description=gettext_lazy("alliance"))
    def alliance_name_short(self, obj: Certificate) -> str:
        return obj.alliance.brief()

    @admin.display(description=LAST_DAY)
    def last_day(self, obj: Certificate) -> Any:
        return obj.valid_to - ONE_DAY if obj.valid_to else _("no end")

    @admin.display(description=pgettext_lazy("certificate", "state"))
    def standing(self, obj: Certificate) -> str:
        return standing_of(obj, localdate())

    @admin.display(description=gettext_lazy("member"))
    def holder(self, obj: Certificate) -> str:
        member = reverse("admin:alliance_member_change", args=[obj.member_id])
        organization = obj.member.organization
        return format_html("{} · {}", link(page_url(organization), organization), link(member, obj.member.member_no))

    @admin.display(description=gettext_lazy("replaced by"))
    def successor(self, obj: Certificate) -> str:
        if obj.replaced_by is None:
            return NOTHING
        return link(reverse("admin:alliance_certificate_change", args=[obj.replaced_by_id]), obj.replaced_by.number)

    def page_heading(self, obj: Any) -> tuple[Any, Any]:
        return (obj.number, f"{obj.alliance} · {obj.organization_name}") if obj else (obj, "")

    def tools(self, request: HttpRequest, obj: Any) -> Iterator[tuple[Any, str]]:
        if obj is None:
            return
        yield _("Print as PDF"), pdf_address(obj.alliance, number=obj.number)
        if request.user.has_perms(CHANGE):
            names = ["end", "returned"] if obj.ended_on is None else ["returned"] if obj.returned_on is None else []
            for name in names:
                yield ENDINGS[name].title, reverse(f"admin:alliance_certificate_{name}", args=[obj.pk])
        replaced = obj.end_kind == Certificate.End.REPLACED
        if request.user.has_perms(ISSUE) and not replaced and obj.member.memberships.as_of(localdate()).exists():
            address = reverse("admin:alliance_certificate_issue")
            yield _("Issue another one"), f"{address}?alliance={obj.alliance.slug}&member={obj.member_id}"

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        return super().changelist_view(request, {"list_tools": self.list_tools(request), **(extra_context or {})})

    def list_tools(self, request: HttpRequest) -> Iterator[tuple[Any, str]]:
        alliance = chosen_alliance(request)
        if alliance and request.user.has_perm("alliance.view_certificatesettings"):
            yield _("Numbering and signature"), reverse("admin:alliance_certificatesettings_of", args=[alliance.slug])

    def tasks(self, request: HttpRequest) -> Iterator[Task]:
        if request.user.has_perms(ISSUE):
            yield Task("enter", _("Issue certificates"), reverse("admin:alliance_certificate_issue"))
        if self.has_view_permission(request):
            yield Task("query", _("What falls due"), reverse("admin:falling_due"))

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view
        return [
            path("issue/", view(self.issue_view), name="alliance_certificate_issue"),
            *(
                path(f"<int:pk>/{name}/", view(self.ending_view), {"form": form}, name=f"alliance_certificate_{name}")
                for name, form in ENDINGS.items()
            ),
            *super().get_urls(),
        ]

    def issue_view(self, request: HttpRequest) -> HttpResponse:
        if not request.user.has_perms(ISSUE):
            raise PermissionDenied
        page = IssuePage(request, chosen_alliance(request))
        if issued := page.run():
            first, last, alliance = issued[0].number, issued[-1].number, issued[0].alliance
            said = {
                "count": len(issued),
                "numbers": first if len(issued) == 1 else f"{first} – {last}",
                "pdf": link(pdf_address(alliance, first=first, last=last), _("Print them as PDF")),
            }
            text = _("Certificates issued: %(count)d (%(numbers)s).") % said
            self.message_user(request, format_html("{} {}", text, said["pdf"]), messages.SUCCESS)
            address = reverse("admin:alliance_certificate_changelist")
            return HttpResponseRedirect(f"{address}?alliance={alliance.slug}&issued_on={issued[0].issued_on}")
        context = {
            **self.admin_site.each_context(request),
            "title": _("Issue certificates"),
            "opts": self.opts,
            "media": self.media + page.media,
            "page": page,
            "alliance": page.alliance,
            "alliances": Alliance.objects.all(),
        }
        return TemplateResponse(request, "admin/certificates/issue.html", context)

    def ending_view(self, request: HttpRequest, pk: int, form: type[EndingForm]) -> HttpResponse:
        if not request.user.has_perms(CHANGE):
            raise PermissionDenied
        found = get_object_or_404(Certificate.objects.select_related("member__organization", "alliance"), pk=pk)
        given = request.POST if request.method == "POST" else None
        asked = form(given, certificate=found, initial={"on": localdate()})
        if given is not None and asked.is_valid() and (changed := asked.operate()):
            self.message_user(request, asked.tell_of(cast(Certificate, changed)), messages.SUCCESS)
            return HttpResponseRedirect(reverse("admin:alliance_certificate_change", args=[pk]))
        context = {
            **self.admin_site.each_context(request),
            "title": form.title,
            "opts": self.opts,
            "media": self.media + asked.media,
            "form": asked,
            "certificate": found,
        }
        return TemplateResponse(request, "admin/certificates/ending.html", context)
