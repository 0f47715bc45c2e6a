"""Meetings, attendance, decisions and rules over HTTP: the operations of the pages, with their words."""

from typing import Any

import pytest

from alliance.models import Decision, Meeting, VotingRule
from tests import factories
from tests.alliance.meetings.test_recording import alliance_of, held, record
from tests.alliance.papers.test_pdf import content, text_of
from tests.api import api as api_of
from tests.api import ok, problem

pytestmark = pytest.mark.django_db

BASE = "alliances/test/"


@pytest.fixture
def general(reference: None) -> Any:
    return api_of(user=factories.with_role("秘书长"))


def changed(caller: Any, path: str, body: dict[str, Any], status: int = 200) -> Any:
    answer = caller.patch(path, body)
    return ok(answer) if status == 200 else problem(answer, status)


def test_a_meeting_is_entered_signed_in_and_decides(general):
    of = alliance_of(3)
    factories.term(of, begins_on="2019-01-01", number=2)
    meeting = ok(general.post(f"{BASE}meetings/", {"body": "council", "held_on": "2021-07-01"}), 201)
    assert {name: meeting[name] for name in ("term", "number", "called", "number_present")} == {
        "term": 2,
        "number": 1,
        "called": 3,
        "number_present": 0,
    }
    decision = {
        "meeting": meeting["id"],
        "subject": "关于虚构事项",
        "votes_for": 2,
        "votes_against": 0,
        "abstentions": 0,
    }
    assert "Nobody is ticked" in str(problem(general.post(f"{BASE}decisions/", decision), 400))
    for row in general.rows(f"{BASE}attendance/", meeting=meeting["id"])[:2]:
        changed(general, f"{BASE}attendance/{row['id']}/", {"present": True})
    answer = ok(general.post(f"{BASE}decisions/", decision), 201)
    assert (answer["present"], answer["entitled"], answer["passed"], answer["quorum_denominator"]) == (2, 3, True, 3)
    assert [row["number_present"] for row in general.rows(f"{BASE}meetings/")] == [2]
    path = f"{BASE}decisions/{answer['id']}/"
    assert "Say why" in str(changed(general, path, {"votes_for": 1}, 400))
    assert changed(general, path, {"votes_for": 1, "votes_against": 1, "reason": "录错"})["passed"] is False
    assert "say why the meeting" in str(
        changed(general, f"{BASE}meetings/{meeting['id']}/", {"place": "虚构会堂"}, 400)
    )


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ({"votes_for": 4}, "More votes than"),
        ({"votes_for": -1}, ""),
        ({"subject": "‮x"}, "direction"),
        ({"matter": "war"}, ""),
        ({"number": 1}, "decision 1 already"),
        ({"meeting": 0}, ""),
        ({"passed": True}, "can only be read"),
    ],
)
def test_a_wrong_decision_is_refused_and_nothing_is_stored(general, body, told):
    meeting = held(alliance_of(3), 3)
    record(meeting, 3)
    values = {"meeting": meeting.pk, "subject": "甲", "votes_for": 3, "votes_against": 0, "abstentions": 0} | body
    assert told in str(problem(general.post(f"{BASE}decisions/", values), 409 if "number" in body else 400))
    assert Decision.objects.count() == 1


def test_a_meeting_outside_its_term_is_refused_in_both_languages(general):
    of = alliance_of(3)
    factories.term(of, begins_on="2019-01-01", number=2)
    body = {"body": "council", "held_on": "2025-07-01", "term": 2}
    for language, told in (("zh", "会议日期不在任期内"), ("en", "the meeting lies outside")):
        assert told in str(problem(general.post(f"{BASE}meetings/", body, headers={"accept-language": language}), 400))
    assert not Meeting.objects.exists()


def test_only_a_meeting_that_has_not_decided_is_removed(general):
    of = alliance_of(3)
    mistake, decided = factories.meeting(of), held(of, 3)
    record(decided, 3)
    for meeting, status in ((mistake, 204), (decided, 409)):
        path = f"{BASE}meetings/{meeting.pk}/"
        assert general.delete(path).status_code == status
    assert list(Meeting.objects.all()) == [decided]


def test_rules_are_set_and_files_are_exported(general):
    of = alliance_of(3)
    rule = {"body": "council", "quorum_numerator": 1, "quorum_denominator": 2}
    assert ok(general.post(f"{BASE}voting-rules/", rule), 201)["majority_numerator"] is None
    assert "A share has both" in str(
        problem(general.post(f"{BASE}voting-rules/", rule | {"body": "assembly", "quorum_numerator": 3}), 400)
    )
    ok(general.post(f"{BASE}rules/", {"admission_body": "council", "direct_entry": False}), 201)
    assert VotingRule.objects.count() == 1
    record(held(of, 3), 3, subject="关于虚构事项的决议")
    csv = content(general.get(f"{BASE}decisions/?format=csv&lang=zh")).decode()
    assert "关于虚构事项的决议" in csv
    assert "理事会" in csv
    for name in ("meetings", "attendance"):
        assert content(general.get(f"{BASE}{name}/?format=xlsx")).startswith(b"PK")


def test_ballot_and_sign_in_sheet_leave_out_the_suspended_and_say_so(general):
    of = alliance_of(3, 1)
    factories.suspension(of.memberships.filter(tier__in_council=True).first(), "2021-06-01")
    meeting = factories.meeting(of, place="虚构会堂")
    asked = {"format": "pdf", "lang": "zh", "as_of": "2021-07-01"}
    for layout, of_meeting, rows in (
        ("voting", True, 2),
        ("signin", True, 2),
        ("voting", False, 2),
        ("signin", False, 3),
    ):
        more = {"layout": layout} | ({"meeting": meeting.pk} if of_meeting else {})
        text = text_of(content(general.get(f"{BASE}members/", asked | more)))
        assert "暂停会籍的1家未列入" in text
        assert f"{rows}家" in text
        assert (str(meeting) in text and "虚构会堂" in text) == of_meeting
    for wrong in ({"as_of": "2021-07-02"}, {"meeting": "0"}, {"layout": "roster"}):
        problem(general.get(f"{BASE}members/", asked | {"layout": "signin", "meeting": meeting.pk} | wrong), 400)
    viewer = api_of(user=factories.with_role("查询员"))
    problem(viewer.get(f"{BASE}members/", asked | {"layout": "signin", "meeting": meeting.pk}), 400)
