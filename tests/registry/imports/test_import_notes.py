"""What an import tells of rows that it takes: on the terminal, in the workbook, on the page."""

import pytest
from django.utils import translation
from python_calamine import CalamineWorkbook

from registry.imports.pipeline.outcomes import RowOutcome
from registry.imports.pipeline.report import Message
from registry.imports.reading.files import NOTES_SHEET
from registry.imports.tables.organizations import OrganizationImport
from tests.registry.imports.importing import csv_file

pytestmark = pytest.mark.django_db


class Noting(OrganizationImport):
    """Notes something of every row."""

    def examine(self) -> None:
        for n in range(len(self.places)):
            self.note(n, ("uscc", "name_zh"), f"value {n}", Message("Seen as %(what)s.", {"what": "a name"}))
        super().examine()


def run(folder, rows, **options):
    report = Noting().run(csv_file(folder, rows), apply=True, **options)
    report.table.close()
    return report


def test_note_names_its_cell_and_the_row_is_taken(tmp_path):
    found: list[RowOutcome] = []
    report = run(tmp_path, [["企业名称"], ["香山一厂"]], record=found.extend)
    assert (report.new, report.exit_code) == (1, 0)
    assert "提示：第 2 行 · 企业名称 · value 0: Seen as a name." in list(report.lines())
    note = {"column": "企业名称", "value": "value 0", "message": ["Seen as a name."] * 2}
    assert [(one.outcome, one.problems, one.notes) for one in found] == [("new", [], [note])]


def test_nothing_is_noted_of_a_row_that_is_refused(tmp_path):
    report = run(tmp_path, [["单位名称", "单位类型"], ["香山一号", ""], ["香山二号", "企业"]])
    assert [(note.row, note.value) for note in report.notes] == [(3, "value 1")]
    assert report.refused == 1


def test_notes_stand_on_the_sheet_of_notes_of_the_workbook(tmp_path):
    report = Noting().run(csv_file(tmp_path, [["企业名称"], ["香山一厂"]]), apply=True)
    with report.table, translation.override("en"):
        report.write_workbook(tmp_path / "out.xlsx")
    rows = CalamineWorkbook.from_path(tmp_path / "out.xlsx").get_sheet_by_name(NOTES_SHEET).to_python()
    assert any("row 2 · 企业名称 · value 0: Seen as a name." in str(row[0]) for row in rows)
