"""Names in, records out: which they may be about, why, and where it is safe to say so."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from registry.models import Organization
from tests import factories
from tests.api import Api, api, ok, pointers, problem, root

pytestmark = pytest.mark.django_db
MATCH = "organizations/match/"
NAME = "中山市虚构智慧机器人有限公司"


@pytest.fixture
def client(reference: None) -> Api:
    return root()


@pytest.fixture
def robot(client: Api) -> Any:
    return factories.enterprise(
        name_zh=NAME,
        name_en="Zhongshan Fictional Smart Robot Co., Ltd.",
        uscc=factories.valid_uscc(1),
        township=factories.township(),
        website="https://www.fictional-robot.example/home",
    )


def one(client: Api, item: Any) -> dict[str, Any]:
    return ok(client.post(MATCH, [item]))["results"][0]


def parts(candidate: dict[str, Any]) -> list[str]:
    return [part["part"] for part in candidate["parts"]]


@pytest.mark.parametrize(
    ("item", "expected", "score", "decided"),
    [
        (NAME, ["name"], 70, True),
        ("中山市虚构智慧机器人有限公司 ", ["name"], 70, True),
        ({"name": NAME, "town": "小榄镇"}, ["name", "town"], 85, True),
        ({"name": NAME, "town": "东升镇"}, ["name", "town"], 85, True),
        ({"name": NAME, "town": "石岐街道"}, ["name", "other_town"], 55, False),
        ({"name": NAME, "website": "fictional-robot.example"}, ["name", "website"], 90, True),
        ({"uscc": factories.valid_uscc(1).lower()}, ["uscc"], 100, True),
        ({"name": "别的名字", "uscc": factories.valid_uscc(1)}, ["uscc"], 100, True),
        ("虚构智慧机器人公司", ["coarse_name"], 45, False),
        ("中山市虛構智慧機器人有限公司", ["coarse_name"], 45, False),
        ("中山市虚构智会机器人有限公司", ["pinyin"], 30, False),
        ("ZHONGSHAN fictional smart robot co., ltd.", ["name"], 70, True),
        ("完全不同的单位", None, None, False),
        ({"name": NAME, "uscc": factories.valid_uscc(2)}, None, None, False),
    ],
)
def test_match_explains_its_candidates(
    client: Api, robot: Any, item: Any, expected: list[str] | None, score: int | None, decided: bool
) -> None:
    answer = one(client, item)
    assert answer["query"] == item
    assert answer["decision"] == (robot.registry_no if decided else None)
    if expected is None:
        assert answer["candidates"] == []
        return
    (candidate,) = answer["candidates"]
    assert candidate["registry_no"] == robot.registry_no
    assert parts(candidate)[: len(expected)] == expected
    assert candidate["score"] == score
    assert all(part["label"] for part in candidate["parts"])


def test_match_takes_one_object_alone(client: Api, robot: Any) -> None:
    assert ok(client.post(MATCH, {"name": NAME}))["results"][0]["decision"] == robot.registry_no


def test_match_by_former_name_and_alias_suggests_only(client: Api, robot: Any) -> None:
    factories.name(robot, "中山市旧名有限公司")
    factories.name(robot, "智慧机器人俗称", kind="alias")
    for text, part in (("中山市旧名有限公司", "former_name"), ("智慧机器人俗称", "alias")):
        answer = one(client, text)
        assert (answer["decision"], parts(answer["candidates"][0])) == (None, [part])


def test_name_of_two_records_is_not_decided(client: Api, robot: Any) -> None:
    factories.enterprise(name_zh=NAME, township=factories.township("442000001"))
    answer = one(client, {"name": NAME, "town": "小榄镇"})
    assert answer["decision"] is None
    assert answer["candidates"][0]["registry_no"] == robot.registry_no
    assert len(answer["candidates"]) == 2


def test_code_of_one_and_name_of_another_is_not_decided(client: Api, robot: Any) -> None:
    factories.enterprise(name_zh="另一公司", uscc=None)
    answer = one(client, {"name": "另一公司", "uscc": robot.uscc})
    assert answer["decision"] is None
    assert len(answer["candidates"]) == 2


def test_merged_records_and_those_told_apart_are_no_candidates(client: Api, robot: Any) -> None:
    factories.distinction(robot, Organization.objects.get(pk=robot.pk).name_zh_key)
    factories.enterprise(name_zh=NAME, registration_status="merged")
    assert one(client, NAME)["candidates"] == []


def test_match_of_a_resource_finds_its_kind_only(client: Api, robot: Any) -> None:
    assert ok(client.post("institutes/match/", [NAME]))["results"][0]["candidates"] == []
    assert ok(client.post("enterprises/match/", [NAME]))["results"][0]["decision"] == robot.registry_no


def test_match_only_reads(reference: None, robot: Any) -> None:
    reader = api("registry.view_organization", scope="read")
    assert one(reader, NAME)["decision"] == robot.registry_no
    problem(api().post(MATCH, [NAME]), 403)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ([], {""}),
        ([NAME, 7], {"/1"}),
        ([{"nmae": "x"}, {"name": ""}, {}], {"/0/nmae", "/1/name", "/2/name"}),
        ([{"name": "x" * 301}, {"name": ["x"]}], {"/0/name", "/1/name"}),
        ([{"name": "x", "town": "没有的镇"}], {"/0/town"}),
        ([NAME] * 1001, {""}),
    ],
)
def test_match_refuses_by_position(client: Api, body: Any, expected: set[str]) -> None:
    assert pointers(problem(client.post(MATCH, body), 400)) == expected


def test_thousand_names_need_the_queries_of_one(client: Api, robot: Any) -> None:
    ok(client.post(MATCH, [NAME]))  # notes that the token is used, and reads the reference data
    numbers = []
    for items in ([NAME], [f"虚构{n}号公司" for n in range(999)] + [NAME]):
        with CaptureQueriesContext(connection) as queries:
            answer = ok(client.post(MATCH, items))
        assert answer["results"][-1]["decision"] == robot.registry_no
        numbers.append(len(queries))
    assert numbers[0] == numbers[1] <= 20
