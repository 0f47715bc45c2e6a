"""Imports of terms, groups, seats and office holders: added and changed by natural keys, refused at their cells."""

import datetime
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.utils import translation

from alliance.council.imports.council import CouncilImport
from alliance.council.imports.groups import GroupImport
from alliance.council.imports.office_holders import OfficeHolderImport
from alliance.council.imports.seats import SeatImport
from alliance.council.imports.terms import TermImport
from alliance.models import Alliance, Group, Member, OfficeHolder, Seat, Term
from registry.imports.options import Choices, StoredValues
from registry.imports.pipeline.report import Report
from registry.imports.reading.refusals import UnreadableFile
from tests import factories
from tests.registry.imports.importing import csv_file, told

pytestmark = pytest.mark.django_db
TERMS = ["届次", "任期首日", "届满日期", "延期至（最后一日）", "批准文号"]
GROUPS = ["内设机构", "机构类别", "设立日期", "解散日期"]
SEATS = ["内设机构", "单位名称", "任职", "任职起始日期", "任职终止日期"]
PEOPLE = ["联盟职务", "内设机构", "姓名", "单位名称", "单位职务", "任职起始日期", "任职终止日期"]
Rows = list[list[Any]]


def imported(
    folder: Path, kind: type[CouncilImport], rows: Rows, *, user: User | None = None, **options: Any
) -> Report:
    report = kind(user=user, slug="test").run(csv_file(folder, rows), apply=True, **options)
    report.table.close()
    return report


@pytest.fixture
def alliance(reference: None) -> Alliance:
    """An alliance with a tier in the council and one outside, two groups, and a member of each tier since 2020."""
    alliance = factories.alliance("test", name_zh="虚构联盟")
    council = factories.tier(alliance, "council", in_council=True)
    member = factories.tier(alliance, "member")
    factories.group(alliance, "supervisory_board", name_zh="监事会")
    factories.group(alliance, "working_group", name_zh="标准工作组", founded_on="2020-06-01")
    for name, tier in (("香山甲厂", council), ("香山乙厂", member)):
        factories.membership(factories.member(alliance, factories.enterprise(name_zh=name)), "2020-01-01", tier=tier)
    return alliance


def days(row: Any) -> tuple[str, str]:
    return str(row.begins_on), str(row.ends_on or "")


# --- Terms


def test_terms_are_added_and_changed_by_their_number(tmp_path, alliance):
    rows = [TERMS, ["第一届", "2014-01-01", "2018-12-31", "", ""], ["2", "2019年1月1日", "2023-12-31", "", ""]]
    assert imported(tmp_path, TermImport, rows).summary == "new 2, changed 0, unchanged 0, refused 0"
    assert [(term.number, *days(term)) for term in Term.objects.order_by("number")] == [
        (1, "2014-01-01", "2019-01-01"),
        (2, "2019-01-01", "2024-01-01"),
    ]
    rows = [TERMS, ["第1届", "", "", "", ""], ["第二届", "", "", "2024-12-31", "粤民函〔2023〕9号"]]
    assert imported(tmp_path, TermImport, rows).summary == "new 0, changed 1, unchanged 1, refused 0"
    term = Term.objects.get(number=2)
    assert (term.postponed_until, term.approval_no) == (datetime.date(2025, 1, 1), "粤民函〔2023〕9号")


@pytest.mark.parametrize(
    ("row", "column", "words"),
    [
        (["3", "2019-01-01", "2024-01-01", "", ""], "届满日期", "A term lasts at most 5 years."),
        (["3", "2024-01-01", "2023-12-31", "", ""], "届满日期", "The end must be later"),
        (["3", "2019-01-01", "2023-12-31", "2025-01-01", "1号"], "延期至（最后一日）", "put off by at most one year"),
        (["3", "2019-01-01", "2023-12-31", "2024-06-30", ""], "批准文号", "Putting off needs both"),
        (["3", "2014-06-01", "2018-12-31", "", ""], "任期首日", "Another term of the alliance holds"),
        (["3", "2019-01-01", "", "", ""], "届满日期", "A new term needs its last day."),
        (["", "2019-01-01", "2023-12-31", "", ""], "届次", "A row needs the number of its term."),
        (["某届", "2019-01-01", "2023-12-31", "", ""], "届次", "is not a number"),
        (["第十十届", "2019-01-01", "2023-12-31", "", ""], "届次", "is not a number"),
        (["第2十届", "2019-01-01", "2023-12-31", "", ""], "届次", "is not a number"),
        (["0", "2019-01-01", "2023-12-31", "", ""], "届次", "greater than or equal to 1"),
    ],
)
def test_term_that_breaks_a_rule_is_refused_at_its_cell(tmp_path, alliance, row, column, words):
    factories.term(alliance, "2014-01-01")
    report = imported(tmp_path, TermImport, [TERMS, row, ["2", "2019-01-01", "2023-12-31", "", ""]])
    problems = [one for one in told(report) if one[0] == 2]
    assert [(place, words in said) for _row, place, said in problems] == [(column, True)], problems
    assert {one.value for one in report.problems if one.row == 2} <= {"", *row}, "what the file says, not the day after"
    assert Term.objects.count() == (2 if len(told(report)) == 1 else 1)


def test_term_is_not_moved_before_the_decision_that_elected_it(tmp_path, alliance):
    election = factories.decision(factories.meeting(alliance, "2018-12-20"), matter="election", passed=True)
    factories.term(alliance, "2019-01-01", ends_on="2024-01-01", decision=election)
    report = imported(tmp_path, TermImport, [TERMS, ["1", "2018-12-01", "2023-11-30", "", ""]])
    [(_row, place, said)] = told(report)
    assert place == "任期首日"
    assert "2018-12-20" in said
    rows = [TERMS, ["1", "2018-12-20", "2023-12-19", "", ""]]
    assert imported(tmp_path, TermImport, rows).summary == "new 0, changed 1, unchanged 0, refused 0"


def test_terms_that_make_room_for_each_other_are_taken_together(tmp_path, alliance):
    factories.term(alliance, "2014-01-01", ends_on="2019-01-01")
    rows = [TERMS, ["2", "2018-07-01", "2023-06-30", "", ""], ["1", "2014-01-01", "2018-06-30", "", ""]]
    assert imported(tmp_path, TermImport, rows).summary == "new 1, changed 1, unchanged 0, refused 0"
    assert [days(term) for term in Term.objects.order_by("number")] == [
        ("2014-01-01", "2018-07-01"),
        ("2018-07-01", "2023-07-01"),
    ]


def test_terms_that_meet_within_a_file_are_refused(tmp_path, alliance):
    rows = [TERMS, ["1", "2014-01-01", "2018-12-31", "", ""], ["2", "2018-01-01", "2022-12-31", "", ""]]
    rows += [["3", "2023-01-01", "2027-12-31", "", ""], ["第3届", "2023-02-01", "2027-12-31", "", ""]]
    report = imported(tmp_path, TermImport, rows)
    assert [row for row, *_rest in told(report)] == [2, 3, 4, 5]
    assert "Row 5 is about the same term" in told(report)[2][2]
    assert not Term.objects.exists()


# --- Groups


def test_groups_are_added_and_changed_by_their_name(tmp_path, alliance):
    rows = [GROUPS, ["标准工作组", "", "", "2030-01-01"], ["应用专委会", "专委会", "2021-01-01", ""]]
    assert imported(tmp_path, GroupImport, rows).summary == "new 1, changed 1, unchanged 0, refused 0"
    assert Group.objects.get(name_zh="标准工作组").dissolved_on == datetime.date(2030, 1, 1)
    assert Group.objects.get(name_zh="应用专委会").kind == Group.Kind.SPECIAL_COMMITTEE


def test_group_that_breaks_a_rule_is_refused_at_its_cell(tmp_path, alliance):
    group = Group.objects.get(name_zh="标准工作组")
    seat = factories.seat(
        Member.objects.get(organization__name_zh="香山甲厂").memberships.get(), group, begins_on="2021-01-01"
    )
    rows = [
        GROUPS,
        ["标准工作组", "监事会", "2021-06-01", "2022-01-01"],
        ["新组", "", "", ""],
        ["另一组", "不明", "", ""],
    ]
    problems = told(imported(tmp_path, GroupImport, rows))
    assert [problem[:2] for problem in problems] == [(2, "解散日期"), (2, "机构类别"), (3, "机构类别"), (4, "机构类别")]
    assert (
        "香山甲厂: A seat lies within the days of its group: the seat in 标准工作组 is from 2021-01-01"
        in problems[0][2]
    )
    assert "香山甲厂: Nobody sits in the supervisory board and in the council at once" in problems[1][2]
    assert problems[2][2] == "A new group needs its kind."
    assert Group.objects.count() == 2
    assert Seat.objects.get() == seat


# --- Seats


def test_seats_are_added_and_changed_by_group_member_and_first_day(tmp_path, alliance):
    rows = [
        SEATS,
        ["标准工作组", "香山甲厂", "组长单位", "2021-01-01", ""],
        ["标准工作组", "香山乙厂", "", "2021-01-01", ""],
    ]
    assert imported(tmp_path, SeatImport, rows).summary == "new 2, changed 0, unchanged 0, refused 0"
    assert sorted(Seat.objects.values_list("member__organization__name_zh", "role")) == [
        ("香山乙厂", "member"),
        ("香山甲厂", "lead"),
    ]
    assert {seat.alliance for seat in Seat.objects.all()} == {alliance}
    rows = [
        SEATS,
        ["标准工作组", "香山甲厂", "", "", "2023-01-01"],
        ["标准工作组", "香山甲厂", "成员单位", "2023-01-01", ""],
    ]
    assert imported(tmp_path, SeatImport, rows).summary == "new 1, changed 1, unchanged 0, refused 0"
    assert [
        days(seat) for seat in Seat.objects.filter(member__organization__name_zh="香山甲厂").order_by("begins_on")
    ] == [
        ("2021-01-01", "2023-01-01"),
        ("2023-01-01", ""),
    ]


def test_member_is_found_by_its_number_alone(tmp_path, alliance):
    member = Member.objects.get(organization__name_zh="香山乙厂")
    rows = [
        ["内设机构", "会员编号", "任职起始日期", "最后任职日"],
        ["标准工作组", member.member_no, "2021-01-01", "2021-12-31"],
    ]
    assert imported(tmp_path, SeatImport, rows).summary == "new 1, changed 0, unchanged 0, refused 0"
    assert days(member.seats.get()) == ("2021-01-01", "2022-01-01")


@pytest.mark.parametrize(
    ("row", "column", "words"),
    [
        (
            ["标准工作组", "香山乙厂", "", "2020-03-01", "2021-01-01"],
            "任职起始日期",
            "香山乙厂: A seat lies within the days of its group",
        ),
        (["监事会", "香山乙厂", "", "2019-06-01", "2020-06-01"], "任职起始日期", "the membership from 2020-01-01"),
        (["监事会", "香山甲厂", "", "2021-01-01", ""], "任职起始日期", "supervisory board and in the council at once"),
        (
            ["标准工作组", "香山乙厂", "", "2022-03-01", ""],
            "任职起始日期",
            "sits in this group in a part of this period",
        ),
        (["标准工作组", "香山丙厂", "", "2021-01-01", ""], "单位名称", "“香山丙厂” has never been a member"),
        (["标准工作组", "香山丁厂", "", "2021-01-01", ""], "单位名称", "The registry has no such organization"),
        (["标准工作组", "", "", "2021-01-01", ""], "单位名称", "A row needs the member"),
        (["没有的组", "香山乙厂", "", "2021-01-01", ""], "内设机构", "is not a known group of an alliance"),
        (["别的工作组", "香山乙厂", "", "2021-01-01", ""], "内设机构", "is not a known group of an alliance"),
        (["监事会", "香山乙厂", "总经理", "2021-01-01", ""], "任职", "is not a known role in the group"),
        (["监事会", "香山乙厂", "", "", ""], "任职起始日期", "A new seat needs its first day."),
        (["监事会", "香山乙厂", "", "2021-01-01", "2020-12-01"], "任职终止日期", "The end must be later"),
    ],
)
def test_seat_that_breaks_a_rule_is_refused_at_its_cell(tmp_path, alliance, row, column, words):
    other = factories.alliance("other")
    factories.group(other, name_zh="别的工作组")
    factories.membership(factories.member(other, factories.enterprise(name_zh="香山丙厂")))
    stored = Member.objects.get(organization__name_zh="香山乙厂")
    factories.seat(stored.memberships.get(), Group.objects.get(name_zh="标准工作组"), begins_on="2022-01-01")
    good = ["标准工作组", "香山甲厂", "", "2021-01-01", ""]
    report = imported(tmp_path, SeatImport, [SEATS, row, good])
    assert [(number, place, words in said) for number, place, said in told(report)] == [(2, column, True)], told(report)
    assert Seat.objects.count() == 2


def test_seat_beyond_the_end_of_the_membership_is_refused_at_the_end(tmp_path, alliance):
    member = Member.objects.get(organization__name_zh="香山乙厂")
    member.memberships.update(ended_on="2023-01-01", end_reason="withdrawal")
    report = imported(tmp_path, SeatImport, [SEATS, ["标准工作组", "香山乙厂", "", "2021-01-01", ""]])
    ((_row, place, said),) = told(report)
    assert place == "任职终止日期"
    assert "the membership from 2020-01-01 to 2022-12-31" in said


def test_refusals_are_told_in_both_languages(tmp_path, alliance):
    report = imported(tmp_path, SeatImport, [SEATS, ["监事会", "香山甲厂", "", "2021-01-01", ""]])
    with translation.override("zh-hans"):
        assert "监事会与理事会不得同时任职" in str(report.problems[0].message)
    assert "Nobody sits" in told(report)[0][2]


# --- Office holders


def test_office_holders_are_added_and_changed_and_make_room(tmp_path, alliance):
    rows = [
        PEOPLE,
        ["会长", "", "虚构张", "香山甲厂", "总经理", "2020-01-01", ""],
        ["专家", "标准工作组", "虚构李", "", "", "2021-01-01", ""],
    ]
    assert imported(tmp_path, OfficeHolderImport, rows).summary == "new 2, changed 0, unchanged 0, refused 0"
    chair = OfficeHolder.objects.get(office="chair")
    assert (chair.name, str(chair.member.organization), chair.title) == ("虚构张", "香山甲厂", "总经理")
    rows = [
        PEOPLE,
        ["理事长", "", "虚构王", "香山乙厂", "", "2023-01-01", ""],
        ["理事长", "", "虚构张", "香山乙厂", "", "", "2023-01-01"],
    ]
    assert imported(tmp_path, OfficeHolderImport, rows).summary == "new 1, changed 1, unchanged 0, refused 0"
    chair.refresh_from_db()
    assert (days(chair), str(chair.member.organization)) == (("2020-01-01", "2023-01-01"), "香山乙厂")


@pytest.mark.parametrize(
    ("row", "column", "words"),
    [
        (["理事长", "", "虚构王", "", "", "2021-01-01", ""], "任职起始日期", "Somebody else holds this office"),
        (["理事长", "标准工作组", "虚构王", "", "", "2010-01-01", "2011-01-01"], "内设机构", "belongs to a group"),
        (["专家", "", "虚构王", "", "", "2021-01-01", ""], "内设机构", "belongs to a group"),
        (["副会长", "", "王**", "", "", "2021-01-01", ""], "姓名", "Characters are hidden here"),
        (["副会长", "", "虚构王", "香山丁厂", "", "2021-01-01", ""], "单位名称", "has no such organization"),
        (["副会长", "", "", "", "", "2021-01-01", ""], "姓名", "the name of the person"),
        (["", "", "虚构王", "", "", "2021-01-01", ""], "联盟职务", "A row needs the office."),
        (["皇帝", "", "虚构王", "", "", "2021-01-01", ""], "联盟职务", "is not a known office"),
    ],
)
def test_office_holder_that_breaks_a_rule_is_refused_at_its_cell(tmp_path, alliance, row, column, words):
    factories.office_holder(alliance, office="chair")
    report = imported(tmp_path, OfficeHolderImport, [PEOPLE, row])
    assert [(number, place, words in said) for number, place, said in told(report)] == [(2, column, True)], told(report)
    assert OfficeHolder.objects.count() == 1


def test_telephone_numbers_of_a_list_of_office_holders_are_told_as_unread(tmp_path, alliance):
    rows = [[*PEOPLE[:3], "任职起始日期", "手机"], ["副会长", "", "虚构王", "2021-01-01", "138****1234"]]
    report = imported(tmp_path, OfficeHolderImport, rows)
    assert report.summary == "new 1, changed 0, unchanged 0, refused 0"
    assert [column.label for column in report.unread_columns()] == ["手机"]


# --- What all have in common


def test_blank_cells_and_fill_blanks_keep_what_is_stored(tmp_path, alliance):
    factories.office_holder(alliance, title="董事长")
    row = ["秘书长", "", "虚构某", "香山乙厂", "总经理", "2020-01-01", ""]
    report = imported(tmp_path, OfficeHolderImport, [PEOPLE, row], choices=Choices(stored=StoredValues.FILL_BLANKS))
    holder = OfficeHolder.objects.get()
    assert report.summary == "new 0, changed 1, unchanged 0, refused 0"
    assert (holder.title, str(holder.member.organization)) == ("董事长", "香山乙厂")


def test_file_about_another_alliance_is_refused(tmp_path, alliance):
    rows = [["联盟", *GROUPS], ["虚构联盟", "甲组", "工作组", "", ""], ["别的联盟", "乙组", "工作组", "", ""]]
    report = imported(tmp_path, GroupImport, rows)
    assert [(row, place) for row, place, _said in told(report)] == [(3, "联盟")]
    assert Group.objects.filter(name_zh="甲组").exists()


@pytest.mark.parametrize(
    ("kind", "labels"),
    [
        (TermImport, TERMS[1:]),
        (GroupImport, GROUPS[1:]),
        (SeatImport, ["内设机构", "任职"]),
        (OfficeHolderImport, PEOPLE[:2]),
    ],
)
def test_file_without_a_key_column_is_refused_as_a_whole(tmp_path, alliance, kind, labels):
    with pytest.raises(UnreadableFile):
        imported(tmp_path, kind, [labels, ["甲"] * len(labels)])


ONE_ROW: dict[type[CouncilImport], Rows] = {
    TermImport: [TERMS, ["1", "2019-01-01", "2023-12-31", "", ""]],
    GroupImport: [GROUPS, ["甲组", "工作组", "", ""]],
    SeatImport: [SEATS, ["标准工作组", "香山乙厂", "", "2021-01-01", ""]],
    OfficeHolderImport: [PEOPLE, ["副会长", "", "虚构王", "", "", "2021-01-01", ""]],
}


@pytest.mark.parametrize("kind", ONE_ROW)
def test_rows_need_the_permissions_of_their_table(tmp_path, alliance, kind):
    name = kind.model._meta.model_name
    reader = factories.user(f"alliance.view_{name}", f"alliance.change_{name}")
    assert [said for *_place, said in told(imported(tmp_path, kind, ONE_ROW[kind], user=reader))] == [
        "Your account may not add such records."
    ]
    secretary = factories.with_role("秘书处")
    assert imported(tmp_path, kind, ONE_ROW[kind], user=secretary).new == 1


@pytest.mark.parametrize("kind", ONE_ROW)
def test_account_of_a_township_is_refused(tmp_path, alliance, kind):
    name = kind.model._meta.model_name
    clerk = factories.of_township(factories.township())
    clerk.user_permissions.add(*Permission.objects.filter(codename__in=[f"add_{name}", f"view_{name}"]))
    report = imported(tmp_path, kind, ONE_ROW[kind], user=clerk)
    assert "the secretariat keeps the council" in told(report)[0][2]
    assert report.new == 0


def test_persons_are_not_read_without_the_permission(tmp_path, alliance):
    clerk = factories.user("alliance.add_officeholder")
    with pytest.raises(UnreadableFile):
        imported(tmp_path, OfficeHolderImport, ONE_ROW[OfficeHolderImport], user=clerk)


def test_commands_write_only_with_apply_and_undo_takes_back(tmp_path, alliance, capsys):
    for kind, rows in ONE_ROW.items():
        path = csv_file(tmp_path, rows, f"{kind.TABLE}.csv")
        count = kind.model.objects.count()
        call_command("import_council", kind.TABLE, str(path), "--alliance", "test")
        assert kind.model.objects.count() == count
        call_command("import_council", kind.TABLE, str(path), "--alliance", "test", "--apply")
        assert kind.model.objects.count() == count + 1
        said = capsys.readouterr().out
        number = said.partition("导入编号 ")[2].partition("。")[0]
        call_command("undo_import", number, "--apply")
        assert kind.model.objects.count() == count, kind
    with pytest.raises(CommandError):
        call_command("import_council", "terms", str(path), "--alliance", "nowhere")
    with pytest.raises(ValidationError):
        TermImport(slug="nowhere")


def test_command_writes_a_list_that_can_be_imported(tmp_path, alliance, capsys):
    path = tmp_path / "seats.xlsx"
    factories.seat(Member.objects.get(organization__name_zh="香山乙厂").memberships.get(), begins_on="2021-01-01")
    call_command("export_council", "test", "seats", "--lang", "zh", "-o", str(path))
    report = SeatImport(slug="test").run(path, apply=True)
    report.table.close()
    assert report.summary == "new 0, changed 0, unchanged 1, refused 0"
    call_command("export_council", "test", "seats", "--as-of", "2020-12-31", "--filter", "kind=工作组", "--lang", "zh")
    assert capsys.readouterr().out.splitlines()[1:] == []
    with pytest.raises(CommandError):
        call_command("export_council", "nowhere", "terms")
