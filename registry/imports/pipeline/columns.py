"""The columns that a file may have, and how their cells are read: by the column, and by the corrections of a layout."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from django.conf import settings
from django.core.exceptions import FieldDoesNotExist, ValidationError
from django.db import models
from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from registry import spreadsheet
from registry.columns import Column, Hint
from registry.database.permission_names import permission
from registry.imports.pipeline.report import Message, messages_of
from registry.imports.reading.refusals import UnreadableFile
from registry.imports.reading.tables import Sheet
from registry.imports.recognising.headers import header_unit
from registry.imports.recognising.layout import Layout
from registry.organizations.models.confidential import Contact
from registry.organizations.models.details import Scheme
from registry.organizations.parsers import parse_identifier, parse_identifiers, unique
from registry.reference.cache import references
from registry.spreadsheet import PLAIN, Cell, Context, Parse, Vocabulary, cell_text, choice_parser
from registry.spreadsheet.vocabulary import choice_names
from registry.values.validators import fold_name

_READ_BY_FIELD: tuple[tuple[type[models.Field], Parse, str], ...] = (
    (models.DateField, spreadsheet.parse_date, "date"),
    (models.DecimalField, spreadsheet.parse_money, "numeric"),
    (models.SmallIntegerField, spreadsheet.parse_integer, "smallint"),
    (models.IntegerField, spreadsheet.parse_integer, "integer"),
    (models.ForeignKey, spreadsheet.parse_line, "bigint"),
    (models.TextField, spreadsheet.parse_text, "text"),
)
"""Kind of a model field -> how its cells are read, and the SQL type of its values. Others hold one line of text."""
CONTACTS = permission("view", Contact)
"""The permission for seeing telephone numbers and e-mail addresses of people."""
_CODES = frozenset({"registry_no", "uscc", "member_no", "certificate_no", "serial_no", "receipt_no"})
"""Columns of texts whose digits are no telephone number."""
_REMEMBERED = 2_000


@dataclass(frozen=True, slots=True)
class FileColumn:
    """A column that a file may have: how its cells are read, and how the values are staged."""

    name: str
    labels: Sequence[str]
    parse: Parse | None = None
    """How a cell is read; None if it names values of the `vocabulary`."""
    sql_type: str = "text"
    max_length: int | None = None
    masked: bool = False
    """Whether a value with hidden characters is allowed. It is staged apart and never replaces a full value."""
    stands_for: tuple[str, ...] = ()
    """Names of other columns that the values may belong to; `finish_row` decides which."""
    permission: str = ""
    """The permission for reading the column.

    Without it a person must not learn stored values by trying values in a file.
    """
    vocabulary: Vocabulary[object] | None = None
    """The known values, if the cells can hold nothing else."""
    parser_of: Callable[[Vocabulary[object]], Parse] = choice_parser
    """Makes the function that reads the cells by a vocabulary."""
    group: str | Promise = ""
    """The heading under which people choose the column as the meaning of a column of their file."""
    hint: Hint | None = None
    """The explanation in the template; None if the template leaves the column out."""

    def __str__(self) -> str:
        """Return the label in the active language."""
        languages = [code for code, _name in settings.LANGUAGES]
        language = get_language() or languages[0]
        return self.labels[languages.index(language) if language in languages else 0]

    def parser(self, meanings: Mapping[str, str] | None = None) -> Parse:
        """Return how a cell is read, whole or in parts, where people gave `meanings` to unknown texts.

        `Reader` looks up the meaning of the whole cell before.
        """
        if self.parse is not None:
            return self.parse
        assert self.vocabulary is not None  # noqa: S101 - the cells of a column have a parser or a vocabulary
        return self.parser_of(ExtendedVocabulary(self.vocabulary, meanings) if meanings else self.vocabulary)


class ExtendedVocabulary(Vocabulary[object]):
    """A vocabulary extended by the meanings that people gave to unknown texts; a text may mean nothing."""

    def __init__(self, known: Vocabulary[object], meanings: Mapping[str, str]) -> None:
        super().__init__(known.noun, list)
        self._known = known
        self._meanings = meanings

    def _meant(self, text: str) -> str:
        return self._meanings.get(fold_name(text), text)

    def knows(self, text: str) -> bool:
        return fold_name(text) in self._meanings or self._known.knows(text)

    def find(self, text: str) -> object:
        meant = self._meant(text)
        return self._known.find(meant) if meant else None


def file_columns(
    model: type[models.Model], columns: Iterable[Column], vocabularies: Mapping[str, Vocabulary[object]] | None = None
) -> list[FileColumn]:
    """Return the columns of the model that files may have.

    `vocabularies` maps the name of a column to the values that this import allows in it.
    """
    known = vocabularies or {}
    return [_file_column(column, model, known.get(column.name)) for column in columns if column.in_file]


def _file_column(column: Column, model: type[models.Model], vocabulary: Vocabulary[object] | None) -> FileColumn:
    field = stored_field(model, column.name)
    if vocabulary is None and column.vocabulary:
        vocabulary = column.vocabulary()
    if vocabulary is None and column.table:
        vocabulary = getattr(references(), column.table)
    parse: Parse | None
    parse, sql_type = next(
        ((parse, sql_type) for kind, parse, sql_type in _READ_BY_FIELD if isinstance(field, kind)),
        (spreadsheet.parse_line, "text"),
    )
    if vocabulary is not None:
        parse = None
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


def stored_field(model: type[models.Model], name: str) -> Any:
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


def public_texts(columns: Iterable[FileColumn]) -> list[str]:
    """Return the names of columns with free texts that are not reserved for people who may see contacts."""
    return [
        column.name
        for column in columns
        if column.sql_type == "text"
        and column.vocabulary is None
        and column.permission != CONTACTS
        and column.name not in _CODES
    ]


# --- How cells are read


@dataclass(slots=True)
class Reader:
    """Says how one column of one sheet is read."""

    column: FileColumn
    context: Context
    parse: Parse
    meanings: Mapping[str, str] = field(default_factory=dict)
    """Folded text of a whole cell -> the text that it means."""
    known: dict[str, Any] = field(default_factory=dict)
    """Values of texts read before: most columns repeat a few texts."""

    def read(self, cell: Cell) -> object:
        meant = cell
        if self.meanings:
            meant = self.meanings.get(fold_name(cell if isinstance(cell, str) else cell_text(cell) or ""), cell)
        value = self.parse(meant, self.context)
        limit = self.column.max_length
        if limit and isinstance(value, str) and len(value) > limit:
            raise ValidationError(
                _("The text has %(length)d characters; at most %(limit)d are possible."),
                code="too_long",
                params={"length": len(value), "limit": limit},
            )
        if isinstance(cell, str) and len(self.known) < _REMEMBERED:
            self.known[cell] = value
        return value


def readers_of(sheet: Sheet, columns: Mapping[str, FileColumn], layout: Layout, date_1904: bool) -> dict[str, Reader]:
    """Return for each column of the sheet how it is read."""
    readers = {}
    for found in sheet.columns:
        column = columns[found.name]
        context = Context(header_unit(found.label), date_1904)
        meanings = layout.meanings(column.name)
        readers[column.name] = Reader(column, context, column.parser(meanings), meanings)
    return readers


def constants_of(columns: Iterable[FileColumn], layout: Layout) -> dict[str, Any]:
    """Return the values for rows without a value of their own, by column. Raises UnreadableFile for an invalid text."""
    values = {}
    for column in columns:
        text = layout.constants.get(column.name)
        if text:
            try:
                value = Reader(column, PLAIN, column.parser()).read(text)
            except ValidationError as error:
                reason = Message("%(reason)s", {"reason": next(messages_of(error))})
                raise UnreadableFile("constant", column=column.labels[0], reason=reason) from None
            if value is not None:
                values[column.name] = value
    return values


# --- Identifiers: one column for all schemes, with `scheme:value` in its cells, and one for each scheme

_LABELS: dict[str, str] = {
    Scheme.ROR: "ROR ID、ROR编号",
    Scheme.LEI: "LEI code、法人识别编码、全球法人识别编码、法人机构识别编码",
    Scheme.REGISTRATION_NUMBER: "注册号、工商注册号、营业执照号、营业执照注册号、工商登记号、registration_no",
    Scheme.ORGANIZATION_CODE: "组织机构代码、机构代码、组织机构代码证号、organization_code",
    Scheme.STOCK_CODE: "股票代码、证券代码、股票编号、stock_code、ticker",
    Scheme.ISNI: "ISNI",
    Scheme.GRID: "GRID ID",
    Scheme.WIKIDATA: "Wikidata ID",
    Scheme.CUSTOMS_CODE: "海关编码、海关代码、海关注册编码、海关备案编码、报关代码、customs_code",
}
IDENTIFIER_COLUMNS = tuple(f"identifier_{scheme}" for scheme in Scheme.values)


def identifier_columns(group: str | Promise) -> list[FileColumn]:
    """Return a column for each scheme; its values are added to the values of the column for all schemes."""
    columns = []
    names = choice_names(Scheme.choices)
    for name, scheme in zip(IDENTIFIER_COLUMNS, Scheme.values, strict=True):
        labels = list(dict.fromkeys([*names[scheme][:-1], *_LABELS[scheme].split("、")]))
        parse = partial(parse_identifier, scheme)
        columns.append(FileColumn(name, labels, parse, "text[]", stands_for=("identifiers",), group=group))
    return columns


def key_columns(group: str | Promise) -> list[FileColumn]:
    """Return the identifier columns of files that only look organizations up: one for all schemes, and one for each."""
    labels = ["其他证照编号", "Other identifiers", "证照编号"]
    return [FileColumn("identifiers", labels, parse_identifiers, "text[]", group=group), *identifier_columns(group)]


def join_identifiers(values: dict[str, Any]) -> None:
    """Combine all identifiers of one row in the value `identifiers`."""
    for name in IDENTIFIER_COLUMNS:
        if name in values:
            values["identifiers"] = unique([*values.get("identifiers", ()), *values.pop(name)])
