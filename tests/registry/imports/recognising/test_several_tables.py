"""Several tables in one file: below and beside each other, on sheets of their own; rows longer than the header."""

import pytest
from django.core.management import call_command
from django.utils import translation

from registry.imports.pipeline.report import Report
from registry.imports.reading.refusals import UnreadableFile
from registry.imports.tables.organizations import OrganizationImport
from registry.models import Organization
from tests import factories
from tests.registry.imports.importing import csv_file, imported, told, xlsx_file

pytestmark = pytest.mark.django_db
KEYS = ["统一社会信用代码", "企业名称"]


def run(path, **options) -> Report:
    report = OrganizationImport().run(path, apply=True, **options)
    report.table.close()
    return report


def notices(report: Report) -> str:
    with translation.override("en"):
        return "\n".join(str(message) for message in [*report.about_file(), *report.notices])


def test_table_below_another_is_read_with_its_own_columns(tmp_path, reference):
    one, two = factories.valid_uscc(), factories.valid_uscc()
    report = imported(
        tmp_path,
        [
            ["2026年人工智能单位名单"],
            [*KEYS, "镇街", "注册资本（万元）"],
            [one, "中山市示例上表甲有限公司", "石岐街道", "100"],
            [],
            ["表二 科研机构"],
            ["单位名称", "信用代码", "单位类型", "备注"],
            ["中山市示例下表研究院", two, "科研机构", "第二张表"],
            ["合计", "1家"],
        ],
    )
    assert (report.exit_code, report.new) == (0, 2)
    upper, lower = Organization.objects.get(uscc=one), Organization.objects.get(uscc=two)
    assert (upper.township.name_zh, upper.registered_capital) == ("石岐街道", 1_000_000)
    assert (lower.name_zh, lower.remarks, lower.kind) == ("中山市示例下表研究院", "第二张表", "research")
    assert [sheet.header_rows for sheet in report.table.sheets] == [[2], [6]]
    assert [(skipped.number, skipped.reason) for skipped in report.table.skipped] == [(5, "title"), (8, "total")]


def test_table_with_fewer_columns_above_another_is_not_passed_over_as_a_title(tmp_path):
    report = imported(
        tmp_path,
        [KEYS, [factories.valid_uscc(), "中山市示例窄表甲有限公司"], [], [*KEYS, "网址", "备注"],
         [factories.valid_uscc(), "中山市示例宽表乙有限公司", "", "x"]],
    )  # fmt: skip
    assert (report.new, report.exit_code) == (2, 0)
    assert Organization.objects.get(remarks="x").name_zh == "中山市示例宽表乙有限公司"


def test_labels_in_another_order_below_begin_a_table_of_their_own(tmp_path):
    one = factories.valid_uscc()
    report = imported(
        tmp_path,
        [
            KEYS,
            [factories.valid_uscc(), "中山市示例顺序甲有限公司"],
            KEYS[::-1],
            ["中山市示例顺序乙有限公司", one],
            KEYS[::-1],
        ],
    )
    assert (report.new, report.refused) == (2, 0)
    assert Organization.objects.get(uscc=one).name_zh == "中山市示例顺序乙有限公司"


def test_rows_below_labels_without_a_key_are_refused_one_by_one(tmp_path):
    report = imported(
        tmp_path,
        [KEYS, [factories.valid_uscc(), "中山市示例有键甲有限公司"], [],
         ["镇街", "备注", "网址"], ["石岐街道", "3家", ""],
         ["小榄镇", "5家", ""]],
    )  # fmt: skip
    assert (report.new, report.refused, report.exit_code) == (1, 2, 1)
    assert [(row, "lacks a key column" in words) for row, _column, words in told(report)] == [(5, True), (6, True)]


def test_label_alone_in_its_row_is_a_title_between_wide_rows(tmp_path):
    rows = [
        KEYS,
        [factories.valid_uscc(), "中山市示例小标题甲有限公司"],
        ["企业"],
        [factories.valid_uscc(), "中山市示例小标题乙有限公司"],
    ]
    report = imported(tmp_path, rows)
    assert (report.new, report.refused) == (2, 0)
    assert [(skipped.number, skipped.reason) for skipped in report.table.skipped] == [(3, "title")]


def test_values_that_are_labels_too_stay_data(tmp_path):
    name = "中山市示例标签值有限公司"
    report = imported(tmp_path, [["企业名称", "单位类型", "企业类型", "备注"], [name, "企业", "企业", "单位"]])
    assert (report.new, report.refused) == (1, 0)
    assert Organization.objects.get(name_zh=name).remarks == "单位"


@pytest.mark.parametrize("gap", [[], [""]])
def test_tables_beside_each_other_are_read_one_after_the_other(tmp_path, gap):
    codes = [factories.valid_uscc() for _number in range(3)]
    names = [f"中山市示例并排{letter}有限公司" for letter in "甲乙丙"]
    report = imported(
        tmp_path,
        [
            [*KEYS, *gap, *KEYS],
            [codes[0], names[0], *gap, codes[1], names[1]],
            [codes[2], names[2], *gap, "", ""],
        ],
    )
    assert (report.new, report.refused, report.exit_code) == (3, 0, 0)
    assert dict(Organization.objects.values_list("uscc", "name_zh")) == dict(zip(codes, names, strict=True))
    assert [sheet.name for sheet in report.table.sheets] == ["A-B" if not gap else "A-C", "C-D" if not gap else "D-E"]


def test_two_columns_of_one_meaning_are_no_two_tables(tmp_path):
    report = imported(tmp_path, [["企业名称", "备注", "单位名称"], ["中山市示例甲一厂", "x", "中山市示例甲二厂"]])
    assert len(report.table.sheets) == 1
    assert report.new == 1


def test_sheet_with_a_table_of_its_own_is_told_and_can_be_read_by_itself(tmp_path):
    wide = [*KEYS, "镇街", "网址", "备注", "成立日期", "注册地址"]
    names = ["中山市示例主表甲有限公司", "中山市示例另表乙有限公司"]
    main = [wide, [factories.valid_uscc(), names[0], "", "", "", "", ""]]
    path = xlsx_file(tmp_path, {"主表": main, "另表": [["单位名称", "曾用名"], [names[1], ""]]})
    report = run(path)
    assert (report.new, report.refused, report.exit_code) == (1, 0, 1)
    assert "--sheet “另表”" in notices(report)
    with pytest.raises(SystemExit) as ended:
        call_command("import_organizations", path, verbosity=0)
    assert ended.value.code == 1
    call_command("import_organizations", path, "--sheet", "另表", "--apply")
    assert Organization.objects.filter(name_zh=names[1]).exists()
    with pytest.raises(Exception, match="主表、另表"):
        call_command("import_organizations", path, "--sheet", "没有此表")


# --- Rows longer than the header, columns that nothing takes


def test_row_with_more_cells_than_labels_is_refused(tmp_path):
    rows = [
        [*KEYS, "主导产品", "备注"],
        [factories.valid_uscc(), "中山市示例逗号甲", "有限公司", "相机", "重点企业"],
        [factories.valid_uscc(), "中山市示例逗号乙有限公司", "相机", "重点企业", ""],
    ]
    report = imported(tmp_path, rows)
    assert (report.new, report.refused, report.exit_code) == (1, 1, 1)
    assert [(row, "beyond the last label" in words) for row, _column, words in told(report)] == [(2, True)]


def test_row_of_a_workbook_with_more_cells_than_labels_is_refused(tmp_path):
    rows = [
        KEYS,
        [factories.valid_uscc(), "中山市示例右移甲", "有限公司"],
        ["", "中山市示例旁注乙有限公司", "已核实"],
    ]
    report = run(xlsx_file(tmp_path, {"名单": rows}))
    assert [row for row, _column, _words in told(report)] == [2]
    assert "C 1" in notices(report)


def test_columns_that_nothing_takes_are_named_with_letter_and_filled_cells(tmp_path):
    rows = [
        ["序号", "企业名称", "宿舍床位", "", "门禁卡"],
        ["1", "中山市示例无人认领甲有限公司", "3", "孤零零", ""],
        ["2", "中山市示例无人认领乙有限公司", "5", "", ""],
    ]
    report = imported(tmp_path, rows)
    assert report.exit_code == 0
    assert "C “宿舍床位” 2, D 1, E “门禁卡” 0" in notices(report)
    assert "序号" not in notices(report)


def test_strict_writes_nothing_while_a_column_is_unread(tmp_path):
    path = csv_file(tmp_path, [["企业名称", "宿舍床位"], ["中山市示例严格甲有限公司", "3"]])
    with pytest.raises(SystemExit) as ended:
        call_command("import_organizations", path, "--strict", "--apply", "--no-mapping")
    assert (ended.value.code, Organization.objects.count()) == (1, 0)
    call_command("import_organizations", path, "--strict", "--apply", "--column", "宿舍床位=ignored")
    assert Organization.objects.count() == 1


def test_unknown_sheet_is_refused_with_those_there_are(tmp_path):
    run_of = OrganizationImport()
    run_of.only_sheets = ["没有"]
    with pytest.raises(UnreadableFile) as refused:
        run_of.run(xlsx_file(tmp_path, {"名单": [KEYS]}))
    assert refused.value.code == "no_sheet"


def test_labels_of_a_form_above_the_table_are_no_table(tmp_path):
    rows = [["单位名称：", "备注："], ["企业名称", "统一社会信用代码", "网址"]]
    report = imported(tmp_path, [*rows, ["中山市示例表头甲有限公司", factories.valid_uscc(), ""]])
    assert (report.new, [sheet.header_rows for sheet in report.table.sheets]) == (1, [[2]])
