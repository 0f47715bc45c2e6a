"""Imports annual figures: a row holds the figures that one organization reported for one year."""

from dataclasses import dataclass, field
from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from registry.database.permission_names import permission
from registry.imports.pipeline.report import Message
from registry.imports.reading.files import RawFile
from registry.imports.reading.refusals import UnreadableFile
from registry.imports.reading.tables import Sheet, TableFile
from registry.imports.recognising.headers import Recogniser, header_year, label_key
from registry.imports.recognising.layout import Layout
from registry.imports.tables.child_tables import PartImport
from registry.organizations.columns import parts
from registry.organizations.models.confidential import AnnualFigures
from registry.values.punctuation import listed_lazily

FIGURES = tuple(column.name for column in parts.FIGURES)


_YEAR_BEFORE = ("上年度", "上年", "上一年", "lastyear")


@dataclass
class FiguresImport(PartImport):
    """Creates and changes annual figures. A blank cell means "not reported" and changes nothing; 0 is a figure."""

    TABLE: ClassVar[str] = "figures"
    _years: dict[tuple[str, int], list[int]] = field(init=False, default_factory=dict)
    """Key of a sheet -> the years in its labels."""

    model = AnnualFigures
    shown = parts.FIGURES_COLUMNS
    required = "year"
    required_message = _("Figures need the year that they are about.")
    second_message = _("Row %(rows)s is about the same organization and year: keep one of them.")

    def prepare(self) -> None:
        self.present.add("year")  # which a label may name

    def recognise(self, raw: RawFile, layout: Layout | None) -> TableFile:
        table = super().recognise(raw, layout)
        self._years = {sheet.key: _years_in_labels(sheet) for sheet in table.sheets}
        return table

    def missing(self, names: set[str]) -> str | Promise | None:
        if self.allows(permission("view", self.model)) and names.isdisjoint(FIGURES):
            return _("at least one figure, such as employees or revenue")
        if "year" not in names and not all(self._years.values()):
            return _("year")
        return super().missing(names)

    def finish_row(self, values: dict[str, Any], sheet: Sheet) -> None:
        super().finish_row(values, sheet)
        years = self._years[sheet.key]
        if len(years) > 1:
            listed = listed_lazily(years)
            raise UnreadableFile("several_years", sheet=sheet.name or self.report.file, years=listed)
        year = values.setdefault("year", *years) if years else values.get("year")
        if years and year != years[0]:
            params = {"one": year, "other": years[0]}
            message = _("The row is about %(one)s, but the label of a column says %(other)s.")
            raise ValidationError({"year": ValidationError(message, params=params)})

    def passes_over(self, label: str) -> bool:
        """Return whether the label names a figure of the year before, which forms contain for comparison."""
        known = Recogniser({column.name: column.labels for column in self.columns})
        key = label_key(label)
        return any(key.startswith(word) and known(key.removeprefix(word)) in FIGURES for word in _YEAR_BEFORE)

    def records(self) -> str:
        said = " OR ".join(f"r.{name} IS NOT NULL" for name in (*FIGURES, "source"))
        return f"""
            SELECT r.n, m.id, x.id, x.id IS NULL AND ({said})
            FROM import_row r JOIN import_match m ON m.n = r.n
            LEFT JOIN registry_annualfigures x ON x.organization_id = m.id AND x.year = r.year AND ({said})
            WHERE m.id IS NOT NULL AND r.year IS NOT NULL
        """

    def tell(self) -> None:
        silent = "SELECT count(*) FROM import_target WHERE id IS NULL AND NOT is_new AND n <> ALL (%s)"
        silent += f" AND n NOT IN ({self.changed_rows()})"
        if count := self.value(silent, [sorted(self.bad)]):
            message = _("%(count)d rows give no figure at all: nothing is recorded for them.")
            self.report.notices.append(Message(message, {"count": count}))


def _years_in_labels(sheet: Sheet) -> list[int]:
    """Return the years in labels such as 2021年营业收入."""
    labels = [column.label for column in [*sheet.columns, *sheet.doubled] if column.name in FIGURES]
    return sorted({year for label in labels if (year := header_year(label))})
