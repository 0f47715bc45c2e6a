"""Old minutes as files: meetings and decisions are added by natural keys, refused at their cells, taken back."""

import datetime
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.utils import translation

from alliance.council.imports.council import CouncilImport
from alliance.meetings.imports.decisions import DecisionImport
from alliance.meetings.imports.meetings import MeetingImport
from alliance.models import Alliance, Attendance, Decision, Meeting, Membership
from registry.imports import import_tables
from registry.imports.pipeline.outcomes import RowOutcome
from registry.imports.pipeline.report import Report
from registry.imports.reading.refusals import UnreadableFile
from registry.imports.template import write_template
from tests import factories
from tests.registry.imports.importing import csv_file, told

pytestmark = pytest.mark.django_db
D = datetime.date
MEETINGS = [
    "会议机构",
    "届次",
    "会议次数",
    "会议日期",
    "会议形式",
    "应到",
    "应到数不一致的原因",
    "实到",
    "实到数不一致的原因",
]
FIRST = ["理事会", "第三届", "第2次", "2020-06-15", "", "", "", "3", "据会议纪要"]
DECISIONS = [
    "会议机构",
    "届次",
    "会议次数",
    "决议序号",
    "决议事项",
    "事项类别",
    "表决方式",
    "赞成",
    "反对",
    "弃权",
    "表决结果",
]
DECIDED = ["理事会", "3", "2", "1", "关于吸收虚构公司入会的决议", "入会", "举手表决", "3", "", "", ""]
Rows = list[list[Any]]


def imported(folder: Path, kind: type[CouncilImport], rows: Rows, **options: Any) -> Report:
    report = kind(user=options.pop("user", None), slug="test").run(csv_file(folder, rows), apply=True, **options)
    report.table.close()
    return report


@pytest.fixture(autouse=True)
def of(reference: None) -> Alliance:
    """A registered alliance with its third term, four members in the council and one outside it."""
    alliance = factories.alliance("test", name_zh="虚构联盟", legal_person=True)
    factories.term(alliance, "2019-01-01", number=3)
    council = factories.tier(alliance, "council", in_council=True)
    for number in range(5):
        tier = factories.tier(alliance, "member") if number == 4 else council
        factories.membership(factories.member(alliance), "2019-01-01", tier=tier)
    return alliance


def notices(report: Report) -> str:
    with translation.override("en"):
        return "\n".join(map(str, report.notices))


def notes(report: Report) -> list[tuple[int, str, str]]:
    with translation.override("en"):
        return [(note.row, note.column, str(note.message)) for note in report.notes]


# --- Meetings


def test_meetings_are_added_and_those_who_are_called_are_counted(tmp_path):
    rows = [MEETINGS, FIRST, ["会员大会", "", "1", "2020年12月1日", "通讯", "30", "据会议纪要", "", ""]]
    report = imported(tmp_path, MeetingImport, rows)
    assert report.summary == "new 2, changed 0, unchanged 0, refused 0", told(report)
    council, assembly = Meeting.objects.order_by("held_on")
    assert (council.term.number, council.number, council.form) == (3, 2, "meeting")
    assert (council.called, council.entitled, council.number_entitled()) == (4, None, 4)
    assert (council.attended, council.number_present(), council.attended_reason) == (3, 3, "据会议纪要")
    assert (assembly.term.number, assembly.form, assembly.called, assembly.number_entitled()) == (
        3,
        "correspondence",
        5,
        30,
    )
    assert set(Attendance.objects.values_list("present", "proxy")) == {(False, "")}
    assert (council.attendance.count(), assembly.attendance.count()) == (4, 5)
    assert "nobody is ticked" in notices(report)
    assert imported(tmp_path, MeetingImport, rows).summary == "new 0, changed 0, unchanged 2, refused 0"


def test_meeting_is_read_from_its_name_in_the_minutes(tmp_path):
    rows = [
        ["会议名称", "召开时间"],
        ["虚构联盟第三届理事会第二次会议", "2020-06-15"],
        ["三届一次会员代表大会", "2020-07-01"],
    ]
    rows += [
        ["三届一次常务理事会", "2020-08-01"],
        ["第九届理事会第一次会议", "2020-08-01"],
        ["年终茶话会", "2020-09-01"],
    ]
    report = imported(tmp_path, MeetingImport, rows)
    assert [(m.body, m.term.number, m.number) for m in Meeting.objects.order_by("held_on")] == [
        ("council", 3, 2),
        ("assembly", 3, 1),
        ("standing_council", 3, 1),
    ]
    problems = told(report)
    assert [problem[:2] for problem in problems] == [(5, "会议名称"), (6, "会议名称")]
    assert "no term 9" in problems[0][2]
    assert "names no meeting" in problems[1][2]


def test_meeting_that_has_not_decided_is_changed(tmp_path):
    imported(tmp_path, MeetingImport, [MEETINGS, FIRST])
    changed = ["理事会", "3", "2", "", "通讯表决", "5", "据会议纪要", "2", "据会议纪要"]
    assert imported(tmp_path, MeetingImport, [MEETINGS, changed]).summary == "new 0, changed 1, unchanged 0, refused 0"
    meeting = Meeting.objects.get()
    assert (meeting.form, meeting.entitled, meeting.attended, meeting.called) == ("correspondence", 5, 2, 4)
    back = ["理事会", "3", "2", "", "", "4", "", "2", ""]
    assert imported(tmp_path, MeetingImport, [MEETINGS, back]).changed == 1
    meeting.refresh_from_db()
    assert (meeting.entitled, meeting.entitled_reason, meeting.attended_reason) == (None, "", "据会议纪要")


def test_reason_of_a_number_that_does_not_differ_is_told_and_not_kept(tmp_path):
    row = ["理事会", "3", "2", "2020-06-15", "", "4", "据会议纪要", "", ""]
    for outcome in ("new 1, changed 0, unchanged 0, refused 0", "new 0, changed 0, unchanged 1, refused 0"):
        report = imported(tmp_path, MeetingImport, [MEETINGS, row])
        assert report.summary == outcome
        assert notes(report) == [(2, MEETINGS[6], "The number is the one of the records: the reason is not kept.")]
    assert Meeting.objects.get().entitled_reason == ""


@pytest.mark.parametrize(
    ("row", "column", "words"),
    [
        (["理事会", "3", "1", "2018-12-31", "", "", "", "", ""], "会议日期", "the meeting lies outside"),
        (["理事会", "4", "1", "2020-12-31", "", "", "", "", ""], "届次", "is not a known term"),
        (["董事会", "3", "1", "2020-12-31", "", "", "", "", ""], "会议机构", "is not a known body"),
        (["理事会", "3", "", "2020-12-31", "", "", "", "", ""], "会议次数", "needs the number of the meeting"),
        (["", "3", "1", "2020-12-31", "", "", "", "", ""], "会议机构", "needs the body"),
        (["理事会", "3", "1", "", "", "", "", "", ""], "会议日期", "needs its day"),
        (["理事会", "3", "1", "2020-12-31", "", "9", "", "", ""], "应到", "By the records 4 are called"),
        (["理事会", "3", "1", "2020-12-31", "", "", "", "3", ""], "实到", "0 are ticked as present"),
        (["理事会", "3", "1", "2020-12-31", "", "", "", "9", "纪要"], "实到", "More members are present"),
        (["理事会", "3", "1", "2020-12-31", "茶话", "", "", "", ""], "会议形式", "is not a known form"),
        (["理事会", "3", "2", "2020-06-16", "", "", "", "", ""], "会议日期", "It was entered for 2020-06-15"),
    ],
)
def test_meeting_that_breaks_a_rule_is_refused_at_its_cell(tmp_path, row, column, words):
    imported(tmp_path, MeetingImport, [MEETINGS, FIRST])
    problems = told(imported(tmp_path, MeetingImport, [MEETINGS, row]))
    assert [(place, words in said) for _row, place, said in problems] == [(column, True)], problems
    assert Meeting.objects.count() == 1


def test_meeting_that_has_decided_is_not_changed_by_a_file(tmp_path):
    imported(tmp_path, MeetingImport, [MEETINGS, FIRST])
    factories.decision(Meeting.objects.get(), votes_for=3)
    changed = ["理事会", "3", "2", "2020-06-15", "通讯表决", "", "", "2", "另有一人早退"]
    problems = told(imported(tmp_path, MeetingImport, [MEETINGS, changed]))
    assert ["change it on its page" in said for _row, _column, said in problems] == [True]
    assert imported(tmp_path, MeetingImport, [MEETINGS, FIRST]).unchanged == 1


# --- Decisions


def test_decisions_are_recorded_with_the_rule_and_take_no_effect(tmp_path):
    imported(tmp_path, MeetingImport, [MEETINGS, FIRST])
    memberships = Membership.objects.count()
    rows = [DECISIONS, DECIDED, [*DECIDED[:3], "第2项", "关于其他事项的决议", "", "无记名", "1", "1", "1", "未通过"]]
    report = imported(tmp_path, DecisionImport, rows, user=general())
    assert report.summary == "new 2, changed 0, unchanged 0, refused 0", told(report)
    first, second = Decision.objects.order_by("number")
    assert (first.matter, first.ballot, first.votes_for, first.votes_against, first.entitled, first.present) == (
        "admission",
        "show_of_hands",
        3,
        0,
        4,
        3,
    )
    assert (first.quorum_numerator, first.quorum_denominator, first.passed) == (2, 3, True)
    assert (second.matter, second.ballot, second.passed, second.number) == ("other", "secret", False, 2)
    assert first.recorded_by.username == second.recorded_by.username
    assert Membership.objects.count() == memberships
    assert "Nothing takes effect" in notices(report)
    assert imported(tmp_path, DecisionImport, rows).summary == "new 0, changed 0, unchanged 2, refused 0"


def general() -> Any:
    return factories.with_role("秘书长")


@pytest.mark.parametrize(
    ("row", "column", "words"),
    [
        (["理事会", "3", "9", *DECIDED[3:]], "会议次数", "No meeting has this body"),
        ([*DECIDED[:3], "", *DECIDED[4:]], "决议序号", "needs the number of the decision"),
        ([*DECIDED[:3], "2", "", *DECIDED[5:]], "决议事项", "needs its subject"),
        ([*DECIDED[:3], "2", "决议", "", "", "", "", "", ""], "赞成", "needs the votes for it"),
        ([*DECIDED[:3], "2", "决议", "", "", "3", "1", "", ""], "赞成", "More votes than members were present"),
        ([*DECIDED[:3], "2", "决议", "", "", "2", "1", "", "未通过"], "表决结果", "it has passed"),
        ([*DECIDED[:3], "2", "决议", "", "", "1", "2", "", "通过"], "表决结果", "it has not passed"),
        ([*DECIDED[:3], "1", "别的决议", *DECIDED[5:]], "", "This decision is recorded"),
        ([*DECIDED[:3], "2", "决议", "分红", "", "3", "", "", ""], "事项类别", "is not a known matter"),
    ],
)
def test_decision_that_breaks_a_rule_is_refused_at_its_cell(tmp_path, row, column, words):
    imported(tmp_path, MeetingImport, [MEETINGS, FIRST])
    imported(tmp_path, DecisionImport, [DECISIONS, DECIDED])
    problems = told(imported(tmp_path, DecisionImport, [DECISIONS, row]))
    assert [(place, words in said) for _row, place, said in problems] == [(column, True)], problems
    assert Decision.objects.count() == 1


def test_numbers_of_the_meeting_are_compared(tmp_path):
    imported(tmp_path, MeetingImport, [MEETINGS, FIRST])
    rows = [
        ["会议名称", "决议序号", "决议事项", "赞成", "应到", "实到"],
        ["三届二次理事会", "1", "决议", "3", "5", "4"],
    ]
    problems = told(imported(tmp_path, DecisionImport, rows))
    assert [problem[1] for problem in problems] == ["应到", "实到"]
    assert "4 are called by the record" in problems[0][2]
    assert "3 are present by the record" in problems[1][2]
    rows[1][4:] = ["4", "3"]
    assert imported(tmp_path, DecisionImport, rows).new == 1


RULED = [*DECISIONS, "到会要求", "表决要求"]


def test_decision_takes_the_rule_of_the_file_and_else_that_of_now(tmp_path):
    imported(tmp_path, MeetingImport, [MEETINGS, FIRST])
    now = [*DECIDED, "", ""]
    then = [*DECIDED[:3], "2", "关于当年事项的决议", *DECIDED[5:7], "2", "1", "", "", "1/2以上", "超过1/2"]
    free = [*DECIDED[:3], "3", "关于另一事项的决议", *DECIDED[5:7], "1", "0", "2", "", "不要求", "赞成多于反对"]
    report = imported(tmp_path, DecisionImport, [RULED, now, then, free])
    assert report.summary == "new 3, changed 0, unchanged 0, refused 0", told(report)
    shares = list(Decision.objects.order_by("number").values_list(*Decision.SHARES, "passed"))
    assert shares == [(2, 3, 2, 3, False, True), (1, 2, 1, 2, True, True), (None, None, None, None, False, True)]
    lines = notices(report).splitlines()
    assert [line for line in lines if "now" in line and "2/3 or more; for it: 2/3 or more" in line] == [lines[1]]
    assert {line.removeprefix("council (1): ") for line in lines[2:]} == {
        "by the rule of the file (present: 1/2 or more; for it: more than 1/2).",
        "by the rule of the file (present: not asked for; for it: more votes for than against).",
    }
    assert imported(tmp_path, DecisionImport, [RULED, now, then, free]).unchanged == 3


def test_preview_says_by_which_rule_each_decision_is_taken(tmp_path):
    imported(tmp_path, MeetingImport, [MEETINGS, FIRST])
    run = DecisionImport(slug="test")
    rows: list[RowOutcome] = []
    path = csv_file(tmp_path, [RULED, [*DECIDED, "三分之一以上", ""]])
    run.run(path, apply=False, record=rows.extend).table.close()
    shown = {change["column"]: change["new"] for change in rows[0].changes}
    assert (shown["quorum"], shown["majority"]) == ("1/3以上", "2/3以上")
    assert not Decision.objects.exists()


@pytest.mark.parametrize(
    ("quorum", "majority", "column", "words"),
    [
        ("2月3日", "", "到会要求", "is no rule"),
        ("4/3", "", "到会要求", "is no rule"),
        ("过半数", "", "到会要求", "a share that is enough"),
        ("", "多数", "表决要求", "is no rule"),
        ("", "0/0", "表决要求", "is no rule"),
        ("全体", "", "到会要求", "is no rule"),
    ],
)
def test_rule_that_is_none_is_refused_at_its_cell(tmp_path, quorum, majority, column, words):
    imported(tmp_path, MeetingImport, [MEETINGS, FIRST])
    problems = told(imported(tmp_path, DecisionImport, [RULED, [*DECIDED, quorum, majority]]))
    assert [(place, words in said) for _row, place, said in problems] == [(column, True)], problems


def test_recorded_decision_keeps_its_rule(tmp_path):
    imported(tmp_path, MeetingImport, [MEETINGS, FIRST])
    imported(tmp_path, DecisionImport, [DECISIONS, DECIDED])
    assert imported(tmp_path, DecisionImport, [RULED, [*DECIDED, "三分之二", "至少2/3"]]).unchanged == 1
    problems = told(imported(tmp_path, DecisionImport, [RULED, [*DECIDED, "1/2以上", "过半数"]]))
    assert [(place, "keeps its rule" in said) for _row, place, said in problems] == [
        ("到会要求", True),
        ("表决要求", True),
    ]


def test_too_few_need_a_reason_of_somebody_who_may_give_one(tmp_path):
    imported(tmp_path, MeetingImport, [MEETINGS, [*FIRST[:7], "2", "据会议纪要"]])
    header = [*DECISIONS, "到会不足仍作决议的理由"]
    row = [*DECIDED[:7], "2", "", "", "", ""]
    problems = told(imported(tmp_path, DecisionImport, [header, row]))
    assert [said for *_place, said in problems] == ["Too few were present to decide."]
    row[-1] = "台风，会后书面追认"
    clerk = factories.user("alliance.view_decision", "alliance.record_decision")
    problems = told(imported(tmp_path, DecisionImport, [header, row], user=clerk))
    assert [said for *_place, said in problems] == ["Your account may not decide with too few."]
    assert imported(tmp_path, DecisionImport, [header, row], user=general()).new == 1
    assert Decision.objects.get().override_reason == "台风，会后书面追认"


def test_reason_without_need_is_told_and_not_kept(tmp_path):
    imported(tmp_path, MeetingImport, [MEETINGS, FIRST])
    rows = [[*DECISIONS, "到会不足仍作决议的理由"], [*DECIDED, "无"], [*DECIDED[:3], "2", *DECIDED[4:], "台风"]]
    report = imported(tmp_path, DecisionImport, rows)
    assert report.new == 2
    assert [(row, said) for row, _column, said in notes(report)] == [
        (3, "Enough were present: the reason is not kept.")
    ]
    assert imported(tmp_path, DecisionImport, rows).unchanged == 2


@pytest.mark.parametrize("cell", ["四", "第十十次", "第2十次", "-1", "9" * 12, "1.5", "第0次", "99999"])
def test_number_that_no_column_holds_is_refused_at_its_cell(tmp_path, cell):
    imported(tmp_path, MeetingImport, [MEETINGS, FIRST])
    header = [*DECISIONS[:4], "决议事项", "赞成", "应到", "实到"]
    good = [*DECIDED[:4], "决议", "3", "4", "3"]
    for column in (2, 5, 6, 7) if cell == "四" else (2, 3, 5, 6, 7):  # 第四项 is a number
        row = [*good[:column], cell, *good[column + 1 :]]
        problems = told(imported(tmp_path, DecisionImport, [header, row]))
        assert {place for _row, place, _said in problems} == {header[column]}, (cell, problems)
    assert not Decision.objects.exists()


@pytest.mark.parametrize("name", ["第十十十届理事会第一次会议", "第三届理事会第0次会议", "第三届理事会第99999次会议"])
def test_odd_name_of_a_meeting_is_refused(tmp_path, name):
    problems = told(imported(tmp_path, MeetingImport, [["会议名称", "会议日期"], [name, "2020-06-15"]]))
    assert [(place, "names no meeting" in said) for _row, place, said in problems] == [("会议名称", True)], problems


@pytest.mark.parametrize(("language", "kind"), [("zh-hans", MeetingImport), ("en", DecisionImport)])
def test_template_that_is_filled_in_is_read(tmp_path, language, kind):
    imported(tmp_path, MeetingImport, [MEETINGS, FIRST])
    row = {"body": "理事会", "term": 3, "held_on": "2020-06-15"}
    more = (
        {"number": 4} if kind is MeetingImport else {"meeting_number": 2, "number": 1, "subject": "决", "votes_for": 3}
    )
    table = import_tables.get(kind.TABLE)
    assert table
    path = tmp_path / "template.xlsx"
    with translation.override(language):
        write_template(path, table, kind(slug="test"), [row | more])
    report = kind(slug="test").run(path, apply=True)
    report.table.close()
    assert report.summary == "new 1, changed 0, unchanged 0, refused 0", told(report)


# --- What both have in common


def test_accounts_need_their_permissions(tmp_path):
    secretary = factories.with_role("秘书处")
    assert imported(tmp_path, MeetingImport, [MEETINGS, FIRST], user=secretary).new == 1
    problems = told(imported(tmp_path, DecisionImport, [DECISIONS, DECIDED], user=secretary))
    assert [said for *_place, said in problems] == ["Your account may not record decisions."]
    auditor = factories.with_role("审计员")
    second = [*FIRST[:2], "3", *FIRST[3:]]
    problems = told(imported(tmp_path, MeetingImport, [MEETINGS, second], user=auditor))
    assert [said for *_place, said in problems] == ["Your account may not add such records."]
    assert (Meeting.objects.count(), Decision.objects.count()) == (1, 0)


@pytest.mark.parametrize(("kind", "labels"), [(MeetingImport, MEETINGS[1:]), (DecisionImport, DECISIONS[:3])])
def test_file_without_a_key_column_is_refused_as_a_whole(tmp_path, kind, labels):
    with pytest.raises(UnreadableFile):
        imported(tmp_path, kind, [labels, ["1"] * len(labels)])


def test_two_rows_about_one_record_are_refused(tmp_path):
    other = [*FIRST[:3], "2020-06-16", *FIRST[4:]]
    problems = told(imported(tmp_path, MeetingImport, [MEETINGS, FIRST, other]))
    assert ["about the same meeting" in said for *_place, said in problems] == [True, True]


def test_commands_write_only_with_apply_and_undo_takes_back(tmp_path, capsys):
    paths = {
        kind: csv_file(tmp_path, rows, f"{kind.TABLE}.csv")
        for kind, rows in ((MeetingImport, [MEETINGS, FIRST]), (DecisionImport, [DECISIONS, DECIDED]))
    }
    numbers = {}
    for kind, path in paths.items():
        call_command("import_council", kind.TABLE, str(path), "--alliance", "test")
        assert kind.model.objects.count() == 0
        capsys.readouterr()
        call_command("import_council", kind.TABLE, str(path), "--alliance", "test", "--apply")
        assert kind.model.objects.count() == 1
        numbers[kind] = capsys.readouterr().out.partition("导入编号 ")[2].partition("。")[0]
    with pytest.raises(SystemExit):  # decisions were recorded of the meeting
        call_command("undo_import", numbers[MeetingImport], "--apply")
    assert Meeting.objects.count() == 1
    for kind in (DecisionImport, MeetingImport):
        call_command("undo_import", numbers[kind], "--apply")
        assert kind.model.objects.count() == 0, kind
    assert Attendance.objects.count() == 0


def test_command_writes_lists_that_can_be_imported(tmp_path):
    imported(tmp_path, MeetingImport, [MEETINGS, FIRST])
    imported(tmp_path, DecisionImport, [DECISIONS, DECIDED])
    for kind in (MeetingImport, DecisionImport):
        path = tmp_path / f"{kind.TABLE}.xlsx"
        call_command("export_council", "test", kind.TABLE, "--lang", "zh", "-o", str(path))
        report = kind(slug="test").run(path, apply=True)
        report.table.close()
        assert report.summary == "new 0, changed 0, unchanged 1, refused 0", told(report)
