import pytest
from playwright.sync_api import Page, expect

from tests import factories

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_address_of_a_list_is_copied_under_the_content_policy(staff_page: Page) -> None:
    factories.enterprise(township=factories.township())
    staff_page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    staff_page.goto("/admin/registry/enterprise/?published=false")
    staff_page.get_by_text("更多").click()
    staff_page.get_by_text("复制 API 地址").click()
    staff_page.locator("button[data-copy=api-address]").click()
    expect(staff_page.locator("button[data-copy=api-address]")).to_have_text("已复制")
    copied = staff_page.evaluate("navigator.clipboard.readText()")
    assert copied.endswith("/api/v1/enterprises/?published=false")
    assert staff_page.goto(copied).status == 200


def test_cross_table_follows_its_axes(staff_page: Page) -> None:
    factories.enterprise(township=factories.township())
    staff_page.goto("/admin/registry/enterprise/")
    staff_page.get_by_text("更多").click()
    staff_page.get_by_role("link", name="交叉统计").click()
    with staff_page.expect_navigation():
        staff_page.locator("#axis-columns").select_option("kind")
    expect(staff_page.locator("#crosstab thead")).to_contain_text("企业")
