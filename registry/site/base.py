"""What all pages of the staff have in common: who may, history instead of a log, nobody's work overwritten."""

from collections.abc import Iterator, Sequence
from typing import Any, cast

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.options import BaseModelAdmin
from django.contrib.admin.utils import flatten_fieldsets
from django.contrib.admin.widgets import RelatedFieldWidgetWrapper
from django.core.exceptions import NON_FIELD_ERRORS, PermissionDenied
from django.db import models, transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _

from registry.database.constraints import fields_of
from registry.database.db_errors import Conflict, lost_races_as_conflicts
from registry.imports import import_tables
from registry.site import history
from registry.site.admin_site import Heading
from registry.site.fields import FORM_FIELDS, LastDayField, TenThousandsField, levels_field

VERSION = "_version"
NOTHING = "—"
"""What is shown where there is no value."""


class FormFields(BaseModelAdmin):
    """Fields as clerks write them: days, money in 万元, words in a line; read-only ones say the same."""

    formfield_overrides = FORM_FIELDS
    empty_value_display = NOTHING
    last_days: tuple[str, ...] = ()
    """Ends of periods that are typed and shown as the last valid day."""
    labels: dict[str, Any] = {}
    help_texts: dict[str, Any] = {}

    def formfield_for_dbfield(self, db_field: models.Field, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name in self.last_days:
            kwargs["form_class"] = LastDayField
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

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        fieldsets = self.own_fieldsets(request, obj)
        if self.has_change_permission(request, obj) or self.may_enter(request, obj):
            return fieldsets
        return [(name, {**options, "fields": self._as_shown(options["fields"])}) for name, options in fieldsets]

    def may_enter(self, request: HttpRequest, obj: Any) -> bool:
        """Whether the fields serve to enter a new row."""
        raise NotImplementedError

    def own_fieldsets(self, request: HttpRequest, obj: Any) -> Any:
        """As declared; for subclasses to compose."""
        return super().get_fieldsets(request, obj)

    def _as_shown(self, fields: Sequence[Any]) -> list[Any]:
        return [self._as_shown(name) if isinstance(name, list | tuple) else self._shown(name) for name in fields]

    def _shown(self, name: Any) -> Any:
        """The field, or what shows it to those who may not change it the way that the form shows it."""
        db_field = next((f for f in self.opts.get_fields() if f.name == name and isinstance(f, models.Field)), None)
        if not (isinstance(db_field, models.DecimalField) or name in self.last_days) or db_field is None:
            return name
        form_class = LastDayField if name in self.last_days else TenThousandsField
        form_field = form_class(label=self.labels.get(name, db_field.verbose_name))

        @admin.display(description=form_field.label)
        def shown(obj: models.Model) -> Any:
            return form_field.prepare_value(getattr(obj, name)) or NOTHING

        shown.__name__ = f"shown_{name}"
        return shown


class WholeRowForm(forms.ModelForm):
    """Checks also the constraints on columns without a field in the form: the kind of a proxy, what is read-only.

    Django leaves out a constraint that mentions such a column; the database would then refuse it as a server error.
    """

    def _post_clean(self) -> None:
        super()._post_clean()  # type: ignore[misc]
        model = self._meta.model
        left_out: set[str] = self._get_validation_exclusions()  # type: ignore[attr-defined]
        # A parent stands in the row, whatever Django thinks of its hidden field.
        wrong = {name for name in left_out if name in self.fields} - self.parents()
        for constraint in model._meta.constraints:
            if (left_out - wrong).isdisjoint(fields_of(constraint)) or self.is_left(constraint):
                continue
            try:
                constraint.validate(model, self.instance, exclude=wrong)
            except forms.ValidationError as error:
                self.add_error(None, error)
        self._tell_errors_beside_fields()

    def _tell_errors_beside_fields(self) -> None:
        """Move an error of a constraint on one field beside it; Django puts all such errors above the form."""
        above: Any = self.errors.get(NON_FIELD_ERRORS, [])
        for constraint in self._meta.model._meta.constraints:
            names, told = fields_of(constraint), constraint.get_violation_error_message()
            if len(names) == 1 and names[0] in self.fields and told in above:
                above.remove(told)
                self.add_error(names[0], told)
        if not above:
            self.errors.pop(NON_FIELD_ERRORS, None)

    def parents(self) -> set[str]:
        """The foreign key to the page's object, where the form is one of its rows."""
        return {name for name, field in self.fields.items() if isinstance(field, forms.models.InlineForeignKeyField)}

    def is_left(self, constraint: models.BaseConstraint) -> bool:
        """Whether somebody else checks the constraint."""
        return False


class RegistryForm(WholeRowForm):
    """The form of a page; `request`, `parts` and `current_version` are set by RegistryAdmin.get_form()."""

    request: HttpRequest
    parts: Sequence[history.Part] = ()
    current_version = ""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"label_suffix": "", **kwargs})

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        loaded = self.data.get(VERSION, "")
        if self.instance.pk and self.current_version and loaded != self.current_version:
            for line in self._meanwhile(loaded):
                self.add_error(None, line)
        return cleaned

    def _meanwhile(self, loaded: str) -> Iterator[Any]:
        yield forms.ValidationError(
            _(
                "Not saved: this page was changed after you had opened it. Look at the changes below: saving again "
                "puts your values in their place; to keep them, open the page anew."
            ),
            code="meanwhile",
        )
        for event in history.since(self.instance, self.parts, loaded, self.request.user):
            said = {
                "who": event.who or "—",
                "when": event.when.strftime("%H:%M"),
                "what": event.what,
                "did": event.verb,
            }
            if not event.differences:
                yield _("%(when)s %(who)s: %(what)s %(did)s") % said
            for change in event.differences:
                said |= {"field": change.field, "old": change.old or "—", "new": change.new or "—"}
                yield _("%(when)s %(who)s: %(what)s %(did)s, %(field)s: %(old)s → %(new)s") % said


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
    """What belongs to the object: part of its version and its history."""

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest | None = None) -> bool:
        """Only the filters that are offered: Django lets staff filter on every column by hand-written addresses."""
        return request is not None and lookup in {
            getattr(spec, "parameter_name", None) for spec in self.get_list_filter(request)
        }

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Records are closed, disabled or unpublished."""
        return False

    def may_enter(self, request: HttpRequest, obj: Any) -> bool:
        return obj is None and self.has_add_permission(request)

    # History instead of Django's log, which would repeat secret values in its messages.

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        """The trigger has recorded it."""

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        """The trigger has recorded it."""

    add_label: Any = ""
    """What the button says that adds a record."""

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        context = {"add_label": self.add_label, "import_url": self.import_url(request), **(extra_context or {})}
        return super().changelist_view(request, context)

    import_table = ""
    """Name of the table of imports that brings rows of this list."""

    def import_url(self, request: HttpRequest) -> str:
        """Where a file of such rows is brought; empty for those who may not."""
        table = import_tables.get(self.import_table)
        if table is None or not table.allows(request.user):  # type: ignore[arg-type]
            return ""
        return f"{reverse('admin:registry_importbatch_start')}?table={table.name}"

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        if not self.versioned:
            return super().history_view(request, object_id, extra_context)
        obj = self.get_object(request, object_id)
        if obj is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)  # type: ignore[attr-defined]
        if not self.has_view_or_change_permission(request, obj):
            raise PermissionDenied
        context = {
            **self.admin_site.each_context(request),
            "title": _("History: %s") % obj,
            "subtitle": None,
            "events": history.events_of(obj, self.parts, request.user),
            "module_name": str(self.opts.verbose_name_plural),
            "object": obj,
            "opts": self.opts,
            **(extra_context or {}),
        }
        return TemplateResponse(request, "admin/registry/history.html", context)

    # Nobody's work is overwritten

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        """On a POST the row is locked first. The version is taken before the values are read."""
        obj = super().get_object(request, object_id, from_field)
        if obj is None or not self.versioned:
            return obj
        if request.method == "POST" and transaction.get_connection().in_atomic_block:
            self.model._default_manager.select_for_update(of=("self",), no_key=True).get(pk=obj.pk)
        setattr(request, VERSION, history.version(obj, self.parts))
        return super().get_object(request, object_id, from_field)

    @property
    def versioned(self) -> bool:
        return hasattr(self.model._meta.concrete_model, "pgh_event_model")

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        form = super().get_form(request, obj, change=change, **kwargs)
        form.request, form.parts = request, self.parts  # type: ignore[attr-defined]
        form.current_version = getattr(request, VERSION, "")  # type: ignore[attr-defined]
        return form

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        context.update(
            title=self.add_label if kwargs.get("add") and self.add_label else context.get("title"),
            version_name=VERSION,
            version=getattr(request, VERSION, ""),
            show_save_as_new=False,
            tools=list(self.tools(request, context.get("original"))),
            panels=list(self.panels(request, context.get("original"))),
            heading=self.page_heading(context.get("original")),
        )
        return super().render_change_form(request, context, *args, **kwargs)

    def page_heading(self, obj: Any) -> tuple[Any, Any]:
        """Title and subtitle of the page of an object."""
        return obj, ""

    def tools(self, request: HttpRequest, obj: Any) -> Iterator[tuple[Any, str]]:
        """Buttons above the form: label and address."""
        yield from ()

    def panels(self, request: HttpRequest, obj: Any) -> Iterator[tuple[Any, str]]:
        """What is shown below the fields to read only: heading and HTML."""
        yield from ()

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        """Who loses a race validates again: what the winner saved is there now and becomes an error of the form."""
        for _attempt in range(2):
            try:
                with lost_races_as_conflicts():
                    return super().changeform_view(request, object_id, form_url, extra_context)
            except Conflict as conflict:
                last = conflict
        self.message_user(request, "; ".join(last.messages), messages.ERROR)
        return HttpResponseRedirect(request.get_full_path())


class ChildFormSet(forms.BaseInlineFormSet):
    """Rows of one parent: their uniqueness is checked among themselves, for all of them are here.

    Django asks the database, where a row that this page removes or changes too is still in the way.
    """

    @property
    def _model(self) -> type[models.Model]:
        return cast(type[models.Model], self.model)

    def clean(self) -> None:
        for constraint in self._model._meta.constraints:
            if isinstance(constraint, models.UniqueConstraint) and constraint.fields:
                self._check_unique(constraint)

    def _check_unique(self, constraint: models.UniqueConstraint) -> None:
        seen: set[tuple[Any, ...]] = set()
        for form in self.kept_forms():
            row = form.instance
            if constraint.condition is not None and not _holds(constraint.condition, row):
                continue
            key = tuple(
                getattr(row, cast(models.Field, self._model._meta.get_field(name)).attname)
                for name in constraint.fields
            )
            distinct_nulls = constraint.nulls_distinct is not False
            if distinct_nulls and any(
                v is None for v, f in zip(key, constraint.fields, strict=True) if f != self.fk.name
            ):
                continue
            if key in seen:
                form.add_error(None, constraint.get_violation_error_message())
            seen.add(key)

    def kept_forms(self) -> list[Any]:
        """The rows that will be there after saving."""
        return [
            form
            for form in self.forms
            if form.is_valid() and not self._should_delete_form(form) and (form.instance.pk or form.has_changed())  # type: ignore[attr-defined]
        ]


def _holds(condition: models.Q, row: models.Model) -> bool:
    """Whether a condition of equalities and lists holds for a row; all conditions of unique constraints are such."""
    for child in condition.children:
        name, value = child  # type: ignore[misc]
        field, _double, lookup = str(name).partition("__")
        actual = getattr(row, field)
        if not (actual in value if lookup == "in" else actual == value):
            return False
    return True


class ChildForm(WholeRowForm):
    """Leaves to the formset what concerns several rows of one parent."""

    def _get_validation_exclusions(self) -> set[str]:
        """With the parent, which Django does not leave out of all checks."""
        return super()._get_validation_exclusions() | self.parents()  # type: ignore[misc]

    def is_left(self, constraint: models.BaseConstraint) -> bool:
        return isinstance(constraint, models.UniqueConstraint) and bool(self.parents() & set(constraint.fields))


class ChildInline(FormFields, admin.TabularInline):
    formset = ChildFormSet
    form = ChildForm
    extra = 0
    wrapped = False
    """Whether a row has too many fields for one line."""

    def may_enter(self, request: HttpRequest, obj: Any) -> bool:
        return self.has_add_permission(request, obj)

    def get_formset(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> Any:
        """Without what only shows a value: Django leaves it out of a page's form, but not out of that of its rows."""
        fields = flatten_fieldsets(self.get_fieldsets(request, obj))
        kwargs.setdefault("fields", [field for field in fields if isinstance(field, str)])
        return super().get_formset(request, obj, **kwargs)


def link(url: str, text: Any) -> str:
    return format_html('<a href="{}">{}</a>', url, text)
