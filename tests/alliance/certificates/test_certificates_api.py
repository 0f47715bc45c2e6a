"""Certificates over HTTP: issued, recorded, ended and found, by the rules and words of the pages."""

import datetime

import pytest

from alliance.members.operations import actions
from alliance.models import Alliance, Certificate
from tests import factories
from tests.api import api as api_of
from tests.api import ok, pointers, problem, root

pytestmark = pytest.mark.django_db
D = datetime.date
LIST = "alliances/test/certificates/"
BODY = {"member_no": "M0001", "issued_on": "2024-01-05", "valid_from": "2024-01-01", "valid_to": "2027-01-01"}
READING = ("alliance.view_alliance", "registry.view_organization")


@pytest.fixture(autouse=True)
def of(reference: None) -> Alliance:
    alliance = factories.alliance("test")
    who = factories.enterprise(name_zh="甲机器人有限公司")
    factories.membership(factories.member(alliance, who, member_no="M0001"), "2020-01-01")
    factories.membership(factories.member(factories.alliance("other"), member_no="X9"))
    return alliance


def test_one_is_issued_read_replaced_and_ended():
    client = root()
    answer = client.post(LIST, BODY)
    made = ok(answer, 201)
    assert {name: made[name] for name in BODY} == BODY
    assert (made["number"], made["organization_name"], made["tier_name"]) == (
        "2024-0001",
        "甲机器人有限公司",
        "会员单位",
    )
    address = answer["Location"].partition("/api/v1/")[2]
    next_one = ok(client.post(LIST, BODY | {"valid_from": "2025-01-01", "issued_on": "2025-01-01"}), 201)
    assert next_one["number"] == "2025-0001"
    old = ok(client.get(address))
    assert (old["ended_on"], old["end_kind"], old["replaced_by"]) == ("2025-01-01", "replaced", "2025-0001")
    told = {"ended_on": "2025-03-01", "end_kind": "lost", "end_reason": "登报声明作废"}
    lost = ok(client.patch(f"{LIST}{next_one['id']}/", told))
    assert {name: lost[name] for name in told} == told
    problem(client.patch(f"alliances/other/certificates/{next_one['id']}/", told, headers={"If-Match": "*"}), 404)


def test_one_that_was_printed_elsewhere_is_recorded_and_can_be_corrected():
    client = root()
    said = BODY | {"number": "联证字第7号", "organization_name": "甲旧名公司"}
    made = ok(client.post(LIST, said), 201)
    assert (made["number"], made["organization_name"], made["tier_name"], made["from_list"]) == (
        "联证字第7号",
        "甲旧名公司",
        "会员单位",
        True,
    )
    assert ok(client.patch(f"{LIST}{made['id']}/", {"tier_name": "理事单位"}))["tier_name"] == "理事单位"


@pytest.mark.parametrize(
    ("change", "status", "where", "told"),
    [
        ({"valid_to": "2023-12-31"}, 400, "/valid_to", "lies before the first one"),
        ({"valid_from": "2019-12-31"}, 409, "/valid_from", "Not a member"),
        ({"member_no": "X9"}, 400, "/member_no", "There is no"),
        ({"organization_name": "甲"}, 400, "/organization_name", "The system fills this in"),
        ({"end_kind": "void"}, 400, "/end_kind", "The system fills this in"),
        ({"number": "2024-0001"}, 400, "", "already"),
        ({"alliance_name": "x"}, 400, "/alliance_name", "can only be read"),
        ({"issued_on": "soon"}, 400, "/issued_on", ""),
    ],
)
def test_what_cannot_be_is_told_at_its_place(change, status, where, told):
    client = root()
    if "number" in change:
        ok(client.post(LIST, BODY | {"valid_from": "2020-01-01", "valid_to": "2021-01-01"}), 201)
    before = Certificate.objects.count()
    document = problem(client.post(LIST, BODY | change), status)
    assert not where or where in pointers(document)
    assert told in str(document)
    assert Certificate.objects.count() == before


def test_what_was_printed_is_refused_and_stays():
    client = root()
    made = ok(client.post(LIST, BODY), 201)
    document = problem(client.patch(f"{LIST}{made['id']}/", {"organization_name": "乙"}), 400)
    assert pointers(document) == {"/organization_name"}
    assert "stays as it was printed" in str(document)
    for wrong in ({"end_kind": "lost"}, {"ended_on": "2020-01-01", "end_kind": "lost", "end_reason": "x"}):
        problem(client.patch(f"{LIST}{made['id']}/", wrong), 400)
    assert ok(client.get(f"{LIST}{made['id']}/")) == made


def test_the_list_finds_by_state_day_and_number(of):
    client = root()
    first = ok(client.post(LIST, BODY), 201)
    second = factories.membership(factories.member(of, member_no="M0002"), "2020-01-01")
    factories.certificate(second, "old-1", valid_to="2021-01-01")
    leaver = factories.membership(factories.member(of, member_no="M0003"), "2020-01-01")
    factories.certificate(leaver, "old-2", valid_to="2027-01-01")
    actions.end(leaver.member, D(2025, 1, 1), "withdrawal")

    def numbers(**asked: str) -> list[str]:
        return [row["number"] for row in client.rows(LIST, **asked)]

    assert numbers(as_of="2024-01-01") == [first["number"], "old-2"]
    assert numbers(as_of="2023-12-31", state="valid") == ["old-2"]
    assert numbers(as_of="2026-12-31") == [first["number"]]
    assert numbers(as_of="2021-01-01", state="expired") == ["old-1"]
    assert numbers(as_of="2020-12-31", state="expired") == []
    assert numbers(as_of="2025-01-01", state="to_return") == ["old-2"]
    assert numbers(expires_before="2027-01-01") == [first["number"], "old-1", "old-2"]
    assert numbers(expires_before="2026-12-31") == ["old-1"]
    assert numbers(member="M0002") == numbers(search="old-1") == numbers(number="old-1") == ["old-1"]
    problem(client.get(LIST, {"state": "burnt"}), 400)
    csv = b"".join(client.get(LIST, {"format": "csv", "lang": "zh"}).streaming_content).decode("utf-8-sig")
    assert "2026-12-31" in csv, "files have the last valid day"
    assert "2027-01-01" not in csv


def test_each_way_needs_its_permission():
    made = factories.certificate(Alliance.objects.get(slug="test").memberships.get())
    assert api_of(*READING).get(LIST).status_code == 403
    viewer = api_of(*READING, "alliance.view_certificate")
    assert ok(viewer.get(LIST))["count"] == 1
    assert viewer.post(LIST, BODY).status_code == 403
    assert (
        viewer.patch(f"{LIST}{made.pk}/", {"returned_on": "2025-01-01"}, headers={"If-Match": "*"}).status_code == 403
    )
    adder = api_of(*READING, "alliance.view_certificate", "alliance.add_certificate")
    ok(adder.post(LIST, BODY), 201)
