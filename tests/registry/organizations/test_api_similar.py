"""A new record that resembles one of the registry is refused until somebody says that it is another body."""

from typing import Any

import pytest

from registry.models import Organization
from tests import factories
from tests.api import Api, api, ok, problem, root

pytestmark = pytest.mark.django_db
NAME, SLIP = "中山市虚构智慧机器人有限公司", "中山市虚构智惠机器人有限公司"


@pytest.fixture
def client(reference: None) -> Api:
    return root()


@pytest.fixture
def robot() -> Organization:
    return factories.enterprise(name_zh=NAME, uscc=None)


def test_name_with_a_slip_is_refused_with_the_record_that_it_resembles(client: Api, robot: Organization) -> None:
    told = problem(client.post("enterprises/", {"name_zh": SLIP}), 409)
    assert told["code"] == "possible-duplicates"
    assert told["type"].endswith(":possible-duplicates")
    assert "allow_similar" in told["detail"]
    (candidate,) = told["candidates"]
    assert candidate["registry_no"] == robot.registry_no
    assert candidate["score"] >= 60
    assert {part["part"] for part in candidate["parts"]} == {"brand_same", "trade_sound"}
    assert Organization.objects.count() == 1


def test_another_body_is_created_where_it_is_said(client: Api, robot: Organization) -> None:
    created = ok(client.post("enterprises/", {"name_zh": SLIP, "allow_similar": True}), 201)
    assert "allow_similar" not in created
    assert Organization.objects.count() == 2
    problem(client.post("enterprises/", {"name_zh": SLIP, "allow_similar": False}), 409)


@pytest.mark.parametrize(
    "values",
    [
        {"name_zh": "中山市虚构智慧机器人有限公司小榄分公司"},
        {"name_zh": "佛山市虚构智慧机器人有限公司"},
        {"name_zh": "中山市虚构餐饮管理有限公司"},
        {"name_zh": "中山市另行命名五金厂"},
    ],
)
def test_branches_and_bodies_of_other_places_and_trades_are_created(
    client: Api, robot: Organization, values: dict[str, Any]
) -> None:
    ok(client.post("enterprises/", values), 201)


def test_codes_keep_records_apart(client: Api) -> None:
    factories.enterprise(name_zh=NAME, uscc=factories.valid_uscc(1))
    institute = factories.institute(name_zh="中山虚构智能研究院", uscc=None)
    factories.identifier(institute, "ror", "05dxps055")
    ok(client.post("enterprises/", {"name_zh": NAME, "uscc": factories.valid_uscc(2)}), 201)
    body: dict[str, Any] = {"name_zh": "中山虚构智能研究院"}
    problem(client.post("institutes/", body), 409)
    other = {"identifiers": [{"scheme": "ror", "value": "000190731"}]}
    ok(client.post("institutes/", body | other), 201)


def test_bulk_tells_each_item_what_it_resembles(client: Api, robot: Organization) -> None:
    items: list[dict[str, Any]] = [
        {"kind": "enterprise", "name_zh": "中山市全新命名五金厂"},
        {"kind": "enterprise", "name_zh": SLIP},
        {"kind": "enterprise", "name_zh": "中山市全新命名 五金厂"},
    ]
    told = problem(client.post("organizations/bulk/", items), 409)
    assert told["code"] == "possible-duplicates"
    by_pointer = {error["pointer"]: error for error in told["errors"]}
    assert {*by_pointer} == {"/1", "/2"}
    assert by_pointer["/1"]["candidates"][0]["registry_no"] == robot.registry_no
    assert by_pointer["/2"]["candidates"] == [], "it resembles another item of the request"
    assert Organization.objects.count() == 1
    for item in items[1:]:
        item["allow_similar"] = True
    assert ok(client.post("organizations/bulk/", items), 201)["count"] == 3


def test_who_may_not_read_records_is_told_of_none(reference: None, robot: Organization) -> None:
    writer = api("registry.add_organization", scope="write")
    answer = writer.post("enterprises/", {"name_zh": SLIP})
    if answer.status_code != 403:
        told = problem(answer, 409)
        assert told["candidates"] == []
        assert robot.registry_no not in str(told)


def test_change_of_a_record_asks_for_no_duplicates(client: Api, robot: Organization) -> None:
    other = factories.enterprise(name_zh="中山市另行命名五金厂", uscc=None)
    body = {"name_zh": SLIP, "name_change": "correction"}
    ok(client.patch(f"enterprises/{other.registry_no}/", body))
