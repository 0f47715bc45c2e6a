"""Form fields that read and show values as clerks write them."""

import datetime
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib.admin.widgets import AdminDateWidget, AutocompleteSelect, AutocompleteSelectMultiple
from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from registry.database.yuan import YuanField
from registry.reference.models import Level
from registry.spreadsheet import (
    Context,
    parse_date,
    parse_money,
    parse_unit,
    parse_website,
    split_list,
    wan_text,
    yuan_text,
)
from registry.values.masking import Mask

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

ONE_DAY = datetime.timedelta(days=1)
OptionGroups = list[tuple[str | None, list[dict[str, Any]], int | None]]
"""The options of a widget, as Django has them: heading of the group, its options, and its number."""


class DayField(forms.DateField):
    """A day in any form that imports read: 2019-9-1, 2019.9.1, 20190901, 2019年9月1日."""

    widget = AdminDateWidget

    def to_python(self, value: Any) -> datetime.date | None:
        if value in self.empty_values:
            return None
        try:
            return super().to_python(value)
        except ValidationError:
            return parse_date(value.strip() if isinstance(value, str) else value)


class LastDayField(DayField):
    """The end of a half-open period. People type and see the last valid day (有效期至); the day after it is stored."""

    def prepare_value(self, value: object) -> object:
        return value - ONE_DAY if isinstance(value, datetime.date) else value

    def to_python(self, value: object) -> datetime.date | None:
        day = super().to_python(value)
        try:
            return day + ONE_DAY if day and not isinstance(value, datetime.date) else day
        except OverflowError:
            raise ValidationError(self.error_messages["invalid"], code="invalid") from None


class MoneyField(forms.CharField):
    """An amount of money, stored in yuan. People see and type it in one unit, and may name another one (2亿元)."""

    unit = Context()
    """The unit of a number that names none."""
    label_with_unit: "_StrPromise"
    too_large: "_StrPromise"

    def __init__(
        self, *, max_digits: int = 20, decimal_places: int = 2, label: "str | _StrPromise" = "", **kwargs: Any
    ) -> None:
        self.max_digits, self.decimal_places = max_digits, decimal_places
        kwargs.pop("strip", None)
        super().__init__(label=format_lazy(self.label_with_unit, label=label) if label else label, **kwargs)
        self.widget.attrs |= {"inputmode": "decimal", "class": "money"}

    def text_of(self, value: Decimal) -> str:
        """Return the amount in the unit of the field."""
        raise NotImplementedError

    def prepare_value(self, value: object) -> object:
        return self.text_of(value) if isinstance(value, Decimal) else value

    def to_python(self, value: object) -> Decimal | None:  # type: ignore[override]
        # In a file NaN is a program's word for an empty cell; nobody types it to say that there is no amount.
        if str(value).strip().lower() == "nan":
            raise ValidationError(_("“%(value)s” is not a number."), code="not_a_number", params={"value": value})
        yuan = value if isinstance(value, Decimal) else parse_money(super().to_python(value), self.unit)
        if yuan is not None and yuan >= Decimal(10) ** (self.max_digits - self.decimal_places):
            raise ValidationError(self.too_large)
        return yuan

    def has_changed(self, initial: object, data: object) -> bool:
        try:
            return self.to_python(data) != initial
        except ValidationError:
            return True


class TenThousandsField(MoneyField):
    """An amount in 万元 (10,000 yuan)."""

    unit = Context(unit=parse_unit("万元"))
    label_with_unit = _("{label} (10,000 yuan)")
    too_large = _("This amount is too large: is it really in units of 10,000 yuan?")

    def text_of(self, value: Decimal) -> str:
        return wan_text(value)


class BoundField(TenThousandsField):
    """A bound of a size class: an amount in 万元, or a number of persons where employees are counted."""

    label_with_unit = _("{label} (10,000 yuan; employees: persons)")

    def of_persons(self) -> "BoundField":
        self.unit, self.text_of = YuanFormField.unit, yuan_text  # type: ignore[method-assign]
        return self


class YuanFormField(MoneyField):
    """An amount in yuan, such as dues: 12,000 or 12000.50."""

    unit = Context(unit=parse_unit("元"))
    label_with_unit = _("{label} (yuan)")
    too_large = _("This amount is too large.")

    def text_of(self, value: Decimal) -> str:
        return yuan_text(value)


class MaskedField(forms.CharField):
    """A telephone number or an e-mail address, shown masked. Sent back as it was shown, it leaves the stored one.

    The form tells it what is stored (`stored`), and whether the page shows it in full (`revealed`).
    """

    stored = ""
    revealed = False

    def __init__(self, *, mask: Mask, **kwargs: Any) -> None:
        self.mask = mask
        super().__init__(**kwargs)

    @property
    def masked(self) -> str:
        return self.mask(self.stored) if self.stored else ""

    def is_kept(self, value: object) -> bool:
        """Return whether the value is the stored one, in full or masked."""
        return isinstance(value, str) and value.strip() in (self.stored, self.masked)

    def prepare_value(self, value: object) -> object:
        return self.masked if not self.revealed and self.is_kept(value) else value

    def clean(self, value: object) -> str:
        return self.stored if self.is_kept(value) else super().clean(value)

    def has_changed(self, initial: object, data: object) -> bool:
        return not self.is_kept(data or "")


class WebsiteFormField(forms.CharField):
    """A web address; https:// is added to an address without a scheme."""

    def to_python(self, value: object) -> str:
        return parse_website(super().to_python(value)) or ""


class WordsField(forms.CharField):
    """Several words on one line, separated by `；`, `;` or `、`."""

    def __init__(self, *, base_field: forms.Field | None = None, max_length: int | None = None, **kwargs: Any) -> None:
        kwargs.setdefault("help_text", _("Part several by “;”."))
        if not kwargs["help_text"]:
            kwargs["help_text"] = _("Part several by “;”.")
        super().__init__(widget=forms.TextInput(attrs={"class": "vTextField"}), **_known(kwargs))
        self.base_field = base_field

    def prepare_value(self, value: object) -> object:
        return "；".join(value) if isinstance(value, list) else value

    def to_python(self, value: object) -> list[str]:  # type: ignore[override]
        words = value if isinstance(value, list) else split_list(super().to_python(value), ";；、")
        return [self.base_field.clean(word) if self.base_field else word for word in words]

    def has_changed(self, initial: object, data: object) -> bool:
        try:
            return self.to_python(data) != (initial or [])
        except ValidationError:
            return True


def _known(kwargs: dict[str, Any]) -> dict[str, Any]:
    return {key: kwargs[key] for key in ("required", "label", "help_text", "initial", "disabled") if key in kwargs}


def levels_field(db_field: ArrayField) -> forms.MultipleChoiceField:
    return forms.MultipleChoiceField(
        choices=Level.choices,
        required=False,
        label=db_field.verbose_name,
        help_text=db_field.help_text,
        widget=forms.CheckboxSelectMultiple,
    )


def in_ten_thousands(label: "str | _StrPromise") -> "str | _StrPromise":
    """Return the label with the unit 万元."""
    if not label:
        return label
    return format_lazy(TenThousandsField.label_with_unit, label=label)


def primary_keys(values: Iterable[object]) -> list[str]:
    """Return the values that can be primary keys; a database refuses texts and numbers out of its range."""
    return [text for text in map(str, values) if text.isascii() and text.isdecimal() and len(text) < 19]


class ChosenSelect(AutocompleteSelect):
    """Shows no choice for a value that names no row; the field says what is wrong with the value."""

    def optgroups(self, name: str, value: Sequence[str], attr: dict[str, Any] | None = None) -> OptionGroups:
        return super().optgroups(name, primary_keys(value), attr)


class ChosenSelectMultiple(AutocompleteSelectMultiple):
    def optgroups(self, name: str, value: Sequence[str], attr: dict[str, Any] | None = None) -> OptionGroups:
        return super().optgroups(name, primary_keys(value), attr)


FORM_FIELDS: dict[type[models.Field], dict[str, Any]] = {
    models.DateField: {"form_class": DayField},
    models.DecimalField: {"form_class": TenThousandsField},
    YuanField: {"form_class": YuanFormField},
    ArrayField: {"form_class": WordsField},
}
"""The `formfield_overrides` of every admin and inline."""
