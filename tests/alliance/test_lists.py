"""Members and memberships as lists: as of a day, by tier, as files and as the roster."""

import csv
import io
import json
import os
import pty
import re
import sys
import zipfile
from collections.abc import Callable
from typing import Any
from urllib.parse import unquote

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import translation
from python_calamine import CalamineWorkbook
from rest_framework.test import APIRequestFactory, force_authenticate

from alliance.models import Alliance
from alliance.views.memberships import MembershipViewSet, MemberViewSet
from alliance.views.organizations import OrganizationInAllianceViewSet
from tests import factories

pytestmark = pytest.mark.django_db
Get = Callable[..., tuple[int, Any]]


@pytest.fixture
def get(reference: None) -> Get:
    boss = factories.superuser()

    def get(query: str = "", view: Any = MemberViewSet, who: Any = boss) -> tuple[int, Any]:
        request = APIRequestFactory().get(f"/api/v1/list/?{query}", HTTP_HOST="localhost")
        force_authenticate(request, who)
        kwargs = {"slug": "test"} if view is MemberViewSet else {}
        response = view.as_view({"get": "list"})(request, **kwargs)
        if response.streaming:
            return response.status_code, b"".join(response.streaming_content)
        if hasattr(response, "render"):
            response.render()
        return response.status_code, json.loads(response.content)

    return get


def names(answer: Any) -> set[str]:
    return {row["name_zh"] for row in answer["results"]}


@pytest.fixture
def history(reference: None) -> Alliance:
    """甲: member since 2019, council since 2021. 乙: 2019 to 2020, again since 2022. 丙: until the end of 2020."""
    alliance = factories.alliance()
    council = factories.tier(alliance, "council", rank=1)
    plain = factories.tier(alliance, "member", rank=2)
    first = factories.member(alliance, factories.enterprise(name_zh="甲公司"))
    factories.tag(first.organization, "robots.industrial", is_primary=True)
    factories.membership(first, "2019-01-01", tier=plain, ended_on="2021-01-01", end_reason="tier_change")
    factories.membership(first, "2021-01-01", tier=council)
    second = factories.member(alliance, factories.enterprise(name_zh="乙公司"))
    factories.membership(second, "2019-01-01", tier=plain, ended_on="2020-01-01", end_reason="withdrawal")
    factories.membership(second, "2022-01-01", tier=plain)
    third = factories.member(alliance, factories.institute(name_zh="丙研究院"))
    factories.membership(third, "2019-06-01", tier=plain, ended_on="2021-01-01", end_reason="lapse")
    factories.representative(first, role="representative", name="虚构甲")
    return alliance


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("as_of=2018-12-31", set()),
        ("as_of=2019-01-01", {"甲公司", "乙公司"}),
        ("as_of=2019-12-31", {"甲公司", "乙公司", "丙研究院"}),
        ("as_of=2020-01-01", {"甲公司", "丙研究院"}),
        ("as_of=2020-12-31", {"甲公司", "丙研究院"}),
        ("as_of=2021-01-01", {"甲公司"}),
        ("", {"甲公司", "乙公司"}),
        ("tier=council", {"甲公司"}),
        ("as_of=2020-12-31&tier=理事单位", set()),
        ("kind=research&as_of=2020-12-31", {"丙研究院"}),
        ("sector=robots", {"甲公司"}),
        ("joined_before=2020-01-01", {"甲公司"}),
        ("joined_after=2022-01-01", {"乙公司"}),
        ("as_of=2020-06-01&ended_before=2021-01-02", {"甲公司", "丙研究院"}),
        ("search=乙", {"乙公司"}),
    ],
)
def test_members_as_of_a_day_are_those_in_force(get: Get, history: Alliance, query: str, expected: set[str]) -> None:
    status, answer = get(query)
    assert (status, names(answer), answer["count"]) == (200, expected, len(expected))


def test_joined_on_is_the_first_day_of_the_unbroken_membership(get: Get, history: Alliance) -> None:
    joined = {row["name_zh"]: (row["joined_on"], row["admitted_on"]) for row in get()[1]["results"]}
    assert joined == {"甲公司": ("2019-01-01", "2021-01-01"), "乙公司": ("2022-01-01", "2022-01-01")}


def test_members_are_ordered_by_rank_then_name(get: Get, history: Alliance) -> None:
    assert [row["name_zh"] for row in get("as_of=2022-06-01")[1]["results"]] == ["甲公司", "乙公司"]


@time_machine.travel("2019-12-31T20:00:00+08:00", tick=False)
def test_further_pages_keep_the_day_of_the_first(get: Get, history: Alliance) -> None:
    _status, page = get("page_size=1")
    assert page["as_of"] == "2019-12-31"
    with time_machine.travel("2020-01-01T01:00:00+08:00", tick=False):
        _status, second = get(page["next"].split("?")[1])
    assert (second["as_of"], second["count"]) == ("2019-12-31", 3)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("ended_after=2020-01-01&ended_before=2021-01-01", [("乙公司", "2019-01-01")]),
        ("ended_after=2021-01-01", [("甲公司", "2019-01-01"), ("丙研究院", "2019-06-01")]),
        ("joined_after=2019-06-01&joined_before=2022-01-02", [("丙研究院", "2019-06-01"), ("乙公司", "2022-01-01")]),
        ("joined_before=2019-01-02&ended_before=2021-01-01", [("乙公司", "2019-01-01")]),
        ("ended_after=2020-01-01&as_of=2019-12-01&tier=member&search=乙公司", [("乙公司", "2019-01-01")]),
        ("ended_before=2030-01-01&as_of=2022-06-01", []),
    ],
)
def test_memberships_chosen_by_start_or_end_are_periods_whenever_they_were(
    get: Get, history: Alliance, query: str, expected: list[tuple[str, str]]
) -> None:
    status, answer = get(f"alliance=test&ordering=admitted_on&{query}", view=MembershipViewSet)
    assert status == 200
    assert [(row["name_zh"], row["admitted_on"]) for row in answer["results"]] == expected
    assert answer["as_of"] == ("all" if "as_of" not in query else query.split("as_of=")[1][:10])


def test_further_pages_of_periods_are_of_periods_too(get: Get, history: Alliance) -> None:
    _status, page = get("ended_after=2020-01-01&page_size=1", view=MembershipViewSet)
    found = [row["name_zh"] for row in page["results"]]
    while page["next"]:
        _status, page = get(page["next"].split("?")[1], view=MembershipViewSet)
        found += [row["name_zh"] for row in page["results"]]
    assert sorted(found) == ["丙研究院", "乙公司", "甲公司"]


@pytest.mark.parametrize("name", ["ended_after", "ended_before"])
def test_members_of_today_are_not_asked_when_they_left(get: Get, history: Alliance, name: str) -> None:
    status, answer = get(f"{name}=2020-01-01")
    assert (status, answer["errors"][0]["parameter"]) == (400, name)
    assert "as_of" in answer["errors"][0]["detail"]
    assert get(f"{name}=2020-01-01&as_of=all")[0] == 200


def test_roster_is_of_one_day(get: Get, history: Alliance) -> None:
    assert get("format=xlsx&layout=roster&as_of=all")[0] == 400


def test_memberships_of_every_period_on_request(get: Get, history: Alliance) -> None:
    assert get("as_of=all&alliance=test", view=MembershipViewSet)[1]["count"] == 5
    assert get("alliance=test", view=MembershipViewSet)[1]["count"] == 2


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("alliance=test", {"甲公司", "乙公司"}),
        ("alliance=test&member=false", {"丙研究院"}),
        ("alliance=test&as_of=2020-12-31", {"甲公司", "丙研究院"}),
        ("alliance=test&tier=council", {"甲公司"}),
        ("member=false", {"丙研究院"}),
        ("alliance=test&sector=robots", {"甲公司"}),
    ],
)
def test_organizations_by_membership(get: Get, history: Alliance, query: str, expected: set[str]) -> None:
    assert names(get(query, view=OrganizationInAllianceViewSet)[1]) == expected


def test_organizations_by_membership_need_the_right_to_see_memberships(get: Get, history: Alliance) -> None:
    who = factories.user("registry.view_organization")
    status, problem = get("alliance=test", view=OrganizationInAllianceViewSet, who=who)
    assert (status, problem["errors"][0]["parameter"]) == (400, "alliance")


def sheet(content: bytes) -> list[list[Any]]:
    return CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).to_python()


def test_roster_is_titled_numbered_and_names_nobody(get: Get, history: Alliance) -> None:
    _status, content = get("format=xlsx&layout=roster&edition=full&as_of=2020-12-31")
    title, notes, head, *rows = sheet(content)
    assert title[0].endswith("会员名录（截至2020年12月31日）（全部会员）》")
    assert notes[0] == "同级单位按名称拼音排序，排名不分先后。"
    assert head == ["序号", "会员编号", "单位名称", "会员级别", "单位类型", "所在镇街", "所属领域", "入会日期"]
    assert [(row[0], row[2]) for row in rows] == [(1, "丙研究院"), (2, "甲公司")]


def test_internal_roster_adds_people_for_those_who_may(get: Get, history: Alliance) -> None:
    query = "format=xlsx&layout=roster&edition=internal"
    warning, title, _notes, head, *rows = sheet(get(query)[1])
    assert warning[0] == "内部资料 注意保密"
    assert title[0].endswith("（内部版）》")
    assert head[-4:] == ["会员代表", "联络员", "职务", "电话"]
    assert rows[0][-4] == "虚构甲"
    permissions = ["registry.view_organization", "alliance.view_alliance", "alliance.view_membership"]
    assert get(query, who=factories.user(*permissions))[0] == 403
    assert get(query, who=factories.user(*permissions, "alliance.export_internal_roster"))[0] == 403
    assert get("format=xlsx&layout=roster", who=factories.user(*permissions))[0] == 200


def test_internal_roster_has_a_file_name_of_its_own_and_says_who_exported_it(history: Alliance) -> None:
    client = Client()
    client.force_login(factories.superuser())
    address = "/api/v1/alliances/test/members/?format=xlsx&layout=roster&as_of=2020-12-31"
    names, footers = [], []
    for edition in ("public", "internal"):
        response = client.get(f"{address}&edition={edition}")
        names.append(unquote(response["Content-Disposition"]))
        with zipfile.ZipFile(io.BytesIO(b"".join(response))) as book:
            footers.append(re.findall("<oddFooter>(.*)</oddFooter>", book.read("xl/worksheets/sheet1.xml").decode()))
    assert ["内部版" in name for name in names] == [False, True]
    assert ["导出" in footer for (footer,) in footers] == [False, True]


@pytest.mark.parametrize("query", ["layout=roster", "layout=list", "edition=internal", "format=csv&layout=roster"])
def test_layout_that_is_impossible_is_refused(get: Get, history: Alliance, query: str) -> None:
    assert get(query)[0] == 400


def test_export_members_writes_what_the_api_gives(get: Get, history: Alliance, tmp_path: Any) -> None:
    path = tmp_path / "members.csv"
    call_command("export_members", "test", "--as-of", "2020-12-31", "-o", str(path))
    assert path.read_bytes() == get("format=csv&as_of=2020-12-31&lang=zh")[1]
    rows = list(csv.DictReader(path.read_text("utf-8-sig").splitlines()))
    assert {(row["单位名称"], row["终止原因"]) for row in rows} == {("甲公司", "级别调整"), ("丙研究院", "自动退会")}


def test_export_that_is_refused_leaves_the_old_file(history: Alliance, tmp_path: Any) -> None:
    path = tmp_path / "organizations.csv"
    path.write_text("old")
    with pytest.raises(CommandError, match="sectr") as caught:
        call_command("export_organizations", "-o", str(path), "--filter", "sectr=robots")
    assert caught.value.returncode == 2
    assert path.read_text() == "old"
    assert [file.name for file in tmp_path.iterdir()] == ["organizations.csv"]


def test_export_organizations_takes_the_filters_of_the_api(history: Alliance, tmp_path: Any) -> None:
    path = tmp_path / "organizations.xlsx"
    call_command("export_organizations", "-o", str(path), "--filter", "sector=robots&alliance=test")
    _head, *rows = sheet(path.read_bytes())
    assert [row[4] for row in rows] == ["甲公司"]


def test_export_tells_how_many_rows_it_has_written(history: Alliance, tmp_path: Any, capsys: Any) -> None:
    for command, name, count in (
        (("export_members", "test", "--as-of", "2020-12-31"), "members.csv", 2),
        (
            ("export_members", "test", "--as-of", "2020-12-31", "--layout", "roster", "--edition", "full"),
            "roster.xlsx",
            2,
        ),
        (("export_organizations", "--filter", "sector=robots&alliance=test"), "organizations.xlsx", 1),
    ):
        call_command(*command, "-o", str(tmp_path / name))
        said = capsys.readouterr()
        assert (said.out, said.err) == ("", f"已将 {count} 行写入 {tmp_path / name}。\n")
    call_command("export_organizations", "--filter", "sector=robots&alliance=test", "--lang", "en")
    assert capsys.readouterr().err == "1 row written to standard output.\n"
    with translation.override("en"):  # that of the terminal, which is not that of the file
        call_command("export_organizations", "--filter", "sector=robots&alliance=test")
    said = capsys.readouterr()
    assert said.err == "1 row written to standard output.\n"
    assert "单位名称" in said.out


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("-o", "old.xls"), r"old\.xls：此处不写 \.xls 格式，请改用以 \.xlsx 结尾的文件名"),
        (("-o", "list.csv", "--format", "xlsx"), r"\.csv 格式"),
        (("-o", "nowhere/list.csv"), "没有文件夹"),
        (("-o", "folder"), "folder 是文件夹"),
        (("-o", "list.csv", "--lang", "en", "--filter", "sectr=robots"), "sectr: .*[Nn]earest|sectr: .*parameter"),
    ],
)
def test_export_refuses_a_place_that_cannot_be_written(
    options: tuple[str, ...], told: str, history: Alliance, tmp_path: Any, monkeypatch: Any
) -> None:
    (tmp_path / "folder").mkdir()
    monkeypatch.chdir(tmp_path)
    with pytest.raises(CommandError, match=told) as caught:
        call_command("export_organizations", *options)
    assert caught.value.returncode == 2
    assert [file.name for file in tmp_path.iterdir()] == ["folder"]


def test_export_never_writes_a_workbook_to_a_terminal(history: Alliance, monkeypatch: Any) -> None:
    _master, terminal = pty.openpty()
    with os.fdopen(terminal, "w") as output:
        monkeypatch.setattr(sys, "stdout", output)
        with pytest.raises(CommandError, match=r"-o FILE\.xlsx") as caught:
            call_command("export_members", "test", "--layout", "roster")
    os.close(_master)
    assert caught.value.returncode == 2
