"""The form 我要纠错: what is sent waits in the queue, and nothing of the visitor is kept for long."""

import re
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core.management import call_command
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from registry.models import AnswerWanted, Organization, Proposal
from registry.proposals.actions import accept
from registry.proposals.values import standings
from tests import factories

pytestmark = pytest.mark.django_db
GOOD = {"wish": "correct", "field": "short_name", "new": "虚构新简称", "origin": "public"}


@pytest.fixture
def robot(reference: None) -> Organization:
    return factories.enterprise(name_zh="中山市虚构机器人有限公司", short_name="旧简称", published=True)


def send(of: Organization, *, after: int = 10, lang: str = "", **values: Any) -> HttpResponse:
    """Open the form, and send it some seconds later."""
    client = Client(enforce_csrf_checks=True)
    url = f"{lang}/o/{of.registry_no}/correct/"
    now = timezone.now()
    with time_machine.travel(now, tick=False):
        page = client.get(url)
        assert page.status_code == 200
        assert page["Cache-Control"] == "no-store"
        assert not page.cookies
        (moment,) = re.findall(r'name="moment" value="([^"]*)"', page.content.decode())
    with time_machine.travel(now + timedelta(seconds=after), tick=False):
        return client.post(url, {**GOOD, "moment": moment, **values})


def sent(of: Organization, **values: Any) -> Proposal:
    response = send(of, **values)
    assert response.status_code == 302, response.content.decode()
    thanks = Client().get(response["Location"])
    assert "已收到" in thanks.content.decode()
    return Proposal.objects.latest("pk")


def test_a_correction_waits_in_the_queue(robot: Organization) -> None:
    proposal = sent(robot, evidence="见公告", evidence_url="https://robot.example", phone=factories.PHONE)
    assert (proposal.state, proposal.field, proposal.old, proposal.new) == (
        "open",
        "short_name",
        "旧简称",
        "虚构新简称",
    )
    (source,) = proposal.sources.all()
    assert (source.origin, source.proposer, source.evidence) == ("public", None, "见公告")
    assert source.answer_wanted.phone == factories.PHONE
    robot.refresh_from_db()
    assert robot.short_name == "旧简称"
    page = client_of(factories.superuser()).get("/admin/registry/proposal/").content.decode()
    for text in ("虚构新简称", "见公告", "公众", factories.PHONE):
        assert text in page


def client_of(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client


def test_the_number_is_shown_to_those_who_decide_alone(robot: Organization) -> None:
    sent(robot, phone=factories.PHONE)
    viewer = factories.user("registry.view_organization", "registry.view_proposal")
    assert factories.PHONE not in client_of(viewer).get("/admin/registry/proposal/").content.decode()


def test_numbers_are_deleted_after_thirty_days(robot: Organization) -> None:
    sent(robot, phone=factories.PHONE)
    sent(robot, new="又一简称")
    call_command("clear_imports", verbosity=0)
    assert AnswerWanted.objects.count() == 1
    AnswerWanted.objects.update(at=timezone.now() - timedelta(days=31))
    call_command("clear_imports", verbosity=0)
    assert not AnswerWanted.objects.exists()
    assert Proposal.objects.count() == 2


def test_an_organization_is_taken_off_the_list_once_it_is_accepted(robot: Organization) -> None:
    refused = send(robot, wish="remove", field="", new="", origin="public")
    assert refused.status_code == 400
    proposal = sent(robot, wish="remove", field="", new="", origin="enterprise")
    assert Client().get(f"/o/{robot.registry_no}/").status_code == 200
    (standing,) = standings([proposal])
    assert accept({proposal.pk: standing.seen}, factories.superuser()).states["accepted"] == [proposal.pk]
    assert Client().get(f"/o/{robot.registry_no}/").status_code == 410


@pytest.mark.parametrize(
    ("field", "text", "new"),
    [
        ("township", "小榄镇", None),
        ("registration_status", "注销", "deregistered"),
        ("founded_on", "2015-04-01", "2015-04-01"),
        ("website", "https://new.example", "https://new.example"),
    ],
)
def test_values_are_read_as_people_write_them(robot: Organization, field: str, text: str, new: Any) -> None:
    wanted = factories.township().pk if field == "township" else new
    assert sent(robot, field=field, new=text).new == wanted


def test_a_new_name_says_whether_the_organization_was_renamed(robot: Organization) -> None:
    assert sent(robot, field="name_zh", new="中山市虚构新机器人有限公司", renamed="on").name_change == "rename"
    assert sent(robot, field="name_zh", new="中山市虚构真机器人有限公司").name_change == "correction"


@pytest.mark.parametrize(
    ("values", "status"),
    [
        ({"field": "remarks"}, 400),
        ({"field": ""}, 400),
        ({"new": ""}, 400),
        ({"new": "长" * 2001}, 400),
        ({"new": "旧简称"}, 400),
        ({"field": "township", "new": "无此镇"}, 400),
        ({"field": "founded_on", "new": "三月"}, 400),
        ({"origin": "staff"}, 400),
        ({"wish": "publish"}, 400),
        ({"phone": "不是电话"}, 400),
        ({"evidence_url": "javascript:alert(1)"}, 400),
        ({"homepage": "https://spam.example"}, 400),
        ({"moment": "wrong"}, 400),
        ({"after": 1}, 400),
        ({"after": 90_000}, 400),
    ],
)
def test_what_does_not_fit_is_refused_and_nothing_is_kept(
    robot: Organization, values: dict[str, Any], status: int
) -> None:
    response = send(robot, **values)
    assert response.status_code == status
    assert 'lang="zh-Hans"' in response.content.decode()
    assert not Proposal.objects.exists()


def test_corrections_are_limited(robot: Organization) -> None:
    statuses = [send(robot, new=f"简称{number}").status_code for number in range(7)]
    assert statuses == [302] * 5 + [429] * 2
    assert Proposal.objects.count() == 5


def test_there_is_a_form_only_for_what_is_public(robot: Organization) -> None:
    kept = factories.enterprise()
    assert Client().get(f"/o/{kept.registry_no}/correct/").status_code == 404
    assert Client().post(f"/o/{kept.registry_no}/correct/", GOOD).status_code == 404
    Organization.objects.filter(pk=robot.pk).update(published=False)
    assert Client().post(f"/o/{robot.registry_no}/correct/", GOOD).status_code == 410
    assert not Proposal.objects.filter(in_effect=False).exists()


def test_whoever_is_logged_in_in_the_browser_has_not_sent_it(robot: Organization) -> None:
    user = factories.superuser()
    client = client_of(user)
    page = client.get(f"/o/{robot.registry_no}/correct/").content.decode()
    (moment,) = re.findall(r'name="moment" value="([^"]*)"', page)
    with time_machine.travel(timezone.now() + timedelta(seconds=10), tick=False):
        client.post(f"/o/{robot.registry_no}/correct/", {**GOOD, "moment": moment})
    (proposal,) = Proposal.objects.all()
    assert proposal.sources.get().proposer is None
    event = type(proposal).pgh_event_model.objects.get()  # type: ignore[attr-defined]
    assert event.pgh_context.metadata["user"] is None
