"""Applications by the API: from the draft to the membership, and who is refused."""

import datetime
from typing import Any

import pytest

from alliance.models import Alliance, Application, Membership
from registry.models import Organization
from tests import factories
from tests.api import Api, api, ok

pytestmark = pytest.mark.django_db


def staff(role: str) -> Api:
    return api(user=factories.with_role(role))


ADDRESS = "alliances/test/applications/"


@pytest.fixture
def alliance(reference: None) -> Alliance:
    made = factories.alliance(legal_person=True)
    high = factories.tier(made, "council", rank=1, in_council=True)
    factories.tier(made, "member", rank=2)
    for _number in range(3):
        factories.membership(factories.member(made), tier=high)
    return made


def body(**more: Any) -> dict[str, Any]:
    values = {"registry_no": factories.enterprise().registry_no, "kind": "admission", "tier": "member"}
    return values | {"applied_on": "2021-06-01"} | more


def test_draft_checked_and_decided(alliance: Alliance) -> None:
    client = staff("秘书长")
    made = ok(client.post(ADDRESS, body()), 201)
    assert (made["state"], made["tier"], made["attachments"]) == ("draft", "member", 0)
    one = f"{ADDRESS}{made['id']}/"
    refused = client.patch(one, {"kind": "expulsion"})
    assert refused.status_code == 400
    ok(client.patch(one, {"remarks": "补充"}))
    for step in ("submit", "accept"):
        ok(client.post(f"{one}{step}/", {}))
    again = client.post(f"{one}accept/", {})
    assert (again.status_code, "waiting for a decision" in again.json()["detail"]) == (409, True)
    meeting = factories.meeting(alliance)
    meeting.attendance.update(present=True)
    vote = {"applications": [made["id"]], "meeting": meeting.pk, "subject": "接纳新会员", "votes_for": 3}
    assert client.post(f"{ADDRESS}decide/", vote | {"votes_for": 4}).status_code == 400
    assert client.post(f"{ADDRESS}decide/", vote | {"applications": [0, 9]}).status_code == 400
    decided = ok(client.post(f"{ADDRESS}decide/", vote), 201)
    assert decided["passed"] is True
    shown = ok(client.get(one))
    assert (shown["state"], shown["decision"], shown["effective_on"]) == ("passed", decided["decision"], "2021-07-01")
    assert Membership.objects.get(pk=shown["membership"]).tier.code == "member"
    late = client.post(f"{ADDRESS}decide/", vote)
    assert late.status_code == 409
    assert [row["id"] for row in ok(client.get(ADDRESS, {"state": "passed"}))["results"]] == [made["id"]]
    assert ok(client.get(ADDRESS, {"kind": "withdrawal"}))["results"] == []


def test_admission_of_a_member_is_refused_with_its_tier_and_day(reference: None) -> None:
    alliance = factories.alliance()
    member = factories.membership(factories.member(alliance), admitted_on="2020-03-01").member
    client = staff("秘书处")
    sent = body() | {"registry_no": member.organization.registry_no}
    refused = client.post(ADDRESS, sent)
    assert refused.status_code == 400
    (error,) = refused.json()["errors"]
    assert error == {
        "pointer": "/registry_no",
        "detail": "It is a member already: 会员单位 since 2020-03-01.",
        "code": "invalid",
    }
    other = factories.enterprise().registry_no
    leaves = {"kind": "withdrawal", "notice_on": "2021-06-01", "applied_on": "2021-06-01"}
    assert client.post(ADDRESS, leaves | {"registry_no": other}).status_code == 400
    assert client.post(ADDRESS, leaves | {"registry_no": member.organization.registry_no}).status_code == 201


def test_second_person_confirms_and_sending_back_says_why(reference: None) -> None:
    alliance = factories.alliance(legal_person=False)
    factories.tier(alliance, "member")
    first, second = staff("秘书处"), staff("秘书处")
    made = ok(first.post(ADDRESS, body()), 201)
    one = f"{ADDRESS}{made['id']}/"
    ok(first.post(f"{one}submit/", {}))
    assert first.post(f"{one}send-back/", {}).status_code == 400
    assert ok(first.post(f"{one}send-back/", {"reason": "缺章"}))["answer"] == "缺章"
    for step in ("submit", "accept"):
        ok(first.post(f"{one}{step}/", {}))
    day = {"on": "2021-08-01"}
    assert first.post(f"{one}confirm/", day).status_code == 400
    assert ok(second.post(f"{one}confirm/", day))["effective_on"] == "2021-08-01"
    assert second.post(f"{one}withdraw/", {}).status_code == 409


def test_new_representative_comes_with_the_confirmation(reference: None) -> None:
    member = factories.membership().member
    one = factories.application(member.alliance, member.organization, kind="representative", state="to_decide")
    address = f"{ADDRESS}{one.pk}/confirm/"
    sent = {"on": "2021-08-01", "representative": {"name": "虚构新代表", "phone": factories.PHONE}}
    shown = ok(staff("秘书处").post(address, sent))
    assert shown["state"] == "passed"
    assert factories.PHONE not in str(shown)
    assert member.representatives.get().name == "虚构新代表"


def test_direct_entry_is_refused_with_the_way_to_applications(alliance: Alliance) -> None:
    factories.alliance_rules(alliance, direct_entry=False)
    membership = Membership.objects.first()
    assert membership
    client = staff("秘书处")
    admission = {"organization": factories.enterprise().registry_no, "tier": "member", "admitted_on": "2021-07-01"}
    for address, sent in (
        ("alliances/test/members/", admission),
        (f"memberships/{membership.pk}/change-tier/", {"tier": "member", "on": "2021-07-01"}),
        (f"memberships/{membership.pk}/end/", {"ended_on": "2021-07-01", "end_reason": "expulsion"}),
        (f"memberships/{membership.pk}/end/", {"ended_on": "2021-07-01", "end_reason": "lapse"}),
        (f"memberships/{membership.pk}/end/", {"ended_on": "2021-07-01", "end_reason": "dissolution"}),
    ):
        answer = client.post(address, sent)
        assert answer.status_code == 400, address
        assert "by way of an application" in answer.content.decode()
    assert Membership.objects.filter(ended_on=None).count() == 3
    one = f"memberships/{membership.pk}/"
    answer = client.patch(one, {"tier": "member", "reason": "录错"})
    assert (answer.status_code, "by way of an application" in answer.json()["detail"]) == (400, True)
    assert ok(client.patch(one, {"remarks": "更正"}))["tier"]["code"] == "council"
    Organization.objects.filter(pk=membership.member.organization_id).update(registration_status="deregistered")
    ok(client.post(f"memberships/{membership.pk}/end/", {"ended_on": "2021-07-01", "end_reason": "dissolution"}))


def test_file_has_the_applications_with_their_days(alliance: Alliance) -> None:
    one = factories.application(alliance, applied_on=datetime.date(2021, 6, 1))
    answer = staff("秘书处").get(ADDRESS, {"format": "csv"})
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    assert one.organization.name_zh in text
    assert "admission" in text
    assert Application.objects.count() == 1
