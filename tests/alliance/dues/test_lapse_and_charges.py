"""The proposal of lapses by name, and the form 社会团体收费情况 against a count by hand."""

import datetime
from decimal import Decimal

import pytest
from django.test import Client
from django.utils import timezone

from alliance.dues.charges import charges
from alliance.dues.lapse import proposed
from alliance.models import Alliance, Attendance, Due
from tests import factories

pytestmark = pytest.mark.django_db
PAGE = "/admin/alliance/due/lapse/?alliance=registered"
TODAY = datetime.date(2026, 5, 1)


@pytest.fixture
def alliance() -> Alliance:
    alliance = factories.alliance("registered", legal_person=True)
    factories.alliance_rules(alliance, unpaid_years=1, absence_counts=False)
    factories.dues_class(factories.dues_standard(alliance))
    return alliance


def owing(alliance: Alliance, name: str, paid: dict[int, int], **period) -> None:
    """A member with dues of 2,000 yuan for each of the years, and what it has paid of them."""
    member = factories.membership(factories.member(alliance, factories.enterprise(name_zh=name)), **period).member
    for year, amount in paid.items():
        due = factories.due(member, year)
        if amount:
            factories.payment(due, amount=amount)


def names(alliance: Alliance, years: int | None = None) -> list[str]:
    return [str(row.membership.member.organization) for row in proposed(alliance, TODAY, years).rows]


def test_lapse_is_proposed_for_who_has_not_paid_the_last_year_or_two(alliance):
    owing(alliance, "甲厂", {2024: 2000, 2025: 2000, 2026: 0})
    owing(alliance, "乙厂", {2024: 2000, 2025: 0})
    owing(alliance, "丙厂", {2024: 0, 2025: 1999})
    owing(alliance, "丁厂", {2024: 0, 2025: 2000})
    owing(alliance, "戊厂", {2024: 0, 2025: 0}, ended_on="2026-01-01", end_reason="withdrawal")
    owing(alliance, "己厂", {2025: 0})
    assert names(alliance) == names(alliance, 1) == ["丙厂", "己厂", "乙厂"]
    assert names(alliance, 2) == ["丙厂"]
    row = proposed(alliance, TODAY, 2).rows[0]
    assert (row.balance, row.reasons) == (Decimal(2001), "2024、2025 年度会费未缴清")


def test_a_year_without_dues_is_told(alliance):
    owing(alliance, "甲厂", {2025: 0})
    assert "尚未生成" not in proposed(alliance, TODAY).said()
    assert names(alliance, 2) == []
    assert "2024 年度会费尚未生成" in proposed(alliance, TODAY, 2).said()


def test_proposal_changes_nothing(alliance):
    owing(alliance, "乙厂", {2025: 0})
    proposed(alliance, TODAY)
    assert alliance.memberships.get().ended_on is None


def test_who_came_to_no_meeting_is_proposed_where_the_rules_say_so(alliance):
    for name in ("甲厂", "乙厂"):
        owing(alliance, name, {2025: 2000})
    for day in ("2025-03-01", "2025-09-01"):
        factories.meeting(alliance, day, body="assembly")
    Attendance.objects.filter(member__organization__name_zh="甲厂", meeting__held_on="2025-09-01").update(present=True)
    assert names(alliance) == []
    alliance.rules.absence_counts = True
    alliance.rules.save()
    (row,) = proposed(alliance, TODAY).rows
    assert (str(row.membership.member.organization), row.reasons) == ("乙厂", "应到会议 2 次，均未出席")


def test_alliance_that_is_not_registered_proposes_nobody_for_dues():
    other = factories.alliance("test")
    factories.alliance_rules(other, unpaid_years=1)
    assert proposed(other, TODAY).rows == []


def test_what_is_overpaid_does_not_hide_what_others_owe(alliance):
    for name, paid in {"甲厂": 2500, "乙厂": 1500, "丙厂": 2000}.items():
        owing(alliance, name, {2025: paid})
    found = charges(alliance, 2025)
    assert found.total.balance == 0
    assert found.warnings == ["有 1 家会员多缴合计 500 元：其余会员的实际欠缴比“欠缴”栏多此数。"]
    alliance.dues.get(member__organization__name_zh="甲厂").payments.update(amount=2000)
    assert charges(alliance, 2025).warnings == []


def test_form_of_a_year_has_no_standard_that_ended_with_the_year_before(alliance):
    alliance.dues_standards.update(ends_on=datetime.date(2025, 1, 1))
    assert charges(alliance, 2024).standard == alliance.dues_standards.get()
    later = charges(alliance, 2025)
    assert (later.standard, later.classes, later.warnings) == (None, [], ["该年度没有施行的会费标准。"])


def test_form_of_30_members_equals_a_count_by_hand(alliance):
    standard = alliance.dues_standards.get()
    higher = factories.dues_class(standard, "理事", 5000)
    lower = standard.classes.get(name="会员单位")
    decision = factories.dues_decision(alliance, "2025-01-15", matter="dues_relief")
    for number in range(1, 31):
        member = factories.membership(factories.member(alliance, factories.enterprise()), "2020-01-01").member
        due = factories.due(member, 2025, dues_class=higher if number <= 10 else lower)
        if number in (29, 30):
            due.relief, due.relief_rule, due.relief_reason = Decimal(1000), "会费管理办法第五条", "受灾"
            due.relief_decision = decision
            due.save()
        if number <= 7 or 11 <= number <= 25:
            factories.payment(due, receipt_no=f"虚构{number:08d}" if number <= 20 else "")
        elif number == 26:
            factories.payment(due, amount=500)
    found = charges(alliance, 2025)
    by_hand = {
        # 10 × 5,000; 7 have paid
        "理事": (5000, 10, 50000, 0, 35000, 15000),
        # 20 × 2,000; two are relieved of 1,000 each; 15 have paid, one has paid 500
        "会员单位": (2000, 20, 40000, 2000, 30500, 7500),
    }
    shown = {one.name: (one.rate, one.members, one.amount, one.relief, one.paid, one.balance) for one in found.classes}
    assert shown == by_hand
    total = found.total
    assert (total.members, total.amount, total.relief, total.paid, total.balance) == (30, 90000, 2000, 65500, 22500)
    assert [(one.rule, one.reason, one.members, one.amount) for one in found.reliefs] == [
        ("会费管理办法第五条", "受灾", 2, Decimal(2000))
    ]
    # numbers 1 to 7 and 11 to 20 have a receipt; 21 to 26 have none
    assert (found.receipts, found.without_receipt) == (17, 6)
    facts = dict(found.facts())
    asked = ("会议时间", "表决方式", "应出席", "实际出席", "赞同", "反对", "弃权", "公布日期", "档次数")
    assert [facts[name] for name in asked] == [
        "2019年1月10日", "无记名投票", "30", "26", "24", "1", "1", "2019年1月20日", "2",
    ]  # fmt: skip
    assert found.warnings == []
    assert Due.objects.count() == 30


def test_form_warns_of_more_than_four_classes_and_of_a_wrong_procedure(alliance):
    standard = alliance.dues_standards.get()
    for number in range(2, 6):
        factories.dues_class(standard, f"第{number}档", 1000 * number)
    standard.decision = None
    standard.save()
    assert charges(alliance, 2025).warnings == [
        "未按规定程序通过，不得收取",
        "未登记会员（代表）大会的决议。",
        "会费标准一般不超过 4 个档次，现有 5 个。",
    ]


def test_form_of_an_alliance_that_is_not_registered_says_that_it_has_no_dues():
    assert charges(factories.alliance("test"), 2025).warnings == ["未登记为法人的联盟不收取会费。"]


def test_page_leads_to_the_application_where_changes_go_by_application(reference, alliance):
    owing(alliance, "乙厂", {timezone.localdate().year - 1: 0})
    organization = alliance.memberships.get().member.organization_id
    address = f"/admin/alliance/application/enter/form/?alliance=registered&kind=lapse&organization={organization}"
    client, shown = Client(), address.replace("&", "&amp;")
    client.force_login(factories.with_role("秘书处"))
    assert "乙厂" in (text := client.get(PAGE).text)
    assert shown not in text
    alliance.rules.direct_entry = False
    alliance.rules.save()
    assert shown in client.get(PAGE).text
    form = client.get(address)
    assert (form.status_code, "乙厂" in form.text, "自动退会" in form.text) == (200, True, True)
    entered = factories.application(alliance, alliance.memberships.get().member.organization, kind="lapse")
    page = client.get(PAGE).text
    assert shown not in page
    assert f'<a href="/admin/alliance/application/{entered.pk}/change/">草稿</a>' in page
    entered.state = "withdrawn"
    entered.save()
    assert shown in client.get(PAGE).text
    client.force_login(factories.with_role("审计员"))
    assert shown not in client.get(PAGE).text
