"""The forms of pages and of their rows. They check every rule of the table and overwrite nobody's work."""

from collections.abc import Iterator, Sequence
from typing import Any, cast

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import models
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from registry.database.constraints import fields_of
from registry.database.fields import field_of
from registry.site import history
from registry.site.fields import MaskedField
from registry.site.merging import FieldConflict
from registry.values.validators import validate_direction

VERSION = "_version"
"""The name of the hidden field with the version of the record that the page shows."""


def add_refusal(form: forms.BaseForm, error: ValidationError) -> None:
    """Show what an operation refuses beside the fields of the form, and above them what is about none of them."""
    by_field = error.error_dict if hasattr(error, "error_dict") else {NON_FIELD_ERRORS: [error]}
    for field, errors in by_field.items():
        for one in errors:
            form.add_error(field if field in form.fields else None, one)


class ShowsRefusals(forms.BaseForm):
    """A form for an operation; its labels end without a colon."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"label_suffix": "", **kwargs})

    def add_refusal(self, error: ValidationError) -> None:
        add_refusal(self, error)


class PlainForm(ShowsRefusals, forms.Form):
    pass


class WholeRowForm(forms.ModelForm):
    """Also checks constraints on columns that are not in the form, such as the kind of a proxy or read-only columns.

    Django leaves out a constraint with such a column; the database would then refuse the row with a server error.
    """

    revealed = False
    """Whether masked fields show what is stored; a page that may, and has logged it, says so in its class of form."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            if isinstance(field, MaskedField):
                field.stored = getattr(self.instance, name) or ""
                field.revealed = self.revealed

    def _clean_fields(self) -> None:
        """Refuse single-line texts with direction marks, in addition to what Django refuses."""
        super()._clean_fields()  # type: ignore[misc]
        long = {field.name for field in self._meta.model._meta.fields if isinstance(field, models.TextField)}
        for name, value in [*self.cleaned_data.items()]:
            if isinstance(value, str) and name not in long:
                try:
                    validate_direction(value)
                except forms.ValidationError as error:
                    self.add_error(name, error)

    def _post_clean(self) -> None:
        super()._post_clean()  # type: ignore[misc]
        model = self._meta.model
        left_out: set[str] = self._get_validation_exclusions()
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
        """Move the error of a constraint on one field to that field; Django shows all such errors above the form."""
        above: Any = self.errors.get(NON_FIELD_ERRORS, [])
        for constraint in self._meta.model._meta.constraints:
            names, told = fields_of(constraint), constraint.get_violation_error_message()
            if len(names) == 1 and names[0] in self.fields and told in above:
                above.data[:] = [error for error in above.data if told not in forms.ValidationError(error).messages]
                self.add_error(names[0], told)
        if not above:
            self.errors.pop(NON_FIELD_ERRORS, None)

    def _get_validation_exclusions(self) -> set[str]:
        """Exclude masked values that stay as they are: an import may have brought one with hidden digits."""
        masked = {name for name, field in self.fields.items() if isinstance(field, MaskedField)}
        return super()._get_validation_exclusions() | (masked - {*self.changed_data})  # type: ignore[misc]

    def parents(self) -> set[str]:
        """Return the foreign key to the object of the page, if the form is one of its rows."""
        return {name for name, field in self.fields.items() if isinstance(field, forms.models.InlineForeignKeyField)}

    def is_left(self, constraint: models.BaseConstraint) -> bool:
        """Return whether the constraint is checked elsewhere."""
        return False


AFTER_LABELS = gettext_noop(":")
"""What Django writes after the labels of its own forms, such as that of a new password: in Chinese a sign as wide."""


class RegistryForm(WholeRowForm):
    """The form of a page; RegistryAdmin.get_form() sets the attributes below."""

    request: HttpRequest
    parts: Sequence[history.Part] = ()
    current_version = ""
    contests: Sequence[FieldConflict] = ()
    removed: Sequence[str] = ()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"label_suffix": "", **kwargs})

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        loaded = self.data.get(VERSION, "")
        if self.instance.pk and self.current_version and loaded != self.current_version:
            for line in self._meanwhile(loaded):
                self.add_error(None, line)
        elif self.contests:
            self.add_error(None, _("Both of you changed the fields named below: choose for each which value holds."))
        return cleaned

    def _meanwhile(self, loaded: str) -> Iterator[str | forms.ValidationError]:
        yield forms.ValidationError(
            _(
                "Not saved: somebody else changed this record after you opened it. The page now shows their changes "
                "together with yours: check them and save again. Only the fields that you changed are written."
            ),
            code="meanwhile",
        )
        for kind in self.removed:
            yield _("%(kind)s: somebody else has removed a row that you changed; it is shown below as a new row.") % {
                "kind": kind
            }
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


class ChildFormSet(forms.BaseInlineFormSet):
    """The rows of one parent, whose uniqueness is checked within the form, since it has all of them.

    Django would ask the database, which still has rows that this page removes or changes.
    """

    @property
    def _model(self) -> type[models.Model]:
        return cast(type[models.Model], self.model)

    def clean(self) -> None:
        for constraint in self._model._meta.constraints:
            if isinstance(constraint, models.UniqueConstraint) and constraint.fields:
                self._check_unique(constraint)

    def _check_unique(self, constraint: models.UniqueConstraint) -> None:
        seen: set[tuple[object, ...]] = set()
        for form in self.kept_forms():
            row = form.instance
            if constraint.condition is not None and not _holds(constraint.condition, row):
                continue
            key = tuple(getattr(row, field_of(self._model, name).attname) for name in constraint.fields)
            distinct_nulls = constraint.nulls_distinct is not False
            if distinct_nulls and any(
                v is None for v, f in zip(key, constraint.fields, strict=True) if f != self.fk.name
            ):
                continue
            if key in seen:
                form.add_error(None, constraint.get_violation_error_message())
            seen.add(key)

    def kept_forms(self) -> list[forms.ModelForm]:
        """Return the forms of the rows that will exist after saving."""
        return [
            form
            for form in self.forms
            if form.is_valid() and not self._should_delete_form(form) and (form.instance.pk or form.has_changed())  # type: ignore[attr-defined]
        ]


def _holds(condition: models.Q, row: models.Model) -> bool:
    """Return whether a condition of equalities and lists holds for a row; unique constraints have no others."""
    for child in condition.children:
        name, value = child  # type: ignore[misc]
        field, _double, lookup = str(name).partition("__")
        actual = getattr(row, field)
        if not (actual in value if lookup == "in" else actual == value):
            return False
    return True


class ChildForm(WholeRowForm):
    """The form of one row; the formset checks what concerns several rows of one parent."""

    def _get_validation_exclusions(self) -> set[str]:
        """Exclude the parent too, which Django does not leave out of all checks."""
        return super()._get_validation_exclusions() | self.parents()

    def is_left(self, constraint: models.BaseConstraint) -> bool:
        return isinstance(constraint, models.UniqueConstraint) and bool(self.parents() & set(constraint.fields))
