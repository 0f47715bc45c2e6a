"""Names in, records out: which they may be about, why, and where it is safe to say so."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from registry.models import Organization
from tests import factories
from tests.api import Api, api, ok, pointers, problem, public, root

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
        (NAME, ["name"], 100, True),
        ("中山市虚构智慧机器人有限公司 ", ["name"], 100, True),
        ({"name": NAME, "town": "小榄镇"}, ["name", "town"], 100, True),
        ({"name": NAME, "town": "东升镇"}, ["name", "town"], 100, True),
        ({"name": NAME, "town": "石岐街道"}, ["name", "other_town"], 85, False),
        ({"name": NAME, "website": "fictional-robot.example"}, ["name", "website"], 100, True),
        ({"uscc": factories.valid_uscc(1).lower()}, ["uscc"], 100, True),
        ({"name": "别的名字", "uscc": factories.valid_uscc(1)}, ["uscc", "brand_other"], 66, False),
        ("虚构智慧机器人公司", ["coarse_name"], 96, False),
        ("中山市虛構智慧機器人有限公司", ["coarse_name"], 96, False),
        ("中山市虚构智会机器人有限公司", ["brand_same", "trade_sound"], 100, False),
        ("ZHONGSHAN fictional smart robot co., ltd.", ["name"], 100, True),
        ("完全不同的单位", None, None, False),
        ({"name": NAME, "uscc": factories.valid_uscc(2)}, ["name", "other_code"], 65, False),
        ({"name": NAME, "uscc": f"{factories.valid_uscc(1)[:-2]}ZZ"}, ["name", "wrong_code"], 91, False),
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


def test_match_by_former_name_and_alias_decides_as_an_import_does(client: Api, robot: Any) -> None:
    factories.name(robot, "中山市旧名有限公司")
    factories.name(robot, "智慧机器人俗称", kind="alias")
    for text, part in (("中山市旧名有限公司", "former_name"), ("智慧机器人俗称", "alias")):
        answer = one(client, text)
        assert (answer["decision"], parts(answer["candidates"][0])) == (robot.registry_no, [part])


def test_few_letters_decide_nothing(client: Api, robot: Any) -> None:
    """Aliases such as HPU, and initials, stand for many bodies."""
    factories.name(robot, "FSR", kind="alias")
    for text in ("FSR", "ZFSR"):
        answer = one(client, text)
        assert (answer["decision"], answer["candidates"][0]["registry_no"]) == (None, robot.registry_no)


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


@pytest.mark.parametrize("own_name", [True, False])
def test_code_of_one_and_name_of_another_with_its_own_code_is_not_decided(
    client: Api, robot: Any, own_name: bool
) -> None:
    """Which of the two was mistyped nobody knows; where the coded record has the name itself nothing was."""
    name = NAME if own_name else "另一公司"
    factories.enterprise(name_zh=name, uscc=factories.valid_uscc(70_001))
    answer = one(client, {"name": name, "uscc": robot.uscc})
    assert answer["candidates"][0]["registry_no"] == robot.registry_no
    assert answer["decision"] == (robot.registry_no if own_name else None)


def test_name_in_use_outweighs_the_former_name_of_another(client: Api, robot: Any) -> None:
    renamed = factories.enterprise(name_zh="中山市虚构更名有限公司", township=factories.township("442000001"))
    for kind in ("former", "alias"):
        factories.name(renamed, NAME, kind=kind)
        answer = one(client, NAME)
        assert answer["decision"] == robot.registry_no
        assert parts(answer["candidates"][0]) == ["name"]
        assert one(client, {"name": NAME, "uscc": robot.uscc})["decision"] == robot.registry_no
        renamed.names.all().delete()


def test_code_of_a_merged_record_forbids_a_decision_by_name(client: Api, robot: Any) -> None:
    merged = factories.enterprise(
        name_zh="中山市虚构并入有限公司", uscc=factories.valid_uscc(70_002), registration_status="merged"
    )
    nameless = factories.enterprise(name_zh="中山市虚构无码有限公司", uscc=None)
    assert one(client, nameless.name_zh)["decision"] == nameless.registry_no
    answer = one(client, {"name": nameless.name_zh, "uscc": merged.uscc})
    assert answer["decision"] is None
    assert merged.registry_no not in [one["registry_no"] for one in answer["candidates"]]
    assert answer["candidates"][0]["registry_no"] == nameless.registry_no


def test_code_of_another_kind_forbids_a_decision_by_name(client: Api, robot: Any) -> None:
    institute = factories.institute(name_zh="中山虚构研究院", uscc=None)
    item = {"name": institute.name_zh, "uscc": robot.uscc}
    (answer,) = ok(client.post("institutes/match/", [item]))["results"]
    assert answer["decision"] is None
    assert [one["registry_no"] for one in answer["candidates"]] == [institute.registry_no]


def test_branches_of_one_company_in_two_towns_are_told_apart_by_their_names_only(client: Api, robot: Any) -> None:
    branch = factories.enterprise(
        name_zh=f"{NAME}石岐分公司", uscc=factories.valid_uscc(70_003), township=factories.township("442000001")
    )
    assert one(client, branch.name_zh)["decision"] == branch.registry_no
    assert one(client, {"name": branch.name_zh, "town": "小榄镇"})["decision"] is None
    assert one(client, NAME)["decision"] == robot.registry_no
    assert one(client, f"{NAME}分公司")["decision"] is None
    assert one(client, {"name": NAME, "uscc": branch.uscc})["decision"] is None


def test_unpublished_record_is_matched_for_staff_alone(client: Api, robot: Any) -> None:
    assert not robot.published
    assert one(client, NAME)["decision"] == robot.registry_no
    assert public().post(MATCH, [NAME]).status_code in (404, 405)


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
        (["\u200b", "　 ", {"name": "\u200b", "uscc": " - "}], {"/0/name", "/1/name", "/2/name"}),
        (["a\0b"], {"/0"}),
        ([{"name": "x\ud800"}], {"/0/name"}),
        ([{"name": "x", "uscc": "9\0"}, {"name": "x", "town": "\udfff"}], {"/0/uscc"}),
        ([{"name": True}, None, [NAME], {"name": "x", "uscc": 9144}, 1.5], {"/0/name", "/1", "/2", "/3/uscc", "/4"}),
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
    assert numbers[0] <= numbers[1] <= numbers[0] + 1 <= 20, "of many names it asks once how many records there are"
