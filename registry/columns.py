"""Defines a column once for lists in JSON, for exported files, for their schema and for the import."""

import datetime
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Case, Q, When
from django.db.models.expressions import Combinable
from django.utils.functional import Promise
from django.utils.timezone import get_current_timezone

from registry.api.json_schema import (
    BOOLEAN,
    INTEGER,
    NULLABLE_DATE,
    NULLABLE_REFERENCE,
    NULLABLE_TEXT,
    TEXT,
    array_schema,
)
from registry.reference.cache import Reference, References, Table, references
from registry.reference.models import Plan
from registry.spreadsheet import WAN, Parse, Vocabulary, choice_parser, decimal_text, join_list
from registry.values.masking import Mask, masks_of

_EXACT_DIGITS = 15


class RenderContext:
    """The context in which columns show values: the plan whose sectors are shown, the day, and reference data by id.

    All its tables belong to one version of the reference data.
    """

    revealed = False
    """Whether columns with a mask show full values; the view sets it where the request may, and logs that it did."""

    def __init__(
        self, plan: Plan | None = None, on: datetime.date | None = None, known: References | None = None
    ) -> None:
        self.references = known or references()
        self.plan = plan or self.references.current_plan
        self.on = on or datetime.date.today()  # noqa: DTZ011 - Django has set the process's time zone
        self.zone = get_current_timezone()
        self.visible = Q()
        """The condition of rows whose columns with a permission are shown; empty if they are shown of all rows."""

    @property
    def key(self) -> tuple[int | None, datetime.date, Q]:
        """Return a key; contexts with the same key have the same `selected` columns."""
        return (self.plan.pk if self.plan else None, self.on, self.visible)

    @cached_property
    def sectors(self) -> Table:
        return self.references.table("sectors")

    @cached_property
    def tags(self) -> dict[int, dict[str, Any]]:
        """Sectors as tags show them, by id; a primary sector has its negative id."""
        return self.references.kept("tags", self._tags)

    def _tags(self) -> dict[int, dict[str, Any]]:
        primary = {-pk: {**one, "primary": True} for pk, one in self.sectors.items()}
        return primary | {pk: {**one, "primary": False} for pk, one in self.sectors.items()}

    @cached_property
    def gradings(self) -> Table:
        return self.references.table("gradings")

    def table(self, name: str) -> Table:
        """Return one of the tables of reference data, or of those that this context adds to them, by its name."""
        return self.references.table(name) if name in self.references.rows else getattr(self, name)

    @cached_property
    def _labels(self) -> dict[int, dict[str, str]]:
        return {}

    def label(self, choices: type[models.TextChoices], value: str) -> str:
        """Return the label of a choice in the language of the answer; a text that is no choice is returned
        unchanged.
        """
        labels = self._labels.get(id(choices))
        if labels is None:
            labels = self._labels[id(choices)] = {code: str(label) for code, label in choices.choices}
        return labels.get(value, value)


def reference(row: Any) -> Reference:
    return {"code": row.code, "name": row.label()}


Convert = Callable[[Any, RenderContext], object]
Expression = str | Combinable
"""The name of a field, or what SQL makes of fields."""


@dataclass(frozen=True, slots=True)
class Hint:
    """The explanation of a column in the template of a file, for people who fill it in."""

    note: str | Promise = ""
    example: str = ""
    required: bool | str | Promise = False
    """True, or a text if the column is required only in some cases."""
    values: Callable[[], Iterable[str | Promise]] | None = None
    """The values of a drop-down list, in the active language."""
    several: bool = False
    """Whether a cell may have several of the values, or a text besides them."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Column:
    """One column of a list, of its files in both directions, and of its form.

    If it does not say how cells are read, this follows from the model's field of the same name: the parser, the SQL
    type and the greatest length. If that field may be edited, the column is also in the form and is written by the API.
    """

    name: str
    label: str | Promise
    expression: Expression | Callable[[RenderContext], Expression]
    """The expression for `.values_list()`; a function of the RenderContext if it depends on the plan or the day."""
    present: Convert | None = None
    """Converts the database value to JSON; None if it stays the same."""
    table: str = ""
    """The table of the RenderContext in which the database value is a key; the JSON is the entry of the table."""
    write: Callable[[Any, Any], object] | None = None
    """Converts the database value to the text, number or date of a cell; None if it stays the same."""
    synonyms: str = ""
    """Other labels of the column in lists of the staff, separated by 、."""
    schema: dict[str, Any] = field(default_factory=lambda: {"type": "string"})
    """The schema of the JSON value, in OpenAPI 3.1."""
    permission: str = ""
    in_list: bool = True
    """Whether lists in JSON show it even if the parameter `fields` does not ask for it."""
    in_file: bool = True
    in_file_by_filter: bool = False
    """Whether a file shows it where the rows are chosen by the parameter of its name."""
    only_written: bool = False
    """Whether files show it although no import reads it."""
    width: int = 14

    parse: Parse | None = None
    """Converts the cell of a file to the value."""
    make_parse: Callable[[], Parse] | None = None
    """Makes `parse` for each import, if the parser remembers what it has looked up."""
    vocabulary: Callable[[], Vocabulary[object]] | None = None
    """The only values that its cells can name; by default the values of `table`."""
    parser_of: Callable[[Vocabulary[object]], Parse] = choice_parser
    """Makes `parse` for a vocabulary."""
    sql_type: str = ""
    max_length: int | None = None
    masked: bool = False
    """Whether values with hidden characters (138****1234) are allowed; they never replace a full value."""
    mask: Mask | None = None
    """Hides the middle of a value, unless the render context is one in which values are revealed."""
    group: str | Promise = ""
    """The heading under which people choose the column, and under which the form has it."""
    hint: Hint | None = Hint()
    """The explanation in the template; None if the template leaves the column out."""
    editable: bool = True
    """False if only the system writes the field."""

    def selected(self, context: RenderContext) -> Expression:
        """Return the expression in the context: NULL in rows in which the reader may not see what has a permission."""
        expression = self.expression(context) if callable(self.expression) else self.expression
        return Case(When(context.visible, then=expression)) if self.permission and context.visible else expression

    def hides(self, context: RenderContext) -> bool:
        """Return whether the column shows masked values in this context."""
        return self.mask is not None and not context.revealed

    def cell(self, value: object, context: RenderContext) -> object:
        """Return the cell of a file for a database value: text, number, date or None."""
        shown = self.write(value, context) if self.write else value
        return self.mask(str(shown)) if self.mask and shown and not context.revealed else shown


# --- Schemas of OpenAPI 3.1


def number(value: Decimal | None, context: RenderContext | None = None) -> int | float | None:
    """Return money or a count as a JSON number.

    Clients can calculate with it, and it is exact up to 90 trillion yuan.
    """
    if value is None:
        return None
    return int(value) if value == value.to_integral_value() else float(value)


def in_wan(value: Decimal | None, context: RenderContext) -> Decimal | str | None:
    """Return the amount in 万元, as a text if a spreadsheet, which keeps 15 digits of a number, would round it."""
    if value is None:
        return None
    amount = (value / WAN).normalize()
    return decimal_text(amount) if len(amount.as_tuple().digits) > _EXACT_DIGITS else amount


def file_column(label: str | Promise, width: int, name: str = "") -> Column:
    """Return a column of a file whose cells are computed, not read from rows."""
    return Column(name=name, label=label, expression="", width=width)


def text_column(name: str, label: str | Promise, **options: Any) -> Column:
    return Column(name=name, label=label, expression=options.pop("expression", name), **options)


def date_column(name: str, label: Promise, **options: Any) -> Column:
    return text_column(name, label, schema=NULLABLE_DATE, **options)


def choice_column(name: str, label: Promise, choices: type[models.TextChoices], **options: Any) -> Column:
    codes = [*choices.values, ""] if options.pop("blank", False) else list(choices.values)
    return text_column(
        name,
        label,
        write=lambda value, context: context.label(choices, value) if value else "",
        schema={**TEXT, "enum": codes},
        **options,
    )


def reference_column(name: str, label: Promise, table: str, **options: Any) -> Column:
    """Return the column of a reference by id, which the RenderContext's table of that name resolves."""
    return Column(
        name=name,
        label=label,
        expression=options.pop("expression", f"{name}_id"),
        table=table,
        write=lambda pk, context: "" if pk is None else context.table(table)[pk]["name"],
        schema=NULLABLE_REFERENCE,
        **options,
    )


def editable_names(columns: Iterable[Column], model: type[models.Model]) -> tuple[str, ...]:
    """Return the names of columns that are fields of the model and may be edited, in their order."""
    fields = {field.name for field in model._meta.fields if field.editable and not field.primary_key}
    return tuple(column.name for column in columns if column.name in fields and column.editable)


def chosen(columns: Iterable[Column], names: Sequence[str]) -> tuple[Column, ...]:
    """Return the columns with these names, in this order."""
    by_name = {column.name: column for column in columns}
    return tuple(by_name[name] for name in names)


def present_rows(
    rows: Iterable[Sequence[Any]], columns: Sequence[Column], context: RenderContext
) -> list[dict[str, Any]]:
    """Return rows of `.values_list()` as JSON objects."""
    names = [column.name for column in columns]
    converted = [(column.name, column.present) for column in columns if column.present]
    found = [(column.name, context.table(column.table).get) for column in columns if column.table]
    masks = [(column.name, column.mask) for column in columns if column.mask and column.hides(context)]
    results = []
    for row in rows:
        result = dict(zip(names, row, strict=True))
        for name, present in converted:
            result[name] = present(result[name], context)
        for name, find in found:
            result[name] = find(result[name])
        for name, mask in masks:
            result[name] = mask(result[name]) if result[name] else result[name]
        results.append(result)
    return results


def hide(record: dict[str, Any], columns: Iterable[Column]) -> dict[str, Any]:
    """Return a JSON object with the values masked whose columns have a mask."""
    masked = {one.name: one.mask(str(record[one.name])) for one in columns if one.mask and record[one.name]}
    return record | masked


def write_row(row: Sequence[object], columns: Sequence[Column], context: RenderContext) -> list[object]:
    """Return the cells of one row of a file: text, numbers, dates or None."""
    return [column.cell(value, context) for column, value in zip(columns, row, strict=False)]


# --- Columns that follow from the fields of a model

_TYPES: tuple[tuple[type[models.Field], dict[str, Any]], ...] = (
    (models.BooleanField, BOOLEAN),
    (models.DateTimeField, {**TEXT, "format": "date-time"}),
    (models.DateField, {**TEXT, "format": "date"}),
    (models.DecimalField, {"type": "number"}),
    (models.IntegerField, INTEGER),
    (models.AutoField, INTEGER),
)


def local_moment(value: datetime.datetime | None, context: RenderContext) -> datetime.datetime | None:
    return None if value is None else value.astimezone(context.zone)


def field_column(model: type[models.Model], name: str, **options: Any) -> Column:
    """Return the column of a field; a choice is shown by its code in JSON and by its label in a file."""
    field: Any = model._meta.get_field(name)
    values: dict[str, Any] = {"label": field.verbose_name, "expression": name, "schema": field_schema(field)}
    values["mask"] = masks_of(model).get(name)
    if field.choices:
        labels = dict(field.flatchoices)
        values["write"] = lambda value, context: str(labels.get(value, value))
    elif isinstance(field, models.DateTimeField):
        values["present"] = local_moment
    elif isinstance(field, models.DecimalField):
        values["present"] = number
    elif isinstance(field, ArrayField):
        values["write"] = lambda items, context: join_list(items)
    return Column(name=name, **values | options)


def field_columns(model: type[models.Model], *names: str) -> tuple[Column, ...]:
    return tuple(field_column(model, name) for name in names)


def field_schema(field: models.Field) -> dict[str, Any]:
    """Return the OpenAPI 3.1 schema of the field's JSON value."""
    if isinstance(field, ArrayField):
        return array_schema(field_schema(field.base_field))
    schema = dict(next((found for kind, found in _TYPES if isinstance(field, kind)), TEXT))
    if field.choices:
        schema["enum"] = [code for code, _label in field.flatchoices]
        if field.blank and "" not in schema["enum"]:
            schema["enum"].append("")
    if field.null:
        schema["type"] = [schema["type"], "null"]
    if field.help_text:
        schema["description"] = field.help_text
    return schema


def key_column(model: type[models.Model], name: str, key: str = "code", **options: Any) -> Column:
    """Return a column for another record, shown by its public key."""
    field: Any = model._meta.get_field(name)
    schema = NULLABLE_TEXT if field.null else TEXT
    return Column(name=name, label=field.verbose_name, expression=f"{name}__{key}", schema=schema, **options)
