"""The pages of organizations, and of enterprises and institutes, which are organizations of a fixed kind."""

from collections.abc import Iterator
from functools import partial
from typing import Any, ClassVar

from django.contrib import admin, messages
from django.contrib.admin.widgets import AdminTextareaWidget
from django.http import HttpRequest
from django.urls import path, reverse
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _

from registry.collection import start_round
from registry.database.permission_names import permission
from registry.duplicates.admin.mergers import DuplicatesMixin
from registry.organizations.actions import VERIFICATION, NameChange, keep_former_names
from registry.organizations.admin import bulk, uscc, verification
from registry.organizations.admin.form import IndustryField, OrganizationForm, UsccFormField
from registry.organizations.admin.inlines import (
    KINDS_WITH_SECTOR,
    ORGANIZATION_INLINES,
    ORGANIZATION_PARTS,
    lacks_sector,
)
from registry.organizations.admin.list_pages import ListPagesMixin
from registry.organizations.admin.near_names import NearNamesMixin
from registry.organizations.models.choices import Size
from registry.organizations.models.details import SectorTag
from registry.organizations.models.organizations import Enterprise, Institute, Organization
from registry.organizations.models.reach import reach_of, reaches
from registry.organizations.page.admin import PageAdmin
from registry.proposals import proposing
from registry.proposals.actions import propose_move
from registry.proposals.holding import holding
from registry.search.conditions import find
from registry.site.admin_site import Heading, Task
from registry.site.base import NOTHING
from registry.site.export import API, ExportMixin, Handover, OfferedFile
from registry.site.filters import NO_SECTOR, ORGANIZATION_FILTERS, PUBLISHED_WORDS, KindFilter, categories_of
from registry.suggestions import admin as suggestions


class OrganizationAdmin(DuplicatesMixin, NearNamesMixin, ListPagesMixin, ExportMixin, PageAdmin):
    heading = Heading.ORGANIZATIONS
    form = OrganizationForm
    inlines = ORGANIZATION_INLINES
    parts = ORGANIZATION_PARTS
    search_fields = ("name_zh",)  # opens the search box; get_search_results() does the search
    search_help_text = _("Any part of a name, pinyin or its initials, or the beginning of the USCC or registry number")
    list_display: tuple[str, ...] = (
        "registry_no",
        "shown_name",
        "kind",
        "category",
        "township",
        "primary_sector",
        "registration_status",
        "published_or_not",
        "updated",
    )
    list_display_links = ("registry_no", "shown_name")
    list_select_related = ("township",)
    list_filter: ClassVar[Any] = (KindFilter, *ORGANIZATION_FILTERS)
    sortable_by = ("registry_no", "shown_name", "updated")
    ordering = ("sort_key", "id")
    actions = (*bulk.ACTIONS, start_round.START_ROUND)
    autocomplete_fields = ("township", "zone", "successor")
    readonly_fields = ("registry_no", "verified_by", "size_class", "created_at", "updated_at")
    help_texts = {
        "registered_capital": _("Foreign currency: in units of 10,000 of it, with the currency beside."),
        "registered_address": _("As on the licence."),
        "industry": _("Code or name by GB/T 4754-2017: type a part of it and choose."),
    }
    labels = {"capital_currency": _("currency")}
    export_resource = "organizations"
    import_table = "organizations"
    add_label: str | Promise = _("Enter another kind of organization")
    list_label: str | Promise = _("All organizations")

    class Media:
        js = ("registry/organization.js",)

    # --- Permissions: those of Organization, also for the proxies, which have none of their own

    def _may(self, request: HttpRequest, action: str) -> bool:
        return request.user.has_perm(permission(action, Organization))

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._may(request, "view") or self._may(request, "change")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self._may(request, "add")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._may(request, "change") and (obj is None or reaches(request.user, obj))

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        locked = []
        if not self._may(request, "publish"):
            locked.append("published")
        if not self._may(request, "verify"):
            locked += VERIFICATION
        if not uscc.may_override(request.user):
            locked.append("uscc_override_reason")
        return (*self.readonly_fields, *locked)

    # --- List

    def get_actions(self, request: HttpRequest, action_location: Any = None) -> dict[str, Any]:
        location = {} if action_location is None else {"action_location": action_location}  # new in Django 6.1
        actions = bulk.permitted(super().get_actions(request, **location), request.user)
        if reach_of(request.user) is not None:
            actions.pop(bulk.SetTownship.name, None)  # another township has to agree: it is proposed on the page
        return actions

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        """Add values from other tables for the shown rows only; a sub-query would compute them for earlier rows,
        too.
        """
        changelist = super().get_changelist_instance(request)
        rows = list(changelist.result_list)
        tags = SectorTag.objects.filter(organization__in=rows, plan__current=True).select_related("sector")
        # A record with sectors of which none is primary has no mark; one without any does.
        primary = dict.fromkeys(tag.organization_id for tag in tags)
        primary |= {tag.organization_id: tag.sector for tag in tags if tag.is_primary}
        for row in rows:
            row.primary_sector_in_list = primary.get(row.pk, NO_SECTOR if row.kind in KINDS_WITH_SECTOR else None)
        changelist.result_list = rows
        return changelist

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> tuple[Any, bool]:
        return (find(queryset, search_term) if search_term.strip() else queryset), False

    @admin.display(description=_("name"), ordering="sort_key")
    def shown_name(self, obj: Organization) -> str:
        return str(obj)

    @admin.display(description=_("published"))
    def published_or_not(self, obj: Organization) -> Any:
        """Return the publication state in words: a red cross would look like an error."""
        return PUBLISHED_WORDS[obj.published]

    @admin.display(description=_("updated"), ordering="updated_at")
    def updated(self, obj: Organization) -> str:
        return localtime(obj.updated_at).strftime("%Y-%m-%d")

    @admin.display(description=_("primary sector"))
    def primary_sector(self, obj: Any) -> Any:
        shown = obj.primary_sector_in_list
        return format_html('<span class="lacking">{}</span>', shown) if shown is NO_SECTOR else shown

    def autocomplete_queryset(self, queryset: Any) -> Any:
        return queryset.unmerged()

    def autocomplete_label(self, obj: Organization) -> str:
        return uscc.numbered(obj)

    # --- Page

    def panels(self, request: HttpRequest, obj: Any) -> Iterator[tuple[Any, str]]:
        if obj and not reaches(request.user, obj):
            told = _("Not in the townships that your account works on: contacts and figures are not shown.")
            yield _("Contacts and annual figures"), format_html("<p>{}</p>", told)
        yield from super().panels(request, obj)

    def page_heading(self, obj: Any) -> tuple[Any, Any]:
        return obj, format_html('<span class="lacking">{}</span>', NO_SECTOR) if obj and lacks_sector(obj) else ""

    def left_out(self, request: HttpRequest, obj: Any) -> set[str]:
        out = set() if obj else {"registry_no", "size_class", "created_at", "updated_at"}
        if self.model.KIND:
            out.add("kind")
        if not uscc.may_override(request.user) and not (obj and obj.uscc_override_reason):
            out.add("uscc_override_reason")
        if not (self.has_change_permission(request, obj) if obj else self.has_add_permission(request)):
            out.add("another_body")
        if not obj or not self.has_change_permission(request, obj):
            out |= {"name_change", "renamed_on"}
        if not request.user.has_perm("registry.view_annualfigures") or (obj and not reaches(request.user, obj)):
            out.add("size_class")
        return out

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name in ("scope", "introduction", "main_products", "remarks"):
            kwargs["widget"] = AdminTextareaWidget(attrs={"rows": 3})
        if db_field.name == "uscc":
            kwargs |= {"form_class": UsccFormField, "max_length": None}
        if db_field.name == "industry":
            kwargs |= {"form_class": IndustryField, "max_length": None}
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if db_field.name == "industry":
            field.widget.attrs |= {
                "class": "vTextField",
                "autocomplete": "off",
                "list": "industries",
                "data-check-url": reverse("admin:registry_organization_check"),
            }
        if db_field.name == "uscc":
            match = request.resolver_match
            field.widget.attrs |= {
                "data-check-url": reverse("admin:registry_organization_check"),
                "data-own": match.kwargs.get("object_id", match.kwargs.get("pk", "")) if match else "",
                "autocomplete": "off",
                "class": "vTextField uscc",
            }
        if db_field.name == "category" and self.model.KIND:
            field.choices = [("", "---------"), *categories_of(self.model.KIND)]
        return field

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        return {"capital_currency": "CNY", **super().get_changeform_initial_data(request)}

    def _changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """Hold back what another person has to review first, and tell so. It runs in the transaction of the form."""
        if request.method != "POST":
            return super()._changeform_view(request, *args, **kwargs)  # type: ignore[misc]
        with holding(request.user) as held:
            response = super()._changeform_view(request, *args, **kwargs)  # type: ignore[misc]
        if held:
            self.message_user(request, held.text, messages.WARNING)
        return response

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        if change and form.cleaned_data.get("name_change") == NameChange.RENAME:
            keep_former_names(form.instance, form.replaced_names(), form.cleaned_data.get("renamed_on"))
        if form.moves_to:
            propose_move(form.instance, form.moves_to.pk, request.user)
        card = getattr(request, "card", None)
        if (card is None or card.name == "sectors") and lacks_sector(form.instance):
            told = _("%(name)s has no sector yet: it is in the list under “no sector yet” until it has one.")
            self.message_user(request, told % {"name": form.instance}, messages.WARNING)

    @admin.display(description=_("size class"))
    def size_class(self, obj: Organization) -> str | Promise:
        """Return the size class.

        It is computed from confidential figures, so only accounts that may see these see it.
        """
        size = Organization.objects.with_size_class().values_list("size_class", flat=True).get(pk=obj.pk)
        return dict(Size.choices).get(size, NOTHING)

    def get_urls(self) -> list[Any]:
        check = path("check/", self.admin_site.admin_view(uscc.check_view), name="registry_organization_check")
        suggested = path(
            "suggestions/",
            self.admin_site.admin_view(lambda request: suggestions.view(request, self.admin_site)),
            name="registry_organization_suggestions",
        )
        verified = self.admin_site.admin_view(partial(verification.verify_view, self))
        own = [
            path("<int:pk>/verify/", verified, name=f"registry_{self.opts.model_name}_verify"),
        ]
        if self.model is Organization:
            overdue = self.admin_site.admin_view(partial(verification.overdue_view, self))
            proposed = self.admin_site.admin_view(lambda request, object_id: proposing.view(request, self, object_id))
            propose = path("<path:object_id>/propose/", proposed, name="registry_organization_propose")
            own += [check, suggested, propose, path("overdue/", overdue, name="registry_organization_overdue")]
        return [*own, *super().get_urls()]

    def handover(self, request: HttpRequest, parameters: dict[str, str]) -> Handover | None:
        url = f"{API}/{self.export_resource}/"
        files = [OfferedFile(label, url, kind) for label, kind in (("Excel", "xlsx"), ("CSV", "csv"))]
        return Handover.of(request, self.people_permission, files, parameters)

    def tools(self, request: HttpRequest, obj: Any) -> Iterator[tuple[Any, str]]:
        yield from super().tools(request, obj)
        if obj and not self.has_change_permission(request, obj):
            yield _("Propose a change"), reverse("admin:registry_organization_propose", args=[obj.pk])

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        tools = []
        if suggestions.may_decide(request):
            tools.append((_("Suggested sectors"), reverse("admin:registry_organization_suggestions")))
        if verification.may_verify(request):
            tools.append((_("Waiting to be verified"), reverse("admin:registry_organization_overdue")))
        shown = {"list_tools": tools, "enter_url": self.enter_url(), **(extra_context or {})}
        return super().changelist_view(request, shown)

    def tasks(self, request: HttpRequest) -> Iterator[Task]:
        base = f"admin:registry_{self.opts.model_name}"
        if self.has_add_permission(request):
            yield Task("enter", self.add_label, self.enter_url())
        if self.has_view_permission(request):
            yield Task("query", self.list_label, reverse(f"{base}_changelist"))


class EnterpriseAdmin(OrganizationAdmin):
    list_filter = ORGANIZATION_FILTERS
    export_resource = "enterprises"
    add_label = _("Enter an enterprise")
    list_label = _("Enterprises")


class InstituteAdmin(OrganizationAdmin):
    list_filter = ORGANIZATION_FILTERS
    export_resource = "institutes"
    add_label = _("Enter an institute")
    list_label = _("Institutes")


for _admin_class in (EnterpriseAdmin, InstituteAdmin):
    _admin_class.list_display = tuple(c for c in OrganizationAdmin.list_display if c != "kind")

admin.site.register(Enterprise, EnterpriseAdmin)
admin.site.register(Institute, InstituteAdmin)
admin.site.register(Organization, OrganizationAdmin)
