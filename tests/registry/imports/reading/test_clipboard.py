"""Pasted cells stand as they stood in the sheet; cells of text files are what their quotes say."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.imports.reading.clipboard import as_text_file
from registry.imports.recognising.headers import Recogniser
from registry.models import ImportBatch, Organization
from tests import factories
from tests.registry.imports.admin.test_admin_imports import confirm
from tests.registry.imports.reading.reading import read_file

recognise = Recogniser({"name_zh": ["企业名称"], "uscc": ["统一社会信用代码"], "remarks": ["备注"]})


def cells(pasted: str) -> list[list[str]]:
    return list(
        csv.reader(io.StringIO(as_text_file(pasted).decode("utf-8-sig"), newline=""), delimiter="\t", strict=True)
    )


@pytest.mark.parametrize(
    ("pasted", "expected"),
    [
        ('"小巨人"企业\t甲', [['"小巨人"企业', "甲"]]),
        ('甲\t"小巨人"', [["甲", '"小巨人"']]),
        ('""\t"', [['""', '"']]),
        ('甲\t"一行\r\n""二""行"\r\n乙\t丙\r\n', [["甲", '一行\n"二"行'], ["乙", "丙"]]),
        ('甲\t"一格\t二格"\t乙', [["甲", "一格\t二格", "乙"]]),
        ('列\t列\n"甲\t乙\n丙\t丁"\n', [["列", "列"], ['"甲', "乙"], ["丙", '丁"']]),
        ('"甲"有限公司\n乙\n', [['"甲"有限公司'], ["乙"]]),
        ("甲\t乙\r\r丙\t丁", [["甲", "乙"], [""], ["丙", "丁"]]),
        ('企业名称,备注\n甲,"乙,丙"', [["企业名称,备注"], ['甲,"乙,丙"']]),
    ],
)
def test_pasted_cells_are_read_as_they_stand(pasted, expected):
    assert cells(pasted) == expected


def clipboard(rows: list[list[str]]) -> str:
    """As Excel copies an area."""
    quoted = [['"' + cell.replace('"', '""') + '"' if {*"\t\n"} & {*cell} else cell for cell in row] for row in rows]
    return "".join("\t".join(row) + "\r\n" for row in quoted)


@given(
    st.lists(st.tuples(*[st.text('甲\n"' + "b", max_size=6)] * 2, st.text("乙丙", max_size=3)), min_size=1, max_size=6)
)
def test_what_excel_copies_comes_back(rows):
    first = ["列一", "列二", "列三"]
    expected = [first, *map(list, rows)]
    if not any(cell.startswith('"') for row in rows for cell in row):
        assert cells(clipboard(expected)) == expected
    assert cells(clipboard(expected))  # never an exception


@pytest.mark.django_db
def test_pasted_quotes_are_stored_as_they_stand(client, reference):
    client.force_login(factories.superuser())
    rows = ['香山一厂\t"小巨人"', '香山二厂\t"小巨人"企业', '香山三厂\t"第一行\r\n第二""行"""']
    pasted = "\r\n".join(["企业名称\t备注", *rows, ""])
    client.post("/admin/imports/", {"table": "organizations", "pasted": pasted}, follow=True)
    confirm(client, ImportBatch.objects.get())
    stored = Organization.objects.order_by("pk").values_list("remarks", flat=True)
    assert list(stored) == ['"小巨人"', '"小巨人"企业', '第一行\n第二"行"']


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ('="91350100M000100Y43"', "91350100M000100Y43"),
        ('"=""0760-88881234"""', "0760-88881234"),
        ('="甲""乙"""', '甲"乙"'),
        ('=""', ""),
        ('="甲"&"乙"', '="甲"&"乙"'),
        ("=A1", "=A1"),
        ('=T("甲")', '=T("甲")'),
        ('="甲', '="甲'),
        ('"甲=""乙"""', '甲="乙"'),
    ],
)
@pytest.mark.parametrize("separator", [",", "\t"])
def test_guarded_text_of_a_text_file_is_its_content(tmp_path, cell, value, separator):
    path = tmp_path / "a.csv"
    path.write_text(f"企业名称{separator}备注\n香山一厂{separator}{cell}\n")
    with read_file(path, recognise) as table:
        assert [row.values for _sheet, row in table.rows()] == [{"name_zh": "香山一厂", "remarks": value}]


def test_quotes_of_a_text_file_are_those_of_the_file(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text('企业名称\t备注\n香山一厂\t"""小巨人""企业"\n香山二厂\t"小巨人"\n')
    with read_file(path, recognise) as table:
        assert [row.values["remarks"] for _sheet, row in table.rows()] == ['"小巨人"企业', "小巨人"]
