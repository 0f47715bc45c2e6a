"""What a list answers to its parameters: filters, pages, columns, files. Through the view, as a permitted caller."""

import csv
import io
import json
from collections.abc import Callable
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIRequestFactory, force_authenticate

from alliance.views.memberships import MemberViewSet
from alliance.views.organizations import OrganizationInAllianceViewSet
from registry.models import Sector
from registry.organizations.views.organizations import EnterpriseViewSet
from tests import factories

pytestmark = pytest.mark.django_db
Get = Callable[..., tuple[int, Any]]


@pytest.fixture
def get(reference: None) -> Get:
    boss = factories.superuser()

    def get(
        query: str = "", view: Any = OrganizationInAllianceViewSet, who: Any = boss, **kwargs: str
    ) -> tuple[int, Any]:
        request = APIRequestFactory().get(f"/api/v1/list/?{query}", HTTP_HOST="localhost")
        force_authenticate(request, who)
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
def three(reference: None) -> None:
    """甲: industrial robots (primary) and machine vision; 乙: service robots; 丙: no sector, abroad, published."""
    first = factories.enterprise(
        name_zh="甲公司",
        category="backbone",
        township=factories.township("442000118"),
        zone=factories.zone(),
        founded_on="2015-05-05",
        verified_on="2024-01-01",
        industry="I65",
    )
    factories.tag(first, "robots.industrial", is_primary=True)
    factories.tag(first, "core-technology.machine-vision")
    factories.qualification(first, granted_on="2020-01-01", valid_to=None)
    factories.figures(first, employees=5, revenue=400_000)
    second = factories.institute(name_zh="乙研究院", founded_on="2020-01-01", registration_status="suspended")
    factories.tag(second, "robots.service")
    factories.organization(name_zh="丙大学", kind="research", country="US", published=True, founded_on=None)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", {"甲公司", "乙研究院", "丙大学"}),
        ("kind=enterprise", {"甲公司"}),
        ("kind=企业,research", {"甲公司", "乙研究院", "丙大学"}),
        ("category=backbone", {"甲公司"}),
        ("sector=robots", {"甲公司", "乙研究院"}),
        ("sector=机器视觉&sector=服务机器人", {"甲公司", "乙研究院"}),
        ("sector=Industrial robots", {"甲公司"}),
        ("sector_all=robots,core-technology", {"甲公司"}),
        ("sector_not=robots", {"丙大学"}),
        ("sector_primary=robots", {"甲公司"}),
        ("sector_primary=core-technology", set()),
        ("plan=zs-ai-2019&sector=robots", {"甲公司", "乙研究院"}),
        ("township=小榄镇", {"甲公司"}),
        ("township=442000118", {"甲公司"}),
        ("zone=torch", {"甲公司"}),
        ("registration_status=suspended", {"乙研究院"}),
        ("grading=高新技术企业", {"甲公司"}),
        ("size_class=micro", {"甲公司"}),
        ("country=us", {"丙大学"}),
        ("founded_after=2016-01-01", {"乙研究院"}),
        ("founded_before=2016-01-01", {"甲公司"}),
        ("verified_before=2025-01-01", {"甲公司", "乙研究院", "丙大学"}),
        ("verified_before=2023-01-01", {"乙研究院", "丙大学"}),
        ("updated_since=2999-01-01", set()),
        ("updated_since=2020-01-01T00:00:00+08:00", {"甲公司", "乙研究院", "丙大学"}),
        ("published=true", {"丙大学"}),
        ("published=false", {"甲公司", "乙研究院"}),
        ("search=研究", {"乙研究院"}),
        ("search=不存在的", set()),
    ],
)
def test_organizations_filter_finds(get: Get, three: None, query: str, expected: set[str]) -> None:
    status, answer = get(query)
    assert (status, names(answer)) == (200, expected)
    assert answer["count"] == len(expected)


@pytest.mark.parametrize(
    ("query", "parameter", "hint"),
    [
        ("sectr=robots", "sectr", "sector"),
        ("sector=机器", "sector", "机器人"),
        ("kind=firm", "kind", "企业"),
        ("kind=,", "kind", "企业"),
        ("plan=%00", "plan", ""),
        ("plan=zs-ai-2019&plan=zs-ai-2019", "plan", ""),
        ("updated_since=0001-01-01T00:00:00%2B23:00", "updated_since", "2026-12-31"),
        ("updated_since=9999-12-31T23:59:59-23:00", "updated_since", "2026-12-31"),
        ("page_size=201", "page_size", "200"),
        ("page_size=0", "page_size", "200"),
        ("page_size=١", "page_size", "200"),
        ("count=all", "count", "capped"),
        ("ordering=revenue", "ordering", "name"),
        ("fields=revenue", "fields", ""),
        ("omit=revenu", "omit", ""),
        ("cursor=x", "cursor", ""),
        ("published=yes", "published", ""),
        ("founded_after=2020", "founded_after", "2026-12-31"),
        ("search=", "search", ""),
        ("search=a%00b", "search", ""),
        ("sector=", "sector", ""),
        ("plan=next", "plan", "zs-ai-2019"),
        ("format=exe", "format", "csv"),
        ("format=csv&cursor=x", "cursor", ""),
        ("registry_no__startswith=Z", "registry_no__startswith", ""),
        ("contacts__phone=1", "contacts__phone", ""),
    ],
)
def test_organizations_wrong_parameter_is_refused_by_name(get: Get, query: str, parameter: str, hint: str) -> None:
    status, problem = get(query)
    assert status == 400
    assert {error["parameter"] for error in problem["errors"]} == {parameter}
    assert hint in problem["errors"][0]["detail"]


def test_all_wrong_parameters_are_told_at_once(get: Get) -> None:
    status, problem = get("sectr=robots&knd=x")
    assert status == 400
    assert {error["parameter"] for error in problem["errors"]} == {"sectr", "knd"}


def test_unknown_choice_is_refused_in_the_language_of_each_request(get: Get) -> None:
    asked = [("zh", "已有的类型"), ("en", "a known kind"), ("zh", "已有的类型")]
    for language, words in asked:
        status, problem = get(f"kind=nothing&lang={language}")
        assert (status, words in problem["errors"][0]["detail"]) == (400, True)


def test_ended_township_finds_its_successor_and_says_so(get: Get, three: None) -> None:
    status, answer = get("township=东升镇")
    assert (status, names(answer)) == (200, {"甲公司"})
    assert "小榄镇" in answer["notices"][0]


def test_merged_organizations_appear_only_on_request(get: Get, three: None) -> None:
    factories.enterprise(name_zh="并掉的公司", registration_status="merged")
    assert "并掉的公司" not in names(get()[1])
    assert names(get("registration_status=merged")[1]) == {"并掉的公司"}


def test_enterprises_are_of_their_kind_only(get: Get, three: None) -> None:
    assert names(get(view=EnterpriseViewSet)[1]) == {"甲公司"}


@pytest.mark.parametrize("ordering", ["name", "-name", "registry_no", "-registry_no", "updated_at", "-updated_at"])
def test_pages_hold_every_row_once_in_both_directions(get: Get, ordering: str) -> None:
    for number in range(7):
        factories.enterprise(name_zh=f"单位{number}")
    whole = [row["registry_no"] for row in get(f"ordering={ordering}")[1]["results"]]
    assert len(whole) == 7
    forward, pages = [], []
    _status, page = get(f"ordering={ordering}&page_size=3")
    while True:
        pages.append([row["registry_no"] for row in page["results"]])
        forward += pages[-1]
        assert page["count"] == 7
        if page["next"] is None:
            break
        _status, page = get(page["next"].split("?")[1])
    assert forward == whole
    _status, page = get(page["previous"].split("?")[1])
    assert [row["registry_no"] for row in page["results"]] == pages[-2]
    _status, page = get(page["previous"].split("?")[1])
    assert [row["registry_no"] for row in page["results"]] == pages[0]
    assert page["previous"] is None


def test_cursor_of_other_filters_is_refused(get: Get) -> None:
    for _number in range(3):
        factories.enterprise()
    cursor = get("page_size=1")[1]["next"].split("cursor=")[1]
    assert get(f"page_size=2&cursor={cursor}")[0] == 200
    status, problem = get(f"page_size=1&kind=enterprise&cursor={cursor}")
    assert (status, problem["errors"][0]["parameter"]) == (400, "cursor")
    assert get(f"cursor={cursor[:-2]}xx")[0] == 400


def test_fields_and_omit_choose_columns(get: Get, three: None) -> None:
    row = get("fields=name_zh,scope&kind=enterprise")[1]["results"][0]
    assert list(row) == ["name_zh", "scope"]
    assert "name_en" not in get("omit=name_en")[1]["results"][0]


def test_sectors_have_the_primary_one_first_and_the_language_asked_for(get: Get, three: None) -> None:
    row = get("kind=enterprise&lang=en&fields=sectors,township")[1]["results"][0]
    assert row == {
        "sectors": [
            {"code": "robots.industrial", "name": "Industrial robots", "primary": True},
            {"code": "core-technology.machine-vision", "name": "Machine vision", "primary": False},
        ],
        "township": {"code": "442000118", "name": "Xiaolan Town"},
    }


def test_contacts_are_columns_only_for_those_who_may_see_them(get: Get, three: None) -> None:
    who = factories.user("registry.view_organization")
    status, problem = get("fields=contact_phone", who=who)
    assert (status, problem["errors"][0]["parameter"]) == (400, "fields")
    head = next(csv.reader(io.StringIO(get("format=csv", who=who)[1].decode("utf-8-sig"))))
    assert "单位名称" in head
    assert not {"联系人", "联系电话", "法定代表人"} & set(head)
    assert get("fields=contact_phone")[0] == 200


def test_size_class_is_unknown_to_those_who_may_not_see_figures(get: Get, three: None) -> None:
    status, problem = get("size_class=micro", who=factories.user("registry.view_organization"))
    assert (status, problem["errors"][0]["parameter"]) == (400, "size_class")


def test_csv_has_all_rows_and_no_formula(get: Get) -> None:
    for number in range(60):
        factories.enterprise(name_zh=f"单位{number}", short_name="=1+1")
    status, content = get("format=csv")
    rows = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))
    assert (status, len(rows)) == (200, 60)
    assert {row["简称"] for row in rows} == {"'=1+1"}
    assert content.startswith(b"\xef\xbb\xbf")


def test_xlsx_reads_back_with_dates_and_numbers(get: Get, three: None) -> None:
    from python_calamine import CalamineWorkbook

    factories.enterprise(name_zh="=危险", registered_capital=2_500_000, capital_currency="CNY", founded_on="2019-03-04")
    _status, content = get("format=xlsx&search=危险")
    head, row = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).to_python()
    cells = dict(zip(head, row, strict=True))
    assert cells["单位名称"] == "=危险"
    assert cells["注册资本（万元）"] == 250
    assert cells["成立日期"].isoformat() == "2019-03-04"


def test_list_that_is_read_again_gives_what_there_is_now(get: Get, three: None) -> None:
    query = "sector=robots&page_size=1&ordering=-registry_no"
    assert [row["name_zh"] for row in get(query)[1]["results"]] == ["乙研究院"]
    factories.tag(factories.enterprise(name_zh="丁公司"), "robots.service")
    answer = get(query)[1]
    assert ([row["name_zh"] for row in answer["results"]], answer["count"]) == (["丁公司"], 3)
    seen = []
    while answer["next"]:
        answer = get(answer["next"].partition("?")[2])[1]
        seen += [row["name_zh"] for row in answer["results"]]
    assert seen == ["乙研究院", "甲公司"]


def test_query_that_is_asked_again_follows_the_reference_data_and_the_day(get: Get, three: None) -> None:
    assert names(get("sector=robots")[1]) == {"甲公司", "乙研究院"}
    assert get("sector_not=robots.industrial")[1]["count"] == 2
    query = "sector_all=core-technology"  # its query names each sector of the branch
    assert names(get(query)[1]) == {"甲公司"}
    branch = factories.sector("core-technology")
    Sector.objects.create(
        plan=branch.plan, parent=branch, code="core-technology.new", name_zh="新", layer="technology", position=99
    )
    factories.tag(factories.enterprise(name_zh="戊公司"), "core-technology.new")
    assert names(get(query)[1]) == {"甲公司", "戊公司"}
    grading = "grading=high-tech"
    with time_machine.travel("2019-06-01T12:00:00+08:00", tick=False):
        assert get(grading)[1]["count"] == 0
    assert get(grading)[1]["count"] == 1


@pytest.mark.parametrize("view", [OrganizationInAllianceViewSet, MemberViewSet])
def test_list_needs_the_same_queries_for_one_row_and_three(get: Get, view: Any) -> None:
    alliance = factories.alliance()
    tier = factories.tier(alliance)

    def add() -> None:
        who = factories.enterprise(township=factories.township(), zone=factories.zone())
        factories.tag(who)
        factories.qualification(who)
        factories.membership(factories.member(alliance, who), tier=tier)

    kwargs = {"slug": alliance.slug} if view is MemberViewSet else {}
    counts = []
    for more in (1, 2):
        for _number in range(more):
            add()
        get(view=view, **kwargs)  # reads the reference data, and has the statements planned
        with CaptureQueriesContext(connection) as queries:
            assert get(view=view, **kwargs)[1]["count"] in (1, 3)
        counts.append(len(queries))
    assert counts[0] == counts[1] <= (6 if view is MemberViewSet else 3)
