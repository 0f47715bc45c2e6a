"""Files as nobody would make them on purpose: any labels over any cells, in any kind of file."""

import csv
import datetime
import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import xlsxwriter
from hypothesis import strategies as st

from registry.imports import import_tables
from registry.imports.options import Choices, NameRemarks, Renames, RowsTaken, SectorLists, StoredValues
from registry.imports.recognising.headers import label_key
from registry.imports.recognising.layout import IGNORED, Layout
from tests import factories

TABLES = ("organizations", "figures", "qualifications", "memberships")
KEYS = {
    "organizations": ["单位类型"],
    "figures": ["年度", "从业人员"],
    "qualifications": ["资质名称", "认定部门"],
    "memberships": ["会员级别", "入会日期"],
}
"""Labels without which a table is not read, beside the organization."""
JUNK_LABELS = [
    "",
    "序号",
    "宿舍床位",
    "会员期限",
    "2023年营业收入（万元）",
    "注册资本（万美元）",
    "名称",
    "原因 Reason",
    "〃",
    "\x00",
]
KNOWN = factories.valid_uscc(7301)
"""The code of the organization that the registry has; see `registered`."""
KNOWN_NAME = "中山市乱表已有机器人有限公司"
TEXTS = [
    "",
    " ",
    "无",
    "/",
    "同上",
    "〃",
    "#N/A",
    "#SPILL!",
    "=1+1",
    "+机器人",
    "-工业机器人",
    "；、，",
    '"',
    "'",
    "\x00",
    "a\x00b",
    "\t",
    "甲\n乙",
    "\r",
    "𠮷",
    "\ue00b",
    "\ufeff",
    "\u2028",
    "％ｓ%s{0}",
    "'; DROP TABLE registry_organization; --",
    "x" * 400,
    "企业",
    "孵化器",
    "科研机构",
    "注销",
    "石岐街道",
    "小榄镇",
    "工业机器人",
    "机器人；机器视觉",
    "高新技术企业",
    "理事单位",
    "会员单位",
    "加入",
    "退会",
    "是",
    "否",
    "CNY",
    "万美元",
    "I65",
    "中国",
    "http://[",
    "https://example.com",
    "a@example.com",
    "0760-88880000",
    factories.PHONE,
    "1、甲",
    "（已注销）",
    "2019-09-01",
    "2019年2月30日",
    "20190931",
    "2019年",
    "0001-01-01",
    "9999-12-31",
    "45000",
    "1e309",
    "-1",
    "0",
    "99999999999999999999999999",
    "1.5万",
    "500（万元人民币）",
    "nan",
    "NaN",
    "Infinity",
    "٣",
    "lei:1",
    "scheme:",
    ":",
    "ZSAI-000001",
    KNOWN,
    KNOWN_NAME,
    KNOWN.lower(),
    KNOWN[:17] + "0",
    "中山市乱表新智能科技有限公司",
    "Chaos Robotics Co., Ltd.",
    factories.valid_uscc(7302),
    "中山市乱表（原中山市旧乱表有限公司）有限公司",
    "合计",
    "备注：",
]
OTHERS = [0, 1, -1, 0.5, 1e308, 123456789012345678, 45000, 2023, 2023.0, True, False, datetime.date(2019, 9, 1)]
OTHERS += [datetime.datetime(2033, 1, 5, 12, 30), datetime.date(1900, 1, 1)]  # noqa: DTZ001 - cells have no zone
FORMULAS = ["#DIV/0!", "#N/A", "#NAME?", "#NULL!", "#NUM!", "#REF!", "#VALUE!"]


@dataclass(frozen=True)
class Formula:
    """A cell whose formula gives an error."""

    error: str


NAMES = [f"中山市乱表{letter}智能科技有限公司" for letter in "甲乙丙丁"]
texts = st.sampled_from(TEXTS) | st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
cells = st.one_of(texts, texts, st.sampled_from(OTHERS), st.sampled_from(FORMULAS).map(Formula))


def labels_of(table: str) -> list[str]:
    """All labels that a table knows."""
    return [str(label) for column in columns_of(table) for label in column.labels]


def names_of(table: str) -> list[str]:
    return [column.name for column in columns_of(table)]


def columns_of(table: str) -> list[Any]:
    return import_tables.get(table).make(**({"alliance": "zsai"} if table == "memberships" else {})).columns


def fitting(table: str) -> dict[str, Any]:
    """Label -> values that the column can take, as the template names them."""
    found = {}
    for column in columns_of(table):
        said = [column.hint.example] if column.hint else []
        said += list(column.hint.values() or [])[:3] if column.hint and column.hint.values else []
        said += {
            "uscc": [factories.valid_uscc(n) for n in range(7302, 7306)],
            "name_zh": NAMES,
            "registry_no": [""],
        }.get(column.name, [])
        found |= dict.fromkeys(map(str, column.labels), st.sampled_from([*map(str, said), ""]))
    return found


@st.composite
def tables(draw: Any, table: str, below: bool = False) -> list[list[Any]]:
    """Rows of one sheet: usually a key and a few known columns, sometimes anything; once in a while a second table."""
    known = st.sampled_from(labels_of(table))
    other = st.sampled_from(JUNK_LABELS) | st.sampled_from(labels_of("organizations"))
    header = draw(st.lists(known | known | other, max_size=7))
    if draw(st.integers(0, 5)):
        header = [draw(st.sampled_from(["单位名称", "统一社会信用代码", "单位名称"])), *KEYS[table], *header]
    rows = [[draw(texts)] for _title in range(draw(st.integers(0, 2)))] + [header]
    good = fitting(table)
    for _row in range(draw(st.integers(1, 4))):
        careful = draw(st.integers(0, 3))
        row = [draw(good.get(label, texts) if careful or draw(st.booleans()) else cells) for label in header]
        rows.append([*row, *draw(st.lists(cells, max_size=0 if careful else 2))])
    if not below and draw(st.integers(0, 5)) == 0:
        rows += draw(tables(table, below=True))
    return rows


@st.composite
def layouts(draw: Any, table: str, sheets: Sequence[Sequence[Sequence[Any]]]) -> Layout | None:
    """What somebody might say of the file, rightly or not; None: what is remembered."""
    if draw(st.booleans()):
        return None
    names = [*names_of(table), IGNORED, "nothing"]
    labels = [str(cell) for rows in sheets for row in rows for cell in row if isinstance(cell, str)] or [""]
    keys = st.sampled_from([*map(label_key, labels), "#A", "#B"])
    rows = st.lists(st.integers(0, 6), max_size=2)
    meanings = st.dictionaries(st.sampled_from(TEXTS), st.sampled_from(TEXTS), max_size=2)
    return Layout(
        sheets=draw(st.dictionaries(st.sampled_from(["", "表1", "表2", "A-B"]), st.booleans(), max_size=1)),
        header_rows=draw(st.dictionaries(st.sampled_from(["", "表1"]), rows, max_size=1)),
        columns=draw(st.dictionaries(keys, st.sampled_from(names), max_size=3)),
        constants=draw(st.dictionaries(st.sampled_from(names[:-2]), st.sampled_from(TEXTS), max_size=2)),
        values=draw(st.dictionaries(st.sampled_from(names[:-2]), meanings, max_size=1)),
    )


choices = st.builds(
    Choices,
    take=st.sampled_from(RowsTaken.values),
    stored=st.sampled_from(StoredValues.values),
    lists=st.sampled_from(SectorLists.values),
    renames=st.sampled_from(Renames.values),
    name_remarks=st.sampled_from(NameRemarks.values),
)


def csv_bytes(rows: Sequence[Sequence[Any]], encoding: str) -> bytes:
    buffer = io.StringIO(newline="")
    csv.writer(buffer).writerows([[getattr(cell, "error", cell) for cell in row] for row in rows])
    return buffer.getvalue().encode(encoding, "replace")


def xlsx_bytes(sheets: Sequence[Sequence[Sequence[Any]]]) -> bytes:
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {"strings_to_formulas": False, "strings_to_urls": False})
    day = book.add_format({"num_format": "yyyy/m/d"})
    for number, rows in enumerate(sheets, start=1):
        sheet = book.add_worksheet(f"表{number}")
        for line, row in enumerate(rows):
            for place, cell in enumerate(row):
                if isinstance(cell, Formula):
                    sheet.write_formula(line, place, "=NA()", None, cell.error)
                elif isinstance(cell, bool):
                    sheet.write_boolean(line, place, cell)
                elif isinstance(cell, datetime.date):
                    sheet.write_datetime(line, place, cell, day)
                elif isinstance(cell, int | float):
                    sheet.write_number(line, place, cell)
                elif cell != "":
                    sheet.write_string(line, place, cell)
    book.close()
    return buffer.getvalue()


@st.composite
def files(draw: Any, table: str) -> tuple[str, bytes, list[list[list[Any]]]]:
    """A file's name, its bytes, and its sheets."""
    sheets = [draw(tables(table))]
    if draw(st.booleans()):
        if draw(st.integers(0, 3)) == 0:
            sheets.append(draw(tables(table)))
        return "乱表.xlsx", xlsx_bytes(sheets), sheets
    return "乱表.csv", csv_bytes(sheets[0], draw(st.sampled_from(["utf-8-sig", "utf-8", "gb18030"]))), sheets
