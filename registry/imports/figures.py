"""Import of annual figures: a row is what one organization reported for one year."""

from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from registry import cells
from registry.imports.headers import header_year
from registry.imports.parts import Parse, PartImport
from registry.imports.reading import Sheet
from registry.imports.refusals import UnreadableFile
from registry.imports.report import Message
from registry.models import AnnualFigures
from registry.rows import FIGURES_COLUMNS

_COUNTS = ("employees", "rd_staff", "valid_invention_patents")
_MONEY = ("assets", "revenue", "ai_revenue", "rd_expenditure")
FIGURES = (*_COUNTS, *_MONEY)


@dataclass
class FiguresImport(PartImport):
    """Creates and changes annual figures. A blank cell is "not reported" and changes nothing; 0 is a figure."""

    _years: dict[str, int | None] = field(init=False, default_factory=dict)
    """Name of a sheet -> the year that its labels name."""

    model = AnnualFigures
    rows = FIGURES_COLUMNS
    required = "year"
    required_message = _("Figures need the year that they are about.")
    more_staged = PartImport.more_staged | {"year": "smallint"}
    second_message = _("Row %(rows)s is about the same organization and year: keep one of them.")

    def parsers(self) -> dict[str, tuple[Parse, str]]:
        return {
            "year": (cells.parse_year, "smallint"),
            **dict.fromkeys(_COUNTS, (cells.parse_integer, "integer")),
            **dict.fromkeys(_MONEY, (cells.parse_money, "numeric")),
        }

    def missing(self, names: set[str]) -> str | Promise | None:
        if self.allows(self.permission("view")) and names.isdisjoint(FIGURES):
            return _("at least one figure, such as employees or revenue")
        return super().missing(names)

    def finish_row(self, values: dict[str, Any], sheet: Sheet) -> None:
        in_labels = self._year_in_labels(sheet)
        if "year" not in values:
            if in_labels is None and "year" not in self.present:
                raise UnreadableFile("column_missing", sheet=sheet.name or self.report.file, column=_("year"))
            values["year"] = in_labels
        elif in_labels not in (None, values["year"]):
            params = {"one": values["year"], "other": in_labels}
            message = _("The row is about %(one)s, but the label of a column says %(other)s.")
            raise ValidationError({"year": ValidationError(message, params=params)})

    def _year_in_labels(self, sheet: Sheet) -> int | None:
        """The year that labels such as 2021年营业收入 name. Raises UnreadableFile where they name several."""
        if sheet.name not in self._years:
            labels = [column.label for column in [*sheet.columns, *sheet.doubled] if column.name in FIGURES]
            years = sorted({year for label in labels if (year := header_year(label))})
            if len(years) > 1:
                listed = "、".join(map(str, years))
                raise UnreadableFile("several_years", sheet=sheet.name or self.report.file, years=listed)
            self._years[sheet.name] = years[0] if years else None
        return self._years[sheet.name]

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
