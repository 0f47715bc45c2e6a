"""Reads bodies: strict input, then the rules of the model, each by its name."""

from collections.abc import Collection, Iterable, Mapping
from decimal import Decimal
from typing import Any, ClassVar

from django.core.exceptions import NON_FIELD_ERRORS
from django.core.exceptions import ValidationError as DjangoValidationError
from django.db import models
from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail, ValidationError
from rest_framework.validators import UniqueValidator

from registry.database.constraints import broken_checks, fields_of
from registry.values.masking import masks_of
from registry.values.validators import clean_line, validate_direction


class _Typed:
    """Takes values of one JSON type and converts none: a number where text belongs has lost its zeros already.

    Text is measured as it was sent, too: the blanks that are taken off make it no shorter.
    """

    takes: ClassVar[tuple[type, ...]]

    def to_internal_value(self, data: Any) -> Any:
        if not isinstance(data, self.takes) or (isinstance(data, bool) and bool not in self.takes):
            self.fail("invalid")  # type: ignore[attr-defined]
        longest = getattr(self, "max_length", None)
        if longest is not None and len(data) > longest:
            self.fail("max_length", max_length=longest)  # type: ignore[attr-defined]
        return super().to_internal_value(data)  # type: ignore[misc]


class TextField(_Typed, serializers.CharField):
    takes = (str,)


class LineField(TextField):
    """Text on one line, stored as the forms and files store it."""

    def to_internal_value(self, data: object) -> str:
        text = super().to_internal_value(data)
        validate_direction(text)
        return clean_line(text)


class AddressField(_Typed, serializers.URLField):
    takes = (str,)


class MailField(_Typed, serializers.EmailField):
    takes = (str,)


class NameField(_Typed, serializers.SlugField):
    takes = (str,)


class TruthField(_Typed, serializers.BooleanField):
    takes = (bool,)


class WholeNumberField(_Typed, serializers.IntegerField):
    takes = (int, Decimal)


class NumberField(_Typed, serializers.DecimalField):
    takes = (int, Decimal)

    def __init__(self, **options: Any) -> None:
        super().__init__(coerce_to_string=False, **options)


class StrictSerializer(serializers.ModelSerializer):
    """Reads what may be written and nothing else: fields that are unknown or only read are errors that name them.

    Uniqueness is left to `check()`, where the constraints of the model speak.
    """

    serializer_field_mapping: ClassVar = {
        **serializers.ModelSerializer.serializer_field_mapping,
        models.CharField: LineField,
        models.TextField: TextField,
        models.URLField: AddressField,
        models.EmailField: MailField,
        models.SlugField: NameField,
        models.BooleanField: TruthField,
        models.PositiveSmallIntegerField: WholeNumberField,
        models.SmallIntegerField: WholeNumberField,
        models.PositiveIntegerField: WholeNumberField,
        models.IntegerField: WholeNumberField,
        models.BigIntegerField: WholeNumberField,
        models.DecimalField: NumberField,
    }

    told: ClassVar[str] = ""
    """The description of these bodies for users of the API."""

    class Meta:
        validators: ClassVar[list[object]] = []

    def to_internal_value(self, data: object) -> dict[str, Any]:
        wrong: dict[str, Any] = {}
        if isinstance(data, Mapping):
            wrong = self._not_writable(data)
            data = self._without_masked(data)
        try:
            values = super().to_internal_value(data)
        except ValidationError as error:
            if not isinstance(error.detail, dict):
                raise
            wrong = {**error.detail, **wrong}
        if wrong:
            raise ValidationError(wrong)
        return values

    def _without_masked(self, data: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return the body without masked values as they were shown: these leave the stored ones as they are."""
        if self.instance is None:
            return data
        shown = {name: mask(getattr(self.instance, name)) for name, mask in masks_of(type(self.instance)).items()}
        return {name: value for name, value in data.items() if not value or value != shown.get(name)}

    def _not_writable(self, data: Mapping[str, Any]) -> dict[str, list[ErrorDetail]]:
        wrong = {}
        # What answers show, the serializer need not know.
        shown = self.context.get("shown", ()) if self.parent is None else ()
        for name in data:
            field = self.fields.get(name)
            if field is None and name not in shown:
                known = ", ".join(key for key, one in self.fields.items() if not one.read_only)
                text = _("There is no such field here. There are: %(fields)s.") % {"fields": known}
                wrong[name] = [ErrorDetail(text, code="unknown_field")]
            elif field is None or field.read_only:
                wrong[name] = [ErrorDetail(_("This field can only be read."), code="read_only")]
        return wrong

    def build_standard_field(
        self, field_name: str, model_field: models.Field
    ) -> tuple[type[serializers.Field], dict[str, Any]]:
        field_class, options = super().build_standard_field(field_name, model_field)
        if validators := options.get("validators"):
            options["validators"] = [one for one in validators if not isinstance(one, UniqueValidator)]
        return field_class, options

    def get_uniqueness_extra_kwargs(
        self, field_names: Iterable[str], declared_fields: Mapping[str, object], extra_kwargs: dict[str, Any]
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        return extra_kwargs, {}

    def create(self, validated_data: dict[str, Any]) -> object:
        return self.update(self.Meta.model(), validated_data)

    def update(self, instance: Any, validated_data: dict[str, Any]) -> Any:
        sure = take_over(instance, validated_data)
        check(instance, sure)
        instance.save()
        return instance


def take_over(instance: models.Model, values: Mapping[str, Any]) -> set[str]:
    """Set the values; the names of the unique fields and foreign keys that are as they were stored."""
    before = {} if instance._state.adding else dict(vars(instance))
    for name, value in values.items():
        setattr(instance, name, value)
    return {
        field.name
        for field in instance._meta.concrete_fields
        if (field.is_relation or field.unique)
        and field.attname in before
        and before[field.attname] == getattr(instance, field.attname)
    }


def check(instance: models.Model, sure: Collection[str] = (), within: str = "") -> None:
    """Validate the instance as `full_clean()` does.

    Raises ValidationError: the code of an error is the name of the broken constraint, its field is the first one that
    the constraint is about.

    Two things are not asked of the database, because the caller knows them: whether the values of the fields `sure` are
    unique and refer to records that exist, and what is unique among the rows that have one value of the field `within`.
    """
    errors: dict[str, list[DjangoValidationError]] = {}
    try:
        instance.full_clean(exclude=sure, validate_constraints=False)
    except DjangoValidationError as error:
        errors = error.update_error_dict({})
    failed = set(errors)
    broken: list[models.BaseConstraint] = [*broken_checks(instance, failed)]
    for model, constraints in instance.get_constraints():
        for constraint in constraints:
            if not isinstance(constraint, models.CheckConstraint) and within not in getattr(constraint, "fields", ()):
                try:
                    constraint.validate(model, instance, exclude=failed)
                except DjangoValidationError:
                    broken.append(constraint)
    for constraint in broken:
        told = DjangoValidationError(constraint.get_violation_error_message(), code=constraint.name)
        errors.setdefault(_spoken_of(constraint), []).append(told)
    if errors:
        raise DjangoValidationError(errors)


def _spoken_of(constraint: models.BaseConstraint) -> str:
    """The field that a check constraint names first, or the only one of a unique constraint."""
    if isinstance(constraint, models.UniqueConstraint):
        return constraint.fields[0] if len(constraint.fields) == 1 else NON_FIELD_ERRORS
    return next(iter(fields_of(constraint)), NON_FIELD_ERRORS)
