"""Operations on many members at once: told one by one, refused by name, all or none, one group in the history."""

import datetime
import re

import pghistory.models
import pytest
import time_machine
from django.contrib.auth.models import Group
from django.test import Client

from alliance.members.operations import actions, standing
from alliance.models import Member, Membership, Suspension
from registry.history.rendering import events_of, for_programs
from tests import factories

D = datetime.date
MEMBERS = "/admin/alliance/member/"
ORGANIZATIONS = "/admin/registry/organization/"


@pytest.fixture(autouse=True)
def today():
    with time_machine.travel("2026-06-01T12:00:00+08:00", tick=False):
        yield


@pytest.fixture
def client(reference):
    user = factories.user()
    user.groups.add(Group.objects.get(name="秘书处"))
    client = Client()
    client.force_login(user)
    client.cookies["django_language"] = "zh-hans"
    return client


@pytest.fixture
def alliance(reference):
    made = factories.alliance("test")
    factories.tier(made, "member", name_zh="会员单位", rank=5)
    factories.tier(made, "council", name_zh="理事单位", rank=4)
    return made


def tier(alliance, code="member"):
    return alliance.tiers.get(code=code)


@pytest.fixture
def members(alliance):
    """Five ordinary members."""
    made = []
    for letter in "甲乙丙丁戊":
        who = factories.enterprise(name_zh=f"中山市{letter}有限公司")
        made.append(actions.admit(who, alliance, tier(alliance), D(2020, 1, 1)).member)
    return made


def hidden(answer):
    """What the page sends when its button is pressed."""
    html = answer.content.decode()
    form = html[html.index('id="bulk_form"') :]
    fields = re.findall(r'<(?:input|textarea)[^>]*?type="hidden"[^>]*>', form)
    return {re.search(r'name="([^"]+)"', f)[1]: (re.search(r'value="([^"]*)"', f) or ["", ""])[1] for f in fields}


def show(client, action, rows, path=MEMBERS, **values):
    body = {"action": action, "_selected_action": [row.pk for row in rows], "step": "show", "reason": "理事会决议"}
    return client.post(path, body | values)


def confirm(client, shown, rows, path=MEMBERS, **more):
    body = hidden(shown) | {"step": "apply", "_selected_action": [row.pk for row in rows]} | more
    return client.post(path, body, follow=True)


def told(shown):
    outcome = shown.context["outcome"]
    return (
        {line.name.partition("（")[0]: line.told for line in outcome.done},
        {line.name.partition("（")[0]: line.refused for line in outcome.refused},
    )


def periods(member):
    rows = member.memberships.order_by("admitted_on").values_list("tier__code", "admitted_on", "ended_on", "end_reason")
    return list(rows)


def test_what_will_happen_is_told_of_each_and_nothing_is_written(client, alliance, members):
    actions.change_tier(members[4], tier(alliance, "council"), D(2021, 1, 1))
    council = tier(alliance, "council")
    before, events = periods(members[0]), pghistory.models.Events.objects.count()
    shown = show(client, "change_tier", members, tier=council.pk, on="2026-07-01")
    done, refused = told(shown)
    assert done == dict.fromkeys(
        [f"中山市{letter}有限公司" for letter in "甲乙丙丁"], "自 2026-07-01 起：会员单位 → 理事单位"
    )
    assert list(refused) == ["中山市戊有限公司"]
    assert "自 2021-01-01 起已是理事单位" in refused["中山市戊有限公司"]
    assert periods(members[0]) == before
    assert pghistory.models.Events.objects.count() == events


def test_refused_ones_are_left_out_only_by_a_tick(client, alliance, members):
    council = tier(alliance, "council")
    actions.change_tier(members[4], council, D(2021, 1, 1))
    shown = show(client, "change_tier", members, tier=council.pk, on="2026-07-01")
    again = confirm(client, shown, members)
    assert "未执行" in again.content.decode()
    assert not Membership.objects.filter(admitted_on=D(2026, 7, 1)).exists()
    answer = confirm(client, again, members, leave_out="1")
    said = [str(message) for message in answer.context["messages"]]
    assert said[0] == "级别调整：已登记 4 家单位。"
    assert "中山市戊有限公司" in said[1]
    assert Membership.objects.filter(admitted_on=D(2026, 7, 1), tier=council, remarks="理事会决议").count() == 4


def test_a_change_since_the_preview_is_shown_instead_of_done(client, alliance, members):
    council = tier(alliance, "council")
    shown = show(client, "change_tier", members, tier=council.pk, on="2026-07-01")
    actions.end(members[0], D(2026, 8, 1), "withdrawal")
    again = confirm(client, shown, members)
    assert "记录已有变动" in again.content.decode()
    assert not Membership.objects.filter(tier=council).exists()
    confirm(client, again, members)
    assert Membership.objects.filter(tier=council).count() == 5


def test_the_history_of_each_tells_one_action_with_its_reason(client, alliance, members):
    shown = show(client, "change_tier", members, tier=tier(alliance, "council").pk, on="2026-07-01")
    confirm(client, shown, members)
    events = pghistory.models.Events.objects.tracks(*Membership.objects.filter(admitted_on=D(2026, 7, 1)))
    contexts = [event.pgh_context for event in events]
    assert [context["reason"] for context in contexts] == ["理事会决议"] * 5
    assert {(context["operation"], context["members"]) for context in contexts} == {("change_tier", 5)}
    assert len({event.pgh_context_id for event in events}) == 1
    page = client.get(f"{MEMBERS}{members[0].pk}/history/").content.decode()
    assert "批量级别调整（共 5 家）" in page
    assert "事由：理事会决议" in page
    (one,) = [
        row
        for _key, row in for_programs(events_of([(Membership, "member")], members[0].pk, factories.superuser()))
        if row["event"] == "update"
    ]
    assert (one["operation"], one["reason"]) == ("change_tier", "理事会决议")
    assert one["text"].endswith("；事由：理事会决议")


def test_many_are_suspended_and_resumed(client, members):
    standing.suspend(members[0], D(2026, 1, 1), "另案")
    shown = show(client, "suspend", members, on="2026-05-01")
    done, refused = told(shown)
    assert set(done.values()) == {"自 2026-05-01 起暂停会籍"}
    assert list(refused) == ["中山市甲有限公司"]
    confirm(client, shown, members, leave_out="1")
    assert Suspension.objects.filter(suspended_on=D(2026, 5, 1), reason="理事会决议").count() == 4
    shown = show(client, "resume", members, on="2026-06-01")
    assert told(shown)[0]["中山市甲有限公司"] == "自 2026-01-01 起暂停，自 2026-06-01 起恢复"
    confirm(client, shown, members)
    assert not Suspension.objects.filter(resumed_on=None).exists()


def test_many_end_in_the_future_are_kept_and_come_back(client, alliance, members):
    shown = show(client, "end", members, on="2026-12-31", end_reason="lapse")
    assert set(told(shown)[0].values()) == {"会员单位，自 2026-12-31 起终止：自动退会"}
    confirm(client, shown, members)
    assert Membership.objects.filter(ended_on=D(2026, 12, 31), end_reason="lapse").count() == 5
    shown = show(client, "cancel_end", members[:3])
    assert set(told(shown)[0].values()) == {"仍为会员单位；取消 2026-12-31 的终止"}
    confirm(client, shown, members[:3])
    assert Membership.objects.filter(ended_on=None).count() == 3
    former = f"{MEMBERS}?state=former&as_of=2027-01-01"
    shown = show(client, "admit_again", members[3:], former, tier=tier(alliance, "council").pk, on="2027-03-01")
    assert (
        told(shown)[0]["中山市丁有限公司"]
        == f"自 2027-03-01 起再次入会，为理事单位，沿用会员编号 {members[3].member_no}"
    )
    confirm(client, shown, members[3:], former)
    assert [row[1] for row in periods(members[3])] == [D(2020, 1, 1), D(2027, 3, 1)]


def test_organizations_are_admitted_from_their_list(client, alliance, members):
    new = [factories.enterprise(name_zh=f"中山市新{number}有限公司") for number in range(3)]
    rows = [members[0].organization, *new]
    shown = show(client, "admit_members", rows, ORGANIZATIONS, tier=tier(alliance).pk, on="2026-06-01")
    done, refused = told(shown)
    assert list(done.values()) == ["自 2026-06-01 起为会员单位"] * 3
    assert list(refused) == ["中山市甲有限公司"]
    confirm(client, shown, rows, ORGANIZATIONS, leave_out="1")
    numbers = Member.objects.filter(organization__in=new).values_list("member_no", flat=True)
    assert sorted(numbers) == ["M0006", "M0007", "M0008"], "a preview uses up no number"


def test_tier_of_another_alliance_is_refused_by_name(client, members):
    foreign = factories.tier(factories.alliance("other"), "special")
    _done, refused = told(show(client, "change_tier", members, tier=foreign.pk, on="2026-07-01"))
    assert len(refused) == 5
    answer = confirm(client, show(client, "change_tier", members, tier=foreign.pk, on="2026-07-01"), members)
    assert answer.context["outcome"].done == []
    assert not Membership.objects.filter(tier=foreign).exists()


def test_the_form_asks_what_is_missing(client, members):
    answer = show(client, "end", members, on="2026-13-31", reason=" ")
    assert set(answer.context["form"].errors) == {"on", "end_reason", "reason"}
    assert answer.context["outcome"] is None


def test_many_are_not_offered_to_those_who_may_not(members, reference):
    user = factories.user()
    user.groups.add(Group.objects.get(name="查询员"))
    viewer = Client()
    viewer.force_login(user)
    html = viewer.get(MEMBERS).content.decode()
    for action in ("change_tier", "suspend", "resume", "end", "cancel_end", "admit_again"):
        assert f'value="{action}"' not in html
        show(viewer, action, members, tier=members[0].memberships.get().tier_id, on="2026-07-01")
    assert 'value="admit_members"' not in viewer.get(ORGANIZATIONS).content.decode()
    assert Membership.objects.filter(ended_on=None).count() == 5
    assert not Suspension.objects.exists()


def test_too_many_are_refused_before_anything_is_tried(client, members, monkeypatch):
    monkeypatch.setattr("alliance.admin.bulk.MOST", 4)
    answer = show(client, "cancel_end", members)
    assert "一次最多 4 家" in answer.content.decode()
    assert answer.context["outcome"] is None
