"""Operations on many members at once, as a clerk clicks them: list, form, preview, result."""

import datetime
import os
import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from alliance.members.operations import actions, standing
from alliance.models import Membership
from tests import factories

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
D = datetime.date
PICTURES = os.environ.get("REGISTRY_PICTURES", "")
"""A directory for pictures of the pages, to look at."""


def picture(page: Page, name: str) -> None:
    if PICTURES:
        page.screenshot(path=str(Path(PICTURES) / f"{name}.png"), full_page=True)


@pytest.fixture
def members() -> None:
    alliance = factories.alliance("test", name_zh="中山市示例人工智能联盟")
    tiers = [
        factories.tier(alliance, code, name_zh=name, rank=rank)
        for rank, (code, name) in enumerate(
            [("vice", "副理事长单位"), ("council", "理事单位"), ("member", "会员单位")], 2
        )
    ]
    today = datetime.date.today()  # noqa: DTZ011 - the process has the time zone
    for number in range(9):
        who = factories.enterprise(name_zh=f"中山市示例{'甲乙丙丁戊己庚辛壬'[number]}智能有限公司")
        on = D(2020 + number // 2, 3, 1) if number < 7 else D(today.year, 1, 15)
        actions.admit(who, alliance, tiers[number % 3], on, remarks="示例")
    members = list(alliance.members.order_by("member_no"))
    actions.end(members[3], D(today.year, 2, 1), "withdrawal")
    actions.end(members[4], D(today.year - 1, 5, 1), "lapse")
    standing.suspend(members[5], D(today.year, 3, 1), "欠缴会费")


def test_tiers_of_many_are_changed_at_once(staff_page: Page, members: None) -> None:
    page = staff_page
    page.goto("/admin/alliance/member/")
    expect(page.get_by_role("link", name="理事单位 2", exact=True)).to_be_visible()
    picture(page, "1-list")
    for number in ("M0002", "M0003", "M0006"):
        page.locator("tr", has_text=number).locator("input.action-select").check()
    page.locator("select[name=action]").select_option("change_tier")
    page.get_by_role("button", name="执行").click()
    page.get_by_label("会员级别").select_option(label="理事单位")
    page.locator("[name=on]").fill("2026-01-01")
    page.get_by_label("事由").fill("二届三次理事会决议")
    picture(page, "2-form")
    page.get_by_role("button", name=re.compile("查看")).click()
    picture(page, "3-preview")
    page.get_by_role("button", name=re.compile("确认办理")).click()
    expect(page.get_by_text("未执行")).to_be_visible()
    picture(page, "4-not-left-out")
    assert not Membership.objects.filter(admitted_on=D(2026, 1, 1)).exists()
    page.get_by_label("略过这些单位").check()
    page.get_by_role("button", name=re.compile("确认办理 2 家")).click()
    expect(page.get_by_text("已登记 2 家单位")).to_be_visible()
    picture(page, "5-done")
    assert Membership.objects.filter(admitted_on=D(2026, 1, 1)).count() == 2
    page.goto("/admin/alliance/member/?state=left")
    picture(page, "6-left")
    page.goto("/admin/alliance/member/?state=any&year=2024")
    picture(page, "7-any")
    page.goto("/admin/alliance/member/?state=suspended")
    page.get_by_role("link", name="M0006").click()
    picture(page, "8-page")
    page.get_by_role("link", name="变更记录", exact=True).click()
    picture(page, "9-history")
