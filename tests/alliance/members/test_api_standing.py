"""Suspension, cancelled ends, succession, and the reason of a correction, over HTTP."""

import datetime

import pytest
import time_machine

from alliance.members.operations import actions
from alliance.models import Membership, Suspension
from tests import factories
from tests.api import ok, pointers, problem, root

pytestmark = pytest.mark.django_db
D = datetime.date


@pytest.fixture(autouse=True)
def today():
    with time_machine.travel("2026-06-01T12:00:00+08:00", tick=False):
        yield


@pytest.fixture
def membership(reference):
    tier = factories.tier(factories.alliance("test"), "member")
    return actions.admit(factories.enterprise(), tier.alliance, tier, D(2020, 1, 1))


def post(membership, operation, body, status=200):
    return ok(root().post(f"memberships/{membership.pk}/{operation}/", body), status)


def refused(membership, operation, body, status=400):
    return problem(root().post(f"memberships/{membership.pk}/{operation}/", body), status)


def test_a_member_is_suspended_and_resumed(membership):
    shown = post(membership, "suspend", {"suspended_on": "2026-05-01", "reason": "欠缴会费"})
    assert shown["standing"] == "suspended"
    assert pointers(refused(membership, "suspend", {"suspended_on": "2026-05-01", "reason": "又"}, 409)) <= {
        "/suspended_on"
    }
    assert pointers(refused(membership, "suspend", {"suspended_on": "2026-05-01"})) == {"/reason"}
    assert post(membership, "resume", {"resumed_on": "2026-06-01"})["standing"] == "full"
    assert Suspension.objects.values_list("suspended_on", "resumed_on").get() == (D(2026, 5, 1), D(2026, 6, 1))
    refused(membership, "resume", {"resumed_on": "2026-06-01"}, 409)


def test_an_end_ahead_is_cancelled(membership):
    actions.end(membership, D(2026, 12, 31), "lapse")
    assert post(membership, "cancel-end", {})["ended_on"] is None
    refused(membership, "cancel-end", {}, 409)


def test_a_successor_takes_the_place(membership):
    new = factories.enterprise()
    body = {"successor": new.registry_no, "on": "2026-06-01", "with_sectors": True}
    shown = post(membership, "succeed", body, 201)
    assert (shown["registry_no"], shown["admitted_on"]) == (new.registry_no, "2026-06-01")
    membership.refresh_from_db()
    assert (membership.ended_on, membership.end_reason) == (D(2026, 6, 1), "succession")


def test_a_correction_of_the_past_needs_its_reason(membership):
    path, client = f"memberships/{membership.pk}/", root()
    for change in ({"admitted_on": "2020-02-29"}, {"ended_on": "2026-05-31", "end_reason": "lapse"}):
        document = problem(client.patch(path, change), 400)
        assert pointers(document) == {"/reason"}
        assert "历史" in str(document) or "history" in str(document)
        pointers(problem(client.patch(path, change | {"reason": " "}), 400))
    ok(client.patch(path, {"ended_on": "2026-06-01", "end_reason": "lapse"}))
    ok(client.patch(path, {"remarks": "附件", "end_reason": "other"}))
    ok(client.patch(path, {"admitted_on": "2020-02-29", "reason": "批复日期为准"}))
    assert Membership.objects.get().admitted_on == D(2020, 2, 29)
    number = membership.member.organization.registry_no
    (event,) = [row for row in client.rows(f"organizations/{number}/history/") if row["reason"]]
    assert (event["operation"], event["reason"]) == ("correct", "批复日期为准")
    assert event["changes"] == {"admitted_on": ["2020-01-01", "2020-02-29"]}
    assert "批复日期为准" in event["text"]
