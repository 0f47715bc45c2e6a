"""Import of memberships: admissions, changes of tier, ends; nothing overwritten, nothing twice."""

import datetime
import io
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.utils import translation

from alliance.members.columns import MEMBERSHIP_COLUMNS, AllianceRenderContext
from alliance.members.imports.memberships import MembershipImport
from alliance.models import Alliance, Member, Membership, Tier
from registry.api.lists.files import Export
from registry.api.lists.renderers import CSVRenderer, XLSXRenderer
from registry.imports.options import Choices, SectorLists, StoredValues
from registry.imports.pipeline.outcomes import RowOutcome
from registry.imports.pipeline.report import Report
from registry.imports.reading.refusals import UnreadableFile
from registry.imports.recognising.inspection import inspect
from registry.imports.recognising.layout import Layout
from registry.models import ImportBatch
from tests import factories
from tests.registry.imports.importing import csv_file, reasons, told

pytestmark = pytest.mark.django_db
LABELS = ["单位名称", "会员级别", "起始日期", "终止日期", "终止原因"]


def imported(
    folder: Path, rows: list[list[Any]], *, user: Any = None, slug: str = "test", create: bool = False
) -> Report:
    run = MembershipImport(user=user, slug=slug, create_missing=create)
    report = run.run(csv_file(folder, rows), apply=True)
    report.table.close()
    return report


def events() -> int:
    names = ("MemberEvent", "MembershipEvent", "TierEvent", "AllianceEvent", "MemberSectorEvent")
    return sum(apps.get_model("alliance", name).objects.count() for name in names)


@pytest.fixture
def alliance() -> Alliance:
    of = factories.alliance()
    factories.tier(of, "council")
    factories.tier(of, "member")
    return of


def periods(name: str) -> list[tuple[str, str, str]]:
    rows = Membership.objects.filter(member__organization__name_zh=name).order_by("admitted_on")
    return [(row.tier.name_zh, str(row.admitted_on), str(row.ended_on or "")) for row in rows]


def test_import_admits_changes_tier_ends_and_readmits(tmp_path, alliance):
    factories.enterprise(name_zh="香山一厂")
    rows = [
        LABELS,
        ["香山一厂", "会员单位", "2019-01-01", "2020-01-01", "级别调整"],
        ["香山一厂", "理事单位", "2020-01-01", "2021-01-01", "自愿退会"],
        ["香山一厂", "会员单位", "2022年3月1日", "", ""],
    ]
    assert imported(tmp_path, rows).summary == "new 3, changed 0, unchanged 0, refused 0"
    assert periods("香山一厂") == [
        ("会员单位", "2019-01-01", "2020-01-01"),
        ("理事单位", "2020-01-01", "2021-01-01"),
        ("会员单位", "2022-03-01", ""),
    ]
    assert Member.objects.get().member_no == "M0001"
    for membership in Membership.objects.all():
        membership.full_clean()
    before = events()
    assert imported(tmp_path, rows).summary == "new 0, changed 0, unchanged 3, refused 0"
    assert events() == before


def test_ends_are_written_before_new_memberships_whatever_their_order(tmp_path, alliance):
    known = factories.enterprise(name_zh="香山一厂")
    factories.membership(factories.member(alliance, known), "2019-01-01")
    rows = [
        LABELS,
        ["香山一厂", "理事单位", "2020-01-01", "", ""],
        ["香山一厂", "会员单位", "2019-01-01", "2020-01-01", "级别调整"],
    ]
    assert imported(tmp_path, rows).summary == "new 1, changed 1, unchanged 0, refused 0"
    assert periods("香山一厂") == [("会员单位", "2019-01-01", "2020-01-01"), ("理事单位", "2020-01-01", "")]


@pytest.mark.parametrize(
    ("label", "cell", "ended_on"),
    [
        ("退会日期", "2020-01-01", "2020-01-01"),
        ("上届到期日", "2019-12-31", "2020-01-01"),
        ("有效期至", "2019.12.31", "2020-01-01"),
    ],
)
def test_end_is_read_as_first_day_without_or_last_day_with(tmp_path, alliance, label, cell, ended_on):
    factories.enterprise(name_zh="香山一厂")
    imported(tmp_path, [["会员单位", "会员类别", "入会日期", label], ["香山一厂", "会员单位", "2019-01-01", cell]])
    assert periods("香山一厂") == [("会员单位", "2019-01-01", ended_on)]


def test_two_ends_that_contradict_are_refused(tmp_path, alliance):
    factories.enterprise(name_zh="香山一厂")
    rows = [
        ["单位名称", "会员级别", "起始日期", "终止日期", "有效期至"],
        ["香山一厂", "会员单位", "2019-01-01", "2020-01-01", "2020-01-01"],
    ]
    assert "contradict" in reasons(imported(tmp_path, rows))


def test_overlapping_memberships_are_refused_with_the_period_in_the_way(tmp_path, alliance):
    one, two = factories.enterprise(name_zh="香山一厂"), factories.enterprise(name_zh="香山二厂")
    factories.membership(factories.member(alliance, one), "2019-01-01", ended_on="2021-01-01")
    rows = [
        LABELS,
        [one.name_zh, "理事单位", "2020-12-31", "", ""],
        [two.name_zh, "会员单位", "2020-01-01", "", ""],
        [two.name_zh, "理事单位", "2021-01-01", "2021-06-01", ""],
        [two.name_zh, "理事单位", "2019-01-01", "2020-01-01", ""],
    ]
    report = imported(tmp_path, rows)
    assert [(row, column) for row, column, _words in told(report)] == [
        (2, "起始日期"),
        (3, "起始日期"),
        (4, "起始日期"),
    ]
    assert "(2019-01-01 – 2021-01-01)" in told(report)[0][2]
    assert report.new == 1


def test_refused_end_leaves_no_room_for_the_next_membership(tmp_path, alliance):
    known = factories.enterprise(name_zh="香山一厂")
    factories.membership(factories.member(alliance, known), "2019-01-01")
    rows = [
        LABELS,
        ["香山一厂", "", "2019-01-01", "2020-01-01", "不知道"],
        ["香山一厂", "理事单位", "2020-01-01", "", ""],
    ]
    report = imported(tmp_path, rows)
    assert report.summary == "new 0, changed 0, unchanged 0, refused 2"
    assert periods("香山一厂") == [("会员单位", "2019-01-01", "")]


@pytest.mark.parametrize(
    ("cells", "words"),
    [
        (["香山一厂", "会员单位", "2020-01-01", "2020-01-01", ""], "empty or reversed"),
        (["香山一厂", "会员单位", "2020-01-01", "", "自愿退会"], "needs the end date"),
        (["香山一厂", "", "2020-01-01", "", ""], "needs its tier"),
        (["香山一厂", "会员单位", "", "", ""], "needs its start date"),
        (["香山一厂", "会员", "2018-12-31", "", ""], "founded on 2019-01-01"),
        (["香山九厂", "会员单位", "2020-01-01", "", ""], "no such organization"),
        (["香山一厂", "理事单为", "2020-01-01", "", ""], "Did you mean 理事单位"),
        (["香山三厂", "会员单位", "2020-01-01", "", ""], "closed on 2019-06-01"),
        (["香山四厂", "会员单位", "2020-01-01", "", ""], "closed cannot be admitted"),
    ],
)
def test_row_that_cannot_be_is_refused_with_the_reason(tmp_path, alliance, cells, words):
    Tier.objects.filter(code="member").update(aliases=["会员"])
    factories.enterprise(name_zh="香山一厂")
    factories.enterprise(name_zh="香山三厂", closed_on=datetime.date(2019, 6, 1))
    factories.enterprise(name_zh="香山四厂", registration_status="revoked")
    report = imported(tmp_path, [LABELS, cells])
    assert words in reasons(report)
    assert Membership.objects.count() == 0


def test_two_rows_for_one_membership_are_refused(tmp_path, alliance):
    factories.enterprise(name_zh="香山一厂")
    rows = [LABELS, ["香山一厂", "会员单位", "2019-01-01", "", ""], ["香山 一厂", "理事单位", "2019/1/1", "", ""]]
    assert [row for row, _column, _words in told(imported(tmp_path, rows))] == [2, 3]


def test_member_number_is_taken_for_a_new_member_and_kept_for_an_old_one(tmp_path, alliance):
    one, two, three = (factories.enterprise(name_zh=f"香山{n}厂") for n in "一二三")
    factories.member(alliance, one, member_no="M0009")
    labels = ["会员编号", *LABELS]
    rows = [
        labels,
        ["M0008", one.name_zh, "会员单位", "2019-01-01", "", ""],
        ["M0009", two.name_zh, "会员单位", "2019-01-01", "", ""],
        ["M0007", three.name_zh, "会员单位", "2019-01-01", "", ""],
    ]
    report = imported(tmp_path, rows)
    assert [words for _row, _column, words in told(report)] == [
        "It was a member before and keeps its number M0009.",
        "Another member of the alliance has this number.",
    ]
    assert Member.objects.get(organization=three).member_no == "M0007"


def test_sectors_of_participation_follow_the_file(tmp_path, alliance, reference):
    known = factories.enterprise(name_zh="香山一厂")
    member = factories.member(alliance, known)
    member.sectors.add(factories.sector("robots.service"))
    rows = [[*LABELS, "参与领域"], ["香山一厂", "会员单位", "2019-01-01", "", "", "工业机器人、机器视觉"]]
    imported(tmp_path, rows)
    assert set(member.sectors.values_list("code", flat=True)) == {"robots.industrial", "core-technology.machine-vision"}
    assert imported(tmp_path, rows).unchanged == 1


def test_another_alliance_in_the_file_is_refused(tmp_path, alliance):
    factories.enterprise(name_zh="香山一厂")
    rows = [
        ["联盟", *LABELS[:3]],
        ["别的联盟", "香山一厂", "会员单位", "2019-01-01"],
        ["test", "香山一厂", "会员单位", "2019-01-01"],
    ]
    report = imported(tmp_path, rows)
    assert "is not the alliance of this import" in reasons(report)
    assert report.new == 1


def test_missing_alliance_and_tiers_are_created_where_asked(tmp_path):
    for name in ("香山一厂", "香山二厂", "香山三厂"):
        factories.enterprise(name_zh=name)
    rows = [
        ["联盟", *LABELS[:3]],
        ["香山联盟", "香山一厂", "副会长单位", "2019-01-01"],
        ["香山联盟", "香山二厂", "Platinum", "2019-01-01"],
        ["香山联盟", "香山三厂", "作废级别", "去年"],
    ]
    call_command("load_reference", verbosity=0)
    report = imported(tmp_path, rows, slug="new", create=True)
    assert report.summary == "new 2, changed 0, unchanged 0, refused 1"
    of = Alliance.objects.get(slug="new")
    assert of.name_zh == "香山联盟"
    assert list(of.tiers.order_by("rank").values_list("code", "name_zh")) == [
        ("vice-chair", "副理事长单位"),
        ("platinum", "Platinum"),
    ]
    with translation.override("en"):
        assert [str(notice) for notice in report.notices] == [
            "New alliance: new.",
            "New tier: 副理事长单位.",
            "New tier: Platinum.",
        ]
    assert imported(tmp_path, rows[:3], slug="new").unchanged == 2


def test_unknown_alliance_is_refused_without_create_missing():
    with pytest.raises(ValidationError, match="--create-missing"):
        MembershipImport(slug="nowhere")


@pytest.mark.parametrize("labels", [["单位名称", "起始日期"], ["单位名称", "会员级别"], ["会员级别", "起始日期"]])
def test_file_without_a_key_column_is_refused_before_its_rows(tmp_path, alliance, labels):
    with pytest.raises(UnreadableFile) as caught:
        imported(tmp_path, [labels, ["x", "y"]])
    assert caught.value.code == "column_missing"


def test_account_without_permission_is_told_row_by_row(tmp_path, alliance):
    one, two = factories.enterprise(name_zh="香山一厂"), factories.enterprise(name_zh="香山二厂")
    factories.membership(factories.member(alliance, one), "2019-01-01")
    rows = [
        LABELS,
        [one.name_zh, "", "2019-01-01", "2020-01-01", "自愿退会"],
        [two.name_zh, "会员单位", "2019-01-01", "", ""],
    ]
    report = imported(tmp_path, rows, user=factories.user("alliance.view_membership"))
    assert {row for row, _column, _words in told(report)} == {2, 3}
    user = factories.user("alliance.add_membership", "alliance.add_member")
    assert imported(tmp_path, rows, user=user).summary == "new 1, changed 0, unchanged 0, refused 1"


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_exported_memberships_import_without_change(tmp_path, alliance, reference, kind, language):
    for name in ("香山一厂", "=香山\n二厂"):
        member = factories.member(alliance, factories.enterprise(name_zh=name))
        member.sectors.add(factories.sector("robots.service"))
        factories.membership(member, "2019-01-01", ended_on="2020-01-01", end_reason="tier_change", remarks="一\r\n二")
        factories.membership(member, "2020-01-01", tier=factories.tier(alliance, "council"))
    columns = [column for column in MEMBERSHIP_COLUMNS if column.in_file]
    path = tmp_path / f"export.{kind}"
    with translation.override(language):
        table = Export("会员", Membership.objects.order_by("id"), columns, AllianceRenderContext())
        path.write_bytes(b"".join({"csv": CSVRenderer, "xlsx": XLSXRenderer}[kind]().stream(table)))
    before = events()
    report = MembershipImport(slug="test").run(path, apply=True)
    report.table.close()
    assert report.summary == "new 0, changed 0, unchanged 4, refused 0", reasons(report)
    assert events() == before


def test_command_imports_and_tells_an_unknown_alliance(tmp_path, alliance):
    factories.enterprise(name_zh="香山一厂")
    path = csv_file(tmp_path, [LABELS, ["香山一厂", "会员单位", "2019-01-01", "", ""]])
    output = io.StringIO()
    call_command("import_memberships", str(path), "--alliance", "test", "--apply", stdout=output)
    assert output.getvalue().splitlines()[-1] == "new 1, changed 0, unchanged 0, refused 0"
    with pytest.raises(CommandError) as caught:
        call_command("import_memberships", str(path), "--alliance", "nowhere")
    assert caught.value.returncode == 2


# --- Choices, and what a page shows


def test_only_blanks_are_filled_where_that_is_chosen(tmp_path, alliance, reference):
    known = factories.enterprise(name_zh="香山一厂")
    member = factories.member(alliance, known)
    member.sectors.add(factories.sector("robots.service"))
    factories.membership(member, "2019-01-01", tier=alliance.tiers.get(code="member"), remarks="旧")
    rows = [
        [*LABELS, "备注", "参与领域"],
        ["香山一厂", "理事单位", "2019-01-01", "2020-01-01", "自愿退会", "新", "工业机器人"],
    ]
    run = MembershipImport(slug="test")
    report = run.run(csv_file(tmp_path, rows), apply=True, choices=Choices(stored=StoredValues.FILL_BLANKS))
    report.table.close()
    assert report.summary == "new 0, changed 1, unchanged 0, refused 0"
    assert periods("香山一厂") == [("会员单位", "2019-01-01", "2020-01-01")]
    assert Membership.objects.get().remarks == "旧"
    assert [sector.code for sector in member.sectors.all()] == ["robots.service"]


def test_sectors_of_participation_are_added_where_that_is_chosen(tmp_path, alliance, reference):
    known = factories.enterprise(name_zh="香山一厂")
    member = factories.member(alliance, known)
    member.sectors.add(factories.sector("robots.service"))
    factories.membership(member, "2019-01-01")
    rows = [["单位名称", "会员级别", "起始日期", "参与领域"], ["香山一厂", "", "2019-01-01", "工业机器人"]]
    for summary in ("new 0, changed 1, unchanged 0, refused 0", "new 0, changed 0, unchanged 1, refused 0"):
        report = MembershipImport(slug="test").run(
            csv_file(tmp_path, rows), apply=True, choices=Choices(lists=SectorLists.ADD)
        )
        report.table.close()
        assert report.summary == summary
    assert set(member.sectors.values_list("code", flat=True)) == {"robots.service", "robots.industrial"}


def test_outcomes_show_old_and_new_cells_as_a_file_has_them(tmp_path, alliance, reference):
    known = factories.enterprise(name_zh="香山一厂")
    factories.membership(factories.member(alliance, known), "2019-01-01", tier=alliance.tiers.get(code="member"))
    rows = [
        [*LABELS, "参与领域"],
        ["香山一厂", "会员单位", "2019-01-01", "2020-01-01", "级别调整", ""],
        ["香山一厂", "白金单位", "2020-01-01", "", "", "工业机器人"],
        ["香山九厂", "会员单位", "2020-01-01", "", "", ""],
    ]
    outcomes: list[RowOutcome] = []
    run = MembershipImport(slug="test", create_missing=True)
    with translation.override("zh-hans"):
        run.run(csv_file(tmp_path, rows), record=outcomes.extend).table.close()
    assert [outcome.outcome for outcome in outcomes] == ["changed", "new", "refused"]
    assert outcomes[0].changes == [
        {"column": "ended_on", "old": "", "new": "2020-01-01"},
        {"column": "end_reason", "old": "", "new": "级别调整"},
    ]
    assert outcomes[1].changes == [
        {"column": "tier", "new": "白金单位"},
        {"column": "admitted_on", "new": "2020-01-01"},
        {"column": "sectors", "new": "工业机器人"},
    ]


def test_unknown_tier_can_be_told_to_mean_a_known_one(tmp_path, alliance):
    factories.enterprise(name_zh="香山一厂")
    rows = [LABELS[:3], ["香山一厂", "普通成员", "2020-01-01"]]
    [unknown] = inspect(MembershipImport(slug="test"), csv_file(tmp_path, rows)).unknown
    assert (unknown.text, "会员单位" in unknown.allowed) == ("普通成员", True)
    layout = Layout(values={"tier": {"普通成员": "会员单位"}})
    report = MembershipImport(slug="test").run(csv_file(tmp_path, rows), apply=True, layout=layout)
    report.table.close()
    assert report.new == 1


def test_applied_command_is_recorded_with_its_alliance(tmp_path, alliance):
    factories.enterprise(name_zh="香山一厂")
    path = csv_file(tmp_path, [LABELS[:3], ["香山一厂", "会员单位", "2020-01-01"]])
    call_command("import_memberships", str(path), "--alliance", "test", "--apply", stdout=io.StringIO())
    batch = ImportBatch.objects.get()
    assert (batch.table, batch.options, batch.counts["new"]) == ("memberships", {"alliance": "test"}, 1)


def test_only_ends_of_organizations_that_are_gone_are_taken_where_changes_go_by_application(tmp_path, alliance):
    factories.alliance_rules(alliance, direct_entry=False)
    for name, status in (("香山甲厂", "active"), ("香山乙厂", "deregistered"), ("香山丙厂", "deregistered")):
        who = factories.enterprise(name_zh=name, registration_status=status)
        factories.membership(factories.member(alliance, who), "2020-01-01", tier=alliance.tiers.get(code="member"))
    rows = [
        LABELS,
        ["香山甲厂", "会员单位", "2020-01-01", "2021-01-01", "单位注销"],
        ["香山乙厂", "会员单位", "2020-01-01", "2021-01-01", "单位注销"],
        ["香山丙厂", "会员单位", "2020-01-01", "2021-01-01", "自动退会"],
    ]
    report = imported(tmp_path, rows)
    assert [(row, words[:40]) for row, _column, words in told(report)] == [
        (2, "By the registry the organization exists:"),
        (4, "In this alliance, admission, change of t"),
    ]
    assert [start_end[1:] for start_end in periods("香山乙厂")] == [("2020-01-01", "2021-01-01")]
    assert Membership.objects.filter(ended_on=None).count() == 2


def test_tier_is_put_right_by_no_file_where_changes_go_by_application(tmp_path, alliance):
    factories.alliance_rules(alliance, direct_entry=False)
    for name in ("香山甲厂", "香山乙厂"):
        who = factories.enterprise(name_zh=name)
        factories.membership(factories.member(alliance, who), "2020-01-01", tier=alliance.tiers.get(code="member"))
    labels = [*LABELS[:3], "备注"]
    rows = [labels, ["香山甲厂", "理事单位", "2020-01-01", ""], ["香山乙厂", "会员单位", "2020-01-01", "更正"]]
    report = imported(tmp_path, rows)
    assert [(row, words[:40]) for row, _column, words in told(report)] == [
        (2, "In this alliance, admission, change of t")
    ]
    assert {held.tier.code for held in Membership.objects.all()} == {"member"}
    assert Membership.objects.get(remarks="更正").member.organization.name_zh == "香山乙厂"
