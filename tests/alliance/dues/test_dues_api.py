"""Dues and payments over HTTP: filters, reliefs, payments, files with receipts; and what the pages do."""

import datetime

import pytest
from django.test import Client
from django.utils.timezone import localdate

from alliance.models import Due, Payment
from registry.models import Receipt
from tests import factories
from tests.api import api, ok, root
from tests.pages import form_data

pytestmark = pytest.mark.django_db
VIEW = tuple(f"alliance.view_{name}" for name in ("alliance", "member", "membership", "duesstandard", "duesclass"))
MAY = (*VIEW, "registry.view_organization", "alliance.view_due", "alliance.view_payment", "alliance.change_due")


@pytest.fixture
def dues() -> list[Due]:
    """Dues of 2,000 yuan for 2025: unpaid, partly paid, paid, overpaid."""
    alliance = factories.alliance("registered", legal_person=True)
    found = []
    for paid in (0, 500, 2000, 2001):
        due = factories.due(factories.membership(factories.member(alliance)).member, 2025)
        if paid:
            factories.payment(due, amount=paid)
        found.append(due)
    return found


def states(client, **parameters) -> list[str]:
    return sorted(row["state"] for row in client.rows("alliances/registered/dues/", **parameters))


def test_list_says_balance_and_state_and_is_filtered_by_them(dues, django_assert_num_queries):
    client = api(*MAY)
    rows = {
        row["state"]: (row["owed"], row["paid"], row["balance"]) for row in client.rows("alliances/registered/dues/")
    }
    assert rows == {
        "unpaid": (2000, 0, 2000),
        "partly": (2000, 500, 1500),
        "paid": (2000, 2000, 0),
        "overpaid": (2000, 2001, -1),
    }
    assert states(client, state="unpaid,partly") == ["partly", "unpaid"]
    assert states(client, state="paid", year="2025") == ["paid"]
    assert states(client, year="2024") == []
    wrong = client.get("alliances/registered/dues/", {"state": "gone"})
    assert wrong.status_code == 400


def test_relief_needs_rule_reason_and_decision(dues):
    client, url = api(*MAY), f"alliances/registered/dues/{dues[0].pk}/"
    refused = client.patch(url, {"relief": 500, "relief_rule": "第三条"})
    assert (refused.status_code, refused.json()["errors"][0]["code"]) == (400, "due_relief_with_rule_reason_decision")
    decision = factories.dues_decision(dues[0].alliance, "2025-01-15", matter="dues_relief")
    body = {"relief": 500, "relief_rule": "第三条", "relief_reason": "虚构", "relief_decision": decision.pk}
    assert ok(client.patch(url, body))["owed"] == 1500
    other = factories.dues_decision(factories.alliance("other", legal_person=True), matter="dues_relief")
    assert client.patch(url, {"relief_decision": other.pk}).status_code == 400


def test_other_months_are_another_amount_unless_it_is_named(dues):
    client, url = api(*MAY), f"alliances/registered/dues/{dues[0].pk}/"
    half = ok(client.patch(url, {"months": 6}))
    assert (half["months"], half["amount"], half["owed"]) == (6, 1000, 1000)
    assert ok(client.patch(url, {"months": 3, "amount": 700}))["amount"] == 700
    assert ok(client.patch(url, {"months": 3, "remarks": "虚构"}))["amount"] == 700


def test_payment_names_the_dues_by_member_and_year(dues):
    client = api(*MAY, "alliance.add_payment", "alliance.delete_payment")
    body = {
        "member_no": dues[0].member.member_no,
        "year": 2025,
        "paid_on": "2025-05-01",
        "amount": 2000,
        "serial_no": "虚构1",
    }
    made = client.post("alliances/registered/payments/", body)
    assert made.status_code == 201, made.content
    assert states(client, member_no=dues[0].member.member_no) == ["paid"]
    again = client.post("alliances/registered/payments/", body)
    assert (again.status_code, Payment.objects.filter(serial_no="虚构1").count()) == (409, 1)
    unknown = client.post("alliances/registered/payments/", body | {"year": 2020})
    assert (unknown.status_code, unknown.json()["errors"][0]["pointer"]) == (400, "/year")


def test_no_payment_comes_in_from_the_future(dues):
    client, url = api(*MAY, "alliance.add_payment"), "alliances/registered/payments/"
    body = {"member_no": dues[0].member.member_no, "year": 2025, "amount": 1}
    for day in (localdate() + datetime.timedelta(days=1), datetime.date(1, 1, 1)):
        refused = client.post(url, body | {"paid_on": f"{day:%Y-%m-%d}".zfill(10)})
        assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (400, "/paid_on"), refused.json()
    assert not dues[0].payments.exists()
    ok(client.post(url, body | {"paid_on": f"{localdate():%Y-%m-%d}"}), 201)


@pytest.mark.parametrize("kind", ["csv", "xlsx", "pdf"])
def test_form_of_a_year_is_a_file_with_a_receipt(dues, kind):
    answer = root().get(f"alliances/registered/dues/charges/?year=2025&format={kind}")
    assert answer.status_code == 200
    body = b"".join(answer.streaming_content)
    assert body.startswith({"csv": b"\xef\xbb\xbf", "xlsx": b"PK", "pdf": b"%PDF"}[kind])
    assert Receipt.objects.get().number == answer["X-Receipt"]


def test_list_of_lapses_is_a_file_with_a_receipt(dues):
    answer = root().get("alliances/registered/dues/lapse/?format=csv&years=1")
    assert "会员编号" in b"".join(answer.streaming_content).decode("utf-8-sig") or answer.status_code == 200
    assert Receipt.objects.count() == 1
    assert root().get("alliances/registered/dues/lapse/?years=9").status_code == 400


# --- Pages


@pytest.fixture
def clerk(reference: None) -> Client:
    client = Client()
    client.force_login(factories.with_role("秘书处"))
    return client


def test_dues_are_drawn_up_on_their_page_and_taken_back_by_the_message(clerk):
    alliance = factories.alliance("registered", legal_person=True)
    tier = factories.tier(alliance)
    factories.dues_class(factories.dues_standard(alliance), "会员", 2000, tier)
    for name in ("甲厂", "乙厂"):
        factories.membership(factories.member(alliance, factories.enterprise(name_zh=name)), tier=tier)
    url, year = "/admin/alliance/due/draw-up/", localdate().year
    asked = {"alliance": alliance.pk, "year": year, "who": "day", "on": f"{year}-01-31"}
    shown = clerk.post(url, {**asked, "step": "show"})
    assert "2 家会员，共 4,000 元" in shown.content.decode()
    assert not Due.objects.exists()
    seal = shown.context["found"].seal
    done = clerk.post(url, {**asked, "step": "apply", "seal": seal}, follow=True)
    page = done.content.decode()
    assert f"已为 2 家会员生成 {year} 年度会费，共 4,000 元。" in page
    assert "/admin/undo/" in page
    assert Due.objects.count() == 2
    assert "2 家会员，不变" in clerk.post(url, {**asked, "step": "show"}).content.decode()
    back = clerk.post(
        "/admin/alliance/due/undo/", {"alliance": alliance.pk, "year": year, "step": "apply"}, follow=True
    )
    assert f"已撤销 2 家会员的 {year} 年度会费。" in back.content.decode()
    assert not Due.objects.exists()


def test_page_of_a_standard_says_that_nothing_may_be_collected_by_it(clerk):
    standard = factories.dues_standard(decision=None)
    page = clerk.get(f"/admin/alliance/duesstandard/{standard.pk}/change/").content.decode()
    assert "未按规定程序通过，不得收取" in page
    assert "未按规定程序通过，不得收取" in clerk.get("/admin/alliance/duesstandard/").content.decode()


def test_more_than_four_classes_warn_and_a_tier_belongs_to_one(clerk):
    standard = factories.dues_standard()
    tier = factories.tier(standard.alliance)
    for number in range(1, 6):
        factories.dues_class(standard, f"第{number}档", number * 1000)
    url = f"/admin/alliance/duesstandard/{standard.pk}/change/"
    data = form_data(clerk.get(url))
    answer = clerk.post(url, data | {"remarks": "虚构"}, follow=True)
    assert "会费标准一般不超过 4 个档次，现有 5 个。" in answer.content.decode()
    data = form_data(clerk.get(url))
    answer = clerk.post(url, data | {"classes-0-tiers": [tier.pk], "classes-1-tiers": [tier.pk]})
    assert "一个级别只对应一个档次" in answer.content.decode()


def test_amount_follows_class_and_months_on_the_page_of_dues(clerk, dues):
    url = f"/admin/alliance/due/{dues[0].pk}/change/"
    data = form_data(clerk.get(url))
    assert data["amount"] == "2,000"
    clerk.post(url, data | {"months": 6})
    due = Due.objects.get(pk=dues[0].pk)
    assert (due.months, due.amount) == (6, 1000)


def test_a_payment_that_may_be_a_second_one_is_told(clerk, dues):
    def said(due, amount, **more) -> str:
        values = {"due": due.pk, "paid_on": "2025-06-01", "amount": amount}
        return clerk.post("/admin/alliance/payment/add/", values | more, follow=True).text

    alike, over = "无流水号", "超出应缴"

    def warned(text: str) -> tuple[bool, bool]:
        return alike in text, over in text

    assert warned(said(dues[0], 500)) == (False, False)
    assert warned(said(dues[0], 500)) == (True, False)
    assert warned(said(dues[0], 1500, serial_no="虚构1")) == (True, True)
    assert warned(said(dues[2], 1)) == (False, True)
    url = f"/admin/alliance/due/{dues[3].pk}/change/"
    assert over not in clerk.post(url, form_data(clerk.get(url)) | {"remarks": "虚构"}, follow=True).text
    assert over in clerk.post(url, form_data(clerk.get(url)) | {"payments-0-amount": "2002"}, follow=True).text


def test_dues_stand_on_the_pages_of_member_and_organization_for_who_may_see_them(clerk, dues):
    member = dues[1].member
    kind = "enterprise"
    pages = [f"/admin/alliance/member/{member.pk}/change/", f"/admin/registry/{kind}/{member.organization_id}/"]
    for url in pages:
        assert "1,500" in clerk.get(url).content.decode(), url
    other = Client()
    other.force_login(factories.with_role("查询员"))
    for url in pages:
        assert "1,500" not in other.get(url).content.decode(), url


def test_history_tells_amounts_in_yuan(clerk, dues):
    due = dues[0]
    due.amount = 3000
    due.save()
    page = clerk.get(f"/admin/alliance/due/{due.pk}/history/").content.decode()
    assert "3,000 元" in page
