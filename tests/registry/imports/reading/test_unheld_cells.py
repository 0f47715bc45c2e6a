"""Cells whose value the file does not hold: errors, formulas without result; and cells that only look like some."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from registry.imports.recognising.headers import Recogniser
from registry.imports.tables.organizations import OrganizationImport
from registry.models import ImportBatch, Organization
from registry.spreadsheet import MissingValue
from tests import factories
from tests.registry.imports.importing import csv_file, told
from tests.registry.imports.reading.reading import read_file
from tests.registry.imports.reading.test_hostile_files import SHEET, cell, rebuilt, refusal, sheet_xml

recognise = Recogniser({"name_zh": ["企业名称"], "uscc": ["统一社会信用代码"], "address": ["地址"]})
KNOWN = ["#N/A", "#REF!", "#DIV/0!", "#NAME?", "#NULL!", "#NUM!", "#VALUE!"]
NEWER = [
    "#SPILL!", "#CALC!", "#GETTING_DATA", "#FIELD!", "#BLOCKED!", "#CONNECT!", "#UNKNOWN!", "#BUSY!", "#PYTHON!",
    "#EXTERNAL!",
]  # fmt: skip
HEADER = (
    f'<row r="1">{cell("A1", "企业名称")}{cell("B1", "统一社会信用代码")}{cell("C1", "地址")}{cell("D1", "颜色")}</row>'
)
RESULTLESS = [
    "<c r='{}'><f>1+1</f></c>",
    '<c r="{}"><f>1+1</f><v></v></c>',
    '<c s="1" r="{}"><f>1+1</f><v/></c>',
    '<c r="{}" t="b"><f>1+1</f><v/></c>',
    '<c r="{}"><f t="shared" si="0"/></c>',
    '<c r="{}"><f t="array" ref="C2:C9">B2:B9</f></c>',
    '<c r="{}" t="e"><f>1+1</f><v/></c>',
]


def error(reference: str, name: str) -> str:
    return f'<c r="{reference}" t="e"><v>{name}</v></c>'


def book(folder, *rows: str, header: str = HEADER):
    return rebuilt(folder / "a.xlsx", {SHEET: sheet_xml(header + "".join(rows))})


def values(path) -> list[dict]:
    with read_file(path, recognise) as table:
        return [row.values for _sheet, row in table.rows()]


@pytest.mark.parametrize("name", [*KNOWN, *NEWER, "#BRAND_NEW!", "Err:502"])
def test_error_of_a_workbook_is_known_by_its_name(tmp_path, name):
    path = book(tmp_path, f'<row r="2">{cell("A2", "香山一厂")}{error("C2", name)}</row>')
    assert values(path) == [{"name_zh": "香山一厂", "uscc": "", "address": MissingValue(name)}]


@pytest.mark.parametrize("xml", RESULTLESS)
def test_formula_without_result_is_no_blank(tmp_path, xml):
    path = book(tmp_path, f'<row r="2">{cell("A2", "香山一厂")}{xml.format("C2")}</row>')
    assert [row["address"] for row in values(path)] == [MissingValue("")]


@pytest.mark.parametrize(
    ("xml", "value"),
    [
        ('<c r="C2" t="str"><f>""</f><v></v></c>', ""),
        ('<c r="C2" t="str"><f>D2</f><v>园区路1号</v></c>', "园区路1号"),
        ('<c r="C2"><f t="shared" si="0"/><v>7</v></c>', 7),
        ('<c r="C2" t="inlineStr"><f>D2</f><is><t>甲</t></is></c>', "甲"),
        ('<c r="C2" t="e"/>', ""),
        ('<c r="C2" t="str"><v>#SPILL!</v></c>', "#SPILL!"),
        (cell("C2", '<![CDATA[<c r="C2" t="e"><v>#N/A</v></c>]]>'), '<c r="C2" t="e"><v>#N/A</v></c>'),
    ],
)
def test_cells_with_a_result_or_without_anything_stay(tmp_path, xml, value):
    unknown = error("D2", "#SPILL!")  # the workbook is copied
    path = book(tmp_path, f'<row r="2">{cell("A2", "香山一厂")}{xml}{unknown}</row>')
    assert [row["address"] for row in values(path)] == [value]


def test_places_are_counted_where_the_file_leaves_them_out(tmp_path):
    inline = '<c t="inlineStr"><is><t>{}</t></is></c>'.format
    rows = f'<row>{inline("香山一厂")}<c/><c t="e"><v>#BUSY!</v></c></row><row r="5"><c r="B5"/><c><f>1</f></c></row>'
    rows += f"<row>{inline('香山二厂')}</row>"
    path = book(tmp_path, rows)
    with read_file(path, recognise) as table:
        found = [(row.number, *row.values.values()) for _sheet, row in table.rows()]
    assert found == [
        (2, "香山一厂", "", MissingValue("#BUSY!")),
        (5, "", "", MissingValue("")),
        (6, "香山二厂", "", ""),
    ]


def test_rows_and_columns_of_nothing_but_unheld_cells_are_there(tmp_path):
    header = f'<row r="1">{cell("A1", "企业名称")}</row>'
    path = book(
        tmp_path, f'<row r="7">{error("C7", "#N/A")}<c r="A7"><f>B7</f></c></row>', error("B3", "#REF!"), header=header
    )
    with read_file(path, recognise) as table:
        assert table.total == 7
        [(_number, cells)] = table.raw_rows(table.sheets[0], [7])
    assert cells == [MissingValue(""), "", MissingValue("#N/A")]


def test_elements_of_other_parts_of_a_sheet_are_no_formulas(tmp_path):
    sheet = sheet_xml(f'{HEADER}<row r="2">{cell("A2", "香山一厂")}<c r="B2"/></row>')
    more = b'</sheetData><extLst><ext><f xmlns="urn:x">A1</f><v>1</v></ext></extLst>'
    path = rebuilt(tmp_path / "a.xlsx", {SHEET: sheet.replace(b"</sheetData>", more)})
    assert values(path) == [{"name_zh": "香山一厂", "uscc": "", "address": ""}]


def test_errors_and_hidden_rows_are_found_wherever_the_sheet_is_kept(tmp_path):
    rows = f'<row r="2" hidden="1">{cell("A2", "香山一厂")}{error("C2", "#CALC!")}</row>'
    path = rebuilt(
        tmp_path / "a.xlsx",
        {
            SHEET: None,
            "xl/workbook.xml": b'<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" '
            b'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets>'
            b'<sheet name="&#21517;&#21333;" sheetId="1" r:id="R7"/></sheets></workbook>',
            "xl/_rels/workbook.xml.rels": b"<Relationships "
            b'xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="R7" '
            b'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" '
            b'Target="/xl/Tables/One.xml"/></Relationships>',
        },
        {"xl/tables/one.xml": sheet_xml(HEADER + rows)},
    )
    with read_file(path, recognise) as table:
        assert [row.values["address"] for _sheet, row in table.rows()] == [MissingValue("#CALC!")]
        assert (table.sheets[0].name, table.sheets[0].hidden) == ("名单", [2])


def test_coloured_empty_cells_far_away_are_passed_over(tmp_path):
    rows = f'<row r="2">{cell("A2", "香山一厂")}<c r="XFD2" s="1"/></row>'
    rows += '<row r="1048576" s="1" customFormat="1"><c r="A1048576" s="1"/><c r="XFD1048576" s="1"></c></row>'
    with read_file(book(tmp_path, rows), recognise) as table:
        assert table.total == 2


@pytest.mark.parametrize("xml", ["<v>1</v>", "<f>1</f>", "<is><t>x</t></is>"])
def test_far_cell_that_holds_something_is_refused(tmp_path, xml):
    assert refusal(book(tmp_path, f'<row r="1048576"><c r="A1048576" s="1"/><c>{xml}</c></row>')) == "far_cell"


def test_cell_of_a_far_row_within_the_limits_is_read(tmp_path):
    path = book(tmp_path, f'<row r="100000">{cell("AB100000", "x")}{error("AC100000", "#N/A")}</row>')
    with read_file(path, recognise) as table:
        assert table.total == 100_000


# --- Told cell by cell


ERROR = "The cell holds Excel's error {} instead of a value: correct it in Excel, or leave the cell empty."
FORMULA = (
    "The cell holds a formula whose result is not in the file: open the file in Excel, save it, and import it again."
)


@pytest.mark.django_db
def test_unheld_cells_are_refused_in_used_columns_and_do_nothing_in_others(tmp_path, reference):
    header = "".join(cell(f"{letter}1", label) for letter, label in zip("ABCDEFGHI", LABELS, strict=True))
    rows = [
        f'<row r="2">{cell("A2", "香山一厂")}{"".join(error(f"{letter}2", "#N/A") for letter in "BCDEFGH")}</row>',
        f'<row r="3"><c r="A3"><f>Z3</f></c>{error("C3", "#GETTING_DATA")}{error("D3", "#SPILL!")}</row>',
        f'<row r="4">{cell("A4", "香山三厂")}{error("I4", "#SPILL!")}</row>',
        f'<row r="5">{cell("A5", "香山四厂")}<c r="I5"><f>Z5</f></c></row>',
    ]
    path = book(tmp_path, *rows, header=f'<row r="1">{header}</row>')
    report = OrganizationImport().run(path, apply=True)
    report.table.close()
    expected = [(2, label, ERROR.format("#N/A")) for label in LABELS[1:8]]
    expected += [
        (3, "企业名称", FORMULA),
        (3, "企业名称", "Give a Chinese or an English name at least."),
        (3, LABELS[2], ERROR.format("#GETTING_DATA")),
        (3, LABELS[3], ERROR.format("#SPILL!")),
    ]
    assert sorted(told(report)) == sorted(expected)
    assert set(Organization.objects.values_list("name_zh", flat=True)) == {"香山三厂", "香山四厂"}


LABELS = [
    "企业名称",
    "统一社会信用代码",
    "成立日期",
    "注册资本（万元）",
    "所在镇街",
    "备注",
    "登记状态",
    "曾用名",
    "颜色",
]
"""A text, a code, a date, money, reference data, a text of several lines, a choice, a list, and what nothing takes."""


@pytest.mark.django_db
@pytest.mark.parametrize("sign", [*KNOWN, *NEWER, " #spill! ", "Err:502"])
def test_errors_of_a_text_file_are_refused_the_same(tmp_path, reference, sign):
    path = csv_file(tmp_path, [LABELS, ["香山一厂", *[sign] * 7, sign]])
    report = OrganizationImport().run(path, apply=True)
    report.table.close()
    assert sorted(told(report)) == sorted((2, label, ERROR.format(sign.strip())) for label in LABELS[1:8])


@pytest.mark.django_db
def test_unheld_cells_are_told_on_the_page(tmp_path, client, reference):
    client.force_login(factories.superuser())
    header = f'<row r="1">{cell("A1", "企业名称")}{cell("B1", "备注")}{cell("C1", "成立日期")}</row>'
    rows = f'<row r="2">{cell("A2", "香山一厂")}{error("B2", "#SPILL!")}<c r="C2"><f>Z2</f></c></row>'
    file = SimpleUploadedFile("名单.xlsx", book(tmp_path, rows, header=header).read_bytes())
    answer = client.post("/admin/imports/", {"table": "organizations", "file": file}, follow=True)
    assert answer.status_code == 200
    assert ImportBatch.objects.get().counts["refused"] == 1
    shown = client.get(answer.redirect_chain[-1][0], {"outcome": "refused"}).content.decode()
    assert "#SPILL!" in shown
    assert "用 Excel 打开" in shown


@pytest.mark.django_db
def test_unheld_cells_given_back_are_refused_again(tmp_path, reference):
    header = f'<row r="1">{cell("A1", "企业名称")}{cell("B1", "备注")}{cell("C1", "地址")}</row>'
    rows = f'<row r="2">{cell("A2", "香山一厂")}<c r="B2"><f>Z2</f></c>{error("C2", "#SPILL!")}</row>'
    report = OrganizationImport().run(book(tmp_path, rows, header=header), apply=True)
    with report.table:
        report.write_workbook(tmp_path / "退回.xlsx")
    again = OrganizationImport().run(tmp_path / "退回.xlsx", apply=True)
    again.table.close()
    assert (again.new, sorted(column for _row, column, _words in told(again))) == (0, ["地址", "备注"])
