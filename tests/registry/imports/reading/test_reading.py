"""Staff workbooks as they come: which sheet, which header, which rows are data."""

import csv
import datetime
import io
import shlex
import sys

import pytest
import xlsxwriter
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from registry.imports.reading.refusals import UnreadableFile
from registry.imports.recognising.headers import Recogniser, header_unit
from registry.spreadsheet import Unit, csv_text, xlsx_text
from tests.registry.imports.reading.reading import read_file

LABELS = {
    "name_zh": ["单位名称", "企业名称"],
    "uscc": ["统一社会信用代码", "社会信用代码（税号）"],
    "founded_on": ["成立日期"],
    "registered_capital": ["注册资本"],
    "township": ["所在镇街", "镇街"],
    "contact_name": ["联系人", "联系人姓名"],
    "contact_phone": ["联系电话", "联系人电话"],
    "remarks": ["备注"],
}
recognise = Recogniser(LABELS)
HEADER = ["序号", "企业名称", "统一社会信用代码", "成立日期"]
FIRST = [1, "香山机器人有限公司", "91350100M000100Y43", "2019-09-01"]
SECOND = [2, "五桂山智能科技有限公司", "", "2020-01-02"]


def workbook(path, *sheets, **options):
    """A workbook; each sheet is rows, or (name, rows, function that does the rest)."""
    book = xlsxwriter.Workbook(path, options)
    for sheet in sheets:
        name, rows, finish = sheet if isinstance(sheet, tuple) else (None, sheet, None)
        worksheet = book.add_worksheet(name)
        for number, row in enumerate(rows):
            for column, cell in enumerate(row):
                if isinstance(cell, datetime.date):
                    worksheet.write_datetime(number, column, cell, book.add_format({"num_format": "yyyy/m/d"}))
                elif cell is not None:
                    worksheet.write(number, column, cell)
        if finish:
            finish(worksheet)
    book.close()
    return path


def text_file(path, rows, encoding="utf-8", delimiter=","):
    buffer = io.StringIO(newline="")
    csv.writer(buffer, delimiter=delimiter).writerows(rows)
    path.write_bytes(buffer.getvalue().encode(encoding))
    return path


def read(path, **options):
    with read_file(path, recognise, **options) as table:
        rows = [row for _sheet, row in table.rows()]
        return table, rows


def refusal(path) -> str:
    with pytest.raises(UnreadableFile) as caught:
        read(path)
    assert len(str(caught.value)) > 5
    return caught.value.code


# --- Text files


@pytest.mark.parametrize(
    ("encoding", "delimiter", "kind", "found"),
    [
        ("utf-8", ",", "csv", "utf-8"),
        ("utf-8-sig", ",", "csv", "utf-8-sig"),
        ("gb18030", ",", "csv", "gb18030"),
        ("gbk", ";", "csv", "gb18030"),
        ("utf-16", "\t", "text", "utf-16"),
        ("utf-8", "\t", "text", "utf-8"),
    ],
)
def test_text_files_read_the_same_in_every_encoding(tmp_path, encoding, delimiter, kind, found):
    table, rows = read(text_file(tmp_path / "a.csv", [HEADER, FIRST, SECOND], encoding, delimiter))
    assert (table.kind, table.encoding, table.delimiter) == (kind, found, delimiter)
    assert [row.number for row in rows] == [2, 3]
    assert rows[0].values == {"name_zh": FIRST[1], "uscc": FIRST[2], "founded_on": "2019-09-01"}
    assert [column.label for column in table.sheets[0].untaken()] == ["序号"]


def test_text_file_keeps_private_use_and_rare_characters(tmp_path):
    name = "\ue00b香山\U00020000〇有限公司"
    for encoding in ("utf-8", "gb18030", "utf-16"):
        table, rows = read(text_file(tmp_path / "a.csv", [HEADER, [1, name, "", ""], SECOND], encoding))
        assert rows[0].values["name_zh"] == name
        assert table.private == [("", 2)]


def test_reader_finds_the_libraries_of_its_python_and_nothing_else_of_the_environment(tmp_path, monkeypatch):
    python = tmp_path / "python"
    python.write_text(f'#!/bin/sh\nenv > {shlex.quote(str(tmp_path / "seen"))}\nexec {sys.executable} "$@"\n')
    python.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(python))
    monkeypatch.setenv("LD_LIBRARY_PATH", "/nowhere/lib")
    monkeypatch.setenv("REGISTRY_SECRET_KEY", "secret-of-a-test")
    read(text_file(tmp_path / "a.csv", [HEADER, FIRST]))
    seen = (tmp_path / "seen").read_text()
    assert "LD_LIBRARY_PATH=/nowhere/lib\n" in seen
    assert "secret-of-a-test" not in seen


def test_row_numbers_count_rows_as_excel_shows_them(tmp_path):
    table, rows = read(text_file(tmp_path / "a.csv", [["名单"], HEADER, [1, "香山\n一厂", "", ""], [], SECOND]))
    assert [(row.number, row.values["name_zh"]) for row in rows] == [(3, "香山\n一厂"), (5, SECOND[1])]
    assert table.sheets[0].header_rows == [2]


def test_encoding_and_delimiter_can_be_given(tmp_path):
    path = text_file(tmp_path / "a.csv", [HEADER, FIRST], "gb18030", "|")
    assert read(path, encoding="gb18030", delimiter="|")[1][0].values["name_zh"] == FIRST[1]
    with pytest.raises(UnreadableFile) as caught:
        read(path, encoding="utf-8")
    assert caught.value.code == "encoding"


def test_separator_hint_of_excel_is_followed(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("sep=;\n企业名称;备注\n香山一厂;a,b,c\n", encoding="utf-8")
    assert read(path)[1][0].values == {"name_zh": "香山一厂", "remarks": "a,b,c"}


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty"),
        ('企业名称,备注\n"香山"一厂,x\n'.encode(), "quotes"),
        ('企业名称,备注\n"香山一厂,x\n'.encode(), "quotes"),
        ("企业名称,备注\n香山\0一厂,x\n".encode(), "binary"),
        ("企业名称,备注\n香山一厂,".encode() + b"x" * 100_001 + b"\n", "cell_too_long"),
        ("企业名称,备注\n".encode() + b"x" * 500_000, "line_too_long"),
        ("企业名称,备注\n".encode() + b"," * 400 + b"\n", "too_many_cells"),
        (b"a,b\n\xff\xff,\x80\n", "encoding"),
        (b"\xff\xfea", "encoding"),
        (b"a,b\n1,2\n", "no_header"),
        (b"\n\n", "no_header"),
    ],
)
def test_text_file_that_is_no_table_is_refused(tmp_path, content, code):
    path = tmp_path / "a.csv"
    path.write_bytes(content)
    assert refusal(path) == code


texts = st.text(alphabet=st.characters(exclude_categories=["Cs"], exclude_characters="\0"))


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.lists(texts, min_size=1, max_size=40), st.sampled_from(["utf-8-sig", "gb18030", "utf-16"]))
def test_csv_cells_read_as_they_were_written(tmp_path, values, encoding):
    rows = [["企业名称", "备注"], *(["x", csv_text(value)] for value in values)]
    _table, read_rows = read(text_file(tmp_path / "a.csv", rows, encoding), encoding=encoding, delimiter=",")
    assert [row.values["remarks"] for row in read_rows] == values


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.lists(texts, min_size=1, max_size=40), st.booleans())
def test_xlsx_cells_read_as_they_were_written(tmp_path, values, constant_memory):
    written = [xlsx_text(value)[0] for value in values]
    book = xlsxwriter.Workbook(tmp_path / "a.xlsx", {"constant_memory": constant_memory})
    sheet = book.add_worksheet()
    for number, row in enumerate([("企业名称", "备注"), *(("x", value) for value in written)]):
        sheet.write_string(number, 0, row[0])
        sheet.write_string(number, 1, row[1])
    book.close()
    _table, rows = read(tmp_path / "a.xlsx")
    for row, value, text in zip(rows, values, written, strict=True):
        expected = value if xlsx_text(value) == (text, False) else text
        assert row.values["remarks"].replace("\r", "\n") == expected.replace("\r\n", "\n").replace("\r", "\n")


# --- Workbooks


def test_workbook_reads_typed_cells(tmp_path):
    rows = [HEADER, [1, "香山一厂", 914420001234567890.0, datetime.date(2019, 9, 1)], [2, "香山二厂", True, 43709]]
    _table, read_rows = read(workbook(tmp_path / "a.xlsx", rows))
    assert read_rows[0].values == {"name_zh": "香山一厂", "uscc": 914420001234567890.0, "founded_on": "2019-09-01"}
    assert read_rows[1].values["founded_on"] == 43709


def test_workbook_tells_its_date_system(tmp_path):
    rows = [HEADER, [1, "香山一厂", None, datetime.date(2019, 9, 1)]]
    table, read_rows = read(workbook(tmp_path / "a.xlsx", rows, date_1904=True))
    assert table.date_1904 is True
    assert read_rows[0].values["founded_on"] == "2019-09-01"
    assert read(workbook(tmp_path / "b.xlsx", rows))[0].date_1904 is False


def test_title_note_total_and_filler_rows_are_no_data(tmp_path):
    rows = [
        ["人工智能企业名单（征求意见稿）"],
        ["填报单位：市局（盖章）", None, None, "填报日期：2019年9月"],
        HEADER,
        FIRST,
        [None],
        [3],
        ["一、石岐街道"],
        SECOND,
        HEADER,
        ["小计", "2家"],
        [4, "合计科技有限公司", None, None],
        [None, "合 计：", 3],
        [5, None, None, None, "只有没人认领的列"],
        ["填表人：", None, "审核人："],
        ["注：本表一式两份"],
    ]
    merge = lambda sheet: sheet.merge_range("A7:D7", "一、石岐街道")  # noqa: E731
    table, read_rows = read(workbook(tmp_path / "a.xlsx", ("名单", rows, merge)))
    assert [row.values["name_zh"] for row in read_rows] == [FIRST[1], SECOND[1], "合计科技有限公司"]
    assert [(skipped.number, skipped.reason) for skipped in table.skipped] == [
        (7, "title"), (9, "header"), (10, "total"), (12, "total"), (13, "nothing"), (14, "note"), (15, "note"),
    ]  # fmt: skip


def test_header_in_two_rows_is_joined(tmp_path):
    rows = [
        ["企业名称", "注册资本", "联系人", None, "联系人", None],
        [None, "（万元）", "姓名", "电话", "备注", "其他"],
        ["香山一厂", 200, "甲", "0760-0000000", "x", "y"],
    ]

    def merge(sheet):
        sheet.merge_range("A1:A2", "企业名称")
        sheet.merge_range("C1:D1", "联系人")

    table, read_rows = read(workbook(tmp_path / "a.xlsx", ("名单", rows, merge)))
    assert table.sheets[0].header_rows == [1, 2]
    assert read_rows[0].values == {
        "name_zh": "香山一厂",
        "registered_capital": 200,
        "contact_name": "甲",
        "contact_phone": "0760-0000000",
        "remarks": "x",
    }
    assert header_unit(table.sheets[0].columns[1].label) == Unit(10_000, "money")
    assert [column.label for column in table.sheets[0].untaken()] == ["其他"]


@pytest.mark.parametrize("lower", [["名称", "员工", "其他"], ["企业名称", "员工人数", "其他"]])
def test_running_number_merged_over_two_header_rows_is_no_part_of_a_label(tmp_path, lower):
    rows = [["序号", "企业", None, None], [None, *lower], [1, "香山一厂", 20, "x"]]

    def merge(sheet):
        sheet.merge_range("A1:A2", "序号")
        sheet.merge_range("B1:D1", "企业")

    table, read_rows = read(workbook(tmp_path / "a.xlsx", ("名单", rows, merge)))
    assert read_rows[0].values["name_zh"] == "香山一厂"
    assert table.sheets[0].header[0] == "序号"
    assert "序号" not in "".join(column.label for column in table.sheets[0].untaken() if column.label != "序号")


def test_running_number_above_a_blank_cell_heads_no_group_in_a_text_file(tmp_path):
    rows = [["序号", "", "联系人", ""], ["", "企业名称", "姓名", "喜好"], ["1", "香山一厂", "甲", "x"]]
    table, read_rows = read(text_file(tmp_path / "a.csv", rows))
    assert table.sheets[0].header == ["序号", "企业名称", "联系人姓名", "联系人喜好"]
    assert read_rows[0].values == {"name_zh": "香山一厂", "contact_name": "甲"}


def test_row_of_units_below_the_header_belongs_to_it(tmp_path):
    table, rows = read(text_file(tmp_path / "a.csv", [["企业名称", "注册资本"], ["", "亿元"], ["香山一厂", "2"]]))
    assert table.sheets[0].header_rows == [1, 2]
    assert header_unit(table.sheets[0].columns[1].label) == Unit(10**8, "money")
    assert [row.number for row in rows] == [3]


def test_line_breaks_and_marks_in_labels_are_overlooked(tmp_path):
    header = ["*企业\n名称（必填）", "1.统一社会\r\n信用代码：", "成 立 日 期"]
    table, _rows = read(workbook(tmp_path / "a.xlsx", [header, FIRST[1:]]))
    assert [column.name for column in table.sheets[0].columns] == ["name_zh", "uscc", "founded_on"]


def test_cells_merged_downwards_hold_for_all_their_rows(tmp_path):
    rows = [
        ["镇街", "企业名称"],
        ["石岐街道", "香山一厂"],
        [None, "香山二厂"],
        [None, None],
        [None, "香山三厂"],
        ["小榄镇", "香山四厂"],
    ]
    merge = lambda sheet: sheet.merge_range("A2:A5", "石岐街道")  # noqa: E731
    _table, read_rows = read(workbook(tmp_path / "a.xlsx", ("名单", rows, merge)))
    assert [row.values["township"] for row in read_rows] == ["石岐街道"] * 3 + ["小榄镇"]


def test_all_sheets_with_the_header_are_read_and_the_others_named(tmp_path):
    path = workbook(
        tmp_path / "a.xlsx",
        ("石岐", [HEADER, FIRST], None),
        ("小榄", [["名单"], ["企业名称", "统一社会信用代码", "备注"], ["香山二厂", None, "x"]], None),
        ("填表说明", [["1.请勿修改表头。"]], None),
        ("选项", [["企业名称", "统一社会信用代码"], ["a", "b"]], lambda sheet: sheet.hide()),
        ("联系表", [["备注", "联系电话"], ["x", "1"]], None),
        ("空", [], None),
    )
    with read_file(path, recognise, complete=lambda names: "name_zh" in names) as table:
        assert [(sheet.name, row.number) for sheet, row in table.rows()] == [("石岐", 2), ("小榄", 3)]
    assert table.left_out == [
        ("填表说明", "no_header"),
        ("选项", "hidden"),
        ("空", "empty"),
        ("联系表", "other_header"),
    ]


def test_hidden_rows_are_read_and_told(tmp_path):
    hide = lambda sheet: (sheet.set_row(1, None, None, {"hidden": True}), sheet.set_row(5, 30))  # noqa: E731
    table, rows = read(workbook(tmp_path / "a.xlsx", ("名&单", [HEADER, FIRST, SECOND], hide)))
    assert len(rows) == 2
    assert table.sheets[0].hidden == [2]


def test_second_column_of_one_meaning_is_told_and_not_read(tmp_path):
    rows = [["企业名称", "镇街", "单位名称", "镇街"], ["香山一厂", "石岐", "香山二厂", "小榄"]]
    table, read_rows = read(text_file(tmp_path / "a.csv", rows))
    assert read_rows[0].values == {"name_zh": "香山二厂", "township": "石岐"}
    assert [(column.label, column.index) for column in table.sheets[0].doubled] == [("企业名称", 0), ("镇街", 3)]


def test_table_that_starts_inside_the_sheet_keeps_its_coordinates(tmp_path):
    rows = [[], [], [None, None, *HEADER], [None, None, *FIRST]]
    table, read_rows = read(workbook(tmp_path / "a.xlsx", rows))
    assert (table.sheets[0].header_rows, read_rows[0].number) == ([3], 4)
    assert table.sheets[0].columns[0].index == 3


def test_rows_can_be_read_again(tmp_path):
    with read_file(text_file(tmp_path / "a.csv", [HEADER, FIRST, ["合计", "1家"]]), recognise) as table:
        assert list(table.rows()) == list(table.rows())
        assert len(table.skipped) == 1


@pytest.mark.parametrize(
    ("label", "name"),
    [
        ("社会信用代码（税号）", "uscc"),
        ("统一社会信用代码(18位)", "uscc"),
        ("注册资本（万元）", "registered_capital"),
        ("注册资本万美元", "registered_capital"),
        ("注册资本/亿元", "registered_capital"),
        ("单位　名称", "name_zh"),
        ("NAME_ZH", "name_zh"),
        ("注册资本来源", None),
        ("（万元）", None),
        ("", None),
    ],
)
def test_recogniser_knows_labels_with_remarks_and_units(label, name):
    assert recognise(label) == name


@pytest.mark.parametrize(
    ("label", "factor", "currency"),
    [
        ("注册资本（万元）", 10**4, None),
        ("注册资本(万美元)", 10**4, "USD"),
        ("营业收入（单位：亿元）", 10**8, None),
        ("注册资本万元", 10**4, None),
    ],
)
def test_header_unit_is_found_in_the_label(label, factor, currency):
    assert header_unit(label) == Unit(factor, "money", currency)


@pytest.mark.parametrize("label", ["注册资本", "企业名称（全称）", "联系人", "备注（一）"])
def test_header_unit_is_none_where_the_label_names_none(label):
    assert header_unit(label) is None
