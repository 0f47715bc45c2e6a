import pytest
from playwright.sync_api import Page, expect

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_admin_works_under_the_content_policy(staff_page: Page) -> None:
    staff_page.goto("/admin/")
    expect(staff_page.locator("#content")).to_be_visible()
    staff_page.goto("/admin/auth/group/add/")
    staff_page.locator("#id_permissions_from option").first.wait_for()
    staff_page.locator("#id_permissions_from").select_option(index=0)
    staff_page.locator("#id_permissions_add, #id_permissions_add_link").first.click()
    expect(staff_page.locator("#id_permissions_to option")).to_have_count(1)
    staff_page.goto("/admin/auth/user/add/")
    expect(staff_page.locator("#id_username")).to_be_visible()
