"""Help for tests of imports: tables as files, and runs of the import over them."""

import csv
from pathlib import Path
from typing import Any

import xlsxwriter
from django.utils import translation

from registry.imports.pipeline.report import Report
from registry.imports.tables.organizations import OrganizationImport


def csv_file(folder: Path, rows: list[list[Any]], name: str = "list.csv") -> Path:
    path = folder / name
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        csv.writer(file).writerows(rows)
    return path


def xlsx_file(folder: Path, sheets: dict[str, list[list[Any]]], name: str = "list.xlsx") -> Path:
    """A workbook of these sheets; text that looks like a number or a formula stays text."""
    path = folder / name
    book = xlsxwriter.Workbook(path, {"strings_to_formulas": False, "strings_to_numbers": False})
    for title, rows in sheets.items():
        sheet = book.add_worksheet(title)
        for number, cells in enumerate(rows):
            for column, cell in enumerate(cells):
                if cell not in ("", None):
                    sheet.write(number, column, cell)
    book.close()
    return path


def imported(folder: Path, rows: list[list[Any]], *, apply: bool = True, user: Any = None, **options: Any) -> Report:
    """Apply a table of organizations; the first row holds the labels."""
    report = OrganizationImport(user=user).run(csv_file(folder, rows), apply=apply, **options)
    report.table.close()
    return report


def told(report: Report) -> list[tuple[int, str, str]]:
    """The problems as row number, column label and English words."""
    with translation.override("en"):
        return [(problem.row, problem.column, str(problem.message)) for problem in report.problems]


def reasons(report: Report) -> str:
    return "\n".join(words for _row, _column, words in told(report))
