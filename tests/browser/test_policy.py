import pytest
from playwright.sync_api import Page, expect

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_admin_works_under_the_content_policy(staff_page: Page) -> None:
    staff_page.goto("/admin/")
    expect(staff_page.locator("#content")).to_be_visible()
    staff_page.goto("/admin/registry/plan/add/")
    staff_page.locator(".field-starts_on .datetimeshortcuts a").first.click()
    expect(staff_page.locator("#id_starts_on")).not_to_have_value("")
    staff_page.goto("/admin/auth/user/add/")
    expect(staff_page.locator("#id_username")).to_be_visible()
