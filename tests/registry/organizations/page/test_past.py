"""The page 当时的样子: the cards of an organization at the end of an earlier day."""

import datetime
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils.timezone import localdate

from registry.models import Contact, Organization
from tests import factories
from tests.registry.history.test_past import moved
from tests.registry.organizations.page.test_page import REVENUE, full, read, session

__all__ = ["full"]
pytestmark = pytest.mark.django_db
BEFORE, AFTER = datetime.date(2024, 1, 1), datetime.date(2024, 6, 1)


def page(client: Client, of: Organization, day: object, kind: str = "enterprise") -> Any:
    answer = client.get(read(of, kind), {"as_of": str(day)})
    assert answer.status_code == 200
    return answer.content.decode()


@pytest.fixture
def changed(full: Organization) -> Organization:
    moved(BEFORE)
    Organization.objects.filter(pk=full.pk).update(short_name="后来的简称")
    Contact.objects.filter(organization=full).update(name="接任联络人")
    moved(AFTER)
    return full


def test_the_day_is_said_and_what_it_held_is_shown(changed: Organization) -> None:
    client = session(factories.superuser())
    shown = page(client, changed, "2024-05-31")
    assert "当时的样子：截至 2024-05-31 日终的记录，不是现在的内容。" in shown
    for words in ("满卡", "虚构联络人", "虚构母公司", "虚构子公司", REVENUE, "中山市旧名虚构有限公司", "X99999"):
        assert words in shown, words
    assert "后来的简称" not in shown
    assert "接任联络人" not in shown
    assert "/edit/" not in shown
    assert "下一次变更：2024-06-01" in shown
    later = page(client, changed, "2024年6月1日")
    assert "后来的简称" in later
    assert "上一次变更：2024-01-01" in later
    assert "此后没有变更" in later


def test_qualifications_have_lapsed_or_not_on_that_day(full: Organization) -> None:
    factories.qualification(full, batch="旧批次", granted_on="2020-01-01", valid_to="2024-05-01")
    moved(BEFORE)
    client = session(factories.superuser())
    assert "已失效 2 项" not in page(client, full, "2024-04-30")
    assert "已失效 2 项" in page(client, full, "2024-05-01")


@pytest.mark.parametrize(
    ("day", "said"),
    [
        ("2023-12-31", "该记录录入于 2024-01-01；名录本身自 2024-01-01 起才有记录"),
        ("2099-01-01", "该日期尚未到来"),
        ("", "请填写日期"),
        ("那天", "那天"),
    ],
)
def test_what_cannot_be_shown_is_said(changed: Organization, day: str, said: str) -> None:
    shown = page(session(factories.superuser()), changed, day)
    assert said in shown
    assert "满卡" not in shown.partition("past-banner")[2]


def test_there_is_no_past_of_what_is_not(reference: None) -> None:
    client = session(factories.superuser())
    assert client.get("/admin/registry/enterprise/999999/?as_of=2024-01-01").status_code == 404


# --- Who sees what


def test_secret_tables_stay_secret(changed: Organization) -> None:
    shown = page(session(factories.with_role("查询员")), changed, "2024-05-31")
    for words in (REVENUE, "虚构联络人", "接任联络人", factories.PHONE):
        assert words not in shown, words


def test_numbers_are_masked_for_everybody(changed: Organization) -> None:
    Contact.objects.filter(organization=changed).update(phone="13800138000")
    shown = page(session(factories.superuser()), changed, localdate())
    assert "138****8000" in shown
    assert "13800138000" not in shown


def test_a_township_sees_the_past_of_what_is_its_own_today(changed: Organization) -> None:
    before, now = factories.township(), factories.township("442000102")
    Organization.objects.filter(pk=changed.pk).update(township=now)
    for town, sees in ((before, False), (now, True)):
        shown = page(session(factories.of_township(town)), changed, "2024-05-31")
        assert ("虚构联络人" in shown) is sees
        assert (REVENUE in shown) is sees


def test_memberships_are_for_those_who_may_see_them(changed: Organization) -> None:
    viewer: User = factories.user("registry.view_organization", is_staff=True)
    assert "会籍" not in page(session(viewer), changed, "2024-05-31", "organization").partition("past-banner")[2]


def test_the_page_costs_the_same_whatever_has_happened(changed: Organization) -> None:
    client = session(factories.superuser())
    page(client, changed, localdate())
    counts = []
    for turn in range(2):
        with CaptureQueriesContext(connection) as queries:
            page(client, changed, localdate())
        counts.append(len(queries))
        for year in range(2010, 2014):
            factories.figures(changed, year + turn * 4)
            factories.qualification(changed, batch=f"{year}{turn}")
            factories.relation(changed, factories.enterprise())
    assert counts[0] == counts[1] == QUERIES


QUERIES = 29


# --- The way there


def test_the_record_and_its_history_lead_to_the_past(changed: Organization) -> None:
    client = session(factories.superuser())
    assert 'name="as_of"' in client.get(read(changed)).content.decode()
    history = client.get(f"{read(changed)}history/").content.decode()
    assert f"{read(changed)}?as_of=2024-06-01" in history


def test_the_whole_history_offers_to_revert_each_value(changed: Organization) -> None:
    Organization.objects.filter(pk=changed.pk).update(
        short_name="第三个简称", remarks="备注", website="https://a.example/"
    )
    history = session(factories.superuser()).get(f"{read(changed)}history/").content.decode()
    assert history.count("?revert=organization.") == 4
    viewer = session(factories.with_role("查询员")).get(f"{read(changed)}history/").content.decode()
    assert "?revert=" not in viewer
