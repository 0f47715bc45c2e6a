"""The base of all pages of the staff: permissions, history by triggers, and forms that overwrite nobody's work."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.options import BaseModelAdmin
from django.contrib.admin.utils import flatten_fieldsets
from django.contrib.admin.widgets import RelatedFieldWidgetWrapper
from django.core.exceptions import PermissionDenied
from django.db import models, transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.translation import gettext as _

from registry.database.db_errors import Conflict, integrity_errors_as_conflicts
from registry.database.yuan import YuanField
from registry.history.rendering import days_of, events_of, for_people
from registry.imports import import_tables
from registry.site import history, merging, undo_offer
from registry.site.admin_site import Heading
from registry.site.error_pages import WrongAddress
from registry.site.fields import (
    FORM_FIELDS,
    ChosenSelect,
    ChosenSelectMultiple,
    LastDayField,
    MaskedField,
    TenThousandsField,
    WebsiteFormField,
    YuanFormField,
    levels_field,
)
from registry.site.forms import VERSION, ChildForm, ChildFormSet, RegistryForm
from registry.values.masking import Mask, masks_of
from registry.values.validators import validate_website

if TYPE_CHECKING:
    from django.contrib.admin.options import _FieldsetSpec
    from django.utils.functional import _StrPromise

Fieldsets: TypeAlias = "_FieldsetSpec"
"""The groups of fields of a page: heading, and the options of Django, which has no public name for it."""

NOTHING = "—"
"""The sign shown for a missing value."""


class FormFields(BaseModelAdmin):
    """Shows fields as clerks write them: days, money in 万元, words on a line; read-only fields look the same."""

    formfield_overrides = FORM_FIELDS
    empty_value_display = NOTHING
    last_days: tuple[str, ...] = ()
    """The ends of periods, which are typed and shown as the last valid day."""
    labels: Mapping[str, "str | _StrPromise"] = {}
    help_texts: Mapping[str, "str | _StrPromise"] = {}

    def formfield_for_dbfield(self, db_field: models.Field, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name in self.last_days:
            kwargs["form_class"] = LastDayField
        if validate_website in db_field.validators:
            kwargs["form_class"] = WebsiteFormField
        if mask := masks_of(db_field.model).get(db_field.name):
            kwargs |= {"form_class": MaskedField, "mask": mask}
        for option, given in (("label", self.labels), ("help_text", self.help_texts)):
            if db_field.name in given:
                kwargs[option] = given[db_field.name]
        if db_field.name == "levels":
            return levels_field(db_field)  # type: ignore[arg-type]
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field and isinstance(field.widget, RelatedFieldWidgetWrapper):
            # Reference data are looked after elsewhere; the small icons only invite accidents.
            field.widget.can_add_related = field.widget.can_change_related = False
            field.widget.can_delete_related = field.widget.can_view_related = False
        return field

    def formfield_for_foreignkey(
        self, db_field: models.ForeignKey, request: HttpRequest, **kwargs: Any
    ) -> forms.ModelChoiceField | None:
        if db_field.name in self.get_autocomplete_fields(request):
            kwargs.setdefault("widget", ChosenSelect(db_field, self.admin_site))
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def formfield_for_manytomany(
        self, db_field: models.ManyToManyField, request: HttpRequest, **kwargs: Any
    ) -> forms.ModelMultipleChoiceField | None:
        if db_field.name in self.get_autocomplete_fields(request):
            kwargs.setdefault("widget", ChosenSelectMultiple(db_field, self.admin_site))
        return super().formfield_for_manytomany(db_field, request, **kwargs)

    def get_fieldsets(self, request: HttpRequest, obj: models.Model | None = None) -> Fieldsets:
        fieldsets = self.own_fieldsets(request, obj)
        if self.has_change_permission(request, obj) or self.may_enter(request, obj):
            return fieldsets
        full = getattr(request, "revealed", False)
        return [(name, {**options, "fields": self._as_shown(options["fields"], full)}) for name, options in fieldsets]

    def may_enter(self, request: HttpRequest, obj: models.Model | None) -> bool:
        """Return whether the page enters a new row."""
        raise NotImplementedError

    def own_fieldsets(self, request: HttpRequest, obj: models.Model | None) -> Fieldsets:
        """Return the fieldsets as declared, for subclasses to compose."""
        return super().get_fieldsets(request, obj)

    def _as_shown(self, fields: Sequence[Any], full: bool) -> list[Any]:
        return [
            self._as_shown(name, full) if isinstance(name, list | tuple) else self._shown(name, full) for name in fields
        ]

    def _shown(self, name: str, full: bool) -> str | Callable[[models.Model], object]:
        """Return the field, or for people who may not change it a display in the same format as the form."""
        db_field = next((f for f in self.opts.get_fields() if f.name == name and isinstance(f, models.Field)), None)
        if db_field and not full and (mask := masks_of(self.model).get(name)):
            return _masked(db_field, mask)
        if not (isinstance(db_field, models.DecimalField) or name in self.last_days) or db_field is None:
            return name
        money = YuanFormField if isinstance(db_field, YuanField) else TenThousandsField
        form_class = LastDayField if name in self.last_days else money
        form_field = form_class(label=self.labels.get(name, db_field.verbose_name))

        @admin.display(description=form_field.label)
        def shown(obj: models.Model) -> object:
            return form_field.prepare_value(getattr(obj, name)) or NOTHING

        shown.__name__ = f"shown_{name}"
        return shown


def _masked(db_field: models.Field, mask: Mask) -> Callable[[models.Model], object]:
    """Return a display of a field for people who may not change it, who see it masked as the form shows it."""

    @admin.display(description=db_field.verbose_name)
    def shown(obj: models.Model) -> object:
        value = getattr(obj, db_field.name)
        return mask(value) if value else NOTHING

    shown.__name__ = f"shown_{db_field.name}"
    return shown


class RegistryAdmin(FormFields, admin.ModelAdmin):
    heading = Heading.SYSTEM
    form = RegistryForm
    list_per_page = 50
    list_max_show_all = 200
    show_full_result_count = False
    actions_selection_counter = True
    view_on_site = False
    change_form_template = "admin/registry/change_form.html"
    change_list_template = "admin/registry/change_list.html"

    parts: Sequence[history.Part] = ()
    """The models whose rows belong to the object; they are part of its version and its history."""

    def parts_on(self, request: HttpRequest) -> Sequence[history.Part]:
        """Return the parts whose rows the page of this request shows."""
        return self.parts

    def record_url(self, pk: object) -> str:
        """Return the address at which a record is read."""
        return reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_change", args=[pk])

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest | None = None) -> bool:
        """Allow only the offered filters: Django would let staff filter on every column by addresses typed by hand."""
        offered = [getattr(spec, "parameter_name", "") for spec in self.get_list_filter(request)] if request else []
        if lookup not in offered:
            raise WrongAddress(
                _("This list has no filter “%(name)s”. It has: %(names)s.")
                % {"name": lookup, "names": ", ".join(offered) or "—"}
            )
        return True

    def has_delete_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        """Allow no deletion: records are closed, disabled or unpublished instead."""
        return False

    def may_enter(self, request: HttpRequest, obj: models.Model | None) -> bool:
        return obj is None and self.has_add_permission(request)

    # History instead of Django's log, which would repeat secret values in its messages.

    def log_addition(self, request: HttpRequest, obj: models.Model, message: object) -> Any:
        """Log nothing: the trigger has recorded the addition."""

    def log_change(self, request: HttpRequest, obj: models.Model, message: object) -> Any:
        """Log nothing: the trigger has recorded the change."""

    @property
    def undoable(self) -> bool:
        """Return whether what is done on these pages can be taken back at once."""
        return self.heading in (Heading.ORGANIZATIONS, Heading.ALLIANCES)

    def message_user(self, request: HttpRequest, message: object, *args: Any, **kwargs: Any) -> None:
        """Offer to take back what the message tells of, if something was stored."""
        level = kwargs.get("level", args[0] if args else messages.INFO)
        if level == messages.SUCCESS and self.undoable:
            kwargs["extra_tags"] = undo_offer.mark(request)
        super().message_user(request, message, *args, **kwargs)  # type: ignore[arg-type]

    add_label: str | Promise = ""
    """The text of the button that adds a record."""

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        context = {"add_label": self.add_label, "import_url": self.import_url(request), **(extra_context or {})}
        return super().changelist_view(request, context)

    import_table = ""
    """The name of the import table whose files bring rows of this list."""

    def import_url(self, request: HttpRequest) -> str:
        """Return the address for uploading a file of such rows; empty for accounts that may not."""
        table = import_tables.get(self.import_table)
        if table is None or not table.allows(request.user):
            return ""
        return f"{reverse('admin:registry_importbatch_start')}?table={table.name}"

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        if not self.versioned:
            return super().history_view(request, object_id, extra_context)
        return self.history_page(request, object_id, "admin/registry/history.html", extra_context)

    def history_page(
        self, request: HttpRequest, object_id: str, template: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        obj = self.get_object(request, object_id)
        if obj is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)  # type: ignore[attr-defined]
        if not self.has_view_or_change_permission(request, obj):
            raise PermissionDenied
        context = {
            **self.admin_site.each_context(request),
            "title": _("History: %s") % obj,
            "subtitle": None,
            "module_name": str(self.opts.verbose_name_plural),
            "object": obj,
            "object_url": self.record_url(obj.pk),
            "opts": self.opts,
            **self.history_of(request, obj),
            **(extra_context or {}),
        }
        return TemplateResponse(request, template, context)

    def history_of(self, request: HttpRequest, obj: models.Model) -> dict[str, Any]:
        """Return the values for the template of the object's history."""
        events = for_people(events_of(history.parts_of(obj, self.parts, request.user), obj.pk, request.user))
        return {"days": days_of(events, self.model)}

    # Nobody's work is overwritten

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> models.Model | None:
        """Return the object. On a POST its row is locked first. The version is read before the values."""
        obj = super().get_object(request, object_id, from_field)
        if obj is None or not self.versioned:
            return obj
        if request.method == "POST" and transaction.get_connection().in_atomic_block:
            self.model._default_manager.select_for_update(of=("self",), no_key=True).get(pk=obj.pk)
        setattr(request, VERSION, history.version(obj, self.parts_on(request), request.user))
        obj = super().get_object(request, object_id, from_field)
        if obj is not None and request.method == "POST" and self.has_change_permission(request, obj):
            self._merge(request, obj)
        return obj

    def _merge(self, request: HttpRequest, obj: models.Model) -> None:
        """Merge the values that were sent with the values that another person has saved meanwhile."""
        if request.POST.get(VERSION) == getattr(request, VERSION) and merging.CONTESTED not in request.POST:
            return
        merged = merging.merge_request(self, request, obj)
        if merged.elsewhere and VERSION in request.POST:
            merged.data[VERSION] = getattr(request, VERSION)
        request.POST, request.merged = merged.data, merged  # type: ignore[assignment, attr-defined]

    @property
    def versioned(self) -> bool:
        return hasattr(self.model._meta.concrete_model, "pgh_event_model")

    def get_form(
        self, request: HttpRequest, obj: models.Model | None = None, change: bool = False, **kwargs: Any
    ) -> type[forms.ModelForm]:
        form = super().get_form(request, obj, change=change, **kwargs)
        form.request, form.parts = request, self.parts_on(request)  # type: ignore[attr-defined]
        form.current_version = getattr(request, VERSION, "")  # type: ignore[attr-defined]
        if merged := getattr(request, "merged", None):
            form.contests, form.removed = merged.contests, merged.removed  # type: ignore[attr-defined]
        return form

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        carried, stored = self._carried(request, context), self._as_stored(request, context)
        context.update(
            original=stored,
            subtitle=str(stored or ""),
            title=self.add_label if kwargs.get("add") and self.add_label else context.get("title"),
            version_name=VERSION,
            version=getattr(request, VERSION, ""),
            carried=carried,
            contests=getattr(context["adminform"].form, "contests", ()),
            show_save_as_new=False,
            tools=list(self.tools(request, stored)),
            panels=list(self.panels(request, stored)),
            heading=self.page_heading(stored),
        )
        return super().render_change_form(request, context, *args, **kwargs)

    def _as_stored(self, request: HttpRequest, context: dict[str, Any]) -> models.Model | None:
        """Return the object as it is stored: a form that is refused has put what was typed into its own."""
        obj = context.get("original")
        if obj is None or not context["adminform"].form.is_bound:
            return obj
        return self.get_queryset(request).filter(pk=obj.pk).first() or obj

    def _carried(self, request: HttpRequest, context: dict[str, Any]) -> list[tuple[str, str]]:
        """Return the names and values of the hidden fields that the page adds to the form."""
        form, obj = context["adminform"].form, context.get("original")
        if obj is None or not hasattr(request, VERSION) or not self.has_change_permission(request, obj):
            return []
        formsets = [group.formset for group in context["inline_admin_formsets"]]
        return merging.carried(obj, form, formsets, getattr(form, "contests", ()))

    def page_heading(self, obj: models.Model | None) -> tuple[object, object]:
        """Return title and subtitle of the page of an object."""
        return obj, ""

    def tools(self, request: HttpRequest, obj: models.Model | None) -> Iterator[tuple[str | Promise, str]]:
        """Yield the buttons above the form: label and address."""
        yield from ()

    def panels(self, request: HttpRequest, obj: models.Model | None) -> Iterator[tuple[str | Promise, str]]:
        """Yield the read-only panels below the fields: heading and HTML."""
        yield from ()

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Validate the form again if another transaction was faster: its stored values then become errors of the
        form.
        """
        for _attempt in range(2):
            try:
                with integrity_errors_as_conflicts():
                    return super().changeform_view(request, object_id, form_url, extra_context)
            except Conflict as conflict:
                last = conflict
        self.message_user(request, "; ".join(last.messages), messages.ERROR)
        return HttpResponseRedirect(request.get_full_path())


class ReadOnlyAdmin(RegistryAdmin):
    """The page of rows that other parts of the system create; nobody adds or changes one here."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False


class ChildInline(FormFields, admin.TabularInline):
    formset = ChildFormSet
    form = ChildForm
    extra = 0
    wrapped = False
    """Whether a row has too many fields for one line."""

    def may_enter(self, request: HttpRequest, obj: models.Model | None) -> bool:
        return self.has_add_permission(request, obj)

    def get_formset(
        self, request: HttpRequest, obj: models.Model | None = None, **kwargs: Any
    ) -> type[forms.BaseInlineFormSet]:
        """Leave out fields that only show a value:

        Django does so in the form of a page, but not in the forms of its rows.
        """
        fields = flatten_fieldsets(self.get_fieldsets(request, obj))
        kwargs.setdefault("fields", [field for field in fields if isinstance(field, str)])
        formset = super().get_formset(request, obj, **kwargs)
        formset.form.revealed = getattr(request, "revealed", False)  # type: ignore[attr-defined]
        return formset

    @property
    def masks(self) -> Mapping[str, Mask]:
        """The fields whose values are masked, for the template."""
        return masks_of(self.model)


def link(url: str, text: object) -> str:
    return format_html('<a href="{}">{}</a>', url, text)
