"""Defines columns: once for lists in JSON, exported files, their schema and the import."""

import datetime
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models
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

_EXACT_DIGITS = 15


class Reading:
    """The context of one answer or file: the plan whose sectors it shows, the day, reference data by id.

    Its tables are those of one state of the reference data.
    """

    def __init__(
        self, plan: Plan | None = None, on: datetime.date | None = None, known: References | None = None
    ) -> None:
        self.references = known or references()
        self.plan = plan or self.references.current_plan
        self.on = on or datetime.date.today()  # noqa: DTZ011 - Django has set the process's time zone

    @property
    def key(self) -> tuple[int | None, datetime.date]:
        """Two readings with the same key have the same `selected` columns."""
        return (self.plan.pk if self.plan else None, self.on)

    @cached_property
    def zone(self) -> datetime.tzinfo:
        return get_current_timezone()

    @cached_property
    def sectors(self) -> Table:
        return self.references.table("sectors")

    @cached_property
    def tags(self) -> dict[int, dict[str, Any]]:
        return self.references.tags()

    @cached_property
    def townships(self) -> Table:
        return self.references.table("townships")

    @cached_property
    def zones(self) -> Table:
        return self.references.table("zones")

    @cached_property
    def gradings(self) -> Table:
        return self.references.table("gradings")

    def table(self, name: str) -> Table:
        """One of the tables by its name."""
        return getattr(self, name)

    @cached_property
    def _labels(self) -> dict[int, dict[str, str]]:
        return {}

    def label(self, choices: type[models.TextChoices], value: str) -> str:
        """The label of a choice in the language of the answer; text without a choice as it is."""
        labels = self._labels.get(id(choices))
        if labels is None:
            labels = self._labels[id(choices)] = {code: str(label) for code, label in choices.choices}
        return labels.get(value, value)


def reference(row: Any) -> Reference:
    return {"code": row.code, "name": row.label()}


Convert = Callable[[Any, Reading], object]
Expression = str | Combinable
"""The name of a field, or what SQL makes of fields."""


@dataclass(frozen=True, slots=True)
class Hint:
    """The explanation of a column in the template of a file, for whoever fills it in."""

    note: str | Promise = ""
    example: str = ""
    required: bool | str | Promise = False
    """True, or the words for "not always"."""
    values: Callable[[], Iterable[str | Promise]] | None = None
    """The values of a drop-down list, in the active language."""
    several: bool = False
    """A cell may have several of the values, or a value beside them."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Column:
    """One column of a list, of its files in both directions, and of its form.

    What it does not say of reading cells follows from the model's field of the same name: how a cell is parsed, and
    the SQL type and greatest length of its values. A column with the name of a field that people may edit is also
    offered in the form and written by the API.
    """

    name: str
    label: Promise
    expression: Expression | Callable[[Reading], Expression]
    """The expression for `.values_list()`; a function of the Reading where the plan or the day matters."""
    present: Convert | None = None
    """Database value -> JSON; None where it is the same."""
    table: str = ""
    """The Reading's table of which the database value is a key: what is there is the JSON."""
    write: Convert | None = None
    """Database value -> text, number or date of a file's cell; None where it is the same."""
    synonyms: str = ""
    """Other headers under which lists of staff have it, separated by 、."""
    schema: dict[str, Any] = field(default_factory=lambda: {"type": "string"})
    """The schema of the JSON value, as in OpenAPI 3.1."""
    permission: str = ""
    in_list: bool = True
    """Shown in JSON lists without being asked for by `fields`."""
    in_file: bool = True
    width: int = 14

    parse: Parse | None = None
    """Cell of a file -> value."""
    make_parse: Callable[[], Parse] | None = None
    """Makes `parse` for each import, where it remembers what it has looked up."""
    vocabulary: Callable[[], Vocabulary[object]] | None = None
    """The only values that its cells can name; for a column with a `table`, those of the table."""
    parser_of: Callable[[Vocabulary[object]], Parse] = choice_parser
    """Makes `parse` for a vocabulary."""
    sql_type: str = ""
    max_length: int | None = None
    masked: bool = False
    """Values with hidden characters (138****1234) are let through, and never replace a full one."""
    group: str | Promise = ""
    """Heading under which it is offered where columns are chosen, and by which the form places it."""
    hint: Hint | None = Hint()
    """None where the template leaves the column out."""
    editable: bool = True
    """False where only the system writes the field."""

    def selected(self, reading: Reading) -> Expression:
        return self.expression(reading) if callable(self.expression) else self.expression


# --- Schemas of OpenAPI 3.1


def number(value: Decimal | None, reading: Reading | None = None) -> int | float | None:
    """Money and counts as JSON numbers: clients reckon with them, and fen fit a double up to 90 trillion yuan."""
    if value is None:
        return None
    return int(value) if value == value.to_integral_value() else float(value)


def in_wan(value: Decimal | None, reading: Reading) -> Decimal | str | None:
    """The amount in 万元; as text where a spreadsheet, which keeps 15 digits of a number, would round it."""
    if value is None:
        return None
    amount = (value / WAN).normalize()
    return decimal_text(amount) if len(amount.as_tuple().digits) > _EXACT_DIGITS else amount


def text_column(name: str, label: Promise, **options: Any) -> Column:
    return Column(name=name, label=label, expression=options.pop("expression", name), **options)


def date_column(name: str, label: Promise, **options: Any) -> Column:
    return text_column(name, label, schema=NULLABLE_DATE, **options)


def choice_column(name: str, label: Promise, choices: type[models.TextChoices], **options: Any) -> Column:
    codes = [*choices.values, ""] if options.pop("blank", False) else list(choices.values)
    return text_column(
        name,
        label,
        write=lambda value, reading: reading.label(choices, value) if value else "",
        schema={**TEXT, "enum": codes},
        **options,
    )


def reference_column(name: str, label: Promise, table: str, **options: Any) -> Column:
    """A reference by id, resolved by the Reading's table of that name."""
    return Column(
        name=name,
        label=label,
        expression=options.pop("expression", f"{name}_id"),
        table=table,
        write=lambda pk, reading: "" if pk is None else reading.table(table)[pk]["name"],
        schema=NULLABLE_REFERENCE,
        **options,
    )


def editable_names(columns: Iterable[Column], model: type[models.Model]) -> tuple[str, ...]:
    """The columns that are fields of the model and that people may edit, in their order."""
    fields = {field.name for field in model._meta.fields if field.editable and not field.primary_key}
    return tuple(column.name for column in columns if column.name in fields and column.editable)


def chosen(columns: Iterable[Column], names: Sequence[str]) -> tuple[Column, ...]:
    """The columns of these names, in this order."""
    by_name = {column.name: column for column in columns}
    return tuple(by_name[name] for name in names)


def present_rows(rows: Iterable[Sequence[Any]], columns: Sequence[Column], reading: Reading) -> list[dict[str, Any]]:
    """Rows of `.values_list()` as JSON objects."""
    names = [column.name for column in columns]
    converted = [(column.name, column.present) for column in columns if column.present]
    found = [(column.name, reading.table(column.table).get) for column in columns if column.table]
    results = []
    for row in rows:
        result = dict(zip(names, row, strict=True))
        for name, present in converted:
            result[name] = present(result[name], reading)
        for name, find in found:
            result[name] = find(result[name])
        results.append(result)
    return results


def write_row(row: Sequence[object], columns: Sequence[Column], reading: Reading) -> list[object]:
    """The cells of one row of a file: text, numbers, dates or None."""
    return [
        column.write(value, reading) if column.write else value for column, value in zip(columns, row, strict=False)
    ]


# --- Columns that follow from the fields of a model

_TYPES: tuple[tuple[type[models.Field], dict[str, Any]], ...] = (
    (models.BooleanField, BOOLEAN),
    (models.DateTimeField, {**TEXT, "format": "date-time"}),
    (models.DateField, {**TEXT, "format": "date"}),
    (models.DecimalField, {"type": "number"}),
    (models.IntegerField, INTEGER),
    (models.AutoField, INTEGER),
)


def local_moment(value: datetime.datetime | None, reading: Reading) -> datetime.datetime | None:
    return None if value is None else value.astimezone(reading.zone)


def field_column(model: type[models.Model], name: str, **options: Any) -> Column:
    """The field as it is; a choice by its code in JSON and by its label in a file."""
    field: Any = model._meta.get_field(name)
    values: dict[str, Any] = {"label": field.verbose_name, "expression": name, "schema": field_schema(field)}
    if field.choices:
        labels = dict(field.flatchoices)
        values["write"] = lambda value, reading: str(labels.get(value, value))
    elif isinstance(field, models.DateTimeField):
        values["present"] = local_moment
    elif isinstance(field, models.DecimalField):
        values["present"] = number
    elif isinstance(field, ArrayField):
        values["write"] = lambda items, reading: join_list(items)
    return Column(name=name, **values | options)


def field_columns(model: type[models.Model], *names: str) -> tuple[Column, ...]:
    return tuple(field_column(model, name) for name in names)


def field_schema(field: models.Field) -> dict[str, Any]:
    """OpenAPI 3.1 schema of the field's JSON value."""
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
    """Another record by its public key."""
    field: Any = model._meta.get_field(name)
    schema = NULLABLE_TEXT if field.null else TEXT
    return Column(name=name, label=field.verbose_name, expression=f"{name}__{key}", schema=schema, **options)
