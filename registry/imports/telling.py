"""The messages of an import about the rows of its file: refused, held back, or noted."""

from collections.abc import Iterable, Set
from dataclasses import dataclass, field

from django.db.models import Model
from django.utils.translation import gettext_lazy as _

from registry.imports import sql
from registry.imports.database import Database
from registry.imports.outcomes import Candidate
from registry.imports.report import Message, Problem, Report


@dataclass
class Telling(Database):
    """The part of an import that speaks. *Refused*: not taken. *Held back*: not taken until decided. *Noted*: taken."""

    report: Report = field(init=False)
    places: list[tuple[str, int]] = field(init=False, default_factory=list)
    """Sheet and row number of each staged row."""
    bad: set[int] = field(init=False, default_factory=set)
    """Numbers `n` of staged rows that are refused or held back: nothing of them is written."""
    undecided: dict[int, list[Candidate]] = field(init=False, default_factory=dict)
    """Staged rows that are held back, with their candidates."""
    _sheet_order: dict[tuple[str, int], int] = field(init=False, default_factory=dict)

    def row_at(self, problem: Problem) -> int:
        """The staged row that a problem is about."""
        return self._sheet_order[problem.sheet, problem.row]

    def label(self, n: int, name: str) -> str:
        """The label that a column has in the sheet of a staged row; empty where the sheet has no such column."""
        sheet_name = self.places[n][0]
        sheet = next(sheet for sheet in self.report.table.sheets if sheet.name == sheet_name)
        return next((column.label for column in sheet.columns if column.name == name), "")

    def hold(
        self,
        n: int,
        candidates: list[Candidate],
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
        """Refuse a staged row; the first of the named columns that its sheet has is told as the place.

        Of a row that is held back nothing is said: which record it is about is still open.
        """
        if n in self.undecided:
            return
        self.bad.add(n)
        self.report.problems.append(self._told(n, names, value, message))

    def note(self, n: int, names: str | Iterable[str], value: object, message: Message) -> None:
        """Tell something of a staged row that is taken nevertheless: what was guessed, or read otherwise than written.

        Takes what `refuse` takes. Of a row that is refused or held back in the end, nothing is noted.
        """
        self.report.notes.append(self._told(n, names, value, message))

    def _told(self, n: int, names: str | Iterable[str], value: object, message: Message) -> Problem:
        sheet, number = self.places[n]
        labels = (self.label(n, name) for name in ([names] if isinstance(names, str) else names))
        label = next(filter(None, labels), "")
        return Problem(sheet, number, label, "" if value is None else str(value), message)

    def refuse_broken_rules(self, model: type[Model], touched: Set[str]) -> None:
        """Refuse the rows of `import_final` that break a check constraint of the model, in the constraint's words."""
        query, checks = sql.broken_checks(model, "import_final", touched)
        if not checks:
            return
        broken: dict[int, list[int]] = {}
        for n, position in self.query(query):
            broken.setdefault(position, []).append(n)
        for position, numbers in broken.items():
            names = sql.fields_of(checks[position])
            message = Message(checks[position].violation_error_message or "", {"name": checks[position].name})
            column = sql.column_of(model._meta.get_field(names[0]))
            values = f"SELECT n, {column}::text FROM import_final WHERE n = ANY(%s) ORDER BY n"  # noqa: S608
            for n, value in self.query(values, [numbers]):
                self.refuse(n, names, value, message)
