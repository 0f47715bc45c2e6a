"""Makes the columns that a file may have from the columns of a model, which say how their cells are read."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.conf import settings
from django.core.exceptions import FieldDoesNotExist
from django.db import models
from django.utils import translation

from registry import spreadsheet
from registry.columns import Column
from registry.imports.pipeline.staging import FileColumn
from registry.reference.cache import references
from registry.spreadsheet import Cell, Context, Parse, Vocabulary

_READ_BY_FIELD: tuple[tuple[type[models.Field], Parse, str], ...] = (
    (models.DateField, spreadsheet.parse_date, "date"),
    (models.DecimalField, spreadsheet.parse_money, "numeric"),
    (models.SmallIntegerField, spreadsheet.parse_integer, "smallint"),
    (models.IntegerField, spreadsheet.parse_integer, "integer"),
    (models.ForeignKey, spreadsheet.parse_line, "bigint"),
    (models.TextField, spreadsheet.parse_text, "text"),
)
"""Kind of a model field -> how its cells are read, and the SQL type of its values. Others hold one line of text."""


def file_columns(
    model: type[models.Model], columns: Iterable[Column], vocabularies: Mapping[str, Vocabulary[object]] | None = None
) -> list[FileColumn]:
    """Return the columns of the model that files may have.

    `vocabularies` maps the name of a column to the values that this import allows in it.
    """
    known = vocabularies or {}
    return [_file_column(column, model, known.get(column.name)) for column in columns if column.in_file]


def _file_column(column: Column, model: type[models.Model], vocabulary: Vocabulary[object] | None) -> FileColumn:
    field = field_of(model, column.name)
    if vocabulary is None and column.vocabulary:
        vocabulary = column.vocabulary()
    if vocabulary is None and column.table:
        vocabulary = getattr(references(), column.table)
    parse, sql_type = next(
        ((parse, sql_type) for kind, parse, sql_type in _READ_BY_FIELD if isinstance(field, kind)),
        (spreadsheet.parse_line, "text"),
    )
    if vocabulary is not None:
        parse = column.parser_of(vocabulary)
    else:
        parse = column.make_parse() if column.make_parse else column.parse or parse
        by_field = column.parse is None and isinstance(field, models.DateField | models.DecimalField)
        if by_field or isinstance(field, models.IntegerField):
            parse = _checked(parse, field)
    return FileColumn(
        column.name,
        labels_of(column),
        parse,
        column.sql_type or sql_type,
        column.max_length or getattr(field, "max_length", None),
        column.masked,
        permission=column.permission,
        vocabulary=vocabulary,
        parser_of=column.parser_of,
        group=column.group,
        hint=column.hint,
    )


def field_of(model: type[models.Model], name: str) -> Any:
    """Return the model's field of that name; None if the model has none or does not store it."""
    try:
        field = model._meta.get_field(name)
    except FieldDoesNotExist:
        return None
    return field if getattr(field, "concrete", False) and not field.many_to_many else None


def _checked(parse: Parse, field: models.Field) -> Parse:
    """Return a parser that works like `parse` and also refuses numbers and days that the model's field would refuse."""

    def read(cell: Cell, context: Context) -> object:
        value = parse(cell, context)
        if value is not None:
            field.run_validators(value)
        return value

    return read


def labels_of(column: Column) -> list[str]:
    """Return the labels of the column in files: its own label in every language of the site, and its synonyms."""
    labels = []
    for language, _name in settings.LANGUAGES:
        with translation.override(language):
            labels.append(str(column.label))
    return [*labels, *filter(None, column.synonyms.split("、"))]
