"""The rule by which an imported decision was taken: the file says it, else it is the one that the alliance has now."""

import pytest

from alliance.meetings.imports.decisions import DecisionImport
from alliance.meetings.imports.meetings import MeetingImport
from alliance.models import Decision
from registry.imports.pipeline.outcomes import RowOutcome
from tests.alliance.meetings.test_import_meetings import DECIDED, DECISIONS, FIRST, MEETINGS, imported, notices, of
from tests.registry.imports.importing import csv_file, told

__all__ = ["of"]
pytestmark = pytest.mark.django_db

OTHER = "which differs from the rule that the alliance has now: check that it was in force on the day of the meeting."
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
        f"by the rule of the file (present: 1/2 or more; for it: more than 1/2), {OTHER}",
        f"by the rule of the file (present: not asked for; for it: more votes for than against), {OTHER}",
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


def test_rule_other_than_that_of_now_is_noted_at_its_row_and_taken(tmp_path):
    imported(tmp_path, MeetingImport, [MEETINGS, FIRST])
    same = [*DECIDED, "三分之二以上", "不少于2/3"]
    other = [*DECIDED[:3], "2", "关于当年事项的决议", *DECIDED[5:], "三分之二", "过半数"]
    run = DecisionImport(slug="test")
    rows: list[RowOutcome] = []
    report = run.run(csv_file(tmp_path, [RULED, same, other]), apply=True, record=rows.extend)
    report.table.close()
    assert report.summary == "new 2, changed 0, unchanged 0, refused 0", told(report)
    noted = [(row.n, note["column"], note["value"], note["message"][1]) for row in rows for note in row.notes]
    told_now = "The alliance's rule of today is “2/3 or more”: check that the one of the file was in force on that day."
    assert noted == [(1, "表决要求", "超过1/2", told_now)]
    (line,) = [one for one in notices(report).splitlines() if "by the rule of the file" in one and OTHER in one]
    assert "more than 1/2" in line
    assert Decision.objects.get(number=2).majority_exceeded


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
