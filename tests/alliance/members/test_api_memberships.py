"""Alliances, tiers, members and memberships over HTTP."""

import datetime

import pytest

from alliance.models import Member, Membership
from registry.models import Organization
from tests import factories
from tests.api import api, ok, pointers, problem, root

pytestmark = pytest.mark.django_db

READER = ("registry.view_organization", "alliance.view_alliance", "alliance.view_membership")
SECRETARIAT = (
    *READER,
    "alliance.add_membership",
    "alliance.add_member",
    "alliance.change_membership",
    "alliance.change_member",
)
D = datetime.date


@pytest.fixture
def alliance(reference):
    made = factories.alliance("test", member_no_prefix="M")
    factories.tier(made, "council", name_zh="理事单位", rank=1)
    factories.tier(made, "member", name_zh="会员单位", rank=2, aliases=["成员单位"])
    return made


@pytest.fixture
def of(alliance):
    return factories.enterprise(name_zh="中山市虚构机器人有限公司")


@pytest.fixture
def secretariat():
    return api(*SECRETARIAT)


def admit(client, of, on="2020-01-01", tier="member", **more):
    body = {"organization": of.registry_no, "tier": tier, "admitted_on": on} | more
    return client.post("alliances/test/members/", body)


# --- Alliances, tiers


def test_alliance_is_created_read_and_changed(alliance):
    client = root()
    body = {"slug": "second", "name_zh": "第二联盟", "founded_on": "2020-01-01"}
    created = client.post("alliances/", body)
    assert ok(created, 201)["published"] is False
    assert created["Location"] == "http://testserver/api/v1/alliances/second/"
    assert ok(client.patch("alliances/second/", {"short_name": "二盟"}))["short_name"] == "二盟"
    assert problem(client.post("alliances/", body), 409)["errors"][0]["pointer"] == "/slug"
    assert [row["slug"] for row in client.rows("alliances/", published="true")] == ["test"]
    assert [row["slug"] for row in client.rows("alliances/", search="第二")] == ["second"]
    problem(client.get("alliances/?kind=x"), 400)
    assert pointers(problem(client.patch("alliances/second/", {"supporters": []}), 400)) == {"/supporters"}


def test_alliance_shows_supporters_to_those_who_may_see_them(alliance):
    factories.supporter(alliance)
    assert "supporters" not in ok(api("alliance.view_alliance").get("alliances/test/"))
    shown = ok(api("alliance.view_alliance", "alliance.view_supporter").get("alliances/test/"))
    assert shown["supporters"][0]["role"] == "guiding"


def test_alliance_needs_its_permissions(alliance):
    problem(api("registry.view_organization").get("alliances/"), 403)
    reader = api("alliance.view_alliance")
    ok(reader.get("alliances/test/"))
    problem(reader.post("alliances/", {}), 403)
    problem(reader.patch("alliances/test/", {}), 403)
    problem(reader.get("alliances/test/tiers/"), 403)
    problem(api("alliance.view_tier").get("alliances/test/tiers/"), 403)
    problem(reader.get("alliances/test/members/"), 403)


def test_tiers_are_those_of_the_alliance(alliance):
    client = root()
    factories.tier(factories.alliance("other"), "special")
    assert [row["code"] for row in client.rows("alliances/test/tiers/")] == ["council", "member"]
    body = {"code": "chair", "name_zh": "理事长单位", "rank": 0}
    created = client.post("alliances/test/tiers/", body)
    assert ok(client.patch(created["Location"], {"aliases": ["会长单位"]}))["aliases"] == ["会长单位"]
    assert problem(client.post("alliances/test/tiers/", body), 409)
    problem(client.get("alliances/test/tiers/special/"), 404)
    problem(client.get("alliances/none/tiers/"), 404)


# --- Admission


def test_admission_answers_with_the_membership_and_its_address(secretariat, of):
    answer = admit(secretariat, of, tier={"code": "member"}, sectors=["robots.industrial"], remarks="理事会决议")
    shown = ok(answer, 201)
    assert answer["Location"] == f"http://testserver/api/v1/memberships/{shown['id']}/"
    assert ok(secretariat.get(answer["Location"])) == shown
    assert (shown["member_no"], shown["tier"]["code"], shown["joined_on"]) == ("M0001", "member", "2020-01-01")
    assert [sector["code"] for sector in shown["sectors"]] == ["robots.industrial"]
    assert shown["remarks"] == "理事会决议"
    assert [row["registry_no"] for row in secretariat.rows("alliances/test/members/")] == [of.registry_no]


def test_admission_by_the_resource_of_memberships_names_the_alliance(secretariat, of):
    body = {"organization": of.registry_no, "tier": "member", "admitted_on": "2020-01-01"}
    assert pointers(problem(secretariat.post("memberships/", body), 400)) == {"/alliance", "/tier"}
    assert ok(secretariat.post("memberships/", body | {"alliance": "test"}), 201)["alliance"]["slug"] == "test"
    assert pointers(problem(secretariat.post("memberships/", body | {"alliance": "none"}), 400)) >= {"/alliance"}


def test_admission_names_what_is_wrong(secretariat, of):
    wrong = {"organization": "ZSAI-999999", "tier": "none", "admitted_on": "2020-13-01", "ended_on": "2021-01-01"}
    document = problem(secretariat.post("alliances/test/members/", wrong), 400, "invalid")
    assert pointers(document) == {"/organization", "/tier", "/admitted_on", "/ended_on"}
    assert pointers(problem(admit(secretariat, of, on="2018-01-01"), 400)) == {"/admitted_on"}
    Organization.objects.update(registration_status="deregistered")
    assert pointers(problem(admit(secretariat, of), 400)) == {"/organization"}
    assert not Member.objects.exists()


def test_admission_of_a_member_is_a_conflict(secretariat, of):
    ok(admit(secretariat, of), 201)
    problem(admit(secretariat, of, on="2021-01-01"), 409, "conflict")
    problem(admit(secretariat, of, on="2019-06-01"), 409, "conflict")
    assert Membership.objects.count() == 1


def test_admission_to_a_tier_of_another_alliance_is_refused(secretariat, of):
    factories.tier(factories.alliance("other"), "special")
    assert pointers(problem(admit(secretariat, of, tier="special"), 400)) == {"/tier"}
    problem(secretariat.post("alliances/none/members/", {}), 404)


def test_admission_needs_its_permission(of):
    problem(admit(api(*READER), of), 403)
    problem(admit(api(*READER, "alliance.add_membership"), of), 403)
    plain = api(*READER, "alliance.add_membership", "alliance.add_member")
    assert pointers(problem(admit(plain, of, sectors=["robots"]), 403)) == {"/sectors"}
    ok(admit(plain, of), 201)


# --- What happens to a membership


@pytest.fixture
def membership(alliance, of):
    return factories.membership(factories.member(alliance, of), "2020-01-01", tier=alliance.tiers.get(code="member"))


def address(membership):
    return f"memberships/{membership.pk}/"


def test_change_of_tier_makes_two_memberships_that_meet(secretariat, membership):
    answer = secretariat.post(f"{address(membership)}change-tier/", {"tier": "council", "on": "2022-01-01"})
    shown = ok(answer, 201)
    assert answer["Location"].endswith(f"/memberships/{shown['id']}/")
    assert (shown["tier"]["code"], shown["admitted_on"], shown["joined_on"]) == ("council", "2022-01-01", "2020-01-01")
    membership.refresh_from_db()
    assert (membership.ended_on, membership.end_reason) == (D(2022, 1, 1), "tier_change")
    problem(secretariat.post(f"{address(membership)}change-tier/", {"tier": "council", "on": "2023-01-01"}), 409)
    document = problem(secretariat.post(f"{address(membership)}change-tier/", {"tier": "none"}), 400)
    assert pointers(document) == {"/tier", "/on"}


def test_end_closes_the_open_membership(secretariat, membership):
    path = f"{address(membership)}end/"
    document = problem(secretariat.post(path, {"ended_on": "2020-01-01", "end_reason": "withdrawal"}), 400)
    assert pointers(document) == {"/ended_on"}
    assert pointers(problem(secretariat.post(path, {"ended_on": "2023-01-01", "end_reason": "tier_change"}), 400)) == {
        "/end_reason"
    }
    shown = ok(secretariat.post(path, {"ended_on": "2023-01-01", "end_reason": "withdrawal", "remarks": "来函"}))
    assert (shown["ended_on"], shown["end_reason"], shown["remarks"]) == ("2023-01-01", "withdrawal", "来函")
    problem(secretariat.post(path, {"ended_on": "2024-01-01", "end_reason": "withdrawal"}), 409, "conflict")


def test_operations_honour_the_state_that_they_name(secretariat, membership):
    tag = secretariat.get(address(membership))["ETag"]
    Membership.objects.update(remarks="改")
    body = {"ended_on": "2023-01-01", "end_reason": "withdrawal"}
    problem(secretariat.post(f"{address(membership)}end/", body, headers={"If-Match": tag}), 412)
    tag = secretariat.get(address(membership))["ETag"]
    ok(secretariat.post(f"{address(membership)}end/", body, headers={"If-Match": tag}))


def test_correction_moves_what_is_joined(secretariat, membership):
    later = ok(secretariat.post(f"{address(membership)}change-tier/", {"tier": "council", "on": "2022-01-01"}), 201)
    ok(secretariat.patch(f"memberships/{later['id']}/", {"admitted_on": "2022-03-01", "reason": "录入有误"}))
    membership.refresh_from_db()
    assert membership.ended_on == D(2022, 3, 1)
    problem(secretariat.patch(f"memberships/{later['id']}/", {"remarks": "x"}, headers={}), 428)
    document = problem(secretariat.patch(f"memberships/{later['id']}/", {"member_no": "M9"}), 400)
    assert pointers(document) == {"/member_no"}
    assert document["errors"][0]["code"] == "read_only"


def test_correction_of_the_sectors_of_participation(secretariat, membership):
    shown = ok(secretariat.patch(address(membership), {"sectors": ["robots.industrial"]}))
    assert [sector["code"] for sector in shown["sectors"]] == ["robots.industrial"]
    plain = api(*READER, "alliance.change_membership")
    assert pointers(problem(plain.patch(address(membership), {"sectors": []}), 403)) == {"/sectors"}
    assert ok(plain.patch(address(membership), {"remarks": "改"}))["remarks"] == "改"


def test_membership_operations_need_their_permissions(membership):
    end = {"ended_on": "2023-01-01", "end_reason": "withdrawal"}
    change = {"tier": "council", "on": "2022-01-01"}
    add, alter = api(*READER, "alliance.add_membership"), api(*READER, "alliance.change_membership")
    for client in (api(*READER), add):
        problem(client.post(f"{address(membership)}end/", end), 403)
        problem(client.post(f"{address(membership)}change-tier/", change), 403)
        problem(client.patch(address(membership), {"remarks": "x"}), 403)
    problem(alter.post(f"{address(membership)}change-tier/", change), 403)
    ok(alter.post(f"{address(membership)}end/", end))
    problem(api(*SECRETARIAT[1:]).get("memberships/"), 403)


# --- Lists


def test_memberships_of_an_organization_are_all_of_them(secretariat, membership, of):
    ok(secretariat.post(f"{address(membership)}end/", {"ended_on": "2021-01-01", "end_reason": "withdrawal"}))
    ok(admit(secretariat, of, on="2022-01-01"), 201)
    path = f"organizations/{of.registry_no}/memberships/"
    assert [row["joined_on"] for row in secretariat.rows(path, ordering="admitted_on")] == ["2020-01-01", "2022-01-01"]
    assert len(secretariat.rows(path, as_of="2020-06-01")) == 1
    assert ok(secretariat.get(path))["as_of"] == "all"
    problem(secretariat.get(path, {"organization": of.registry_no}), 400)
    problem(api("registry.view_organization").get(path), 403)


def test_history_tells_of_memberships_to_those_who_may_see_them(secretariat, membership, of):
    path = f"organizations/{of.registry_no}/history/"
    assert "membership" in {event["table"] for event in secretariat.rows(path)}
    assert "membership" not in {event["table"] for event in api("registry.view_organization").rows(path)}


def test_organizations_are_chosen_as_members(secretariat, membership, of):
    outside = factories.enterprise(name_zh="局外公司")
    for path in ("organizations/", "enterprises/"):
        for parameters, expected in (
            ({"alliance": "test"}, {of.registry_no}),
            ({"alliance": "test", "member": "false"}, {outside.registry_no}),
            ({"alliance": "test", "tier": "成员单位"}, {of.registry_no}),
            ({"alliance": "test", "tier": "council"}, set()),
            ({"alliance": "test", "as_of": "2019-06-01"}, set()),
        ):
            assert {row["registry_no"] for row in secretariat.rows(path, **parameters)} == expected
    plain = api("registry.view_organization")
    for name in ("alliance", "tier", "member", "as_of"):
        assert pointers(problem(plain.get("organizations/", {name: "true"}), 400)) == {name}
