"""The way of an account from the administrator to its owner, in a real browser."""

import pytest
from django.core.management import call_command
from playwright.sync_api import BrowserContext, expect

from tests import factories

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def reference(transactional_db: None) -> None:
    call_command("load_reference", verbosity=0)


def test_the_owner_of_a_new_account_sets_the_password_by_the_link(context: BrowserContext, reference: None) -> None:
    factories.with_role("系统管理员", username="sysadmin")
    page = context.new_page()
    page.goto("/admin/")
    page.locator("#id_username").fill("sysadmin")
    page.locator("#id_password").fill("correct horse battery")
    page.get_by_role("button", name="登录").click()
    page.goto("/admin/auth/user/add/")
    page.locator("#id_username").fill("wen")
    page.locator("#id_full_name").fill("温查询")
    page.get_by_label("查询员").check()
    page.get_by_role("button", name="保存", exact=True).click()
    link = page.locator("#token-key").inner_text()
    context.clear_cookies()
    page.goto(link)
    expect(page.locator("#content-main")).to_contain_text("账号：wen 温查询")
    for password, told in (("12345", "密码太短，至少须有 10 个字符。"), ("kestrel-orchard-4417", "密码已设置")):
        page.locator("#id_new_password1").fill(password)
        page.locator("#id_new_password2").fill(password)
        page.get_by_role("button", name="设置密码").click()
        expect(page.locator("body")).to_contain_text(told)
    page.locator("#id_username").fill("wen")
    page.locator("#id_password").fill("kestrel-orchard-4417")
    page.get_by_role("button", name="登录").click()
    expect(page.locator("#user-tools")).to_contain_text("温查询")
    assert page.goto(link).status == 400
