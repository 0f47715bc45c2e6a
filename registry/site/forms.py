"""The forms of pages and of their rows: every rule of the table is checked, and nobody's work is overwritten."""

from collections.abc import Iterator, Sequence
from typing import Any, cast

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS
from django.db import models
from django.http import HttpRequest
from django.utils.translation import gettext as _

from registry.database.constraints import fields_of
from registry.site import history
from registry.site.merging import Contest
from registry.values.validators import validate_direction

VERSION = "_version"
"""Name of the hidden field that says in which state the page was read."""


class WholeRowForm(forms.ModelForm):
    """Checks also the constraints on columns without a field in the form: the kind of a proxy, what is read-only.

    Django leaves out a constraint that mentions such a column; the database would then refuse it as a server error.
    """

    def _clean_fields(self) -> None:
        """Refuse texts of one line whose direction is turned, beside what Django refuses."""
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
                above.data[:] = [error for error in above.data if told not in forms.ValidationError(error).messages]
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
    """The form of a page; RegistryAdmin.get_form() sets the attributes below."""

    request: HttpRequest
    parts: Sequence[history.Part] = ()
    current_version = ""
    contests: Sequence[Contest] = ()
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
                "Not saved: somebody changed this record after you had opened it. The page now holds these changes "
                "and yours together: look at them and save again. Only the fields that you changed are written."
            ),
            code="meanwhile",
        )
        for kind in self.removed:
            yield _("%(kind)s: a row that you changed was removed meanwhile; it stands below as a new one.") % {
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
        seen: set[tuple[object, ...]] = set()
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

    def kept_forms(self) -> list[forms.ModelForm]:
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
        """Exclude the parent too, which Django does not leave out of all checks."""
        return super()._get_validation_exclusions() | self.parents()  # type: ignore[misc]

    def is_left(self, constraint: models.BaseConstraint) -> bool:
        return isinstance(constraint, models.UniqueConstraint) and bool(self.parents() & set(constraint.fields))
