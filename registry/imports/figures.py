"""Import of annual figures: a row is what one organization reported for one year."""

from dataclasses import dataclass, field
from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.db.models import DecimalField, IntegerField
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from registry.imports.columns import field_of
from registry.imports.headers import header_year
from registry.imports.layout import Layout
from registry.imports.parts import PartImport
from registry.imports.reading import RawFile, Sheet, Table
from registry.imports.refusals import UnreadableFile
from registry.imports.report import Message
from registry.models import AnnualFigures
from registry.rows import FIGURES_COLUMNS

FIGURES = tuple(
    column.name
    for column in FIGURES_COLUMNS
    if isinstance(field_of(AnnualFigures, column.name), IntegerField | DecimalField) and column.name != "year"
)
"""The columns that hold a figure."""


@dataclass
class FiguresImport(PartImport):
    """Creates and changes annual figures. A blank cell is "not reported" and changes nothing; 0 is a figure."""

    TABLE: ClassVar[str] = "figures"
    _years: dict[str, list[int]] = field(init=False, default_factory=dict)
    """Name of a sheet -> the years that its labels name."""

    model = AnnualFigures
    rows = FIGURES_COLUMNS
    required = "year"
    required_message = _("Figures need the year that they are about.")
    more_staged = PartImport.more_staged | {"year": "smallint"}
    second_message = _("Row %(rows)s is about the same organization and year: keep one of them.")

    def recognise(self, raw: RawFile, layout: Layout | None) -> Table:
        table = super().recognise(raw, layout)
        self._years = {sheet.name: _years_in_labels(sheet) for sheet in table.sheets}
        return table

    def missing(self, names: set[str]) -> str | Promise | None:
        if self.allows(self.permission("view")) and names.isdisjoint(FIGURES):
            return _("at least one figure, such as employees or revenue")
        if "year" not in names and not all(self._years.values()):
            return _("year")
        return super().missing(names)

    def finish_row(self, values: dict[str, Any], sheet: Sheet) -> None:
        super().finish_row(values, sheet)
        years = self._years[sheet.name]
        if len(years) > 1:
            listed = "、".join(map(str, years))
            raise UnreadableFile("several_years", sheet=sheet.name or self.report.file, years=listed)
        year = values.setdefault("year", *years) if years else values.get("year")
        if years and year != years[0]:
            params = {"one": year, "other": years[0]}
            message = _("The row is about %(one)s, but the label of a column says %(other)s.")
            raise ValidationError({"year": ValidationError(message, params=params)})

    def find_records(self) -> None:
        said = " OR ".join(f"r.{name} IS NOT NULL" for name in (*FIGURES, "source"))
        self.execute(
            f"""
            CREATE TEMP TABLE import_part ON COMMIT DROP AS
            SELECT r.n, m.id AS organization_id, x.id
            FROM import_row r JOIN import_match m ON m.n = r.n
            LEFT JOIN registry_annualfigures x ON x.organization_id = m.id AND x.year = r.year
            WHERE m.id IS NOT NULL AND r.year IS NOT NULL AND ({said})
            """  # noqa: S608
        )

    def count(self) -> None:
        super().count()
        silent = self.value(
            "SELECT count(*) FROM import_row WHERE n NOT IN (SELECT n FROM import_part) AND n <> ALL (%s)",
            [sorted(self.bad)],
        )
        if silent:
            message = _("%(count)d rows give no figure at all: nothing is recorded for them.")
            self.report.notices.append(Message(message, {"count": silent}))


def _years_in_labels(sheet: Sheet) -> list[int]:
    """The years that labels such as 2021年营业收入 name."""
    labels = [column.label for column in [*sheet.columns, *sheet.doubled] if column.name in FIGURES]
    return sorted({year for label in labels if (year := header_year(label))})
