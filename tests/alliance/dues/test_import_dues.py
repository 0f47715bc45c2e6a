"""Import of dues: found by member and year, refused at their cells where none may be collected."""

import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.utils import translation

from alliance.dues.imports.dues import DueImport
from alliance.models import Alliance, Due, DuesStandard
from registry.imports.pipeline.report import Report
from registry.imports.reading.refusals import UnreadableFile
from registry.organizations.models.reach import LIMITED
from tests import factories
from tests.registry.imports.importing import csv_file, told

pytestmark = pytest.mark.django_db
DUES = ["单位名称", "会费年度", "会费档次", "缴费月数", "应收会费（元）"]
RELIEF = [*DUES[:3], "减免金额（元）", "减免条款", "减免理由", "减免决议名称"]
Rows = list[list[Any]]


def imported(folder: Path, rows: Rows, *, apply: bool = True, **options: Any) -> Report:
    report = DueImport(slug="registered", **options).run(csv_file(folder, rows), apply=apply)
    report.table.close()
    return report


@pytest.fixture
def alliance(reference: None) -> Alliance:
    """A standard from 2019 with two classes, a later one from 2025-07-01, and two members since 2020."""
    alliance = factories.alliance("registered", legal_person=True)
    first = factories.dues_standard(alliance, ends_on="2025-07-01")
    factories.dues_class(first, "会员单位", 2000)
    factories.dues_class(first, "理事单位", 5000)
    second = factories.dues_standard(alliance, "2025-07-01", decision=first.decision)
    factories.dues_class(second, "会员单位", 3000)
    for name in ("香山甲厂", "香山乙厂"):
        factories.membership(factories.member(alliance, factories.enterprise(name_zh=name)), "2020-03-01")
    return alliance


def values() -> list[tuple[Any, ...]]:
    rows = Due.objects.order_by("member__organization__name_zh", "year")
    return [(str(one.member.organization), one.year, one.dues_class.name, one.months, one.amount) for one in rows]


def test_dues_are_added_with_the_amount_of_their_class(tmp_path, alliance):
    rows = [DUES, ["香山甲厂", "2024年度", "理事单位", "", ""], ["香山乙厂", "2023", "会员单位", "6", ""]]
    assert imported(tmp_path, rows).summary == "new 2, changed 0, unchanged 0, refused 0"
    assert values() == [("香山乙厂", 2023, "会员单位", 6, 1000), ("香山甲厂", 2024, "理事单位", 12, 5000)]
    assert {(one.alliance, one.basis, one.relief) for one in Due.objects.all()} == {(alliance, "chosen", 0)}
    assert imported(tmp_path, rows).summary == "new 0, changed 0, unchanged 2, refused 0"


def test_amount_follows_class_and_months_unless_the_row_says_another_one(tmp_path, alliance):
    rows = [DUES, ["香山甲厂", "2024", "理事单位", "", ""], ["香山乙厂", "2024", "会员单位", "", "1,900"]]
    report = imported(tmp_path, rows)
    notes = [(note.row, note.column) for note in report.notes]
    assert notes == [(3, "应收会费（元）")]
    with translation.override("en"):
        assert "makes it 2,000 for 12 months" in str(report.notes[0].message)
    rows = [DUES, ["香山甲厂", "2024", "会员单位", "6", ""], ["香山乙厂", "2024", "", "", ""]]
    assert imported(tmp_path, rows).summary == "new 0, changed 1, unchanged 1, refused 0"
    assert values() == [("香山乙厂", 2024, "会员单位", 12, 1900), ("香山甲厂", 2024, "会员单位", 6, 1000)]


def test_relief_needs_rule_reason_and_a_passed_decision(tmp_path, alliance):
    factories.dues_decision(alliance, "2024-03-01", subject="关于减免会费的决议", matter="dues_relief")
    factories.dues_decision(alliance, "2024-04-01", subject="关于减免会费的决议", matter="dues_relief")
    refused = factories.dues_decision(alliance, "2024-05-01", subject="未通过的决议", votes_for=1)
    assert not refused.passed
    rows = [
        RELIEF,
        ["香山甲厂", "2024", "会员单位", "500", "第五条", "虚构", "2024-04-01 关于减免会费的决议"],
        ["香山乙厂", "2024", "会员单位", "500", "第五条", "虚构", ""],
        ["香山乙厂", "2023", "会员单位", "500", "第五条", "虚构", "关于减免会费的决议"],
        ["香山乙厂", "2022", "会员单位", "500", "第五条", "虚构", "未通过的决议"],
        ["香山乙厂", "2021", "会员单位", "5000", "第五条", "虚构", "2024-04-01 关于减免会费的决议"],
    ]
    report = imported(tmp_path, rows)
    problems = told(report)
    assert [row for row, *_rest in problems] == [3, 4, 5, 6]
    words = [said for _row, _column, said in problems]
    assert "A relief needs all of these" in words[0]
    assert "names more than one" in words[1]
    assert "is not a known decision" in words[2]
    assert "A relief cannot exceed the amount." in words[3]
    due = Due.objects.get()
    assert (due.relief, str(due.relief_decision.meeting.held_on)) == (500, "2024-04-01")


@pytest.mark.parametrize(
    ("row", "column", "words"),
    [
        (["香山甲厂", "2024", "副理事长单位", "", ""], "会费档次", "There are: 理事单位 / 会员单位."),
        (["香山甲厂", "2025", "会员单位", "", ""], "会费档次", "Several standards of 2025 have this class."),
        (["香山甲厂", "2017", "会员单位", "", ""], "会费档次", "No standard that applies in 2017"),
        (["香山甲厂", "2019", "会员单位", "", ""], "会费年度", "The organization was no member in 2019."),
        (["香山甲厂", "2024", "", "", ""], "会费档次", "New dues need their class."),
        (["香山甲厂", "", "会员单位", "", ""], "会费年度", "A row needs the year of the dues."),
        (["香山甲厂", "1989", "会员单位", "", ""], "会费年度", "greater than or equal to 1990"),
        (["香山甲厂", "2024", "会员单位", "13", ""], "缴费月数", "A year has 1 to 12 months."),
        (["香山甲厂", "2024", "会员单位", "", "-1"], "应收会费（元）", ""),
        (["香山丁厂", "2024", "会员单位", "", ""], "单位名称", "The registry has no such organization"),
        (["", "2024", "会员单位", "", ""], "单位名称", "A row needs the member"),
        (["香山乙厂", "2024", "会员单位", "6", ""], "会费年度", "about the same dues"),
    ],
)
def test_row_that_breaks_a_rule_is_refused_at_its_cell(tmp_path, alliance, row, column, words):
    report = imported(tmp_path, [DUES, row, ["香山乙厂", "2024", "会员单位", "", ""]])
    problems = [(place, said) for number, place, said in told(report) if number == 2]
    assert [(place, words in said) for place, said in problems] == [(column, True)], problems
    assert Due.objects.count() == (0 if "same dues" in words else 1)


def test_class_of_one_of_several_standards_is_named_with_its_day(tmp_path, alliance):
    labels = [*DUES[:3], "执行日期"]
    assert imported(tmp_path, [labels, ["香山甲厂", "2025", "会员单位", "2025-07-01"]]).refused == 0
    assert values() == [("香山甲厂", 2025, "会员单位", 12, 3000)]
    report = imported(tmp_path, [labels, ["香山甲厂", "2025", "会员单位", "2019-02-01"]])
    assert "The dues stay in the standard" in told(report)[0][2]


def test_nothing_is_collected_by_a_standard_that_was_not_passed_as_prescribed(tmp_path, alliance):
    due = factories.due(alliance.members.first(), 2023, dues_class=alliance.dues_standards.last().classes.first())
    DuesStandard.objects.update(decision=None)
    rows = [DUES, ["香山甲厂", "2024", "理事单位", "", ""], [str(due.member.organization), "2023", "", "6", ""]]
    report = imported(tmp_path, rows)
    assert told(report) == [(2, "会费档次", "Not passed by the prescribed procedure: dues must not be collected.")]
    assert Due.objects.get().months == 6, "what was drawn up before is corrected, as on its page"


def test_who_may_not_see_dues_reads_no_such_file(tmp_path, alliance):
    rows = [DUES, ["香山甲厂", "2024", "理事单位", "", ""]]
    with pytest.raises(UnreadableFile):
        imported(tmp_path, rows, user=factories.user("registry.view_organization", "alliance.add_due"))
    user = factories.user("registry.view_organization", "alliance.view_due", "alliance.change_due")
    assert "may not add" in told(imported(tmp_path, rows, user=user))[0][2]
    town = factories.user("registry.view_organization", "alliance.view_due", "alliance.add_due", LIMITED)
    factories.account_township(town)
    assert "townships only" in told(imported(tmp_path, rows, user=town))[0][2]
    assert not Due.objects.exists()


def test_command_tells_first_and_writes_then(tmp_path, alliance, capsys):
    path = csv_file(tmp_path, [DUES, ["香山甲厂", "2024", "理事单位", "", ""]])
    call_command("import_council", "dues", str(path), alliance="registered")
    assert not Due.objects.exists()
    call_command("import_council", "dues", str(path), alliance="registered", apply=True)
    assert capsys.readouterr().out.strip().endswith("new 1, changed 0, unchanged 0, refused 0")
    assert Due.objects.get().amount == Decimal(5000)
    assert datetime.date(2019, 2, 1) == Due.objects.get().dues_class.standard.begins_on
