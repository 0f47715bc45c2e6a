"""Who may not see meetings finds nothing of them: no page, list, history, search or feed has a word of theirs."""

import pytest
from django.test import Client
from django.utils import timezone

from alliance.models import Attendance, Meeting
from registry.organizations.models.reach import LIMITED
from tests import factories
from tests.alliance.meetings.test_recording import alliance_of, held, record
from tests.api import api as api_of

pytestmark = pytest.mark.django_db

CANARY = "密不外传"
PAGES = (
    "/admin/",
    "/admin/changes/",
    f"/admin/find/?q={CANARY[:3]}",
    "/admin/alliance/alliance/{alliance}/change/",
    "/admin/alliance/alliance/{alliance}/history/",
    "/admin/alliance/member/{member}/change/",
    "/admin/alliance/member/{member}/history/",
    "/admin/alliance/member/papers/",
    "/admin/alliance/term/{term}/change/",
)
LISTS = (
    "alliances/",
    "alliances/test/",
    "alliances/test/members/",
    "alliances/test/changes/",
    "alliances/test/terms/",
    "organizations/{number}/",
    "organizations/{number}/history/",
    "organizations/{number}/memberships/timeline/",
    "organizations/changes/",
)
SECRET_LISTS = ("meetings", "attendance", "decisions", "voting-rules", "rules")


@pytest.fixture
def at(reference) -> dict[str, object]:
    of = alliance_of(3)
    term = factories.term(of, begins_on="2019-01-01")
    meeting = held(of, 3, term=term, place=CANARY)
    record(meeting, 3, subject=CANARY)
    row = meeting.attendance.select_related("member__organization").first()
    row.proxy = CANARY
    row.save()
    number = row.member.organization.registry_no
    return {"alliance": of.pk, "member": row.member_id, "term": term.pk, "number": number}


@pytest.mark.parametrize("role", ["查询员", "录入员", "镇街填报员", "审核员"])
def test_roles_without_the_right_find_nothing(at, role):
    user = factories.with_role(role)
    client, caller = Client(), api_of(user=user)
    client.force_login(user)
    for page in PAGES:
        answer = client.get(page.format(**at))
        assert answer.status_code in (200, 403), page
        assert CANARY not in answer.content.decode(), page
    for path in LISTS:
        answer = caller.get(path.format(**at))
        assert answer.status_code == 200, path
        assert CANARY not in answer.content.decode(), path
    for name in SECRET_LISTS:
        assert caller.get(f"alliances/test/{name}/").status_code == 403


def test_administrator_sees_the_meeting_and_not_who_was_sent(at):
    """A proxy is a person, and who looks after the system needs no names of persons."""
    user = factories.with_role("系统管理员")
    client, caller = Client(), api_of(user=user)
    client.force_login(user)
    Attendance.objects.update(present=True, proxy="虚构代理人")
    meeting = Meeting.objects.get()
    pages = [f"/admin/alliance/meeting/{meeting.pk}/{page}/" for page in ("change", "history", "sign-in")]
    answers = [client.get(page) for page in (*pages, "/admin/changes/", "/admin/find/?q=虚构代理人")]
    assert [answer.status_code for answer in answers] == [200, 200, 403, 200, 200]
    answers += [caller.get(f"alliances/test/{name}/") for name in (f"meetings/{meeting.pk}", "meetings/changes")]
    answers.append(caller.get(f"alliances/test/meetings/{meeting.pk}/", {"recorded_on": timezone.localdate()}))
    assert [answer.status_code for answer in answers[5:]] == [200, 200, 200]
    for answer in answers:
        assert "虚构代理人" not in answer.content.decode().replace("q=虚构代理人", "").replace('value="虚构代理人"', "")
    for name in ("attendance", "attendance/changes"):
        assert caller.get(f"alliances/test/{name}/").status_code == 403


def test_account_of_townships_sees_who_was_there_of_its_own_organizations_alone(at):
    rights = ("view_attendance", "view_meeting", "view_alliance", "view_term", "view_member")
    user = factories.user(*(f"alliance.{name}" for name in rights), "registry.view_organization", LIMITED)
    row = Attendance.objects.select_related("member__organization").first()
    row.member.organization.township = factories.account_township(user).township
    row.member.organization.save()
    client, caller = Client(), api_of(user=user)
    client.force_login(user)
    listed = caller.rows("alliances/test/attendance/")
    assert [one["id"] for one in listed] == [row.pk]
    assert client.get(f"/admin/alliance/meeting/{row.meeting_id}/sign-in/").status_code == 403
    past = caller.get(f"alliances/test/meetings/{row.meeting_id}/", {"recorded_on": timezone.localdate()})
    assert "attendance" not in past.json()


def test_the_public_finds_nothing(at):
    client = Client()
    for path in ("alliances/", "alliances/test/", "alliances/test/members/", "alliances/test/changes/"):
        answer = client.get(f"/public/v1/{path}")
        assert answer.status_code == 200, path
        assert CANARY not in answer.content.decode()
    for name in SECRET_LISTS:
        assert client.get(f"/public/v1/alliances/test/{name}/").status_code == 404


def test_who_may_see_meetings_finds_the_same_words(at):
    """Else the tests above would prove nothing."""
    user = factories.with_role("审计员")
    caller, client = api_of(user=user), Client()
    client.force_login(user)
    for name in ("meetings", "attendance", "decisions"):
        assert CANARY in caller.get(f"alliances/test/{name}/").content.decode(), name
    assert CANARY in client.get("/admin/changes/").content.decode()
