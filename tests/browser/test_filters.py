"""Filters of a list take effect when they are complete, typed by hand in a real browser."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests import factories

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
MEMBERS = "/admin/alliance/member/"


@pytest.fixture
def members(transactional_db: None) -> None:
    """A left on 20 December 2020, B came on the 21st, C on the last day of the year, D the day after."""
    alliance = factories.alliance(name_zh="中山市虚构人工智能联盟", short_name="虚构联盟")
    tier = factories.tier(alliance, "member")
    for name, begin, end in (
        ("甲", "2019-01-01", "2020-12-20"),
        ("乙", "2020-12-21", None),
        ("丙", "2020-12-31", None),
        ("丁", "2021-01-01", None),
    ):
        member = factories.member(alliance, factories.enterprise(name_zh=f"中山市{name}虚构有限公司"))
        ended = {"ended_on": end, "end_reason": "withdrawal"} if end else {}
        factories.membership(member, begin, tier=tier, **ended)


def check_members(page: Page, names: str) -> None:
    rows = page.locator("#result_list tbody tr")
    expect(rows).to_have_count(len(names))
    for name in names:
        expect(page.locator("#result_list")).to_contain_text(f"中山市{name}虚构有限公司")


def enter(page: Page) -> None:
    page.keyboard.press("Enter")


def leave(page: Page) -> None:
    page.keyboard.press("Tab")


@pytest.mark.parametrize("finish", [enter, leave])
@pytest.mark.parametrize("typed", ["2020-12-31", "2020.12.31", "20201231", "2020年12月31日"])
def test_a_typed_day_takes_effect_when_it_is_complete(
    staff_page: Page, members: None, typed: str, finish: Callable[[Page], None]
) -> None:
    page = staff_page
    page.goto(MEMBERS)
    check_members(page, "乙丙丁")
    page.get_by_label("名录截止日期").click()
    page.keyboard.type(typed, delay=20)
    expect(page).to_have_url(re.compile(rf"{MEMBERS}$"))
    finish(page)
    expect(page).to_have_url(re.compile(r"\?as_of="))
    check_members(page, "乙丙")
    expect(page.get_by_label("名录截止日期")).to_have_value("2020-12-31")
    for button in ("导出 Excel", "会员名录"):
        address = page.get_by_role("link", name=button, exact=True).get_attribute("href") or ""
        assert "as_of=2020-12-31" in address


def test_an_export_clicked_from_the_field_waits_for_the_typed_day(staff_page: Page, members: None) -> None:
    page = staff_page
    page.goto(MEMBERS)
    page.get_by_label("名录截止日期").click()
    page.keyboard.type("2020-12-31")
    page.get_by_role("link", name="导出 Excel").click(no_wait_after=True)
    check_members(page, "乙丙")


def test_a_day_that_is_none_is_told_and_shows_no_rows(staff_page: Page, members: None) -> None:
    page = staff_page
    page.goto(MEMBERS)
    page.get_by_label("名录截止日期").click()
    page.keyboard.type("2020-02-30")
    enter(page)
    expect(page.get_by_role("alert")).to_have_text("没有“2020-02-30”这一天。")
    check_members(page, "")
    expect(page.get_by_role("link", name="导出 Excel")).to_have_count(0)
    page.get_by_role("link", name="今天").click()
    check_members(page, "乙丙丁")


def test_stepping_through_choices_by_keys_waits_for_enter(staff_page: Page, members: None) -> None:
    page = staff_page
    page.goto(MEMBERS)
    page.get_by_label("类型").focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowUp")
    expect(page).to_have_url(re.compile(rf"{MEMBERS}$"))
    enter(page)
    expect(page).to_have_url(re.compile(r"\?kind=enterprise$"))
    check_members(page, "乙丙丁")
