"""Pages of meetings and decisions, as the secretariat uses them."""

import datetime
import re
from typing import Any

import pytest
from django.test import Client

from alliance.meetings import rules
from alliance.models import Alliance, AllianceRules, Decision, Meeting, StandardTier, Tier, VotingRule
from tests import factories
from tests.alliance.meetings.test_recording import alliance_of, held, record
from tests.pages import form_data

pytestmark = pytest.mark.django_db

MEETINGS, DECISIONS = "/admin/alliance/meeting/", "/admin/alliance/decision/"
DAY = datetime.date(2021, 7, 1)


def in_role(role: str) -> Client:
    client = Client()
    client.force_login(factories.with_role(role))
    return client


@pytest.fixture
def of(reference: None) -> Alliance:
    made = alliance_of(3, 1)
    factories.term(made, begins_on="2019-01-01", number=4)
    return made


@pytest.fixture
def secretariat(reference: None) -> Client:
    return in_role("秘书处")


@pytest.fixture
def general(reference: None) -> Client:
    return in_role("秘书长")


def text(answer: Any) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", answer.content.decode()))


def sent(client: Client, of: Alliance, **values: Any) -> Any:
    data = {"alliance": of.pk, "body": "council", "held_on": "2021-07-01", "form": "meeting"} | values
    return client.post(f"{MEETINGS}add/", data, follow=True)


def test_a_meeting_is_entered_by_body_and_day_and_calls_who_may_vote(secretariat, of):
    answer = sent(secretariat, of)
    meeting = Meeting.objects.get()
    assert (meeting.term.number, meeting.number, meeting.called) == (4, 1, 3)
    assert "第4届理事会第1次会议" in text(answer)
    sent(secretariat, of)
    assert Meeting.objects.latest("pk").number == 2


def test_a_meeting_that_is_refused_is_headed_as_it_is_stored(secretariat, of):
    sent(secretariat, of)
    meeting = Meeting.objects.get()
    page = f"{MEETINGS}{meeting.pk}/change/"
    refused = secretariat.post(page, form_data(secretariat.get(page)) | {"number": "77", "form": ""})
    assert refused.status_code == 200
    assert "第4届理事会第1次会议" in text(refused)
    assert "第77次" not in text(refused)
    assert refused.context["adminform"].form["number"].value() == "77"


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({"held_on": "2024-01-01", "term": "own"}, "会议日期不在任期内"),
        ({"number": "1"}, "本届该机构已有同一次数的会议"),
        ({"place": "\u202e虚构"}, "书写方向"),
        ({"term": "other"}, "该届次属于另一个联盟"),
    ],
)
def test_a_wrong_meeting_is_refused_in_words(secretariat, of, values, told):
    factories.meeting(of, term=of.terms.get())
    terms = {"own": of.terms.get().pk, "other": factories.term(factories.alliance("other")).pk}
    answer = sent(secretariat, of, **values | ({"term": terms[values["term"]]} if "term" in values else {}))
    assert told in text(answer)
    assert Meeting.objects.count() == 1


def test_a_new_meeting_leads_to_its_own_page_and_a_day_without_term_is_told(secretariat, of):
    within = sent(secretariat, of)
    assert within.redirect_chain[-1][0] == f"{MEETINGS}{Meeting.objects.get().pk}/change/"
    assert "任何届次" not in text(within)
    assert "2041-07-01不在该联盟的任何届次之内" in text(sent(secretariat, of, held_on="2041-07-01"))


def test_a_script_in_a_name_is_shown_as_text(general, of):
    meeting = held(of, 3, place="<script>alert(1)</script>")
    record(meeting, 3, subject="<script>alert(2)</script>")
    for path in (MEETINGS, f"{MEETINGS}{meeting.pk}/change/", DECISIONS, f"{MEETINGS}{meeting.pk}/sign-in/"):
        assert b"<script>alert" not in general.get(path).content


def test_sign_in_ticks_notes_proxies_and_asks_why_the_number_differs(secretariat, of):
    meeting = factories.meeting(of)
    first, second, third = meeting.attendance.values_list("member_id", flat=True)
    page = f"{MEETINGS}{meeting.pk}/sign-in/"
    sheet = {"present": [first], f"proxy-{second}": "虚构某（授权书）", f"proxy-{third}": ""}
    assert "填写不一致的原因" in text(secretariat.post(page, sheet | {"attended": "3"}))
    assert meeting.number_present() == 0
    secretariat.post(page, sheet | {"attended": "3", "attended_reason": "一家未签到，录像可证"})
    meeting.refresh_from_db()
    assert (meeting.number_present(), meeting.attendance.filter(present=True).count()) == (3, 2)
    assert meeting.attendance.get(member=second).proxy == "虚构某（授权书）"
    secretariat.post(page, sheet | {"attended": "2"})
    meeting.refresh_from_db()
    assert (meeting.attended, meeting.attended_reason) == (None, "")


def test_a_number_called_that_differs_needs_its_reason(secretariat, of):
    meeting = factories.meeting(of)
    page = f"{MEETINGS}{meeting.pk}/change/"
    values = {"body": "council", "held_on": "2021-07-01", "form": "meeting", "number": "1", "entitled": "2"}
    form = secretariat.get(page)
    version = re.search(r'name="_version" value="([^"]*)"', form.content.decode())[1]
    values["_version"] = version
    assert "须填写原因" in text(secretariat.post(page, values))
    secretariat.post(page, values | {"entitled_reason": "一家当日回避"})
    meeting.refresh_from_db()
    assert meeting.number_entitled() == 2


def test_the_secretary_general_records_and_the_secretariat_does_not(secretariat, general, of):
    meeting = held(of, 3)
    page = f"{DECISIONS}record/{meeting.pk}/"
    values = {"number": "1", "subject": "关于虚构事项", "matter": "other", "ballot": "secret"}
    votes = {"votes_for": "2", "votes_against": "1", "abstentions": "0"}
    assert secretariat.post(page, values | votes).status_code == 403
    assert "票数多于到会数" in text(general.post(page, values | votes | {"abstentions": "1"}))
    answer = general.post(page, values | votes, follow=True)
    assert "已登记：关于虚构事项，通过" in text(answer)
    decision = Decision.objects.get()
    assert (decision.recorded_by.groups.get().name, decision.ballot) == ("秘书长", "secret")
    assert "已有决议 1" in text(general.post(page, values | votes))
    assert Decision.objects.count() == 1


def test_too_few_are_refused_until_a_reason_is_given(general, of):
    meeting = held(of, 1)
    page = f"{DECISIONS}record/{meeting.pk}/"
    assert "到会不足" in text(general.get(page))
    values = {"number": "1", "subject": "关于虚构事项", "matter": "other", "ballot": "open"}
    values |= {"votes_for": "1", "votes_against": "0", "abstentions": "0"}
    assert "应到 3，实到 1，按规则至少应到会 2" in text(general.post(page, values))
    assert not Decision.objects.exists()
    general.post(page, values | {"override_reason": "台风，事后书面追认"})
    assert Decision.objects.get().override_reason == "台风，事后书面追认"


def test_a_decision_is_corrected_with_a_reason(general, of):
    decision = record(held(of, 3), 1, 2)
    page = f"{DECISIONS}{decision.pk}/correct/"
    form = general.get(page).context["form"]
    values = {name: form[name].value() for name in form.fields} | {"votes_for": "3", "votes_against": "0"}
    values = {name: "" if value is None else value for name, value in values.items()}
    assert "该字段是必填项" in text(general.post(page, values))
    assert "通过" in text(general.post(page, values | {"reason": "票数录反"}, follow=True))
    decision.refresh_from_db()
    assert (decision.votes_for, decision.passed) == (3, True)


def test_a_meeting_that_has_decided_asks_why_it_is_changed(secretariat, of):
    meeting = held(of, 3)
    record(meeting, 3)
    page = f"{MEETINGS}{meeting.pk}/"
    form = secretariat.get(f"{page}change/")
    values = {"form": "meeting", "number": "1", "place": "虚构会堂"}
    values["_version"] = re.search(r'name="_version" value="([^"]*)"', form.content.decode())[1]
    assert "请填写修改会议信息的理由" in text(secretariat.post(f"{page}change/", values))
    secretariat.post(f"{page}change/", values | {"reason": "地点漏填"})
    meeting.refresh_from_db()
    assert meeting.place == "虚构会堂"
    assert "请填写修改会议信息的理由" in text(secretariat.post(f"{page}sign-in/", {"present": []}))
    assert secretariat.get(f"{page}delete/").status_code == 403


def test_who_is_called_is_counted_again_until_something_is_decided(secretariat, of):
    meeting = held(of, 3)
    factories.membership(factories.member(of), tier=of.tiers.get(code="council"))
    assert "按现在的记录" in text(secretariat.get(f"{MEETINGS}{meeting.pk}/change/"))
    secretariat.post(f"{MEETINGS}{meeting.pk}/recount/")
    meeting.refresh_from_db()
    assert (meeting.called, meeting.number_present()) == (4, 3)
    record(meeting, 3)
    of.memberships.last().delete()
    secretariat.post(f"{MEETINGS}{meeting.pk}/recount/")
    meeting.refresh_from_db()
    assert meeting.called == 4


def test_a_meeting_entered_by_mistake_is_deleted(secretariat, of):
    meeting = factories.meeting(of)
    secretariat.post(f"{MEETINGS}{meeting.pk}/delete/", {"post": "yes"})
    assert not Meeting.objects.exists()


RULES = {"delegates": "members", "admission_body": "council", "direct_entry": "on", "council-quorum": "1/2"}


def test_rules_are_set_on_the_page_of_the_alliance(secretariat, general, of):
    page = f"/admin/alliance/alliance/{of.pk}/rules/"
    assert "至少应到者的 2/3" in text(secretariat.get(f"/admin/alliance/alliance/{of.pk}/change/"))
    assert secretariat.post(page, RULES).status_code == 403
    assert "不是比例" in text(general.post(page, RULES | {"council-majority": "3/2"}))
    assert not VotingRule.objects.exists()
    general.post(page, RULES | {"council-majority": "１/2", "council-exceeded": "on"})
    rule = VotingRule.objects.get(alliance=of, body="council")
    assert (rule.quorum_numerator, rule.quorum_denominator, rule.majority_exceeded) == (1, 2, True)
    assert AllianceRules.objects.get(alliance=of).admission_body == "council"
    assert VotingRule.objects.get(alliance=of, body="assembly").quorum_numerator is None


def test_page_of_rules_says_that_a_representative_stands_for_one_member(general, of):
    assert "每家应到会员一票" in text(general.get(f"/admin/alliance/alliance/{of.pk}/rules/"))
    AllianceRules.objects.create(alliance=of, delegates="representatives")
    meeting = factories.meeting(of, body="assembly")
    assert "会员代表大会：应到的是有会员代表的会员，每家一票" in text(general.get(f"{MEETINGS}{meeting.pk}/change/"))


@pytest.mark.parametrize("name", ["meeting", "term", "group"])
def test_form_begins_with_the_alliance_of_the_list(secretariat, of, name):
    factories.alliance("other")
    address, chosen = f"/admin/alliance/{name}/add/", f'<option value="{of.pk}" selected>'
    assert chosen in secretariat.get(f"{address}?_changelist_filters=alliance%3D{of.slug}").content.decode()
    for other in ("", "?_changelist_filters=alliance%3Dx%00", "?_changelist_filters=%00"):
        assert chosen not in secretariat.get(f"{address}{other}").content.decode()


def test_certificates_are_issued_in_the_alliance_of_the_list(secretariat, of):
    answer = secretariat.get(f"/admin/alliance/certificate/add/?_changelist_filters=alliance%3D{of.slug}")
    assert answer["Location"].endswith(f"issue/?alliance={of.slug}")


def test_what_was_recorded_is_taken_back_by_its_message(general, of):
    meeting = held(of, 3)
    values = {"number": "1", "subject": "误录", "matter": "other", "ballot": "open"}
    values |= {"votes_for": "3", "votes_against": "0", "abstentions": "0"}
    answer = general.post(f"{DECISIONS}record/{meeting.pk}/", values, follow=True)
    assert "撤销" in text(answer)


def test_pages_ask_the_database_no_more_for_many_members(reference, django_assert_max_num_queries):
    of = alliance_of(40)
    meeting = held(of, 40)
    for _ in range(5):
        record(meeting, 40)
    general = in_role("秘书长")
    for path, most in (
        (MEETINGS, 30),
        (f"{MEETINGS}{meeting.pk}/change/", 45),
        (f"{MEETINGS}{meeting.pk}/sign-in/", 25),
        (DECISIONS, 25),
    ):
        with django_assert_max_num_queries(most):
            assert general.get(path).status_code == 200


def test_nothing_changes_once_something_has_taken_effect(general, of):
    meeting = held(of, 3)
    decision = record(meeting, 3)
    factories.dues_standard(of, decision=decision)
    page = f"{DECISIONS}{decision.pk}/correct/"
    form = general.get(page).context["form"]
    values = {name: form[name].value() or "" for name in form.fields} | {"votes_for": "1", "reason": "录错"}
    # Of a confidential table the number alone.
    assert "已有事项据本决议生效：会费标准 (1)" in text(general.post(page, values))
    answer = general.post(f"{MEETINGS}{meeting.pk}/sign-in/", {"present": [], "reason": "更正"})
    assert "已有事项以本次会议的决议为依据" in text(answer)
    decision.refresh_from_db()
    assert (decision.votes_for, meeting.number_present()) == (3, 3)


def test_an_alliance_that_is_not_registered_calls_its_members_member_units(reference):
    for slug, registered, name in (("plain", False, "成员单位"), ("body", True, "会员单位")):
        of = factories.alliance(slug, legal_person=registered)
        Tier.objects.bulk_create(Tier(alliance=of, **one.values()) for one in StandardTier.objects.all())
        rules.name_member_units(of)
        assert of.tiers.get(code="member").name_zh == name
        meeting = Meeting(alliance=of, body="assembly", number=1)
        assert meeting.body_name() == ("会员大会" if registered else "成员大会")
