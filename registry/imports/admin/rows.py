"""The rows of an import as the page lists them: filtered, 50 rows on a page, in words."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Page, Paginator
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.functional import Promise, cached_property
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from registry.database.fields import field_of
from registry.imports.models import ImportBatch, ImportRow
from registry.matching.score import LABELS
from registry.organizations.admin.uscc import page_url
from registry.organizations.columns.organizations import ORGANIZATION_COLUMNS
from registry.organizations.models.organizations import Organization
from registry.reference.models import Sector
from registry.suggestions.engine import FIELDS
from registry.values.contacts import hide_contacts
from registry.values.punctuation import clauses

PER_PAGE = 50
DECIDED = "decided"
SUGGESTED = "suggested"
NOTED = "noted"
Outcome = ImportRow.Outcome
TO_DO = (Outcome.UNDECIDED, Outcome.REFUSED)
TABS: tuple[tuple[str, str | Promise], ...] = (
    (Outcome.UNDECIDED, Outcome.UNDECIDED.label),
    (Outcome.REFUSED, Outcome.REFUSED.label),
    (Outcome.NEW, Outcome.NEW.label),
    (Outcome.CHANGED, Outcome.CHANGED.label),
    (Outcome.UNCHANGED, Outcome.UNCHANGED.label),
)
COMPARED = ("registry_no", "name_zh", "name_en", "uscc", "township", "registered_address", "founded_on")


def spoken(both: list[str] | str) -> str:
    """Return the text in the language of the page, of a Chinese and an English one."""
    if isinstance(both, str):
        return both
    return both[1] if (get_language() or "zh").startswith("en") else both[0]


@dataclass
class Filters:
    outcome: str
    column: str
    words: str

    @classmethod
    def of(cls, request: HttpRequest, batch: ImportBatch) -> "Filters":
        given = {name: request.GET.get(name, "").replace("\0", "").strip() for name in ("outcome", "column", "q")}
        known = {"all", DECIDED, SUGGESTED, NOTED, *(name for name, _label in TABS)}
        outcome = given["outcome"] if given["outcome"] in known else cls.first_look(batch)
        return cls(outcome, given["column"][:100], given["q"][:100])

    @staticmethod
    def first_look(batch: ImportBatch) -> str:
        """Return the filter to begin with: the rows that need a decision or a correction first."""
        if batch.state != ImportBatch.State.OPEN:
            return "all"
        return next((str(outcome) for outcome in TO_DO if batch.counts.get(outcome)), "all")

    def __call__(self, rows: QuerySet[ImportRow], labels: dict[str, list[str]]) -> QuerySet[ImportRow]:
        if self.outcome == DECIDED:
            rows = rows.exclude(decision="")
        elif self.outcome == SUGGESTED:
            rows = rows.exclude(suggestions=[])
        elif self.outcome == NOTED:
            rows = rows.exclude(notes=[])
        elif self.outcome != "all":
            rows = rows.filter(outcome=self.outcome)
        if self.column:
            at_column = Q(changes__contains=[{"column": self.column}])
            for label in labels.get(self.column, [self.column]):
                with_label = [{"column": label}]
                at_column |= Q(problems__contains=with_label) | Q(notes__contains=with_label)
            rows = rows.filter(at_column)
        if self.words:
            named = Q(name__icontains=self.words)
            rows = rows.filter(named | Q(number=int(self.words)) if self._is_number else named)
        return rows

    @property
    def _is_number(self) -> bool:
        return self.words.isascii() and self.words.isdigit() and len(self.words) < 9

    def query(self, **changed: Any) -> str:
        said = {"outcome": self.outcome, "column": self.column, "q": self.words} | changed
        return "?" + urlencode({name: value for name, value in said.items() if value})


@dataclass
class ShownRow:
    """One row of the import as the page shows it; `shown()` makes all rows of a page at once."""

    row: ImportRow
    labels: dict[str, str]
    organizations: dict[int, Organization]
    several_sheets: bool
    sectors: dict[int, Sector]

    @property
    def place(self) -> str:
        if self.several_sheets:
            said = _("%(sheet)s, row %(number)d") % {"sheet": self.row.sheet, "number": self.row.number}
        else:
            said = _("row %(number)d") % {"number": self.row.number}
        return str(said)

    @property
    def url(self) -> str:
        organization = self.organizations.get(self.row.organization_id or 0)
        return page_url(organization) if organization else ""

    @property
    def registry_no(self) -> str:
        organization = self.organizations.get(self.row.organization_id or 0)
        return organization.registry_no if organization else ""

    @cached_property
    def problems(self) -> list[dict[str, str]]:
        return _in_words(self.row.problems)

    @cached_property
    def notes(self) -> list[dict[str, str]]:
        return _in_words(self.row.notes)

    @cached_property
    def changes(self) -> list[dict[str, str]]:
        return [
            {
                "label": self.labels.get(change["column"], change["column"]),
                "old": change.get("old") or "",
                "new": change.get("new") or "",
            }
            for change in self.row.changes
        ]

    @property
    def gist(self) -> str:
        """Return the values of a new record on one line, each behind its label, without the name."""
        held = (change for change in self.changes if change["new"] != self.row.name)
        return " · ".join(f"{change['label']} {change['new']}" for change in held)[:300]

    @property
    def has_old(self) -> bool:
        return any(change["old"] for change in self.changes)

    @cached_property
    def suggestions(self) -> list[dict[str, Any]]:
        """Return the suggested sectors, each with the words that led to it and the label of the text that has them."""
        found = []
        for suggestion in self.row.suggestions:
            if sector := self.sectors.get(suggestion["sector"]):
                words: dict[str, list[str]] = {}
                for text, word in suggestion["words"]:
                    words.setdefault(text, []).append(word)
                places = [(FIELDS[text], said) for text, said in words.items() if text in FIELDS]
                found.append({"sector": sector, "places": places, "accepted": suggestion["accepted"]})
        return found

    @property
    def is_renaming(self) -> bool:
        """Return whether somebody has to decide if the record was renamed or the code in the file is wrong."""
        return any("other_name" in candidate["reasons"] for candidate in self.row.candidates)

    @property
    def waits_for_choice(self) -> bool:
        """Return whether the row is held back until somebody chooses how the import treats rows of its kind."""
        return self.row.outcome == Outcome.UNDECIDED and not self.row.candidates

    @property
    def decision(self) -> str | Promise:
        """Return the decision about the row."""
        if self.row.decision and self.is_renaming:
            return _("renamed") if self.row.same_as_id else _("the code is wrong")
        return self.row.get_decision_display() if self.row.decision else ""

    @cached_property
    def candidates(self) -> list["ShownCandidate"]:
        found = []
        for told in self.row.candidates:
            if organization := self.organizations.get(told["id"]):
                reasons = clauses(str(LABELS.get(code, code)) for code in told.get("reasons", ()))
                found.append(ShownCandidate(organization, reasons, self.row.same_as_id == organization.pk))
        return found

    @cached_property
    def comparison(self) -> list[tuple[str, str, list[tuple[str, bool]]]]:
        """Return the compared lines: label, value in the file, and each candidate's value and whether it is equal."""
        values = {change["column"]: change.get("new") or "" for change in self.row.changes}
        values.setdefault("name_zh", self.row.name)
        lines = []
        for name in COMPARED:
            own = values.get(name, "")
            others = [candidate.value(name) for candidate in self.candidates]
            if own or (any(others) and name != "registry_no"):  # which stands above the candidates
                same = [(other, bool(own) and own == other) for other in others]
                lines.append((self.labels.get(name) or str(_label(name)), own, same))
        return lines


@dataclass
class ShownCandidate:
    organization: Organization
    reasons: str
    chosen: bool
    url: str = field(init=False)

    def __post_init__(self) -> None:
        self.url = page_url(self.organization)

    def value(self, name: str) -> str:
        value = getattr(self.organization, name)
        if name == "township":
            return value.label() if value else ""
        return "" if value is None else str(value)


def _in_words(problems: list[dict[str, Any]]) -> list[dict[str, str]]:
    return [{"column": one["column"], "value": one["value"], "message": spoken(one["message"])} for one in problems]


def _label(name: str) -> Any:
    return field_of(Organization, name).verbose_name


def labels_of(batch: ImportBatch) -> dict[str, str]:
    """Return the labels of the columns by their names, in the language of the page."""
    return {column["name"]: spoken(column["label"]) for column in batch.findings.get("columns", ())}


def labels_in_file(batch: ImportBatch) -> dict[str, list[str]]:
    return {column["name"]: column["in_file"] for column in batch.findings.get("columns", ())}


def _hide(row: ImportRow, labels: dict[str, list[str]]) -> None:
    """Mask the telephone numbers and e-mail addresses of a row of somebody else's file. The row is not saved."""
    masks = {column.name: column.mask for column in ORGANIZATION_COLUMNS if column.mask}
    by_label = {label: mask for name, mask in masks.items() for label in (name, *labels.get(name, ()))}
    for change in row.changes:
        mask = masks.get(change["column"], hide_contacts)
        change |= {side: mask(str(change[side])) for side in ("old", "new") if change.get(side)}
    for told in (*row.problems, *row.notes):
        value = str(told["value"] or "")
        hidden = by_label.get(told["column"], hide_contacts)(value)
        said = [told["message"]] if isinstance(told["message"], str) else told["message"]
        told |= {
            "value": hidden,
            "message": [hide_contacts(text.replace(value, hidden) if value else text) for text in said],
        }
        told["message"] = told["message"] if len(told["message"]) > 1 else told["message"][0]


def shown(page: Iterable[ImportRow], batch: ImportBatch, *, own: bool = True) -> Iterator[ShownRow]:
    """Yield the rows of a page in words. Whose file it is not (`own`) sees its telephone numbers masked."""
    rows = list(page)
    for row in () if own else rows:
        _hide(row, labels_in_file(batch))
    ids = {row.organization_id for row in rows} | {c["id"] for row in rows for c in row.candidates}
    organizations = Organization.objects.select_related("township").in_bulk(ids - {None})
    labels = labels_of(batch)
    suggested = {one["sector"] for row in rows for one in row.suggestions}
    sectors = Sector.objects.in_bulk(suggested) if suggested else {}
    several = len({row.sheet for row in rows}) > 1 or batch.findings.get("sheets", 1) > 1
    for row in rows:
        yield ShownRow(row, labels, organizations, several, sectors)


def page_of(batch: ImportBatch, filters: Filters, number: str) -> Page:
    rows = filters(batch.rows.all(), labels_in_file(batch))
    return Paginator(rows, PER_PAGE).get_page(number)


def tabs(batch: ImportBatch, filters: Filters) -> Iterator[dict[str, Any]]:
    """Return the outcomes with their numbers of rows, as links that filter the list."""
    everything = sum(batch.counts.get(name, 0) for name, _said in TABS)
    yield _tab(filters, "all", pgettext_lazy("rows of an import", "All"), everything)
    for name, label in TABS:
        yield _tab(filters, name, label, batch.counts.get(name, 0))
    if suggested := batch.rows.exclude(suggestions=[]).count():
        yield _tab(filters, SUGGESTED, _("sectors suggested"), suggested)
    if noted := batch.rows.exclude(notes=[]).count():
        yield _tab(filters, NOTED, _("noted"), noted)
    if decided := batch.rows.exclude(decision="").count():
        yield _tab(filters, DECIDED, _("decided"), decided)


def _tab(filters: Filters, name: str, label: str | Promise, count: int) -> dict[str, Any]:
    chosen = filters.outcome == name
    return {"name": name, "label": label, "count": count, "chosen": chosen, "url": filters.query(outcome=name)}
