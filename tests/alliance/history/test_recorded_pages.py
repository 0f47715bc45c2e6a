"""The page 当时的样子 of members, alliances and what belongs to them."""

from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.utils.timezone import localdate

from alliance.models import (
    Alliance,
    Application,
    Attendance,
    Certificate,
    Decision,
    Due,
    Group,
    Meeting,
    Member,
    Membership,
    Representative,
    Term,
)
from registry.reference.models import Sector
from tests import factories
from tests.alliance.history.test_recorded_on import D, member  # noqa: F401 - the fixture
from tests.registry.history.test_past import BEGAN, moved

pytestmark = pytest.mark.django_db
KINDS = (Alliance, Application, Certificate, Decision, Due, Group, Meeting, Member, Term)


def session(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    client.cookies["django_language"] = "zh-hans"
    return client


def page(record: Any) -> str:
    return f"/admin/alliance/{record._meta.model_name}/{record.pk}/change/"


def shown(client: Client, record: Any, day: object) -> str:
    answer = client.get(page(record), {"recorded_on": str(day)})
    assert answer.status_code == 200
    return answer.content.decode()


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_record_has_the_page_and_leads_to_it(member: Member, kind: Any) -> None:  # noqa: F811
    client, record = session(factories.superuser()), kind.objects.latest("pk")
    assert 'href="?recorded_on="' in client.get(page(record)).content.decode()
    assert "日终的记录，不是现在的内容" in shown(client, record, localdate())


def test_page_of_a_member_shows_what_was_recorded_then(member: Member) -> None:  # noqa: F811
    moved(BEGAN)
    Membership.objects.filter(member=member).update(admitted_on=D(2018, 6, 1))
    Representative.objects.filter(member=member).update(name="接任人")
    moved(D(2024, 6, 1))
    client = session(factories.superuser())
    before, after = (shown(client, member, day) for day in ("2024-05-31", "2024-06-01"))
    assert ("2018-06-01" in before, "2018-06-01" in after) == (False, True)
    assert ("虚构代表" in before, "虚构代表" in after) == (True, False)
    assert "138****8000" in before
    assert "13800138000" not in before + after
    assert "2024-01-01" in shown(client, member, "2023-12-31")


def test_page_of_an_application_shows_the_state_of_then(member: Member) -> None:  # noqa: F811
    one = Application.objects.latest("pk")
    moved(BEGAN)
    Application.objects.filter(pk=one.pk).update(state="withdrawn", remarks="已撤回的说明")
    moved(D(2024, 6, 1))
    client = session(factories.with_role("秘书处"))
    before, after = (shown(client, one, day) for day in ("2024-05-31", "2024-06-01"))
    assert ("<td>草稿</td>" in before, "<td>已撤回</td>" in after) == (True, True)
    assert ("已撤回的说明" in before, "已撤回的说明" in after) == (False, True)
    township = session(factories.with_role("镇街填报员"))
    assert township.get(page(one), {"recorded_on": str(localdate())}).status_code in (302, 403)


def test_rights_are_those_of_the_live_page(member: Member) -> None:  # noqa: F811
    viewer = session(factories.with_role("查询员"))
    then = shown(viewer, member, localdate())
    assert "会籍" in then
    assert "虚构代表" not in then
    assert viewer.get(page(Due.objects.get()), {"recorded_on": str(localdate())}).status_code == 403


def test_rights_that_the_api_asks_for_more_are_refused_and_no_error(member: Member) -> None:  # noqa: F811
    user = factories.user()
    user.user_permissions.add(Permission.objects.get(codename="view_member"))
    assert session(user).get(page(member), {"recorded_on": str(localdate())}).status_code == 403


@pytest.mark.parametrize("day", ["2999-01-01", "昨天"])
def test_other_days_are_told(member: Member, day: str) -> None:  # noqa: F811
    assert 'role="alert"' in shown(session(factories.superuser()), member, day)


def test_page_without_a_day_asks_for_one(member: Member) -> None:  # noqa: F811
    text = shown(session(factories.superuser()), member, "")
    assert 'role="alert"' not in text
    assert 'name="recorded_on"' in text


def test_page_names_sectors_and_leaves_out_what_repeats_the_record(member: Member) -> None:  # noqa: F811
    member.sectors.set(Sector.objects.filter(code="robots"))
    factories.attendance()
    client = session(factories.superuser())
    assert "<td>机器人产品</td>" in shown(client, member, localdate())
    meeting = shown(client, Attendance.objects.latest("pk").meeting, localdate())
    assert "会员大会" in meeting
    assert meeting.count("会议机构") == 1
