"""The messages of an import about the rows of its file: refused, held back, or noted."""

from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from django.db.models import Model
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from registry.database.constraints import checks_of
from registry.database.fields import column_of, field_of
from registry.imports.pipeline.outcomes import StoredCandidate
from registry.imports.pipeline.report import CellMessage, Message, Report, in_both_languages
from registry.imports.pipeline.statements import Database
from registry.values.punctuation import listed_lazily

_ALIKE = _("The same as row %(rows)s: only the first is taken.")
_CONTENTS = "SELECT n, md5((to_jsonb(r) - 'n')::text) FROM import_row r WHERE n = ANY (%s)"


@dataclass
class RowMessages(Database):
    """The part of an import that reports about rows.

    A refused row is not taken. A row that is held back is not taken until a person decides. A noted row is taken.
    """

    report: Report = field(init=False)
    places: list[tuple[str, int]] = field(init=False, default_factory=list)
    """Sheet and row number of each staged row."""
    bad: set[int] = field(init=False, default_factory=set)
    """Numbers `n` of staged rows that are refused or held back; nothing of them is written."""
    unreadable: set[int] = field(init=False, default_factory=set)
    """Staged rows of which no cell could be read. They are refused, and the reason is reported."""
    undecided: dict[int, list[StoredCandidate]] = field(init=False, default_factory=dict)
    """Staged rows that are held back, with their candidates."""
    _sheet_order: dict[tuple[str, int], int] = field(init=False, default_factory=dict)

    def row_at(self, problem: CellMessage) -> int:
        """Return the staged row that a message is about."""
        return self._sheet_order[problem.sheet, problem.row]

    def by_row(self, messages: Sequence[CellMessage]) -> dict[int, list[dict[str, Any]]]:
        """Return the messages about each staged row, in Chinese and in English."""
        by_row: dict[int, list[dict[str, Any]]] = {}
        for one, texts in zip(messages, in_both_languages(one.message for one in messages), strict=True):
            entry = {"column": one.column, "value": one.value, "message": texts}
            by_row.setdefault(self.row_at(one), []).append(entry)
        return by_row

    def label(self, n: int, name: str) -> str:
        """Return the label of a column in the sheet of a staged row; empty if the sheet does not have the column."""
        sheet = self.report.table.sheet_of(*self.places[n])
        return next((column.label for column in sheet.columns if column.name == name), "")

    def hold(
        self,
        n: int,
        candidates: list[StoredCandidate],
        message: Message | None = None,
        names: str | Iterable[str] = (),
        value: object = None,
    ) -> None:
        """Hold a staged row back until somebody decides whether it is one of the candidates.

        The message asks what is to be decided; by default, whether the row is a possible duplicate. Without candidates
        the choices of the import decide. A row that is held back already keeps its first question.
        """
        if n in self.undecided:
            return
        self.bad.add(n)
        self.undecided[n] = candidates
        question = _(
            "It may be a record that the registry has: %(candidates)s. If it is, write the registry number into the "
            "row; if not, say so on the page of the import, or import without looking for duplicates."
        )
        message = message or Message(question, {"candidates": candidates})
        self.report.held.append(self._told(n, names, value, message))

    def refuse(self, n: int, names: str | Iterable[str], value: object, message: Message) -> None:
        """Refuse a staged row and report the first of the named columns that its sheet has as the place.

        A row that is held back gets no further message, because its record is not decided. A row that could not be read
        as a whole gets none either.
        """
        if n in self.undecided or n in self.unreadable:
            return
        self.bad.add(n)
        self.report.problems.append(self._told(n, names, value, message))

    def note(self, n: int, names: str | Iterable[str], value: object, message: Message) -> None:
        """Add a note about a staged row that is taken, for example about a guessed value.

        The parameters are the same as in `refuse`. A row that is refused or held back in the end keeps no notes.
        """
        self.report.notes.append(self._told(n, names, value, message))

    def _told(self, n: int, names: str | Iterable[str], value: object, message: Message) -> CellMessage:
        sheet, number = self.places[n]
        labels = (self.label(n, name) for name in ([names] if isinstance(names, str) else names))
        label = next(filter(None, labels), "")
        return CellMessage(sheet, number, label, "" if value is None else str(value), message)

    def refuse_all(
        self, query: str, names: str | Iterable[str], message: str | Promise, params: Sequence[object] | None = None
    ) -> None:
        """Refuse the rows that a query finds. It gives pairs of a row and a value, which the message may name."""
        for n, value in list(self.query(query, params)):
            self.refuse(n, names, value, Message(message, {"value": value}))

    def rows_text(self, numbers: Iterable[int], beside: int) -> str:
        """Return up to five row numbers as spreadsheet programs show them, with the sheet's name if it is another
        one.
        """
        own = self.places[beside][0]
        places = (self.places[number] for number in islice(numbers, 5))
        return listed_lazily(str(row) if sheet == own else f"{sheet} {row}" for sheet, row in places)

    def refuse_groups(self, groups: Iterable[Sequence[int]], names: str | Iterable[str], message: Promise) -> None:
        """Refuse the rows of each group that are about one record; if they are wholly alike, take the first.

        The message is for rows that differ; its parameter `rows` names the other rows of the group.
        """
        groups = list(groups)
        contents = dict(self.query(_CONTENTS, [sorted({n for group in groups for n in group})])) if groups else {}
        refused: set[int] = set()
        for group in groups:
            alike = len({contents[n] for n in group}) == 1
            for n in group[1:] if alike else group:
                if n not in refused:
                    refused.add(n)
                    rows = self.rows_text([other for other in group if other != n], n)
                    self.refuse(n, names, "", Message(_ALIKE if alike else message, {"rows": rows}))

    def refuse_broken_rules(self, model: type[Model], checked_before: Set[str]) -> None:
        """Refuse the rows of `import_final` that break a check constraint of the model, in the constraint's words.

        Constraints that concern a field of `checked_before` are left out.
        """
        checks = [check for check in checks_of(model) if checked_before.isdisjoint(check.fields)]
        if not checks:
            return
        values = ", ".join(f"({position}, {check.condition})" for position, check in enumerate(checks))
        # All conditions at once first: hardly any row breaks one, and a row for each condition and row takes its time.
        query = f"""
            SELECT n, position FROM (
                SELECT * FROM import_final WHERE ({" AND ".join(check.condition for check in checks)}) IS FALSE
            ) broken CROSS JOIN LATERAL (VALUES {values}) AS checked (position, holds)
            WHERE holds IS FALSE ORDER BY n
        """
        broken: dict[int, list[int]] = {}
        for n, position in self.query(query, []):
            broken.setdefault(position, []).append(n)
        for position, numbers in broken.items():
            rule, names, _condition = checks[position]
            message = Message(rule.violation_error_message or "", {"name": rule.name})
            column = column_of(field_of(model, names[0]))
            told = f"SELECT n, {column}::text FROM import_final WHERE n = ANY(%s) ORDER BY n"
            for n, value in self.query(told, [numbers]):
                self.refuse(n, names, value, message)
