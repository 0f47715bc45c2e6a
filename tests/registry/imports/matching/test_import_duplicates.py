"""Possible duplicates: which records are put forward, why, and what a decision does."""

import pytest
from django.core.management import call_command
from django.utils import translation

from registry.imports.options import Choices, RowsTaken
from registry.imports.pipeline.outcomes import RowOutcome
from registry.models import Distinction, Organization
from registry.values.validators import fold_name
from tests import factories
from tests.registry.imports.importing import csv_file, imported, reasons

pytestmark = pytest.mark.django_db
ROBOT = "中山市香山机器人有限公司"


def outcomes(folder, rows, **options) -> list[RowOutcome]:
    found: list[RowOutcome] = []
    imported(folder, rows, record=found.extend, suggest=True, **options)
    return found


@pytest.mark.parametrize(
    ("written", "why"),
    [
        ("香山机器人（中山）股份有限公司", ["coarse_name"]),
        ("广东省中山市香山机器人有限责任公司", ["coarse_name"]),
        ("中山市香山機器人有限公司", ["coarse_name"]),
        ("中山市乡山机器人有限公司", ["brand_sound", "trade_same"]),
        ("Xiangshan Robot Limited", ["coarse_name"]),
        ("中山市石岐机器人有限公司", None),
        ("深圳市香山机器人有限公司", None),
    ],
)
def test_new_row_with_a_similar_name_is_held_back_with_the_reason(tmp_path, written, why):
    record = factories.enterprise(name_zh=ROBOT, name_en="Xiangshan Robot Co., Ltd.", uscc=None)
    factories.name(record, "中山市香山机械厂")
    factories.name(record, "香山机器", kind="alias")
    [outcome] = outcomes(tmp_path, [["企业名称"], [written]])
    if why is None:
        assert (outcome.outcome, outcome.candidates) == ("new", [])
        return
    assert (outcome.outcome, outcome.organization, outcome.name) == ("undecided", None, written)
    [candidate] = outcome.candidates
    assert candidate == {"id": record.pk, "registry_no": record.registry_no, "name": ROBOT, "reasons": why}
    assert Organization.objects.count() == 1


def test_row_whose_former_name_is_a_records_name_is_held_back(tmp_path):
    record = factories.enterprise(name_zh="香山旧厂", uscc=None)
    [outcome] = outcomes(tmp_path, [["企业名称", "曾用名"], ["香山新厂", "香山旧厂"]])
    assert [(one["id"], one["reasons"]) for one in outcome.candidates] == [(record.pk, ["former_name"])]


def test_another_number_rules_a_candidate_out(tmp_path):
    factories.enterprise(name_zh=ROBOT)
    institute = factories.institute(name_zh="香山研究院", uscc=None)
    factories.identifier(institute, "ror", "05dxps055")
    rows = [
        ["企业名称", "统一社会信用代码", "其他证照编号"],
        ["香山机器人公司", factories.valid_uscc(), ""],
        ["中山香山研究院", "", "ror:000190731"],
    ]
    assert [outcome.outcome for outcome in outcomes(tmp_path, rows)] == ["new", "new"]


def test_merged_record_and_decided_distinction_are_no_candidates(tmp_path):
    factories.enterprise(name_zh=ROBOT, uscc=None, registration_status="merged")
    other = factories.enterprise(name_zh=ROBOT, uscc=None)
    written = "香山机器人有限责任公司"
    Distinction.objects.create(organization_id=other.pk, name_key=fold_name(written))
    [outcome] = outcomes(tmp_path, [["企业名称"], [written]])
    assert outcome.outcome == "new"


def test_names_of_several_records_are_to_be_decided_where_duplicates_are_looked_for(tmp_path):
    one, two = factories.enterprise(name_zh="香山一厂", uscc=None), factories.enterprise(name_zh="香山一厂", uscc=None)
    [outcome] = outcomes(tmp_path, [["企业名称"], ["香山一厂"]])
    assert {candidate["id"] for candidate in outcome.candidates} == {one.pk, two.pk}
    assert all(candidate["reasons"] == ["name"] for candidate in outcome.candidates)
    [outcome] = outcomes(tmp_path, [["企业名称", "简称"], ["香山一厂", "一"]], decisions={0: two.pk})
    assert (outcome.outcome, outcome.organization) == ("changed", two.pk)


def test_row_decided_to_be_a_record_changes_it_and_leaves_its_names(tmp_path):
    record = factories.enterprise(name_zh=ROBOT, name_en="", uscc=None)
    code = factories.valid_uscc()
    rows = [
        ["企业名称", "英文名称", "统一社会信用代码", "简称"],
        ["香山机器人公司", "Xiangshan Robot", code, "香山"],
        ["香山二厂", "", "", ""],
    ]
    same, new = outcomes(tmp_path, rows, decisions={0: record.pk})
    assert (same.outcome, same.organization, same.name) == ("changed", record.pk, "香山机器人公司")
    assert {change["column"] for change in same.changes} == {"name_en", "uscc", "short_name"}
    record.refresh_from_db()
    assert (record.name_zh, record.name_en, record.uscc) == (ROBOT, "Xiangshan Robot", code)
    assert (new.outcome, Organization.objects.count()) == ("new", 2)


def test_row_decided_to_be_another_one_is_new(tmp_path):
    factories.enterprise(name_zh=ROBOT, uscc=None)
    [outcome] = outcomes(tmp_path, [["企业名称"], ["香山机器人公司"]], decisions={0: None})
    assert (outcome.outcome, Organization.objects.count()) == ("new", 2)


def test_decision_that_the_code_contradicts_does_not_count(tmp_path):
    record = factories.enterprise(name_zh=ROBOT)
    rows = [["企业名称", "统一社会信用代码"], ["香山机器人公司", factories.valid_uscc()]]
    [outcome] = outcomes(tmp_path, rows, decisions={0: record.pk})
    assert (outcome.outcome, Organization.objects.count()) == ("new", 2)


def test_held_rows_are_neither_new_nor_refused_and_come_back_in_the_workbook(tmp_path):
    factories.enterprise(name_zh=ROBOT, uscc=None)
    rows = [["单位名称", "单位类型"], ["香山机器人公司", ""], ["香山二厂", "企业"], ["香山三号", ""]]
    report = imported(tmp_path, rows, suggest=True)
    assert (report.new, report.refused, report.undecided, report.unchanged) == (1, 1, 1, 0)
    assert "needs a kind" in reasons(report)
    assert ("", 2) in report.reasons()
    with translation.override("en"):
        [held] = report.held
        assert f"{ROBOT} (the same name but for place, legal form or script)" in str(held.message)


def test_all_or_nothing_waits_for_decisions(tmp_path):
    factories.enterprise(name_zh=ROBOT, uscc=None)
    rows = [["企业名称"], ["香山机器人公司"], ["香山二厂"]]
    everything = Choices(take=RowsTaken.ALL_OR_NOTHING)
    assert not imported(tmp_path, rows, suggest=True, choices=everything).applied
    assert Organization.objects.count() == 1
    assert imported(tmp_path, rows, suggest=True, choices=everything, decisions={0: None}).applied


def test_without_being_asked_no_duplicates_are_looked_for(tmp_path):
    factories.enterprise(name_zh=ROBOT, uscc=None)
    assert imported(tmp_path, [["企业名称"], ["香山机器人公司"]]).new == 1


def test_command_lists_possible_duplicates_and_holds_them_back(tmp_path, capsys):
    factories.enterprise(name_zh=ROBOT, uscc=None)
    path = csv_file(tmp_path, [["企业名称"], ["香山机器人公司"], ["香山二厂"]])
    with pytest.raises(SystemExit) as stop:
        call_command("import_organizations", str(path), "--apply", "--duplicates")
    output = capsys.readouterr().out
    assert stop.value.code == 1
    assert ROBOT in output
    assert output.splitlines()[-1] == "new 1, changed 0, unchanged 0, refused 0"
    assert Organization.objects.count() == 2
