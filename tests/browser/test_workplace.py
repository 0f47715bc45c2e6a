"""The box in the head and the button that takes back, as people use them: by the keyboard, and without scripts."""

import pytest
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from registry.models import Enterprise
from registry.organizations.admin.uscc import page_url
from tests import factories

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def robot(reference: None) -> Enterprise:
    made = factories.enterprise(name_zh="中山市灵犀视觉科技有限公司", short_name="旧简称")
    factories.enterprise(name_zh="中山市灵霄机器人有限公司")
    return made


def test_an_organization_is_found_from_the_start_page_by_keys_alone(staff_page: Page, robot: Enterprise) -> None:
    page = staff_page
    page.goto("/admin/")
    box = page.get_by_role("combobox", name="查找单位、会员、人员、页面")
    expect(box).to_be_focused()
    page.keyboard.type("lxsj")
    chosen = page.get_by_role("option", name="中山市灵犀视觉科技有限公司")
    expect(chosen).to_have_attribute("aria-selected", "true")
    expect(box).to_have_attribute("aria-activedescendant", chosen.get_attribute("id") or "")
    expect(page.locator("#find-status")).to_contain_text("找到")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text(robot.name_zh)


def test_arrows_choose_escape_closes_and_two_ways_lead_to_the_box(staff_page: Page, robot: Enterprise) -> None:
    page = staff_page
    page.goto("/admin/registry/organization/")
    box = page.get_by_role("combobox", name="查找单位、会员、人员、页面")
    page.keyboard.press("/")
    expect(box).to_be_focused()
    expect(box).to_have_value("")
    page.keyboard.type("灵")
    options = page.locator("#find-list").get_by_role("option")
    expect(options.first).to_have_attribute("aria-selected", "true")
    page.keyboard.press("ArrowDown")
    expect(options.nth(1)).to_have_attribute("aria-selected", "true")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowUp")
    expect(options.last).to_have_attribute("aria-selected", "true")
    page.keyboard.press("Escape")
    expect(page.locator("#find-list")).to_be_hidden()
    page.locator("#searchbar").focus()
    page.keyboard.type("/")
    expect(page.locator("#searchbar")).to_have_value("/")
    page.keyboard.press("Control+k")
    expect(box).to_be_focused()


def test_only_the_last_text_is_listed(staff_page: Page, robot: Enterprise) -> None:
    """An answer that comes late is of a request that was given up."""
    page = staff_page
    page.goto("/admin/")

    def late(route: object) -> None:
        page.wait_for_timeout(600)
        route.continue_()  # type: ignore[attr-defined]

    page.route("**/admin/find/?q=%E7%81%B5%E9%9C%84*", late)
    box = page.locator("#find-text")
    box.fill("灵霄")
    page.wait_for_timeout(200)
    box.fill("灵犀")
    expect(page.get_by_role("option", name="灵犀视觉")).to_be_visible()
    page.wait_for_timeout(800)
    expect(page.get_by_role("option", name="灵霄")).to_have_count(0)


def test_without_scripts_the_box_leads_to_a_page_of_results(
    browser: Browser, live_server: LiveServer, staff_page: Page, robot: Enterprise
) -> None:
    context = browser.new_context(base_url=live_server.url, locale="zh-CN", java_script_enabled=False)
    context.add_cookies(staff_page.context.cookies())  # type: ignore[arg-type]
    page = context.new_page()
    page.goto("/admin/registry/organization/")
    page.locator("#find-text").fill("灵犀")
    page.locator("#find-text").press("Enter")
    page.locator(".found").get_by_role("link", name="中山市灵犀视觉科技有限公司").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(robot.name_zh)
    page.goto(f"/admin/registry/enterprise/{robot.pk}/change/")
    page.locator("#id_short_name").fill("新简称")
    page.get_by_role("button", name="保存并继续编辑").click()
    page.locator(".messagelist").get_by_role("button", name="撤销").click()
    expect(page.locator(".messagelist")).to_contain_text("已撤销")
    robot.refresh_from_db()
    assert robot.short_name == "旧简称"
    context.close()


def test_what_was_saved_in_a_card_is_taken_back_by_one_click(staff_page: Page, robot: Enterprise) -> None:
    page = staff_page
    page.goto(page_url(robot))
    card = page.locator("#card-names")
    card.locator("a.edit").click()
    page.locator("#id_short_name").fill("新简称")
    card.get_by_role("button", name="保存", exact=True).click()
    page.locator(".messagelist").get_by_role("button", name="撤销").click()
    expect(page.locator(".messagelist")).to_contain_text("已撤销")
    expect(page.locator("[data-parts]")).not_to_contain_text("简称新简称")
    robot.refresh_from_db()
    assert robot.short_name == "旧简称"
    page.goto("/admin/changes/")
    expect(page.locator("#change-history")).to_contain_text("将简称由“新简称”改为“旧简称”")
