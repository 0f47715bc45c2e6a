"""A list of members never rewrites the past: which period a row is about, and what it may change."""

import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.core.management import call_command

from alliance.members.imports.list_day import day_of
from alliance.members.imports.memberships import MembershipImport
from alliance.models import Alliance, Membership
from registry.imports.pipeline.outcomes import RowOutcome
from registry.imports.pipeline.report import Report
from registry.imports.reading.refusals import UnreadableFile
from registry.imports.undo.undo import undo
from registry.models import ImportBatch
from tests import factories
from tests.registry.imports.importing import csv_file, reasons
from tests.registry.imports.undo.undoing import applied, state

pytestmark = pytest.mark.django_db
NAME = "中山市示例史册有限公司"
LIST = ["单位名称", "会员级别", "入会日期"]
Periods = list[tuple[str, str, str]]


@pytest.fixture(autouse=True)
def today():
    with time_machine.travel("2026-06-01T12:00:00+08:00", tick=False):
        yield


@pytest.fixture
def alliance() -> Alliance:
    of = factories.alliance()
    factories.tier(of, "council"), factories.tier(of, "member")
    return of


@pytest.fixture
def member(alliance):
    """会员单位 from 2022, 理事单位 since 2024: one unbroken membership; before that, a membership of its own."""
    of = factories.member(alliance, factories.enterprise(name_zh=NAME))
    plain, council = (alliance.tiers.get(code=code) for code in ("member", "council"))
    factories.membership(of, "2019-03-01", tier=plain, ended_on="2020-03-01", end_reason="withdrawal")
    factories.membership(of, "2022-01-01", tier=plain, ended_on="2024-01-01", end_reason="tier_change")
    factories.membership(of, "2024-01-01", tier=council)
    return of


BEFORE = [
    ("会员单位", "2019-03-01", "2020-03-01"),
    ("会员单位", "2022-01-01", "2024-01-01"),
    ("理事单位", "2024-01-01", ""),
]


def imported(folder: Path, labels: Sequence[str], *rows: Sequence[Any], above: str = "", **options: Any) -> Report:
    lines = [[above], labels, *rows] if above else [labels, *rows]
    report = MembershipImport(slug="test").run(csv_file(folder, [list(line) for line in lines]), apply=True, **options)
    report.table.close()
    return report


def periods(name: str = NAME) -> Periods:
    rows = Membership.objects.filter(member__organization__name_zh=name).order_by("admitted_on")
    return [(row.tier.name_zh, str(row.admitted_on), str(row.ended_on or "")) for row in rows]


def notes(report: Report) -> str:
    return "\n".join(note.message.both()[1] for note in report.notes)


# --- 入会日期: the unbroken membership


def test_list_with_the_present_tier_changes_nothing(tmp_path, member):
    report = imported(tmp_path, LIST, [NAME, "理事单位", "2022-01-01"])
    assert report.summary == "new 0, changed 0, unchanged 1, refused 0", reasons(report)
    assert periods() == BEFORE


@pytest.mark.parametrize(
    ("above", "tier"),
    [
        ("会员名录（截至2023年12月31日）", "会员单位"),
        ("Roster of members (as of 2023-12-31)", "会员单位"),
        ("会员名录（截至2024年1月）", "理事单位"),
        ("会员名录", "理事单位"),
    ],
)
def test_list_is_about_the_period_in_force_on_its_day(tmp_path, member, above, tier):
    report = imported(tmp_path, LIST, [NAME, tier, "2022-01-01"], above=above)
    assert report.unchanged == 1, reasons(report)


@pytest.mark.parametrize(
    ("above", "row", "words"),
    [
        ("", ["会员单位", "2022-01-01"], "It is 理事单位 since 2024-01-01"),
        ("截至2023-12-31", ["理事单位", "2022-01-01"], "2022-01-01 – 2024-01-01 (会员单位) has ended"),
        ("", ["会员单位", "2021-05-01"], "present membership began on 2022-01-01"),
        ("", ["会员单位", "2019-03-01"], "present membership began on 2022-01-01"),
    ],
)
def test_list_that_contradicts_is_refused_with_the_remedy(tmp_path, member, above, row, words):
    report = imported(tmp_path, LIST, [NAME, *row], above=above)
    assert (report.refused, report.exit_code) == (1, 1)
    assert words in reasons(report)
    assert periods() == BEFORE


def test_list_names_the_day_of_the_present_tier_instead(tmp_path, member):
    report = imported(tmp_path, LIST, [NAME, "理事单位", "2024-01-01"])
    assert report.unchanged == 1
    assert "without a break since 2022-01-01" in notes(report)


def test_list_admits_again_who_has_left(tmp_path, member):
    Membership.objects.filter(admitted_on__gte="2022-01-01").delete()
    report = imported(tmp_path, LIST, [NAME, "理事单位", "2025-05-01"])
    assert report.new == 1
    assert periods() == [BEFORE[0], ("理事单位", "2025-05-01", "")]


def test_list_that_still_has_a_member_who_left_says_so(tmp_path, member):
    Membership.objects.filter(admitted_on__gte="2022-01-01").delete()
    report = imported(tmp_path, LIST, [NAME, "会员单位", "2019-03-01"])
    assert report.unchanged == 1
    assert "no member any more since 2020-03-01" in notes(report)
    assert "has ended" in reasons(imported(tmp_path, LIST, [NAME, "理事单位", "2019-03-01"]))


def test_old_list_that_admits_says_that_no_end_is_known(tmp_path, alliance):
    factories.enterprise(name_zh=NAME)
    report = imported(tmp_path, LIST, [NAME, "会员单位", "2021-01-01"], above="会员名录（截至2022年6月30日）")
    assert report.new == 1
    assert "The list is of 2022-06-30" in notes(report)


@pytest.mark.parametrize(("label", "cell"), [("退会日期", "2026-07-01"), ("会员有效期至", "2026-06-30")])
def test_end_in_a_list_ends_the_present_period(tmp_path, member, label, cell):
    report = imported(tmp_path, [*LIST, label], [NAME, "理事单位", "2022-01-01", cell])
    assert report.changed == 1, reasons(report)
    assert periods() == [*BEFORE[:2], ("理事单位", "2024-01-01", "2026-07-01")]
    assert "This changes the period 2024-01-01 – (理事单位)." in notes(report)


def test_history_with_days_of_joining_goes_in_and_changes_nothing_again(tmp_path, alliance):
    factories.enterprise(name_zh=NAME)
    rows = [[NAME, "会员单位", "2019-01-01", "2020-01-01"], [NAME, "理事单位", "2020-01-01", ""]]
    assert imported(tmp_path, [*LIST, "退会日期"], *rows).new == 2
    assert imported(tmp_path, [*LIST, "退会日期"], *rows).unchanged == 2
    assert len(periods()) == 2


# --- 起始日期: one period


@pytest.mark.parametrize(
    ("row", "summary"),
    [
        (["理事单位", "2022-01-01", "2024-01-01"], "new 0, changed 1, unchanged 0, refused 0"),
        (["会员单位", "2022-01-01", "2023-12-01"], "new 0, changed 1, unchanged 0, refused 0"),
        (["", "2022-01-01", ""], "new 0, changed 0, unchanged 1, refused 0"),
        (["理事单位", "2022-01-01", ""], "new 0, changed 0, unchanged 0, refused 1"),
        (["理事单位", "2022-01-01", "2023-12-01"], "new 0, changed 0, unchanged 0, refused 1"),
        (["会员单位", "2024-01-01", ""], "new 0, changed 1, unchanged 0, refused 0"),
    ],
)
def test_period_that_has_ended_is_changed_by_its_own_start_and_end_only(tmp_path, member, row, summary):
    report = imported(tmp_path, ["单位名称", "会员级别", "起始日期", "终止日期"], [NAME, *row])
    assert report.summary == summary
    if report.refused:
        assert "has ended: a list does not change it" in reasons(report)
        assert periods() == BEFORE


def test_remark_does_not_touch_a_period_that_has_ended(tmp_path, member):
    labels = ["单位名称", "会员级别", "起始日期", "终止日期", "备注"]
    assert imported(tmp_path, labels, [NAME, "", "2022-01-01", "", "新"]).refused == 1
    assert imported(tmp_path, labels, [NAME, "", "2022-01-01", "2024-01-01", "新"]).changed == 1


# --- 变更日期: a change of tier


@pytest.mark.parametrize(
    ("labels", "row"),
    [
        (["单位名称", "新级别", "变更日期"], ["会员单位", "2025-07-01"]),
        (["单位名称", "新级别", "日期"], ["会员单位", "2025-07-01"]),
        (["单位名称", "新级别", "起始日期"], ["会员单位", "2025-07-01"]),
        (["单位名称", "原级别", "调整后级别", "调整日期"], ["理事单位", "会员单位", "2025-07-01"]),
        (["单位名称", "会员级别", "新级别", "生效日期"], ["理事单位", "会员单位", "2025年7月1日"]),
        (["单位名称", "会员级别", "入会日期", "级别变更日期"], ["会员单位", "2022-01-01", "2025-07-01"]),
        (["Organization name", "New tier", "Effective date"], ["会员单位", "2025-07-01"]),
    ],
)
def test_new_tier_with_its_day_is_a_change_of_tier(tmp_path, member, labels, row):
    report = imported(tmp_path, labels, [NAME, *row])
    assert report.summary == "new 1, changed 0, unchanged 0, refused 0", reasons(report)
    assert periods() == [*BEFORE[:2], ("理事单位", "2024-01-01", "2025-07-01"), ("会员单位", "2025-07-01", "")]
    assert Membership.objects.get(admitted_on="2024-01-01").end_reason == "tier_change"
    assert "change of tier: 理事单位 (2024-01-01 –) ends on 2025-07-01, and 会员单位 begins" in notes(report)
    assert imported(tmp_path, labels, [NAME, *row]).unchanged == 1


def test_several_changes_of_one_member_follow_on_each_other(tmp_path, member):
    rows = [[NAME, "理事单位", "2026-01-01"], [NAME, "会员单位", "2025-01-01"], [NAME, "会员单位", "2026-03-01"]]
    labels = ["单位名称", "新级别", "变更日期"]
    assert imported(tmp_path, labels, *rows).new == 3
    assert periods()[2:] == [
        ("理事单位", "2024-01-01", "2025-01-01"),
        ("会员单位", "2025-01-01", "2026-01-01"),
        ("理事单位", "2026-01-01", "2026-03-01"),
        ("会员单位", "2026-03-01", ""),
    ]
    assert imported(tmp_path, labels, *rows).unchanged == 3


def test_change_that_meets_a_refused_one_is_refused_too(tmp_path, member):
    rows = [[NAME, "会员单位", "2025-01-01", ""], [NAME, "理事单位", "2026-01-01", "没有这个原因"]]
    report = imported(tmp_path, ["单位名称", "新级别", "变更日期", "终止原因"], *rows)
    assert report.refused == 2
    assert periods() == BEFORE


def test_list_beside_a_change_of_tier_leaves_it(tmp_path, member):
    labels = ["单位名称", "会员级别", "入会日期", "新级别", "变更日期"]
    rows = [[NAME, "理事单位", "2022-01-01", "", ""], [NAME, "", "", "会员单位", "2025-07-01"]]
    assert imported(tmp_path, labels, *rows).summary == "new 1, changed 0, unchanged 1, refused 0"


@pytest.mark.parametrize(
    ("row", "words"),
    [
        (["理事单位", "2025-07-01"], "It is 理事单位 since 2024-01-01 already"),
        (["会员单位", "2024-01-01"], "become 理事单位 on this very day"),
        (["理事单位", "2023-01-01"], "2022-01-01 – 2024-01-01 (会员单位) has ended"),
        (["理事单位", "2021-01-01"], "not a member on 2021-01-01"),
        (["会员单位", ""], "Say from which day"),
    ],
)
def test_change_of_tier_that_cannot_be_is_refused(tmp_path, member, row, words):
    report = imported(tmp_path, ["单位名称", "新级别", "变更日期"], [NAME, *row])
    assert words in reasons(report)
    assert periods() == BEFORE


def test_wrong_old_tier_is_refused(tmp_path, member):
    labels = ["单位名称", "原级别", "新级别", "变更日期"]
    report = imported(tmp_path, labels, [NAME, "会员单位", "会员单位", "2025-07-01"])
    assert "Before that day it was 理事单位" in reasons(report)


def test_new_tier_without_any_day_is_refused_before_its_rows(tmp_path, member):
    with pytest.raises(UnreadableFile) as caught:
        imported(tmp_path, ["单位名称", "新级别", "入会日期"], [NAME, "会员单位", "2022-01-01"])
    assert caught.value.code == "column_missing"


def test_change_of_tier_needs_the_right_to_change(tmp_path, member):
    path = csv_file(tmp_path, [["单位名称", "新级别", "变更日期"], [NAME, "会员单位", "2025-07-01"]])
    user = factories.user("alliance.view_membership", "alliance.add_membership")
    report = MembershipImport(slug="test", user=user).run(path, apply=True)
    report.table.close()
    assert (report.refused, periods()) == (1, BEFORE)


def test_change_of_tier_is_undone(tmp_path, member):
    before = state()
    rows = [["单位名称", "新级别", "变更日期"], [NAME, "会员单位", "2025-07-01"]]
    batch: ImportBatch = applied(csv_file(tmp_path, rows), MembershipImport(slug="test"))
    assert undo(batch.pk, apply=True).done
    assert state() == before


# --- Ends


@pytest.mark.parametrize(
    "label", ["会员有效期至", "到期日期", "到期时间", "有效期", "截止日期", "结束日期", "Expiry date"]
)
def test_end_that_is_a_last_day_is_said(tmp_path, alliance, label):
    factories.enterprise(name_zh=NAME)
    report = imported(tmp_path, [*LIST, label], [NAME, "会员单位", "2024-01-01", "2024-12-31"])
    assert periods() == [("会员单位", "2024-01-01", "2025-01-01")]
    assert any(f"“{label}”" in notice.both()[1] and "2025-01-01" in notice.both()[1] for notice in report.notices)


@pytest.mark.parametrize("label", ["终止时间", "退会日期", "除名日期", "Withdrawal date"])
def test_end_that_is_the_first_day_without(tmp_path, alliance, label):
    factories.enterprise(name_zh=NAME)
    report = imported(tmp_path, [*LIST, label], [NAME, "会员单位", "2024-01-01", "2024-12-31"])
    assert periods() == [("会员单位", "2024-01-01", "2024-12-31")]
    assert report.notices == []


@pytest.mark.parametrize(
    ("cell", "end"),
    [
        ("2024-01-01至2024-12-31", "2025-01-01"),
        ("2024.1.1-2024.12.31", "2025-01-01"),
        ("自2024年1月1日起至2024年12月31日", "2025-01-01"),
        ("至2024年12月31日", "2025-01-01"),
        ("长期", ""),
        ("2024-01-01至长期", ""),
    ],
)
def test_validity_is_read_by_its_last_day(tmp_path, alliance, cell, end):
    factories.enterprise(name_zh=NAME)
    report = imported(tmp_path, [*LIST, "有效期"], [NAME, "会员单位", "2024-01-01", cell])
    assert periods() == [("会员单位", "2024-01-01", end)], reasons(report)


def test_validity_without_a_day_is_refused(tmp_path, alliance):
    factories.enterprise(name_zh=NAME)
    assert imported(tmp_path, [*LIST, "有效期"], [NAME, "会员单位", "2024-01-01", "1年"]).refused == 1


# --- Names and numbers


def test_list_with_another_name_finds_the_member_by_code_and_renames_nobody(tmp_path, member):
    labels = ["统一社会信用代码", *LIST]
    report = imported(
        tmp_path, labels, [member.organization.uscc, "广东示例史册科技有限公司", "理事单位", "2022-01-01"]
    )
    assert report.unchanged == 1, reasons(report)
    member.organization.refresh_from_db()
    assert member.organization.name_zh == NAME


def test_number_and_former_name_find_the_member(tmp_path, member):
    factories.name(member.organization, "中山市旧名有限公司")
    factories.enterprise(name_zh=NAME)
    labels = ["会员编号", *LIST]
    for name in (NAME, "中山市旧名有限公司"):
        report = imported(tmp_path, labels, [member.member_no, name, "理事单位", "2022-01-01"])
        assert report.unchanged == 1, reasons(report)
    assert imported(tmp_path, labels, ["M9999", NAME, "理事单位", "2022-01-01"]).refused == 1


def test_identifier_finds_the_organization_of_a_membership(tmp_path, alliance):
    of = factories.enterprise(name_zh=NAME)
    factories.identifier(of, "stock_code", "600001")
    assert imported(tmp_path, ["股票代码", "会员级别", "入会日期"], ["600001", "会员单位", "2024-01-01"]).new == 1


# --- The day of a list, and what is told


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("《示例联盟会员名录（截至2025年12月31日）》", "2025-12-31"),
        ("示例联盟会员名单(截止到2025.6.30)", "2025-06-30"),
        ("统计截至：2025/6/30，共42家", "2025-06-30"),
        ("Example: roster of members (as of 2025-12-31)", "2025-12-31"),
        ("Members as of 31 December 2025", "2025-12-31"),
        ("截至2024年2月", "2024-02-29"),
        ("截至2024年底", "2024-12-31"),
        ("2025年会员名单", None),
        ("申请截止", None),
    ],
)
def test_day_of_a_list_is_read_from_its_title(text, day):
    found = day_of(text)
    assert (found and str(found)) == day


def test_outcome_of_a_row_tells_the_period_that_changes(tmp_path, member):
    found: list[RowOutcome] = []
    labels = ["单位名称", "会员级别", "起始日期", "终止日期"]
    imported(tmp_path, labels, [NAME, "理事单位", "2022-01-01", "2024-01-01"], record=found.extend)
    assert found[0].notes[0]["message"][1] == "This changes the period 2022-01-01 – 2024-01-01 (会员单位)."
    assert found[0].changes == [{"column": "tier", "old": "会员单位", "new": "理事单位"}]


def test_command_tells_the_change_of_tier(tmp_path, member):
    path = csv_file(tmp_path, [["单位名称", "新级别", "变更日期"], [NAME, "会员单位", "2025-07-01"]])
    output = io.StringIO()
    call_command("import_memberships", str(path), "--alliance", "test", "--apply", stdout=output)
    assert "按级别调整读取：理事单位（2024-01-01 –）于 2025-07-01 终止，自同日起为会员单位" in output.getvalue()


def test_a_suspension_ends_with_the_membership_that_a_list_ends(tmp_path, member):
    suspension = factories.suspension(member.memberships.get(ended_on=None), "2025-01-01")
    head = ["单位名称", "会员级别", "起始日期", "终止日期", "终止原因"]
    rows = [head, [NAME, "理事单位", "2024-01-01", "2026-05-01", "自愿退会"]]
    report = MembershipImport(slug=member.alliance.slug).run(csv_file(tmp_path, rows), apply=True)
    report.table.close()
    assert (report.changed, report.refused) == (1, 0)
    suspension.refresh_from_db()
    assert str(suspension.resumed_on) == "2026-05-01"
