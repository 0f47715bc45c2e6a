"""Which record a row is about where codes, names and mergers speak: the table of decisions through the imports."""

import datetime

import pytest
from django.core.management import call_command
from django.utils import timezone, translation

from registry.imports.options import Choices, Renames, StoredValues
from registry.imports.tables.figures import FiguresImport
from registry.imports.undo.undo import undo
from registry.models import AnnualFigures, Identifier, Name, Organization
from registry.values.validators import uscc_check_character
from tests import factories
from tests.registry.imports.importing import csv_file, imported, reasons, told
from tests.registry.imports.undo.undoing import applied

pytestmark = pytest.mark.django_db
ROBOT, RENAMED, OTHER = "中山市香山机器人有限公司", "广东香山智能科技股份有限公司", "中山市岐江电子有限公司"
HEAD = ["统一社会信用代码", "企业名称"]
ROR = ("05dxps055", "000190731", "0009eea46")


def notes(report):
    with translation.override("en"):
        return "\n".join(str(note.message) for note in report.notes)


def merged(into, **fields):
    return factories.enterprise(registration_status="merged", successor_id=into and into.pk, **fields)


def former(record):
    return [(name.name, name.language, name.valid_to) for name in record.names.filter(kind="former").order_by("pk")]


# --- Renames


def test_new_name_of_the_same_brand_is_a_renaming_and_the_old_one_is_kept(tmp_path):
    record = factories.enterprise(name_zh=ROBOT)
    report = imported(tmp_path, [HEAD, [record.uscc, RENAMED]])
    record.refresh_from_db()
    assert (record.name_zh, former(record)) == (RENAMED, [(ROBOT, "zh", timezone.localdate())])
    assert (report.changed, report.exit_code, len(report.notes)) == (1, 0, 2)
    assert report.changed_columns == {"企业名称": 1, "曾用名": 1}
    assert imported(tmp_path, [HEAD, [record.uscc, RENAMED]]).unchanged == 1


def test_list_that_uses_the_old_name_finds_the_record_and_leaves_its_name(tmp_path):
    record = factories.enterprise(name_zh=RENAMED)
    factories.name(record, ROBOT)
    for row in ([record.uscc, ROBOT, "香山"], ["", ROBOT, "香"]):
        report = imported(tmp_path, [[*HEAD, "简称"], row])
        record.refresh_from_db()
        assert (report.changed, record.name_zh, record.short_name) == (1, RENAMED, row[2])
        assert [(note.row, note.column, note.value) for note in report.notes] == [(2, "企业名称", ROBOT)]
        assert "its name does not change" in notes(report)
    assert Organization.objects.count() == 1


def test_former_name_that_the_row_states_makes_it_a_renaming(tmp_path):
    record = factories.enterprise(name_zh=ROBOT)
    report = imported(tmp_path, [[*HEAD, "曾用名", "更名日期"], [record.uscc, OTHER, ROBOT, "2024-05-01"]])
    record.refresh_from_db()
    assert (report.changed, record.name_zh) == (1, OTHER)
    assert former(record) == [(ROBOT, "zh", datetime.date(2024, 5, 1))]


def test_other_name_with_a_known_code_is_held_back_until_it_is_accepted(tmp_path, capsys):
    record = factories.enterprise(name_zh=ROBOT)
    path = csv_file(tmp_path, [HEAD, [record.uscc, OTHER], [factories.valid_uscc(), "中山市新来者有限公司"]])
    with pytest.raises(SystemExit) as stop:
        call_command("import_organizations", str(path), "--apply")
    output = capsys.readouterr().out
    assert stop.value.code == 1
    assert "名称却完全不同" in output
    assert output.splitlines()[-1] == "new 1, changed 0, unchanged 0, refused 0"
    record.refresh_from_db()
    assert (record.name_zh, former(record)) == (ROBOT, [])
    call_command("import_organizations", str(path), "--apply", "--renames", "accept")
    record.refresh_from_db()
    assert (record.name_zh, former(record)) == (OTHER, [(ROBOT, "zh", timezone.localdate())])


def test_spelling_and_stored_values_that_are_kept_are_no_renaming(tmp_path):
    record = factories.enterprise(name_zh="香山(中山)机器人有限公司")
    report = imported(tmp_path, [HEAD, [record.uscc, "香山（中山） 机器人有限公司"]])
    record.refresh_from_db()
    assert (report.changed, report.notes, former(record)) == (1, [], [])
    kept = Choices(stored=StoredValues.FILL_BLANKS)
    report = imported(tmp_path, [HEAD, [record.uscc, "香山智能科技有限公司"]], choices=kept)
    assert (report.unchanged, former(record)) == (1, [])


def test_new_english_name_keeps_the_old_one_unless_only_the_form_differs(tmp_path):
    record = factories.enterprise(name_zh=ROBOT, name_en="Xiangshan Robot Co Ltd")
    labels = [*HEAD, "英文名称"]
    imported(tmp_path, [labels, [record.uscc, ROBOT, "Xiangshan Robot Limited"]])
    assert former(record) == []
    imported(tmp_path, [labels, [record.uscc, ROBOT, "Fragrant Hill Robotics Ltd."]])
    assert former(record) == [("Xiangshan Robot Limited", "en", timezone.localdate())]


def test_undoing_takes_the_former_name_away_and_brings_the_name_back(tmp_path):
    record = factories.enterprise(name_zh=ROBOT)
    pinyin = record.pinyin
    batch = applied(csv_file(tmp_path, [HEAD, [record.uscc, RENAMED]]))
    assert undo(batch.pk, apply=True).done
    record.refresh_from_db()
    assert (record.name_zh, record.pinyin, Name.objects.count()) == (ROBOT, pinyin, 0)


def test_row_with_a_brand_that_differs_in_a_number_is_no_renaming(tmp_path):
    record = factories.enterprise(name_zh="中山市虚构1号机器人有限公司")
    report = imported(tmp_path, [HEAD, [record.uscc, "中山市虚构2号机器人有限公司"]])
    assert (report.undecided, report.changed, report.exit_code) == (1, 0, 1)


# --- Contradicting codes


@pytest.mark.parametrize(
    ("scheme", "one", "other"),
    [
        ("ror", *ROR[:2]),
        ("lei", "529900T8BM49AURSDO55", "5493000IBP32UQZ0KL24"),
        ("isni", "0000000121032683", "0000000123426715"),
        ("grid", "grid.5335.0", "grid.4444.0"),
        ("wikidata", "Q42", "Q43"),
        ("organization_code", "12345678-8", "87654321-0"),
    ],
)
def test_another_number_of_one_register_makes_another_record(tmp_path, scheme, one, other):
    rows = [["单位名称", "单位类型", "其他证照编号"], ["香山研究院", "高校和科研机构", f"{scheme}:{one}"]]
    second = [rows[0], ["香山研究院", "高校和科研机构", f"{scheme}:{other}"]]
    assert imported(tmp_path, rows).new == 1
    assert imported(tmp_path, second).new == 1, "across files"
    assert imported(tmp_path, [*rows, second[1]]).unchanged == 2
    Organization.objects.all().delete()
    assert imported(tmp_path, [*rows, second[1]]).new == 2, "in one file"
    assert Identifier.objects.count() == 2


def test_stock_and_customs_codes_find_and_never_contradict(tmp_path):
    record = factories.enterprise(name_zh=ROBOT)
    factories.identifier(record, "stock_code", "X00001")
    labels = ["企业名称", "股票代码", "简称"]
    assert imported(tmp_path, [labels, [ROBOT, "X00002", "香"]]).changed == 1
    assert set(record.identifiers.values_list("value", flat=True)) == {"X00001", "X00002"}


def test_agreeing_code_beside_a_contradicting_one_is_refused(tmp_path):
    record = factories.institute(name_zh="香山研究院")
    factories.identifier(record, "ror", ROR[0])
    labels = ["单位名称", "统一社会信用代码", "ROR"]
    report = imported(tmp_path, [labels, ["香山研究院", record.uscc, ROR[1]]])
    assert "another one does not" in reasons(report)
    report = imported(tmp_path, [["名录编号", "ROR"], [record.registry_no, ROR[1]]])
    assert "another one does not" in reasons(report)
    report = imported(tmp_path, [labels, ["香山研究院", factories.valid_uscc(), ROR[0]]])
    assert "another one does not" in reasons(report)
    assert record.identifiers.count() == 1


def test_row_with_two_numbers_of_one_register_is_refused(tmp_path):
    report = imported(
        tmp_path, [["单位名称", "单位类型", "ROR"], ["香山研究院", "高校和科研机构", f"{ROR[0]};{ROR[1]}"]]
    )
    assert [column for _row, column, _words in told(report)] == ["ROR"]
    assert "only one" in reasons(report)


def with_check(code: str) -> str:
    return code + uscc_check_character(code)


def test_organization_code_stands_in_the_uscc(tmp_path):
    code = "12345678-8"  # with the check digit of GB 11714
    factories.enterprise(name_zh=ROBOT, uscc=with_check("91442000" + code.replace("-", "")))
    labels = ["企业名称", "组织机构代码", "简称"]
    assert imported(tmp_path, [labels, ["", code, "一"]]).changed == 1
    assert imported(tmp_path, [labels, [ROBOT, "87654321-0", "二"]]).new == 1
    bare = factories.enterprise(name_zh="香山二厂", uscc=None)
    uscc = with_check("91442000" + "ABCD1234X")
    factories.identifier(bare, "organization_code", "ABCD1234-X")
    assert imported(tmp_path, [HEAD, [uscc, "香山二厂"]]).changed == 1
    bare.refresh_from_db()
    assert bare.uscc == uscc


# --- One name, several bodies


def test_two_firms_of_one_name_are_taken_and_a_third_row_without_code_is_ambiguous(tmp_path):
    codes = [factories.valid_uscc() for _ in range(2)]
    rows = [[*HEAD, "简称"], [codes[0], ROBOT, "一"], [codes[1], ROBOT, "二"], ["", ROBOT, "三"]]
    report = imported(tmp_path, rows)
    assert (report.new, report.refused) == (2, 1)
    assert told(report) == [
        (4, "企业名称", "Rows 2, 3 are different bodies of this name: add the code or the registry number.")
    ]
    report = imported(tmp_path, rows)
    assert (report.unchanged, report.refused) == (2, 1)
    assert "Several records fit this name" in reasons(report)


def test_row_with_the_code_and_row_without_it_are_one_body(tmp_path):
    report = imported(tmp_path, [[*HEAD, "简称"], [factories.valid_uscc(), ROBOT, "一"], ["", ROBOT, "二"]])
    assert (report.new, report.refused) == (0, 2)
    assert reasons(report).count("keep one of them") == 2


def test_rows_with_different_codes_for_one_record_without_code_are_ambiguous(tmp_path):
    factories.enterprise(name_zh=ROBOT, uscc=None)
    rows = [HEAD, [factories.valid_uscc(), ROBOT], [factories.valid_uscc(), ROBOT]]
    report = imported(tmp_path, rows)
    assert (report.new, report.changed, report.refused) == (0, 0, 2)
    assert reasons(report).count("different bodies of this name") == 2


def test_many_rows_of_one_name_are_sorted_out_in_time(tmp_path):
    rows = [[factories.valid_uscc(n), ROBOT] for n in range(40_000, 42_000)]
    report = imported(tmp_path, [HEAD, *rows, *[["", ROBOT]] * 3])
    assert (report.new, report.refused) == (2_000, 3)


# --- Merged records


@pytest.mark.parametrize("key", ["code", "name", "identifier", "number"])
def test_merged_record_leads_to_its_successor_and_is_left_alone(tmp_path, key):
    successor = factories.enterprise(name_zh=RENAMED)
    between = merged(successor, name_zh="中山市香山二号有限公司")
    old = merged(between, name_zh=ROBOT)
    factories.identifier(old, "stock_code", "X00001")
    cells = {"code": ["", old.uscc, "", ""], "name": ["", "", ROBOT, ""]}
    cells |= {"identifier": ["", "", "", "X00001"], "number": [old.registry_no, "", "", ""]}
    rows = [["名录编号", *HEAD, "股票代码", "登记状态", "简称"], [*cells[key], "存续", "新"]]
    report = imported(tmp_path, rows)
    assert (report.unchanged, report.exit_code) == (1, 0)
    assert f"merged into {successor.registry_no} {RENAMED}" in notes(report)
    assert "Nothing of this row is written" in notes(report)
    for record in (old, between, successor):
        before = (record.name_zh, record.registration_status, record.short_name)
        record.refresh_from_db()
        assert (record.name_zh, record.registration_status, record.short_name) == before
    figures = [["统一社会信用代码", "名录编号", "单位名称", "股票代码", "年度", "从业人员（人）"]]
    figures.append([cells[key][1], cells[key][0], cells[key][2], cells[key][3], "2023", "12"])
    report = FiguresImport().run(csv_file(tmp_path, figures), apply=True)
    report.table.close()
    assert report.new == 1, reasons(report)
    assert AnnualFigures.objects.get().organization_id == successor.pk


def test_merged_record_without_successor_is_refused_and_its_own_export_changes_nothing(tmp_path):
    old = merged(None, name_zh=ROBOT)
    report = imported(tmp_path, [HEAD, [old.uscc, ROBOT]])
    assert "does not know into which record" in reasons(report)
    report = imported(tmp_path, [["名录编号", *HEAD, "登记状态"], [old.registry_no, old.uscc, ROBOT, "合并"]])
    assert (report.unchanged, report.refused) == (1, 0)


def test_row_about_the_successor_stands_beside_one_about_the_merged_record(tmp_path):
    successor = factories.enterprise(name_zh=RENAMED)
    old = merged(successor, name_zh=ROBOT)
    report = imported(tmp_path, [[*HEAD, "简称"], [old.uscc, ROBOT, "旧"], [successor.uscc, RENAMED, "新"]])
    successor.refresh_from_db()
    assert (report.changed, report.unchanged, report.refused, successor.short_name) == (1, 1, 0, "新")


def test_name_of_a_current_record_goes_before_that_of_a_merged_one(tmp_path):
    successor = factories.enterprise(name_zh=RENAMED)
    merged(successor, name_zh=ROBOT)
    current = factories.enterprise(name_zh=ROBOT, uscc=None)
    report = imported(tmp_path, [["企业名称", "简称"], [ROBOT, "新"]])
    current.refresh_from_db()
    assert (report.changed, current.short_name) == (1, "新")


# --- Files that only find organizations


def test_figures_with_another_name_never_rename(tmp_path):
    record = factories.enterprise(name_zh=ROBOT)
    rows = [["统一社会信用代码", "单位名称", "年度", "从业人员（人）"], [record.uscc, RENAMED, "2023", "12"]]
    rows.append([factories.enterprise(name_zh="中山市石岐厂").uscc, OTHER, "2023", "12"])
    path = csv_file(tmp_path, rows)
    report = FiguresImport().run(path, apply=True)
    report.table.close()
    assert (report.new, report.undecided) == (1, 1)
    assert "has another name in the registry" in notes(report)
    report = FiguresImport().run(path, apply=True, choices=Choices(renames=Renames.ACCEPT))
    report.table.close()
    assert (report.new, report.unchanged) == (1, 1)
    assert Name.objects.count() == 0


def test_row_about_a_merged_record_is_noted_only_where_it_would_change_it(tmp_path, reference):
    old = merged(None, name_zh=ROBOT, short_name="旧")
    labels = ["名录编号", *HEAD, "登记状态", "简称", "所属领域"]
    row = [old.registry_no, old.uscc, ROBOT, "合并", "旧", ""]
    report = imported(tmp_path, [labels, row])
    assert (report.unchanged, report.notes) == (1, [])
    for changed in (["新", ""], ["旧", "工业机器人"]):
        report = imported(tmp_path, [labels, [*row[:4], *changed]])
        assert (report.unchanged, len(report.notes)) == (1, 1)
    old.refresh_from_db()
    assert (old.short_name, old.sector_tags.count()) == ("旧", 0)
