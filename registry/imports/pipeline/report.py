"""Reports what an import found and did: counts, problems of rows, notices; for a terminal, a page or a workbook."""

from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

from django.core.exceptions import ValidationError
from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from registry.imports.reading.tables import Sheet, SheetColumn, TableFile
from registry.imports.recognising.headers import column_letter, is_running_number, label_key, place_label
from registry.imports.refused import RowReason, write_refused
from registry.values.punctuation import listed

LANGUAGES = ("zh-hans", "en")


def in_both_languages(messages: Iterable[object]) -> list[list[str]]:
    """Return each message as a text in Chinese and in English."""
    messages = list(messages)
    texts = []
    for language in LANGUAGES:
        with translation.override(language):
            texts.append([str(message) for message in messages])
    return [list(pair) for pair in zip(*texts, strict=True)]


class Message(NamedTuple):
    """A message with its parameters; `str()` gives it in the active language."""

    template: str | Promise
    params: dict[str, Any] | None = None

    def __str__(self) -> str:
        return str(self.template % self.params if self.params else self.template)  # a lazy plural needs the number

    def both(self) -> list[str]:
        """Return the message in Chinese and in English."""
        return in_both_languages([self])[0]


class Messages(list[Message]):
    """Several messages in one text; `str()` gives it in the active language."""

    def __str__(self) -> str:
        return " ".join(map(str, self))


def messages_of(error: ValidationError) -> Iterator[Message]:
    """Yield the messages of an error without its traceback: an import may keep a hundred thousand of them."""
    for leaf in error.error_list:
        yield Message(leaf.message, leaf.params)


class CellMessage(NamedTuple):
    """Says why a cell is refused, held back or noted; an empty column means the whole row."""

    sheet: str
    row: int
    column: str
    value: str
    message: Message


@dataclass
class Report:
    """The outcome of one run.

    `applied` is False if nothing was written: in a trial, or in all-or-nothing mode with bad rows.
    """

    file: str
    table: TableFile
    applied: bool = False
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    refused: int = 0
    undecided: int = 0
    """The number of rows held back because it is open which record they are about or how their name is read."""
    problems: list[CellMessage] = field(default_factory=list)
    held: list[CellMessage] = field(default_factory=list)
    """The reasons why rows are held back."""
    notes: list[CellMessage] = field(default_factory=list)
    """Notes about cells of rows that are taken."""
    notices: list[Message] = field(default_factory=list)
    strict: bool = False
    """Whether a file with an unknown column is refused as a whole."""
    ignored: Container[str] = ()
    """`label_key()` of the columns that somebody has marked as ignored."""
    remembered: list[Any] = field(default_factory=list)
    """The parts of the remembered mapping that are in force, as `recognising.layout.RememberedPart`."""
    changed_columns: dict[str, int] = field(default_factory=dict)

    @property
    def summary(self) -> str:
        """Return the last line of every import. Programs read it, so it is the same in every language."""
        return f"new {self.new}, changed {self.changed}, unchanged {self.unchanged}, refused {self.refused}"

    @property
    def exit_code(self) -> int:
        """Return 1 if a part of the file is left out: rows, a whole table, or, in strict mode, a column."""
        left = self.refused or self.undecided or self.unread_tables() or (self.strict and self.unread_columns())
        return 1 if left else 0

    def unread_tables(self) -> list[str]:
        """Return the names of sheets that hold a table of their own and are not read."""
        return [name for name, reason in self.table.left_out if reason == "other_table"]

    def unread_columns(self) -> list[SheetColumn]:
        """Return the columns with filled cells that no field takes and that nobody has marked as ignored."""
        return [
            column
            for sheet in self.table.sheets
            for column in _unread(sheet)
            if sheet.filled[column.index] and label_key(column.label or place_label(column.index)) not in self.ignored
        ]

    def about_file(self) -> list[Message]:
        """Return messages about how the file was understood: its kind, sheets and header, and the parts not read."""
        table = self.table
        kind = {"xlsx": "XLSX", "text": _("tab-separated text"), "csv": "CSV"}[table.kind]
        facts: list[Message] = [Message(_("Read as %(kind)s."), {"kind": kind})]
        if table.encoding:
            guess = {"kind": kind, "encoding": table.encoding.upper(), "delimiter": repr(table.delimiter)[1:-1]}
            facts = [Message(_("Read as %(kind)s in %(encoding)s, cells separated by “%(delimiter)s”."), guess)]
        for sheet in table.sheets:
            rows = ", ".join(map(str, sheet.header_rows))
            about: dict[str, Any] = {"sheet": sheet.name or self.file, "rows": rows}
            header = _("%(sheet)s: header in row %(rows)s.") if rows else _("%(sheet)s: no header.")
            facts.append(Message(header, about))
            if unread := _unread(sheet):
                columns = (f"{_column(column)} {sheet.filled[column.index]}" for column in unread)
                message = _("Columns that nothing takes, each with the number of its filled cells: %(columns)s.")
                facts.append(Message(message, {"columns": _listed(columns)}))
            for column in sheet.doubled:
                first = next(other.label for other in sheet.columns if other.name == column.name)
                about = {"label": column.label, "first": first}
                facts.append(Message(_("Column “%(label)s” means the same as “%(first)s” and is not read."), about))
            if sheet.hidden:
                about = {"count": len(sheet.hidden), "rows": _listed(map(str, sheet.hidden[:20]))}
                facts.append(Message(_("%(count)d hidden rows are read too: %(rows)s."), about))
        for name, reason in table.left_out:
            facts.append(
                Message(_("Sheet “%(sheet)s” is not read: %(reason)s."), {"sheet": name, "reason": LEFT_OUT[reason]})
            )
        if table.private:
            about = {"count": len(table.private), "rows": _listed(str(number) for _sheet, number in table.private[:20])}
            facts.append(Message(_("%(count)d rows have private-use characters, kept as they are: %(rows)s."), about))
        for skipped in table.skipped:
            about = {"row": skipped.number, "text": skipped.text, "reason": _SKIPPED[skipped.reason]}
            facts.append(Message(_("Row %(row)d is no data (%(reason)s): %(text)s"), about))
        return facts

    def lines(self) -> Iterator[str]:
        """Yield the lines for the terminal: the file, the problems, the notices, and last the summary."""
        for fact in self.about_file():
            yield str(fact)
        yield from map(_line, [*self.problems, *self.held])
        for note in self.notes:
            yield str(Message(_("Note: %(line)s"), {"line": _line(note)}))
        for part in self.remembered:
            yield str(part.message)
        if self.remembered:
            yield str(_("--no-mapping reads the file without what was set before."))
        for notice in self.notices:
            yield str(notice)
        if self.changed_columns:
            counts = _listed(f"{label} {count}" for label, count in self.changed_columns.items())
            yield str(Message(_("Changed cells by column: %(counts)s."), {"counts": counts}))
        if self.undecided:
            message = _("Rows held back until somebody decides: %(count)d.")
            yield str(Message(message, {"count": self.undecided}))
        yield self.summary

    def write_workbook(self, target: Path | str | BinaryIO) -> None:
        """Write a workbook of the refused rows in the file's layout, with reasons in both languages and a sheet of
        notes.
        """
        remembered = [one.message for one in self.remembered]
        notes = [message.both() for message in (*self.about_file(), *remembered, *self.notices)]
        notes += [
            [f"{_place(note, f'第 {note.row} 行 row {note.row}')}: {text}" for text in note.message.both()]
            for note in self.notes
        ]
        write_refused(target, self.table, self.reasons(), [*notes, [self.summary]])

    def reasons(self) -> dict[tuple[str, int], list[RowReason]]:
        """Return why rows are refused or held back, in both languages, by sheet and row number."""
        found = [*self.problems, *self.held]
        reasons: dict[tuple[str, int], list[RowReason]] = {}
        for problem, texts in zip(found, in_both_languages(problem.message for problem in found), strict=True):
            reasons.setdefault((problem.sheet, problem.row), []).append(RowReason(problem.column, texts))
        return reasons


LEFT_OUT = {
    "not_chosen": _("it was not chosen"),
    "hidden": _("it is hidden"),
    "empty": _("it is empty"),
    "no_header": _("it has no known column labels"),
    "other_table": _("it holds a table of its own, to be imported by itself"),
    "other_header": _("its columns differ from the columns of the table"),
}
_SKIPPED = {
    "total": _("a total"),
    "note": _("a note"),
    "title": _("a title between the rows"),
    "header": _("the header once more"),
    "nothing": _("nothing in the columns that are read"),
}


def _place(message: CellMessage, row: str) -> str:
    """Return sheet, row, column and value as a text."""
    sheet = f"{message.sheet} " if message.sheet else ""
    cell = f" · {message.column}" if message.column else ""
    value = f" · {message.value}" if message.value else ""
    return f"{sheet}{row}{cell}{value}"


def _line(message: CellMessage) -> str:
    """Return the message as one line for the terminal."""
    row = Message(_("row %(number)d"), {"number": message.row})
    return f"{_place(message, str(row))}: {message.message}"


def _unread(sheet: Sheet) -> list[SheetColumn]:
    """Return the columns of a sheet that no field takes, except running numbers."""
    return [column for column in sheet.untaken() if not is_running_number(column.label)]


def _column(column: SheetColumn) -> str:
    return f"{column_letter(column.index)} “{column.label}”" if column.label else column_letter(column.index)


def _listed(texts: Iterable[str]) -> str:
    return listed(texts)
