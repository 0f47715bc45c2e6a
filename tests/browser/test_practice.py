"""Nobody takes the practice copy for the registry: its pages say so on every screen, and on paper."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PAGES = ["/admin/login/?next=/admin/", "/admin/registry/enterprise/", "/admin/nowhere/"]


def colour(page: Page) -> str:
    return page.locator("#header").evaluate("header => getComputedStyle(header).backgroundColor")


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("path", PAGES)
def test_practice_copy_says_so_on_every_page(
    path: str, width: int, staff_page: Page, settings: Any, live_server: object
) -> None:
    staff_page.set_viewport_size({"width": width, "height": 844})
    if "login" in path:
        staff_page.context.clear_cookies()
    staff_page.goto(path)
    expect(staff_page.locator(".practice")).to_have_count(0)
    assert "练习库" not in staff_page.title()
    real = colour(staff_page)
    settings.PRACTICE = True
    staff_page.goto(path)
    banner = staff_page.locator(".practice")
    expect(banner).to_be_in_viewport()
    expect(banner).to_contain_text("练习库 数据均为虚构")
    assert staff_page.title().startswith("练习库 | ")
    assert colour(staff_page) != real
    assert staff_page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    staff_page.emulate_media(media="print")
    expect(banner).to_be_visible()


def test_practice_copy_says_so_in_english_and_in_popups(staff_page: Page, settings: Any) -> None:
    settings.PRACTICE = True
    staff_page.goto("/admin/registry/enterprise/add/?_popup=1")
    expect(staff_page.locator(".practice")).to_be_visible()
    staff_page.goto("/admin/")
    staff_page.get_by_role("button", name="English").click()
    expect(staff_page.locator(".practice")).to_contain_text("Practice copy All data are fictional")
    assert staff_page.title().startswith("Practice copy | ")
