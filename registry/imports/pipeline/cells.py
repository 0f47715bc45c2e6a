"""Turns cells into values: how each column of a sheet is read, with the corrections of a layout."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from registry.imports.pipeline.columns import FileColumn
from registry.imports.pipeline.report import Message, messages_of
from registry.imports.reading.refusals import UnreadableFile
from registry.imports.reading.tables import Sheet
from registry.imports.recognising.headers import header_unit
from registry.imports.recognising.layout import Layout
from registry.spreadsheet import PLAIN, Cell, Context, Parse, Vocabulary, cell_text
from registry.values.validators import fold_name

_REMEMBERED = 2_000


@dataclass(slots=True)
class Reader:
    """Says how one column of one sheet is read."""

    column: FileColumn
    label: str
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


def meanings_of(column: FileColumn, layout: Layout) -> dict[str, str]:
    """Return the meanings that people gave to texts of a column: folded text -> text that it means."""
    return {fold_name(text): meant for text, meant in layout.values.get(column.name, {}).items()}


def parser_of(column: FileColumn, meanings: Mapping[str, str]) -> Parse:
    """Return the parser of a column's cells, whole or in parts.

    `Reader` looks up the meaning of the whole cell before.
    """
    if column.vocabulary is None or not meanings:
        return column.parse
    return column.parser_of(ExtendedVocabulary(column.vocabulary, meanings))


def readers_of(sheet: Sheet, columns: Mapping[str, FileColumn], layout: Layout, date_1904: bool) -> dict[str, Reader]:
    """Return for each column of the sheet how it is read."""
    readers = {}
    for found in sheet.columns:
        column = columns[found.name]
        context = Context(header_unit(found.label), date_1904)
        meanings = meanings_of(column, layout)
        readers[column.name] = Reader(column, found.label, context, parser_of(column, meanings), meanings)
    return readers


def constants_of(columns: Iterable[FileColumn], layout: Layout) -> dict[str, Any]:
    """Return the values for rows without a value of their own, by column. Raises UnreadableFile for an invalid text."""
    values = {}
    for column in columns:
        text = layout.constants.get(column.name)
        if text:
            try:
                value = Reader(column, "", PLAIN, column.parse).read(text)
            except ValidationError as error:
                reason = Message("%(reason)s", {"reason": next(messages_of(error))})
                raise UnreadableFile("constant", column=column.labels[0], reason=reason) from None
            if value is not None:
                values[column.name] = value
    return values
