"""The page of the change of council: choices are kept, errors are told by name, a lost race is an error of the form."""

import datetime
import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from alliance.meetings import calling
from alliance.members.operations import actions
from alliance.models import Alliance, Member, Membership, Term, Tier
from registry.models import Organization
from tests import factories

pytestmark = pytest.mark.django_db

URL = "admin:alliance_term_change_council"
FIELD = re.compile(r'<input type="(hidden|radio)" name="((?:was|tier)-\d+)" value="(\d+)"([^>]*)>')


@pytest.fixture
def alliance(reference: None) -> Alliance:
    """An alliance with one term, a council of two, and 45 other members: more than stand on the page by themselves."""
    alliance = factories.alliance()
    for code in ("council", "vice-chair", "member"):
        factories.tier(alliance, code, in_council=code != "member")
    factories.term(alliance, "2019-01-01")
    for number, code in enumerate(["vice-chair", "council", *["member"] * 45]):
        of = factories.enterprise(name_zh=f"中山市虚构{number:02}号智能有限公司")
        factories.membership(factories.member(alliance, of), "2019-01-01", tier=tier(code))
    return alliance


@pytest.fixture
def client() -> Client:
    client = Client()
    client.force_login(factories.superuser())
    return client


def tier(code: str) -> Tier:
    return Tier.objects.get(alliance__slug="test", code=code)


def member(number: int) -> Member:
    return Member.objects.get(organization__name_zh=f"中山市虚构{number:02}号智能有限公司")


def fields_of(page: str) -> dict[str, str]:
    """What the browser would send: hidden fields, and the choices that are made."""
    found = FIELD.findall(page)
    return {name: value for kind, name, value, rest in found if kind == "hidden" or "checked" in rest}


def send(client: Client, page: str, step: str, **fields: Any) -> str:
    term = {"number": "2", "begins_on": "2024-01-01", "ends_on": "2028-12-31"}
    chosen = {name.replace("_", "-"): str(value) for name, value in fields.items() if name.startswith("tier_")}
    other = {name: value for name, value in fields.items() if not name.startswith("tier_")}
    answer = client.post(reverse(URL), {**term, **fields_of(page), **chosen, **other, "step": step}, follow=True)
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_list_of_terms_leads_on_for_the_alliance_of_its_filter(alliance, client):
    listed = reverse("admin:alliance_term_changelist")
    factories.alliance("other")
    assert f"{reverse(URL)}?alliance={alliance.pk}" in client.get(listed, {"alliance": "test"}).content.decode()
    assert client.get(listed, {"alliance": "te\0st"}).status_code == 200


def test_page_proposes_the_next_term_and_shows_the_council(alliance, client):
    page = client.get(reverse(URL)).content.decode()
    assert 'name="number" value="2"' in page
    assert 'value="2024-01-01"' in page
    assert 'value="2028-12-31"' in page
    assert "现任理事会单位（2）" in page
    assert "其他会员（45）" in page
    assert fields_of(page).keys() == {f"{what}-{member(n).pk}" for what in ("was", "tier") for n in (0, 1)}


def test_names_are_found_and_choices_are_kept(alliance, client):
    page = client.get(reverse(URL)).content.decode()
    page = send(client, page, "find", find="虚构07号、虚构11号、没有的", **{f"tier_{member(1).pk}": tier("member").pk})
    assert "当日其他会员中没有： 没有的" in page
    assert {f"tier-{member(7).pk}", f"tier-{member(11).pk}"} <= fields_of(page).keys()
    page = send(client, page, "find", find="虚构20号", **{f"tier_{member(7).pk}": tier("council").pk})
    chosen = fields_of(page)
    assert chosen[f"tier-{member(7).pk}"] == str(tier("council").pk)
    assert chosen[f"tier-{member(1).pk}"] == str(tier("member").pk)
    assert f"tier-{member(11).pk}" not in chosen, "nothing was chosen for it"


def test_preview_tells_and_the_confirmation_does_it(alliance, client):
    page = client.get(reverse(URL)).content.decode()
    page = send(client, page, "find", find="虚构07号")
    moves = {f"tier_{member(7).pk}": tier("council").pk, f"tier_{member(1).pk}": tier("member").pk}
    page = send(client, page, "preview", **moves)
    assert [f"{label}（1）" in page for label in ("连任", "新当选", "不再担任")] == [True] * 3
    assert "级别调整（0）" in page
    assert Term.objects.count() == 1
    page = send(client, page, "apply")
    assert "第2届换届完成：连任 1，级别调整 0，新当选 1，不再担任 1。" in page
    assert member(7).memberships.as_of(datetime.date(2024, 1, 1)).get().tier == tier("council")


def test_going_back_from_the_preview_keeps_the_choices(alliance, client):
    page = client.get(reverse(URL)).content.decode()
    page = send(client, page, "preview", **{f"tier_{member(1).pk}": tier("member").pk})
    page = send(client, page, "edit")
    assert fields_of(page)[f"tier-{member(1).pk}"] == str(tier("member").pk)


def test_refused_member_is_told_by_name_and_the_choices_stay(alliance, client):
    Organization.objects.filter(pk=member(7).organization_id).update(registration_status="revoked")
    page = send(client, client.get(reverse(URL)).content.decode(), "find", find="虚构07号")
    page = send(client, page, "preview", **{f"tier_{member(7).pk}": tier("council").pk})
    note = page[page.index("errornote") : page.index("</div>", page.index("errornote"))]
    assert "中山市虚构07号智能有限公司</a>：该单位登记状态为“吊销”" in note
    assert fields_of(page)[f"tier-{member(7).pk}"] == str(tier("council").pk)
    assert Term.objects.count() == 1


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"number": "1"}, "该联盟已有这一届次"),
        ({"ends_on": "2029-12-31"}, "每届任期最长不超过5年"),
        ({"ends_on": "2023-12-31"}, "终止日期须晚于起始日期"),
        ({"begins_on": "2019-01-01"}, "即自该日开始"),
        ({"begins_on": "昨天"}, "errorlist"),
    ],
)
def test_wrong_term_is_an_error_of_the_form(alliance, client, fields, told):
    page = send(client, client.get(reverse(URL)).content.decode(), "preview", **fields)
    assert told in page
    assert "未能办理" in page
    assert Term.objects.count() == 1


def test_loser_of_a_race_is_told_by_name_and_sees_what_is_now(alliance, client):
    page = client.get(reverse(URL)).content.decode()
    preview = send(client, page, "preview", **{f"tier_{member(0).pk}": tier("council").pk})
    actions.change_tier(member(1), tier("member"), datetime.date(2023, 6, 1))
    page = send(client, preview, "apply")
    assert "中山市虚构01号智能有限公司（会员单位）" in page
    assert "级别与页面所示不同" in page
    assert Term.objects.count() == 1
    assert fields_of(page)[f"tier-{member(0).pk}"] == str(tier("council").pk), "the choice is kept"
    assert "第2届换届完成" in send(client, page, "apply")
    assert member(1).memberships.as_of(datetime.date(2024, 1, 1)).get().tier == tier("member")


def test_second_of_two_confirmations_gets_an_error_of_the_form(alliance, client):
    preview = send(client, client.get(reverse(URL)).content.decode(), "preview")
    assert "第2届换届完成" in send(client, preview, "apply")
    page = send(client, preview, "apply")
    assert "第2届即自该日开始" in page
    assert Term.objects.count() == 2


def test_undo_page_tells_what_it_would_do_and_does_it(alliance, client):
    page = client.get(reverse(URL)).content.decode()
    send(client, send(client, page, "preview", **{f"tier_{member(1).pk}": tier("member").pk}), "apply")
    term = Term.objects.get(number=2)
    url = reverse("admin:alliance_term_undo", args=[term.pk])
    shown = client.get(url).content.decode()
    assert "1家会员恢复换届前的级别" in shown
    assert Term.objects.count() == 2
    assert client.post(url).status_code == 302
    assert Term.objects.count() == 1
    assert Membership.objects.filter(member=member(1)).count() == 1


def test_undo_page_names_what_has_changed_since(alliance, client):
    page = client.get(reverse(URL)).content.decode()
    send(client, send(client, page, "preview", **{f"tier_{member(1).pk}": tier("member").pk}), "apply")
    actions.end(member(1), datetime.date(2024, 6, 1), "withdrawal")
    url = reverse("admin:alliance_term_undo", args=[Term.objects.get(number=2).pk])
    for answer in (client.get(url), client.post(url)):
        page = answer.content.decode()
        assert "中山市虚构01号智能有限公司：之后又有修改：终止日期、终止原因" in page
        assert '<button type="submit" class="button default">' not in page
    assert Term.objects.count() == 2


def test_odd_fields_are_no_server_error(alliance, client):
    page = client.get(reverse(URL)).content.decode()
    odd = {"tier_99999999999999999999": "1", "tier_1x": "1", f"tier_{member(0).pk}": "9" * 30}
    send(client, page, "preview", **odd)
    assert "当日不是该联盟的会员" in send(client, page, "preview", tier_987654321="1")
    assert "所选级别属于其他联盟" in send(client, page, "preview", **{f"tier_{member(0).pk}": "987654321"})
    assert client.get(f"{reverse(URL)}?alliance=x").status_code == 200


def test_alliance_is_asked_for_where_there_are_several(alliance, client):
    other = factories.alliance("other")
    page = client.get(reverse(URL)).content.decode()
    assert f'href="?alliance={other.pk}"' in page
    assert "现任理事会单位（0）" in client.get(f"{reverse(URL)}?alliance={other.pk}").content.decode()


def test_page_asks_for_the_decision_where_memberships_are_not_changed_directly(alliance, client):
    factories.alliance_rules(alliance, direct_entry=False)
    page = client.get(reverse(URL)).content.decode()
    assert "换届选举的决议" in page
    assert "请先在会议页面登记决议" in page
    chosen = {f"tier_{member(1).pk}": tier("member").pk}
    assert "该字段是必填项" in send(client, page, "preview", **chosen)
    meeting = factories.meeting(alliance, "2023-12-20", body="assembly")
    calling.sign_in(meeting, {row.member_id: "" for row in meeting.attendance.all()})
    decision = factories.decision(meeting, subject="关于换届选举的决议", matter="election", votes_for=40)
    page = client.get(reverse(URL)).content.decode()
    assert "关于换届选举的决议" in page
    preview = send(client, page, "preview", decision=decision.pk, **chosen)
    assert f'name="decision" value="{decision.pk}"' in preview
    assert "关于换届选举的决议" in preview
    send(client, preview, "apply", decision=decision.pk)
    assert member(1).memberships.get(ended_on=None).remarks == decision.reference()
    term = Term.objects.get(decision=decision)
    address = reverse("admin:alliance_term_change", args=[term.pk])
    form = client.get(address).context["adminform"].form
    assert list(form.fields["decision"].queryset) == [decision]
    assert "关于换届选举的决议" in client.get(address).text
    viewer = Client()
    viewer.force_login(factories.with_role("查询员"))
    assert "关于换届选举的决议" not in viewer.get(address).text
    of_decision = client.get(reverse("admin:alliance_decision_change", args=[decision.pk]))
    assert str(term) in of_decision.text
    assert "更正" not in dict(of_decision.context["tools"])


def test_subjects_are_for_those_who_may_see_decisions(alliance):
    meeting = factories.meeting(alliance, "2023-12-20", body="assembly")
    calling.sign_in(meeting, {row.member_id: "" for row in meeting.attendance.all()})
    factories.decision(meeting, subject="密不外传的决议", matter="election", votes_for=40)
    rights = ("view_term", "add_term", "change_term", "view_membership", "add_membership", "change_membership")
    clerk = Client()
    clerk.force_login(factories.user(*(f"alliance.{name}" for name in (*rights, "view_alliance"))))
    page = clerk.get(reverse(URL))
    assert page.status_code == 200
    assert "密不外传的决议" not in page.content.decode()
