"""Columns of a member list that nothing takes: those that may hold an end or a key stop the file."""

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.urls import reverse

from alliance.members.imports.memberships import MembershipImport
from alliance.models import Alliance, Membership
from registry.imports.reading.refusals import UnreadableFile
from registry.imports.recognising.headers import label_key
from registry.imports.recognising.inspection import inspect
from registry.imports.recognising.layout import IGNORED, Layout
from registry.models import ImportBatch
from tests import factories
from tests.registry.imports.importing import csv_file

pytestmark = pytest.mark.django_db
LIST = ["单位名称", "会员级别", "入会日期"]
ROW = ["香山一厂", "会员单位", "2024-01-01"]


@pytest.fixture
def alliance() -> Alliance:
    of = factories.alliance()
    factories.tier(of, "member")
    factories.enterprise(name_zh="香山一厂"), factories.enterprise(name_zh="香山二厂")
    return of


def stopped(path, **options):
    with pytest.raises(UnreadableFile) as caught:
        MembershipImport(slug="test").run(path, apply=True, **options)
    assert caught.value.code == "unread_columns"
    assert not Membership.objects.exists()
    return caught.value


@pytest.mark.parametrize(
    ("label", "cell"),
    [
        ("会员期限", "至2025年底"),
        ("会费缴至", "2025-12-31"),
        ("退会情况", "已退会"),
        ("是否终止", "是"),
        ("档案编号", "A-1"),
        ("税务代码", "x"),
        ("Membership lapses", "yes"),
        ("Valid", "no"),
        ("Member No.", "17"),
        ("甲", "2025.12.31"),
        ("甲", "91442000W00090011F"),
        ("甲", "M0001"),
        ("", "2025-12-31"),
    ],
)
def test_unread_column_that_looks_like_an_end_or_a_key_stops_the_file(tmp_path, alliance, label, cell):
    refusal = stopped(csv_file(tmp_path, [[*LIST, label], [*ROW, cell]]))
    assert "D “" in str(refusal)
    assert str(refusal).count(label or "D") >= 2
    assert "ignored" in str(refusal)


@pytest.mark.parametrize(
    ("label", "cells"),
    [
        ("序号", ["3", "7"]),
        ("编号", ["1", "2"]),
        ("No.", ["1", "2"]),
        ("所属领域", ["机器人", "机器视觉"]),
        ("成立日期", ["2015-01-01", "2016-01-01"]),
        ("联系电话", ["0760-88888888", "0760-88888889"]),
        ("评价", ["优", "良"]),
        ("会员期限", ["", "-"]),
        ("Gender of the liaison", ["x", "y"]),
    ],
)
def test_other_unread_columns_are_ignored(tmp_path, alliance, label, cells):
    rows = [[*LIST, label], [*ROW, cells[0]], ["香山二厂", *ROW[1:], cells[1]]]
    report = MembershipImport(slug="test").run(csv_file(tmp_path, rows), apply=True)
    report.table.close()
    assert report.new == 2


def test_second_column_of_one_meaning_stops_the_file_where_it_says_something_else(tmp_path, alliance):
    rows = [[*LIST, "退会日期", "终止日期"], [*ROW, "2025-01-01", "2025-01-01"]]
    MembershipImport(slug="test").run(csv_file(tmp_path, rows)).table.close()
    rows[1][-1] = "2025-02-01"
    assert "D “退会日期”" in str(stopped(csv_file(tmp_path, rows)))


def test_layout_says_that_it_is_ignored_or_what_it_means(tmp_path, alliance):
    path = csv_file(tmp_path, [[*LIST, "会员期限"], [*ROW, "2024-12-31"]])
    for name, end in ((IGNORED, "None"), ("valid_until", "2025-01-01")):
        layout = Layout(columns={label_key("会员期限"): name})
        MembershipImport(slug="test").run(path, apply=True, layout=layout).table.close()
        assert str(Membership.objects.get().ended_on) == end


def test_inspection_marks_the_column(tmp_path, alliance):
    path = csv_file(tmp_path, [[*LIST, "会员期限", "评价"], [*ROW, "2024-12-31", "优"]])
    found = {column.label: column.stops for column in inspect(MembershipImport(slug="test"), path).columns}
    assert [label for label, stops in found.items() if stops] == ["会员期限"]


# --- By command


def command(path, *options):
    output = io.StringIO()
    call_command("import_memberships", str(path), "--alliance", "test", "--apply", *options, stdout=output)
    return output.getvalue()


def test_command_takes_what_a_column_means(tmp_path, alliance):
    path = csv_file(tmp_path, [[*LIST, "会员期限", "档案编号"], [*ROW, "2024-12-31", "7-1"]])
    with pytest.raises(CommandError) as caught:
        command(path)
    assert caught.value.returncode == 2
    assert "D “会员期限”、E “档案编号”" in str(caught.value)
    said = command(path, "--column", "会员期限=有效期至", "--column", "档案编号=ignored")
    assert said.splitlines()[-1] == "new 1, changed 0, unchanged 0, refused 0"
    assert str(Membership.objects.get().ended_on) == "2025-01-01"


@pytest.mark.parametrize("option", ["会员期限", "会员期限=什么", "=ignored"])
def test_command_refuses_a_meaning_that_is_none(tmp_path, alliance, option):
    with pytest.raises(CommandError) as caught:
        command(csv_file(tmp_path, [LIST, ROW]), "--column", option)
    assert caught.value.returncode == 2
    assert "valid_until" in str(caught.value)


# --- On the pages


@pytest.fixture
def staff(client, reference):
    client.force_login(factories.superuser())
    return client


def bring(client, path):
    fields = {"table": "memberships", "memberships-alliance": "test"}
    file = SimpleUploadedFile(path.name, path.read_bytes())
    answer = client.post("/admin/imports/", {**fields, "file": file}, follow=True)
    return answer, ImportBatch.objects.latest("pk")


def page(batch, name):
    return reverse(f"admin:registry_importbatch_{name}", args=[batch.pk])


def apply(client, batch):
    confirmed = client.get(page(batch, "page")).context["confirmed"]
    return client.post(page(batch, "apply"), {"confirmed": confirmed}, follow=True)


@pytest.mark.parametrize(("meant", "end"), [("valid_until", "2025-01-01"), ("", "None")])
def test_page_asks_what_the_column_means_before_it_goes_on(staff, tmp_path, alliance, meant, end):
    path = csv_file(tmp_path, [[*LIST, "会员期限"], [*ROW, "2024-12-31"]])
    answer, batch = bring(staff, path)
    assert answer.redirect_chain[-1][0] == page(batch, "columns")
    assert "D “会员期限”" in answer.content.decode()
    undecided = staff.post(page(batch, "columns"), {"column-3": "?"}, follow=True)
    assert undecided.redirect_chain[-1][0] == page(batch, "columns")
    assert "未被读取" in undecided.content.decode()
    answer = staff.post(page(batch, "columns"), {"column-3": meant}, follow=True)
    assert answer.redirect_chain[-1][0] == page(batch, "page")
    apply(staff, batch)
    assert str(Membership.objects.get().ended_on) == end
    # What was said is remembered for the next list with these labels.
    answer, again = bring(staff, path)
    assert answer.redirect_chain[-1][0] == page(again, "page")
    assert again.counts["unchanged"] == 1


def test_page_reads_known_ends_and_says_so(staff, tmp_path, alliance):
    answer, batch = bring(staff, csv_file(tmp_path, [[*LIST, "到期日期"], [*ROW, "2024-12-31"]]))
    assert answer.redirect_chain[-1][0] == page(batch, "page")
    assert "“到期日期” 按“会籍的最后一天”读取" in answer.content.decode()
    apply(staff, batch)
    assert str(Membership.objects.get().ended_on) == "2025-01-01"


def test_page_shows_the_period_of_a_change_of_tier(staff, tmp_path, alliance):
    factories.tier(alliance, "council")
    apply(staff, bring(staff, csv_file(tmp_path, [LIST, ROW]))[1])
    rows = [["单位名称", "新级别", "变更日期"], ["香山一厂", "理事单位", "2025-07-01"]]
    answer, batch = bring(staff, csv_file(tmp_path, rows))
    assert "会员单位（2024-01-01 –）于 2025-07-01 终止，自同日起为理事单位" in answer.content.decode()
    apply(staff, batch)
    assert Membership.objects.count() == 2


def test_page_finds_nothing_to_change_in_a_roster_that_was_handed_out(staff, tmp_path, alliance):
    member = factories.member(alliance, factories.enterprise(name_zh="香山三厂"))
    council = factories.tier(alliance, "council")
    factories.membership(member, "2022-01-01", ended_on="2024-01-01", end_reason="tier_change")
    factories.membership(member, "2024-01-01", tier=council)
    for day in ("2023-12-31", "2025-12-31"):
        path = tmp_path / "roster.xlsx"
        call_command("export_members", "test", as_of=day, layout="roster", edition="full", output=str(path))
        _answer, batch = bring(staff, path)
        staff.post(page(batch, "columns"), {}, follow=True)  # its other columns are shown once, ignored
        batch.refresh_from_db()
        assert (batch.counts["unchanged"], batch.counts["changed"], batch.counts["refused"]) == (1, 0, 0)
        assert f"截至 {day} 的会员名单" in staff.get(page(batch, "page")).content.decode()
