"""Imports dues standards with their classes: a row is one class, found by its standard's first day and its name.

A row that says nothing of a class is about its standard alone: there are standards without any class.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, ClassVar

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from alliance.council.imports.council import CouncilImport
from alliance.dues.columns import CLASS_COLUMNS
from alliance.dues.imports.standard_parts import ClassTiers, Standards
from alliance.dues.models import DuesClass, DuesStandard
from alliance.dues.rules import MOST_CLASSES, TOO_MANY_CLASSES
from alliance.meetings.choices import Matter
from alliance.meetings.wording import decisions
from alliance.members.imports.tiers import Tiers
from alliance.models import Alliance, Decision
from registry.columns import Column, RenderContext, text_column
from registry.database.permission_names import permission
from registry.imports.pipeline.comparing import clean_line
from registry.imports.pipeline.report import Message
from registry.spreadsheet import Vocabulary, parse_date, parse_text

_PARSERS: dict[str, tuple[Any, str]] = {
    "begins_on": (parse_date, "date"),
    "published_on": (parse_date, "date"),
    "remarks": (parse_text, "text"),
}
_ALONE = "r.begins_on IS NOT NULL AND r.name IS NULL AND r.amount IS NULL AND r.tiers IS NULL"
_NO_CLASS = f"""
UPDATE import_target t SET id = -r.standard, is_new = false FROM import_row r WHERE r.n = t.n AND {_ALONE}
"""
"""Keys below 0 are of no class: two rows about the same standard alone are found as two about one record."""
_NEW_ALONE = "SELECT count(*) FROM import_standard s JOIN import_target t ON t.n = s.n WHERE s.is_new AND t.id < 0"
_NEW = "SELECT n, standard_id FROM import_final WHERE is_new AND n <> ALL (%s) ORDER BY n"


def _standard(pk: int | None, context: "StandardContext") -> str:
    return str(context.days.get(pk or 0, ""))


def _decision(pk: int | None, context: "StandardContext") -> str:
    return context.decision_names.get(pk, "")


def _shown() -> Iterator[Column]:
    """Yield the columns as the import has them: standard and decision by their keys, written as their names."""
    for column in CLASS_COLUMNS:
        if column.name in _PARSERS:
            parse, sql_type = _PARSERS[column.name]
            yield replace(column, parse=parse, sql_type=sql_type)
        elif column.name == "decision_named":
            yield replace(column, name="decision", sql_type="bigint", write=_decision)
        elif column.name != "standard":
            yield column
    yield text_column("standard", _("dues standard"), write=_standard)


class StandardContext(RenderContext):
    """Shows standards by their first day, and decisions by day and subject."""

    def __init__(self, alliance: Alliance, days: Mapping[int, object]) -> None:
        super().__init__()
        self.alliance, self.days = alliance, days

    @cached_property
    def decision_names(self) -> dict[int | None, str]:
        known = Decision.objects.filter(alliance=self.alliance).values_list("pk", "meeting__held_on", "subject")
        return {pk: f"{held_on} {subject}" for pk, held_on, subject in known}


@dataclass
class StandardImport(CouncilImport):
    """Adds and changes standards and classes, never removes them."""

    TABLE: ClassVar[str] = "dues_standards"
    NAMED_BY: ClassVar[tuple[str, ...]] = ("name",)
    more_staged: ClassVar[dict[str, str]] = {"standard": "bigint"}
    shown_as: ClassVar[Mapping[str, str]] = {"standard": "begins_on"}

    model = DuesClass
    shown = tuple(_shown())
    key = ("standard_id", "registry_fold_name(name)")
    same = "x.standard_id = r.standard AND registry_fold_name(x.name) = registry_fold_name(r.name)"
    nearer = f"{clean_line('x.name')} = r.name"
    needed: ClassVar = {
        "begins_on": _("A row needs the first day of its standard."),
        "name": _("A row needs the name of its class."),
    }
    needed_if_new: ClassVar = {"amount": _("A new class needs its amount.")}
    second_message = _("Row %(rows)s is about the same class, or the same standard alone: keep one of them.")
    several_message = _("Several classes answer to this name.")

    standards: Standards = field(init=False)

    def __post_init__(self) -> None:
        super().__post_init__()
        view = permission("view", DuesStandard)
        own = {*Standards.columns, "begins_on"}
        self.columns = [replace(one, permission=view) if one.name in own else one for one in self.columns]
        self.standards = Standards(self, self.alliance)
        self.children = [self.standards, ClassTiers(self, self.alliance)]

    def vocabularies(self) -> dict[str, Vocabulary[Any]]:
        of_dues = decisions(Q(alliance=self.alliance, matter=Matter.DUES_STANDARD))
        return {"decision": of_dues, "tiers": Tiers(self.alliance, create=False)}

    def prepare(self) -> None:
        super().prepare()
        self.present.add("standard")

    def label(self, n: int, name: str) -> str:
        """Return the label of a column; of the standard, of its first day."""
        return super().label(n, "begins_on" if name == "standard" else name)

    def render_context(self) -> RenderContext:
        return StandardContext(self.alliance, self.standards.days())

    def wanting(self, name: str) -> str:
        return f"(r.name IS NULL AND NOT ({_ALONE}))" if name == "name" else super().wanting(name)

    def find_members(self) -> None:
        """Find the standards, too: rows are about no organization."""
        super().find_members()
        self.standards.find()

    def find_records(self) -> None:
        super().find_records()
        self.execute(_NO_CLASS)

    def check_rules(self) -> None:
        self.standards.settle()
        counts: dict[int, int] = {}
        for n, pk in list(self.query(_NEW, [sorted(self.bad)])):
            count = counts.setdefault(pk, DuesClass.objects.filter(standard=pk).count())
            counts[pk] = count + 1
            if count >= MOST_CLASSES:
                self.note(n, "name", "", Message(TOO_MANY_CLASSES, {"count": count + 1}))

    def write(self) -> None:
        self.standards.write()
        super().write()

    def count(self) -> None:
        super().count()
        alone = self.value(_NEW_ALONE)
        self.report.new += alone
        self.report.changed -= alone
        for name, rows in self.standards.changed_cells().items():
            self.report.changed_columns[self.label(0, name)] = rows
