"""The dues of the demonstration's registered alliance, counted by hand: 30 members, two years."""

import datetime

import pytest
from django.core.management import call_command
from django.test import Client

from alliance.dues.charges import charges
from alliance.dues.lapse import proposed
from alliance.models import Alliance, Due
from tests import factories

pytestmark = pytest.mark.django_db
TODAY = datetime.date(2026, 5, 1)


@pytest.fixture
def alliance(reference: None) -> Alliance:
    call_command("load_demo", verbosity=0)
    return Alliance.objects.get(legal_person=True)


def test_form_of_the_30_demo_members_equals_a_count_by_hand(alliance):
    found = charges(alliance, 2025)
    shown = {one.name: (one.rate, one.members, one.amount, one.paid, one.balance) for one in found.classes}
    assert shown == {
        "理事长单位": (20000, 1, 20000, 20000, 0),
        "副理事长单位": (10000, 3, 30000, 30000, 0),
        # 4 + 8 units; one has not paid
        "理事单位": (5000, 12, 60000, 55000, 5000),
        # 14 units, of which 3 joined in September and owe half; two have not paid, one paid 500 of 2,000
        "会员单位": (2000, 14, 25000, 19500, 5500),
    }
    total = found.total
    assert (total.members, total.amount, total.relief, total.paid, total.balance) == (30, 135000, 0, 124500, 10500)
    assert (found.receipts, found.without_receipt) == (25, 2)
    assert found.warnings == []
    facts = dict(found.facts())
    assert [facts[name] for name in ("通过会费标准的会议", "会议时间", "表决方式", "赞同", "反对", "弃权")] == [
        "第1届会员大会第1次会议", "2021年9月10日", "无记名投票", "22", "2", "1",
    ]  # fmt: skip
    assert charges(alliance, 2024).total.balance == 4000


def test_lapse_list_of_the_demo_names_the_members_for_one_and_two_years(alliance):
    def names(years: int) -> dict[str, str]:
        rows = proposed(alliance, TODAY, years).rows
        return {row.membership.member.organization.registry_no: row.reasons for row in rows}

    unpaid, absent = "2025 年度会费未缴清", "应到会议 1 次，均未出席"
    assert names(1) == {
        "ZSAI-000013": unpaid,
        "ZSAI-000019": unpaid,
        "ZSAI-000021": absent,
        "ZSAI-000022": f"{unpaid}；{absent}",
        "ZSAI-000023": absent,
        "ZSAI-000024": f"{unpaid}；{absent}",
    }
    two = names(2)
    assert two["ZSAI-000019"] == "2024、2025 年度会费未缴清"
    assert [no for no, why in two.items() if "未缴清" in why] == ["ZSAI-000019"]


def test_pages_show_the_form_and_the_list_by_name(alliance):
    client = Client()
    client.force_login(factories.superuser())
    page = client.get("/admin/alliance/duesstandard/charges/?year=2025").content.decode()
    for text in ("社会团体收费情况", "无记名投票", "135,000", "10,500", "会员单位"):
        assert text in page
    listed = client.get("/admin/alliance/due/lapse/?alliance=zsra&years=2").content.decode()
    name = str(Due.objects.filter(member__organization__registry_no="ZSAI-000019").first().member.organization)
    assert name in listed
    assert "2024、2025 年度会费未缴清" in listed
