"""Decides how an import understands a file: which of its columns are read, and what it reports about the others."""

from abc import ABC, abstractmethod
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from registry.imports.models import ImportMapping
from registry.imports.pipeline.columns import FileColumn
from registry.imports.pipeline.report import Message, Messages
from registry.imports.pipeline.row_messages import RowMessages
from registry.imports.reading.files import RawFile
from registry.imports.reading.refusals import UnreadableFile
from registry.imports.reading.tables import Sheet, SheetColumn, TableFile
from registry.imports.recognising.confidential import Confidential
from registry.imports.recognising.content import Guess, guess_columns
from registry.imports.recognising.headers import Recogniser, column_letter, label_key
from registry.imports.recognising.layout import Layout, find_mapping, in_force, layout_of
from registry.imports.recognising.sheets import (
    CorrectedRecogniser,
    Recognise,
    own_header,
    possible_headers,
    recognise_table,
    unread_columns,
)
from registry.values.people import Account
from registry.values.punctuation import listed_lazily

NEVER_READ = _("“%(label)s” holds data that not everybody may see: it is never read as “%(meant)s”.")


@dataclass
class Recognition(RowMessages, ABC):
    """The part of an import that recognises the columns of its file, for the account that uploads it."""

    user: Account | None = None
    """The account of the run; what it may not do is refused row by row. None (command line) may do everything."""
    columns: list[FileColumn] = field(init=False, default_factory=list)
    """All columns that a file may have."""
    present: set[str] = field(init=False, default_factory=set)
    """Names of the columns that the file has and that are read, and of the columns that `prepare` adds."""
    in_file: frozenset[str] = field(init=False, default=frozenset())
    """Names of the columns that the file has and that are read."""
    layout: Layout = field(init=False, default_factory=Layout)
    mapping: ImportMapping | None = field(init=False, default=None)
    """The mapping remembered for files with these labels; None if there is none, or if a layout was given."""
    corrections: Mapping[str, str] = field(init=False, default_factory=dict)
    """`label_key()` of a label -> name of the column that it means, or IGNORED. Overrides the remembered mapping."""
    only_sheets: Collection[str] = field(init=False, default=())
    """Names of the sheets to read; if empty, all sheets that fit are read."""
    strict: bool = field(init=False, default=False)
    """Whether a file with an unknown column is refused as a whole."""
    constants: Mapping[str, str] = field(init=False, default_factory=dict)
    """Name of a column -> text for all rows. Overrides the remembered mapping."""
    confidential: Confidential = field(init=False)
    confidential_places: dict[tuple[str, int], dict[int, str]] = field(init=False, default_factory=dict)
    """Key of a sheet -> index of a confidential column -> the permission for seeing it."""
    header_rows: list[int] | None = field(init=False, default=None)
    """Numbers of the header rows (none, one or two) in every sheet, if somebody has given them."""

    TABLE: ClassVar[str] = ""
    """The name of the import table, under which mappings are remembered."""

    @abstractmethod
    def missing(self, names: set[str]) -> str | Promise | None:
        """Return which column is missing if these columns do not identify the record of a row; None if they do."""

    def passes_over(self, label: str) -> bool:
        """Return whether the column is for human readers only, so that nobody is asked what it means."""
        return False

    def unread(self, table: TableFile, sheet: Sheet) -> Sequence[SheetColumn]:
        """Return the columns without a meaning that somebody must decide about before the file is read."""
        return ()

    def recognise(self, raw: RawFile, layout: Layout | None) -> TableFile:
        """Return the file with its columns recognised for this import. Raises UnreadableFile if it has no header."""
        joins = self.recogniser()
        if layout is None:
            self.mapping = find_mapping(self.TABLE, possible_headers(raw, joins)) if self.TABLE else None
            layout = layout_of(self.mapping) if self.mapping else Layout()
        columns, constants = {**layout.columns, **self.corrections}, {**layout.constants, **self.constants}
        sheets = self._chosen_sheets(raw) if self.only_sheets else layout.sheets
        header_rows = layout.header_rows
        if self.header_rows is not None:
            header_rows = {about["name"]: self.header_rows for about in raw.sheets}
        self.layout = layout = replace(
            layout, columns=columns, constants=constants, sheets=sheets, header_rows=header_rows
        )
        self.confidential = Confidential(self.columns, joins, columns, self.allows)
        allowed = {column.name: column.labels for column in self.allowed_columns()}
        # Most accounts may see every column that such a file has.
        recognise: Recognise = joins if len(allowed) == len(self.columns) else Recogniser(allowed)
        if followed := self.confidential.followed():
            recognise = CorrectedRecogniser(recognise, followed, [*allowed])
        constant = set(layout.constants) & set(allowed)
        table = recognise_table(
            raw, recognise, complete=lambda names: self.missing(names | constant) is None, layout=layout, joins=joins
        )
        for sheet in table.sheets:
            self._close(sheet, raw, joins)
        return table

    def _chosen_sheets(self, raw: RawFile) -> dict[str, bool]:
        sheets = {about["name"]: about["name"] in self.only_sheets for about in raw.sheets}
        if unknown := set(self.only_sheets) - sheets.keys():
            raise UnreadableFile("no_sheet", sheet=listed_lazily(sorted(unknown)), sheets=listed_lazily(sheets))
        return sheets

    def recogniser(self) -> Recogniser:
        """Return the recogniser of all columns, including columns that the account may not see."""
        return Recogniser({column.name: column.labels for column in self.columns})

    def _close(self, sheet: Sheet, raw: RawFile, joins: Recognise) -> None:
        """Keep confidential columns from being read as other columns, even if a correction chooses another header."""
        corrected = sheet.first == 1 and sheet.name in self.layout.header_rows
        own = own_header(raw, sheet.name, joins)[1] if corrected else []
        places = self.confidential_places[sheet.key] = self.confidential.places(sheet.header, own)
        permissions = {column.name: column.permission for column in self.columns}
        kept = [column for column in sheet.columns if places.get(column.index) in (None, permissions[column.name])]
        sheet.columns[:] = kept

    def allowed_columns(self) -> list[FileColumn]:
        """Return the columns whose values the account may see."""
        return [column for column in self.columns if self.allows(column.permission)]

    def check_columns(self) -> None:
        """Set which columns the file has. Raises UnreadableFile if a sheet lacks a column or has a column too many."""
        allowed = self.allowed_columns()
        constant = {column.name for column in allowed if self.layout.constants.get(column.name)}
        for sheet in self.report.table.sheets:
            wanting = self.missing(sheet.names | constant)
            if wanting and not sheet.keyless:
                raise self._wanting(sheet, wanting)
            if unread := self.unread(self.report.table, sheet):
                raise unread_columns(unread, sheet.name or self.report.file)
            self.present |= sheet.names | constant
        for column in allowed:
            if column.name in self.present:
                self.present.update(column.stands_for)
        self.in_file = frozenset(self.present)

    def _wanting(self, sheet: Sheet, column: str | Promise) -> UnreadableFile:
        """Return the error for a sheet without a key column; the error says which columns look similar."""
        about: dict[str, Any] = {"sheet": sheet.name or self.report.file, "column": column}
        found = [guess.message for guess in self.guesses(self.report.table, sheet) if guess.name]
        if not found:
            return UnreadableFile("column_missing", **about)
        return UnreadableFile("column_missing_guessed", **about, guesses=Messages(found))

    def guesses(self, table: TableFile, sheet: Sheet) -> list[Guess]:
        """Return guesses about the columns that no field takes and that nobody has given a meaning."""
        taken = sheet.names | set(self.layout.constants)
        free = [column for column in self.allowed_columns() if column.name not in taken]
        return guess_columns(free, table, sheet, self.layout)

    def tell_reading(self) -> None:
        """Report what is read differently from what the file says, and what is not read."""
        for name in self.report.unread_tables():
            message = _(
                "Sheet “%(sheet)s” holds a table of its own and is not read: import it by itself. Choose it on the "
                "page of the columns, or by command with --sheet “%(sheet)s”."
            )
            self.report.notices.append(Message(message, {"sheet": name}))
        if self.layout.columns or self.layout.memory:
            self._tell_layout()
        for sheet in self.report.table.sheets:
            found = [guess.message for guess in self.guesses(self.report.table, sheet) if guess.name]
            self.report.notices.extend(found)
        withheld = [
            "".join(sheet.header[index : index + 1]) or column_letter(index)
            for sheet in self.report.table.sheets
            for index, needed in self.confidential_places[sheet.key].items()
            if not self.allows(needed)
        ]
        if withheld:
            message = _("Not read, because your account may not see such data: %(labels)s.")
            self.report.notices.append(Message(message, {"labels": listed_lazily(dict.fromkeys(withheld))}))

    def allows(self, permission: str) -> bool:
        """Return whether the run has the permission."""
        return not permission or self.user is None or self.user.has_perm(permission)

    def _tell_layout(self) -> None:
        """Report what is read by the remembered mapping, and which corrections are not followed."""
        names = {column.name: column for column in self.allowed_columns()}
        labels = [label for sheet in self.report.table.sheets for label in sheet.header if label]
        self.report.remembered = list(in_force(self.layout, labels, names))
        known = {column.name: column for column in self.columns}
        for key, name in self.confidential.refused().items():
            meant = {"label": next((label for label in labels if label_key(label) == key), key), "meant": known[name]}
            self.report.notices.append(Message(NEVER_READ, meant))

    def asked_permissions(self, names: Collection[str] | None = None) -> set[str]:
        """Return the permissions that the account needs for these rows, by the columns and labels of the file.

        `names` are the columns; by default all columns that are read.
        """
        names = self.in_file if names is None else names
        read = {column.permission for column in self.columns if column.name in names}
        confidential = {needed for places in self.confidential_places.values() for needed in places.values()}
        return {needed for needed in read | confidential if needed and self.allows(needed)}
