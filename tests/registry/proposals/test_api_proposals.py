"""Proposals over HTTP."""

import pytest

from registry.models import Organization, Proposal
from tests import factories
from tests.api import api, ok, problem
from tests.registry.proposals.test_actions import CLERK, REVIEWER

pytestmark = pytest.mark.django_db


@pytest.fixture
def robot(reference) -> Organization:
    return factories.enterprise(short_name="旧简称")


def test_whoever_sees_an_organization_proposes_a_value_with_evidence(robot):
    viewer = factories.user("registry.view_organization")
    client = api(user=viewer)
    path = f"organizations/{robot.registry_no}/proposals/"
    body = {
        "field": "township",
        "new": {"name": "小榄镇"},
        "evidence": "营业执照",
        "evidence_url": "https://example.com",
    }
    made = ok(client.post(path, body), 201)
    assert (made["field"], made["new"]) == ("township", factories.township().pk)
    assert [one["by"] for one in made["sources"]] == [viewer.username]
    assert made["organization"]["registry_no"] == robot.registry_no
    again = ok(api("registry.view_organization").post(path, body), 201)
    assert (again["id"], len(again["sources"])) == (made["id"], 2)
    ok(client.post(path, {"field": "registered_capital", "new": 1000000, "evidence": "执照"}), 201)
    for wrong, pointer in (
        ({"field": "remarks", "new": "x"}, "/field"),
        ({"field": "short_name"}, "/new"),
        ({"field": "short_name", "new": "旧简称"}, "/new"),
        ({"field": "founded_on", "new": "昨天"}, "/new"),
        ({"field": "website", "new": "x", "evidence_url": "javascript:1"}, "/new"),
        ({"field": "name_zh", "new": "中山市虚构更名有限公司"}, "/name_change"),
        ({"field": "short_name", "new": "新", "evidence_url": "ftp://x"}, "/evidence_url"),
        ({"field": "short_name", "new": "新", "state": "accepted"}, "/state"),
    ):
        told = problem(client.post(path, wrong), 400)
        assert [one["pointer"] for one in told["errors"]] == [pointer], wrong
    assert problem(api().post(path, body), 403)


def test_the_list_is_filtered_and_shows_what_the_record_holds_now(robot):
    reviewer, other = api(*REVIEWER), factories.enterprise()
    one = factories.proposal(robot, "short_name", "新简称")
    move = factories.proposal(other, "township", factories.township(), origin="township")
    Organization.objects.filter(pk=robot.pk).update(short_name="后来")
    rows = reviewer.rows("proposals/", organization=robot.registry_no, state="open")
    assert [(row["id"], row["old"], row["new"], row["current"]) for row in rows] == [
        (one.pk, "旧简称", "新简称", "后来")
    ]
    assert [row["id"] for row in reviewer.rows("proposals/", kind="move")] == [move.pk]
    assert [row["id"] for row in reviewer.rows("proposals/", what="identifier")] == []
    assert [row["id"] for row in reviewer.rows(f"organizations/{other.registry_no}/proposals/")] == [move.pk]
    assert reviewer.rows("proposals/", fields="id,state")[0] == {"id": one.pk, "state": "open"}
    assert problem(reviewer.get("proposals/", {"state": "no-such"}), 400, "invalid_parameter")
    assert api("registry.view_organization", "registry.view_proposal").rows("proposals/") == []


def test_a_decision_names_the_state_that_was_read(robot):
    reviewer = api(*REVIEWER)
    one = factories.proposal(robot, "short_name", "新简称")
    path = f"proposals/{one.pk}/"
    read = ok(reviewer.get(path))
    Organization.objects.filter(pk=robot.pk).update(short_name="后来")
    assert problem(reviewer.post(f"{path}accept/", {"seen": read["seen"]}), 409, "conflict")
    read = ok(reviewer.get(path))
    assert (read["old"], read["current"]) == ("旧简称", "后来")
    done = ok(reviewer.post(f"{path}accept/", {"seen": read["seen"]}))
    assert (done["state"], done["seen"]) == ("accepted", None)
    assert Organization.objects.get(pk=robot.pk).short_name == "新简称"
    told = problem(reviewer.post(f"{path}accept/", {"seen": read["seen"]}), 409, "conflict")
    assert "decided already" in told["detail"]


def test_refusing_needs_a_reason_and_nobody_decides_their_own(robot):
    reviewer = factories.user(*REVIEWER)
    one, own = factories.proposal(robot), factories.proposal(robot, "scope", "范围", proposer=reviewer, origin="staff")
    client = api(user=reviewer)
    path = f"proposals/{one.pk}/"
    seen = ok(client.get(path))["seen"]
    problem(client.post(f"{path}refuse/", {"seen": seen}), 400)
    problem(client.post(f"{path}refuse/", {"seen": seen, "reason": " "}), 400)
    assert ok(client.post(f"{path}refuse/", {"seen": seen, "reason": "不符"}))["reason"] == "不符"
    path = f"proposals/{own.pk}/"
    problem(client.post(f"{path}accept/", {"seen": ok(client.get(path))["seen"]}), 403)
    problem(api("registry.view_organization", "registry.view_proposal").get(path), 404)
    assert Proposal.objects.get(pk=own.pk).state == "open"


def test_the_list_asks_as_much_for_many_as_for_one(robot, django_assert_max_num_queries):
    client = api(*CLERK)
    factories.proposal(robot, "short_name", "一")
    client.rows("proposals/")
    with django_assert_max_num_queries(30) as first:
        client.rows("proposals/")
    for n in range(9):
        factories.proposal(factories.enterprise(), "scope", f"范围{n}")
    with django_assert_max_num_queries(len(first.captured_queries)):
        assert len(client.rows("proposals/")) == 10
