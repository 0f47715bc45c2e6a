"""Imports dues: a row is what one member owes for one year, found by both.

A new one is taken only where dues may be collected: by a standard that was passed as prescribed, from an organization
that was a member on some day of the year.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cached_property
from typing import Any, ClassVar

from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from alliance.council.imports.members import MEMBER_KEYS, CouncilRenderContext, OfMembers, by_keys
from alliance.dues.columns import DUE_COLUMNS
from alliance.dues.models import MONTHS, Due, DuesClass, DuesStandard
from alliance.dues.rules import NOT_BY_PROCEDURE, part_of, wrong_procedure
from alliance.meetings.wording import decisions
from alliance.models import Decision
from registry.columns import Column, RenderContext, text_column
from registry.imports.pipeline.report import Message
from registry.spreadsheet import Vocabulary, yuan_text
from registry.values.punctuation import listed_lazily
from registry.values.validators import clean_line, fold_name

_ROWS = """
SELECT r.n, r.year, r.class_name, r.standard_from, r.months, x.dues_class_id, x.months
FROM import_row r LEFT JOIN alliance_due x ON x.member_id = r.member AND x.year = r.year
WHERE r.n <> ALL (%s) ORDER BY r.n
"""
_FOUND = """
UPDATE import_row r
SET dues_class = d.dues_class, amount = coalesce(r.amount, d.amount), basis = coalesce(r.basis, d.basis)
FROM unnest(%s::integer[], %s::bigint[], %s::numeric[], %s::text[]) AS d (n, dues_class, amount, basis) WHERE d.n = r.n
"""
_NO_MEMBER = """
SELECT f.n, f.year::text FROM import_final f WHERE f.is_new AND f.member_id IS NOT NULL AND NOT EXISTS (
    SELECT 1 FROM alliance_membership m WHERE m.member_id = f.member_id
    AND m.admitted_on < make_date(f.year + 1, 1, 1) AND (m.ended_on IS NULL OR m.ended_on > make_date(f.year, 1, 1))
) ORDER BY f.n
"""
_NEW = "SELECT n, dues_class_id FROM import_final WHERE is_new AND dues_class_id IS NOT NULL ORDER BY n"
_AMOUNTS = "SELECT n, dues_class_id, months, amount FROM import_final WHERE n <> ALL (%s) ORDER BY n"

NO_CLASS = _("No standard that applies in %(year)s has the class “%(name)s”. There are: %(known)s.")
SEVERAL = _("Several standards of %(year)s have this class. Write the day from which the right one applies: %(days)s.")
OTHER_STANDARD = _("The dues stay in the standard by which they were drawn up, from %(day)s.")
NO_YEAR = _("The organization was no member in %(value)s.")
OTHER_AMOUNT = _("The class makes it %(amount)s for %(months)d months; the amount of the row is taken.")


def _class(pk: int | None, context: "DueContext") -> str:
    return context.class_names.get(pk, "")


def _decision(pk: int | None, context: "DueContext") -> str:
    return context.decision_names.get(pk, "")


def _shown() -> Iterator[Column]:
    """Yield the columns as the import has them: class and decision by their keys, written as their names."""
    for column in by_keys(DUE_COLUMNS):
        if column.name == "dues_class":
            yield replace(column, name="class_name")
        elif column.name == "relief_decision_named":
            yield replace(column, name="relief_decision", write=_decision)
        elif column.name != "relief_decision":
            yield column
    yield text_column("dues_class", _("dues class"), write=_class)


class DueContext(CouncilRenderContext):
    """Shows classes and decisions of an alliance by name."""

    @cached_property
    def class_names(self) -> dict[int | None, str]:
        return dict(DuesClass.objects.filter(alliance=self.alliance).values_list("pk", "name"))

    @cached_property
    def decision_names(self) -> dict[int | None, str]:
        known = Decision.objects.filter(alliance=self.alliance).values_list("pk", "meeting__held_on", "subject")
        return {pk: f"{held_on} {subject}" for pk, held_on, subject in known}


@dataclass
class DueImport(OfMembers):
    """Adds and changes dues, never removes them."""

    TABLE: ClassVar[str] = "dues"
    more_staged: ClassVar[dict[str, str]] = {"member": "bigint", "dues_class": "bigint"}
    shown_as: ClassVar[Mapping[str, str]] = {**OfMembers.shown_as, "dues_class": "class_name"}

    model = Due
    shown = tuple(_shown())
    defaults: ClassVar = {"basis": f"'{Due.Basis.CHOSEN.value}'", "months": str(MONTHS), "relief": "0"}
    key = ("member_id", "year")
    same = "x.member_id = r.member AND x.year = r.year"
    needed: ClassVar = {"year": _("A row needs the year of the dues.")}
    needed_if_new: ClassVar = {
        "member": _("A row needs the member that owes the dues."),
        "dues_class": _("New dues need their class."),
    }
    second_message = _("Row %(rows)s is about the same dues: keep one of them.")

    @cached_property
    def classes(self) -> dict[int, DuesClass]:
        known = DuesClass.objects.filter(alliance=self.alliance).select_related(
            "standard__alliance", "standard__decision__meeting"
        )
        return {one.pk: one for one in known.order_by("-standard__begins_on", "-amount", "pk")}

    def vocabularies(self) -> dict[str, Vocabulary[Any]]:
        return {"relief_decision": decisions(Q(alliance=self.alliance, passed=True))}

    def missing(self, names: set[str]) -> str | Promise | None:
        return super().missing(names) or (_("name or number of the member") if names.isdisjoint(MEMBER_KEYS) else None)

    def prepare(self) -> None:
        super().prepare()
        self.present |= {"dues_class", "amount", "basis"}

    def label(self, n: int, name: str) -> str:
        """Return the label of a column; of the class, of the column with its name."""
        return super().label(n, "class_name" if name == "dues_class" else name)

    def render_context(self) -> RenderContext:
        return DueContext(self.alliance)

    def find_members(self) -> None:
        super().find_members()
        found = [row for row in map(self._class_of, list(self.query(_ROWS, [sorted(self.bad)]))) if row]
        self.execute(_FOUND, [list(column) for column in zip(*found, strict=True)] if found else [[], [], [], []])

    def _class_of(self, row: tuple[Any, ...]) -> tuple[int, int, Decimal | None, str | None] | None:
        """Return the row with its class; with the amount and the reason that follow where it changes the dues."""
        n, year, name, day, months, stored, stored_months = row
        chosen = self.classes.get(stored)
        if name and year:
            chosen = self._choose(n, year, name, day, chosen)
        if chosen is None:
            return None
        same = stored == chosen.pk and months in (None, stored_months)
        follows = None if same else part_of(chosen.amount, months or stored_months or MONTHS)
        return n, chosen.pk, follows, None if stored in (None, chosen.pk) else Due.Basis.CHOSEN.value

    def _choose(self, n: int, year: int, name: str, day: Any, stored: DuesClass | None) -> DuesClass | None:
        """Return the class of this name: of the standard that the dues have, or of one that applies in the year."""
        if stored and day and stored.standard.begins_on != day:
            message = Message(OTHER_STANDARD, {"day": stored.standard.begins_on})
            self.refuse(n, "standard_from", str(day), message)
            return None
        of_year = [
            one
            for one in self.classes.values()
            if (one.standard_id == stored.standard_id if stored else _applies(one.standard, year))
            and day in (None, one.standard.begins_on)
        ]
        named = [one for one in of_year if clean_line(one.name) == name]
        named = named or [one for one in of_year if fold_name(one.name) == fold_name(name)]
        if len(named) == 1:
            return named[0]
        if not named:
            known = " / ".join(dict.fromkeys(one.name for one in of_year)) or "–"
            message = Message(NO_CLASS, {"year": str(year), "name": name, "known": known})
        else:
            days = listed_lazily(str(one.standard.begins_on) for one in named)
            message = Message(SEVERAL, {"year": str(year), "days": days})
        self.refuse(n, "dues_class", name, message)
        return None

    def check_rules(self) -> None:
        self.refuse_all(_NO_MEMBER, "year", NO_YEAR)
        reasons = {one.standard_id: wrong_procedure(one.standard) for one in self.classes.values()}
        for n, pk in list(self.query(_NEW)):
            if n not in self.bad and reasons[self.classes[pk].standard_id]:
                self.refuse(n, "dues_class", self.classes[pk].name, Message(NOT_BY_PROCEDURE))
        for n, pk, months, amount in list(self.query(_AMOUNTS, [sorted(self.bad)])):
            if pk and 1 <= months <= MONTHS and amount != (follows := part_of(self.classes[pk].amount, months)):
                told = Message(OTHER_AMOUNT, {"amount": yuan_text(follows), "months": months})
                self.note(n, "amount", yuan_text(amount), told)


def _applies(standard: DuesStandard, year: int) -> bool:
    return standard.begins_on.year <= year and (standard.ends_on is None or str(standard.ends_on) > f"{year}-01-01")
