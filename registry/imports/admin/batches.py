"""Imports and remembered mappings on the staff site: their lists, and the addresses of the steps of an import."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, ClassVar

from django.contrib import admin
from django.contrib.auth import get_user_model
from django.db.models import Q
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import path, reverse
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from registry.history import shown
from registry.imports import import_tables
from registry.imports.admin import apply, columns, files, preview, undo, upload
from registry.imports.admin.access import VIEW_ALL, may_see
from registry.imports.models import ImportBatch, ImportMapping, ImportRow
from registry.organizations.models.reach import reach_of
from registry.site.admin_site import Heading, Task
from registry.site.base import ReadOnlyAdmin, RegistryAdmin
from registry.site.filters import ChoiceFilter, Choices
from registry.values.people import Account, person_name
from registry.values.punctuation import listed

View = Callable[..., HttpResponse]


def table_label(name: str) -> str | Promise:
    table = import_tables.get(name)
    return table.label if table else name


shown.TEXTS |= {(model, "table"): table_label for model in (ImportBatch, ImportMapping)}


class TableFilter(ChoiceFilter):
    title = pgettext_lazy("import", "table")
    parameter_name = "table"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Choices:
        return [(table.name, str(table.label)) for table in import_tables.everything()]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        return queryset.filter(table=self.value()) if self.value() else queryset


UNDECIDED = "undecided"


def undecided() -> Q:
    """Return the condition that an import waits for decisions about rows."""
    return Q(state=ImportBatch.State.OPEN, counts__undecided__gt=0)


def visible_batches(user: Account) -> Any:
    """Return the imports that the list shows to an account."""
    own = Q(created_by=user.pk)
    if reach_of(user) is not None:
        return ImportBatch.objects.filter(own)
    if user.has_perm(VIEW_ALL):
        return ImportBatch.objects.all()
    brought = [table.name for table in import_tables.of(user)]
    return ImportBatch.objects.filter(own | Q(created_by=None, table__in=brought))


class BatchStateFilter(ChoiceFilter):
    title = _("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Choices:
        return [(UNDECIDED, _("not applied yet, with rows to decide")), *ImportBatch.State.choices]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        if self.value() == UNDECIDED:
            return queryset.filter(undecided())
        return queryset.filter(state=self.value()) if self.value() else queryset


class UploaderFilter(ChoiceFilter):
    title = _("uploaded by")
    parameter_name = "person"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Choices:
        who = ImportBatch.objects.exclude(created_by=None).values("created_by")
        people = get_user_model().objects.filter(pk__in=who).order_by("username")
        return [(str(person.pk), person_name(person)) for person in people]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        return queryset.filter(created_by=self.value()) if self.value() else queryset


class ImportBatchAdmin(RegistryAdmin):
    heading = Heading.ORGANIZATIONS
    after_others = True
    list_display = ("shown_name", "shown_table", "shown_state", "new", "changed", "refused", "who", "created")
    list_display_links = ("shown_name",)
    list_select_related = ("created_by",)
    list_filter: ClassVar[Any] = (TableFilter, BatchStateFilter, UploaderFilter)
    search_fields = ("file_name",)
    search_help_text = _("Part of the file name")
    sortable_by = ()
    ordering = ("-id",)
    add_label = _("Import a list")

    class Media:
        css = {"all": ("registry/imports.css",)}

    # --- Who may

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        if obj is not None:
            return may_see(request.user, obj)
        return request.user.has_perm(VIEW_ALL) or self.has_add_permission(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return bool(import_tables.of(request.user))

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def get_queryset(self, request: HttpRequest) -> Any:
        return visible_batches(request.user).defer("findings", "layout").order_by(*self.get_ordering(request))

    def get_list_filter(self, request: HttpRequest) -> Any:
        return self.list_filter if request.user.has_perm(VIEW_ALL) else self.list_filter[:-1]

    # --- List

    @admin.display(description=_("file name"))
    def shown_name(self, obj: ImportBatch) -> str:
        return obj.file_name

    @admin.display(description=pgettext_lazy("import", "table"))
    def shown_table(self, obj: ImportBatch) -> Any:
        return table_label(obj.table)

    @admin.display(description=_("state"))
    def shown_state(self, obj: ImportBatch) -> str:
        return format_html('<span class="state {}">{}</span>', obj.state, obj.get_state_display())

    @admin.display(description=ImportRow.Outcome.NEW.label)
    def new(self, obj: ImportBatch) -> Any:
        return obj.counts.get("new", "")

    @admin.display(description=ImportRow.Outcome.CHANGED.label)
    def changed(self, obj: ImportBatch) -> Any:
        return obj.counts.get("changed", "")

    @admin.display(description=ImportRow.Outcome.REFUSED.label)
    def refused(self, obj: ImportBatch) -> Any:
        return obj.counts.get("refused", "")

    @admin.display(description=_("uploaded by"))
    def who(self, obj: ImportBatch) -> Any:
        return person_name(obj.created_by) if obj.created_by else _("command")

    @admin.display(description=_("uploaded at"))
    def created(self, obj: ImportBatch) -> str:
        return localtime(obj.created_at).strftime("%Y-%m-%d %H:%M")

    # --- Pages

    def site_urls(self) -> list[Any]:
        """Return the addresses of the steps of an import, which are directly below the address of the site."""
        return [
            self._path("", upload.start_view, "start"),
            self._path("template/<slug:table>.xlsx", files.template_view, "template"),
            self._path("<int:pk>/", preview.page_view, "page"),
            self._path("<int:pk>/columns/", columns.columns_view, "columns"),
            self._path("<int:pk>/examine/", preview.examine_view, "examine"),
            self._path("<int:pk>/decide/", preview.decide_view, "decide"),
            self._path("<int:pk>/sectors/", preview.sectors_view, "sectors"),
            self._path("<int:pk>/apply/", apply.apply_view, "apply"),
            self._path("<int:pk>/discard/", apply.discard_view, "discard"),
            self._path("<int:pk>/undo/", undo.undo_view, "undo"),
            self._path("<int:pk>/refused.xlsx", files.refused_view, "refused"),
        ]

    def _path(self, below: str, view: View, name: str) -> Any:
        wrapped = self.admin_site.admin_view(partial(view, self))
        return path(f"imports/{below}", wrapped, name=f"registry_importbatch_{name}")

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        return HttpResponseRedirect(reverse("admin:registry_importbatch_start"))

    def change_view(self, request: HttpRequest, object_id: str, *args: Any, **kwargs: Any) -> HttpResponse:
        obj = self.get_object(request, object_id)
        if obj is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)  # type: ignore[attr-defined]
        return preview.page_view(self, request, obj.pk)

    def page_context(self, request: HttpRequest) -> dict[str, Any]:
        return {**self.admin_site.each_context(request), "opts": self.opts, "media": self.media, "subtitle": None}

    def tasks(self, request: HttpRequest) -> Iterator[Task]:
        if self.has_add_permission(request):
            yield Task("enter", self.add_label, reverse("admin:registry_importbatch_start"))


class ImportMappingAdmin(ReadOnlyAdmin):
    """Lists the remembered mappings of column labels; people delete a mapping that is wrong."""

    heading = Heading.SYSTEM
    after_others = True
    list_display = ("shown_labels", "shown_table", "created_by", "used_at")
    list_display_links = ("shown_labels",)
    list_select_related = ("created_by",)
    list_filter = (TableFilter,)
    sortable_by = ()
    ordering = ("-used_at",)
    fields = ("shown_table", "shown_labels", "corrections", "created_by", "used_at")
    readonly_fields = fields
    actions = ("forget",)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm("registry.delete_importmapping")

    @admin.action(description=_("Forget"), permissions=["delete"])
    def forget(self, request: HttpRequest, queryset: Any) -> None:
        queryset.delete()

    @admin.display(description=pgettext_lazy("import", "table"))
    def shown_table(self, obj: ImportMapping) -> Any:
        return table_label(obj.table)

    @admin.display(description=_("labels"))
    def shown_labels(self, obj: ImportMapping) -> str:
        return listed(obj.labels)

    @admin.display(description=_("reading of the file"))
    def corrections(self, obj: ImportMapping) -> str:
        return columns.in_words(obj)


admin.site.register(ImportBatch, ImportBatchAdmin)
admin.site.register(ImportMapping, ImportMappingAdmin)
