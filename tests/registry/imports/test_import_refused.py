"""Refused rows come back in the layout of their file, can be corrected there, and go in."""

import datetime
import io
import zipfile
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from python_calamine import CalamineWorkbook

from registry.imports.pipeline.report import Report
from registry.imports.reading.files import NOTES_SHEET
from registry.imports.recognising.headers import REASON
from registry.imports.recognising.layout import Layout, signature
from registry.imports.refused import RowReason, write_refused
from registry.imports.tables.figures import FiguresImport
from registry.imports.tables.organizations import OrganizationImport
from registry.models import AnnualFigures, Organization
from tests import factories
from tests.registry.imports.importing import csv_file

pytestmark = pytest.mark.django_db


def workbook(path: Path, sheets: dict[str, list[list[Any]]], merged: list[str] = ()) -> Path:
    book = xlsxwriter.Workbook(path)
    day = book.add_format({"num_format": "yyyy/m/d"})
    for name, rows in sheets.items():
        sheet = book.add_worksheet(name)
        for line, row in enumerate(rows):
            for place, cell in enumerate(row):
                if isinstance(cell, datetime.date):
                    sheet.write_datetime(line, place, cell, day)
                elif cell not in ("", None):
                    sheet.write(line, place, cell)
        for cells in merged:
            sheet.merge_range(cells, "", None)
            first = cells.split(":")[0]
            line, place = int(first[1:]) - 1, ord(first[0]) - 65
            if rows[line][place] != "":
                sheet.write(line, place, rows[line][place])
    book.close()
    return path


def imported(path: Path, run: Any = None, **options: Any) -> Report:
    return (run or OrganizationImport()).run(path, apply=True, **options)


def refused(path: Path, report: Report) -> Path:
    with report.table:
        report.write_workbook(path)
    return path


def sheets(path: Path) -> dict[str, list[list[Any]]]:
    book = CalamineWorkbook.from_path(path)
    return {name: book.get_sheet_by_name(name).to_python() for name in book.sheet_names}


def corrected(path: Path, target: Path, cell: tuple[str, int, int], value: Any) -> Path:
    """The workbook as somebody saves it with one cell corrected."""
    content = sheets(path)
    name, line, place = cell
    content[name][line][place] = value
    return workbook(target, content)


ROWS = [
    ["香山企业一览表", "", "", "", ""],
    ["企业名称", "统一社会信用代码", "注册资金", "日期", ""],
    ["", "", "（万元）", "成立日期", "引进日期"],
    ["香山一厂", "", 100, datetime.date(2019, 9, 1), "2020-01-02"],
    ["香山二厂", "", 2.5, "1997年9月", datetime.date(2020, 1, 2)],
    ["香山三厂", "911", "'=1+1", datetime.date(2019, 9, 1), ""],
]


def test_rows_come_back_below_title_and_header_as_they_stood(tmp_path):
    path = workbook(tmp_path / "list.xlsx", {"石岐": ROWS}, ["A1:E1", "A2:A3", "B2:B3", "D2:E2"])
    report = imported(path)
    assert (report.new, report.refused) == (1, 2)
    out = refused(tmp_path / "out.xlsx", report)
    assert list(sheets(out)) == ["石岐", NOTES_SHEET]
    title, upper, lower, two, three = sheets(out)["石岐"]
    assert title[0] == "香山企业一览表"
    assert upper[:4] == ROWS[1][:4]
    assert upper[5] == REASON
    assert lower[2:5] == ROWS[2][2:]
    assert two[:5] == ["香山二厂", "", 2.5, "1997年9月", datetime.date(2020, 1, 2)]
    assert three[:4] == ["香山三厂", "911", "=1+1", datetime.date(2019, 9, 1)]
    assert two[5].splitlines() == [
        "成立日期: “1997年9月”不是完整日期，请补上“日”。",
        "成立日期: “1997年9月” is not a full date: add the day.",
    ]
    assert len(three[5].splitlines()) == 4
    assert CalamineWorkbook.from_path(out).get_sheet_by_index(0).merged_cell_ranges


def test_corrected_workbook_is_imported_and_the_added_column_passed_over(tmp_path):
    path = workbook(tmp_path / "list.xlsx", {"石岐": ROWS}, ["A1:E1", "A2:A3", "B2:B3", "D2:E2"])
    out = refused(tmp_path / "out.xlsx", imported(path))
    again = imported(out)
    assert (again.refused, again.new) == (2, 0)
    facts = " ".join(str(fact) for fact in again.about_file())
    assert "原因" not in facts
    assert NOTES_SHEET not in facts
    twice = refused(tmp_path / "twice.xlsx", again)
    assert sheets(twice)["石岐"] == sheets(out)["石岐"]
    right = corrected(twice, tmp_path / "right.xlsx", ("石岐", 3, 3), datetime.date(1997, 9, 1))
    with imported(right).table:
        pass
    assert Organization.objects.get(name_zh="香山二厂").founded_on == datetime.date(1997, 9, 1)


def test_cells_with_reasons_are_marked_with_a_comment(tmp_path):
    out = refused(tmp_path / "out.xlsx", imported(workbook(tmp_path / "list.xlsx", {"石岐": ROWS})))
    with zipfile.ZipFile(out) as package:
        comments = package.read("xl/comments1.xml").decode()
        styles = package.read("xl/styles.xml").decode()
    assert 'ref="D4"' in comments
    assert "1997年9月" in comments
    assert "FFE699" in styles


def test_rows_of_a_merged_town_keep_it(tmp_path, reference):
    rows = [
        ["企业名称", "所在镇街", "成立日期"],
        ["香山一厂", "小榄镇", "2019-09-01"],
        ["香山二厂", "", "1997年9月"],
    ]
    path = workbook(tmp_path / "list.xlsx", {"表": rows}, ["B2:B3"])
    out = refused(tmp_path / "out.xlsx", imported(path))
    assert sheets(out)["表"][1][:3] == ["香山二厂", "小榄镇", "1997年9月"]


def test_only_sheets_with_refused_rows_come_back(tmp_path):
    rows = {
        "石岐": [["企业名称", "成立日期"], ["香山一厂", "2019-09-01"]],
        "小榄": [["企业名称", "成立日期"], ["香山二厂", "1997年9月"]],
    }
    out = refused(tmp_path / "out.xlsx", imported(workbook(tmp_path / "list.xlsx", rows)))
    assert list(sheets(out)) == ["小榄", NOTES_SHEET]


def test_text_file_comes_back_as_text_in_a_workbook(tmp_path):
    factories.enterprise(name_zh="香山一厂")
    rows = [
        ["单位名称", "年度", "营业收入（万元）", "备注"],
        ["香山一厂", 2021, "约300万", "'=1+1"],
        ["香山一厂", 2020, 5, "007"],
    ]
    report = imported(csv_file(tmp_path, rows), FiguresImport())
    out = refused(tmp_path / "out.xlsx", report)
    name = next(iter(sheets(out)))
    assert sheets(out)[name][1][:4] == ["香山一厂", "2021", "约300万", "=1+1"]
    right = corrected(out, tmp_path / "right.xlsx", (name, 1, 2), 300)
    report = imported(right, FiguresImport())
    report.table.close()
    assert report.summary == "new 1, changed 0, unchanged 0, refused 0"
    assert AnnualFigures.objects.get(year=2021).revenue == 3_000_000


def test_many_rows_are_written_without_keeping_them_in_memory(tmp_path):
    rows = [["企业名称", "成立日期"], *([f"香山{number}厂", "1997年9月"] for number in range(5_200))]
    out = refused(tmp_path / "out.xlsx", imported(csv_file(tmp_path, rows)))
    [(_name, content), _notes] = sheets(out).items()
    assert len(content) == 5_201
    assert content[-1][0] == "香山5199厂"


def test_workbook_can_be_written_to_memory(tmp_path):
    report = imported(csv_file(tmp_path, [["企业名称", "成立日期"], ["香山一厂", "1997年9月"]]))
    target = io.BytesIO()
    with report.table:
        write_refused(target, report.table, {("", 2): [RowReason("", ["待定"])]})
    (tmp_path / "out.xlsx").write_bytes(target.getvalue())
    assert next(iter(sheets(tmp_path / "out.xlsx").values()))[1][2] == "待定"


def test_mapping_remembered_for_the_file_holds_for_what_comes_back(tmp_path):
    rows = [["我司", "成立"], ["香山一厂", "1997年9月"]]
    layout = Layout(columns={"我司": "name_zh", "成立": "founded_on"}, constants={"kind": "企业"})
    report = imported(csv_file(tmp_path, rows), layout=layout)
    out = refused(tmp_path / "out.xlsx", report)
    [sheet] = report.table.sheets
    assert (report.refused, report.new) == (1, 0)
    again = imported(out, layout=layout)
    again.table.close()
    assert signature(again.table.sheets[0].header) == signature(sheet.header)
    assert again.refused == 1
    with imported(
        corrected(out, tmp_path / "right.xlsx", (again.table.sheets[0].name, 1, 1), "1997-09-01"), layout=layout
    ).table:
        pass
    assert Organization.objects.get().name_zh == "香山一厂"
