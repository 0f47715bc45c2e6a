"""The second factor in a browser without scripts, and on a telephone: set up, passed, lost and found again."""

import base64
from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django_otp.oath import totp
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from tests import factories

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PASSWORD = "correct horse battery"


@pytest.fixture
def clerk(transactional_db: None, settings: Any) -> User:
    call_command("load_reference", verbosity=0)
    settings.SECOND_FACTOR = "private"
    return factories.with_role("审核员", username="clerk")


@pytest.fixture
def plain(browser: Browser, live_server: LiveServer) -> Iterator[Page]:
    """A page of a telephone that runs no scripts."""
    context = browser.new_context(
        base_url=live_server.url,
        locale="zh-CN",
        viewport={"width": 390, "height": 844},
        java_script_enabled=False,
    )
    context.set_default_timeout(10_000)
    yield context.new_page()
    context.close()


def log_in(page: Page) -> None:
    page.goto("/admin/login/?next=/admin/changes/")
    page.fill("#id_username", "clerk")
    page.fill("#id_password", PASSWORD)
    page.click("input[type=submit]")


def set_up(page: Page) -> list[str]:
    key = base64.b32decode(page.inner_text("code.secret").replace(" ", ""))
    page.fill("#id_code", f"{totp(key):06}")
    page.fill("#id_password", PASSWORD)
    page.click("text=完成设置")
    return page.locator(".recovery-codes code").all_inner_texts()


def test_factor_is_set_up_passed_and_lost_without_scripts_on_a_telephone(clerk: User, plain: Page) -> None:
    log_in(plain)
    expect(plain.locator("h1").last).to_have_text("设置二次验证")
    box = plain.locator("svg.qr").bounding_box()
    assert box
    assert 0 <= box["x"] < box["x"] + box["width"] <= 390
    codes = set_up(plain)
    assert len(codes) == 10
    plain.click("text=已妥善保存")
    assert plain.url.endswith("/admin/changes/")
    plain.click("#logout-form button")
    log_in(plain)
    expect(plain.locator("#id_code")).to_be_visible()
    plain.goto("/api/v1/organizations/")
    assert "permission_denied" in plain.content()
    plain.goto("/admin/second-factor/")
    plain.fill("#id_code", codes[0])
    plain.click("text=继续")
    expect(plain.locator("body")).to_contain_text("还剩 9 个备用码")
    plain.click("text=更换手机")
    assert len(set_up(plain)) == 10


def test_pages_want_nothing_that_the_policy_forbids(clerk: User, page: Page) -> None:
    log_in(page)
    page.wait_for_selector("svg.qr")
    set_up(page)
    page.goto("/admin/second-factor/")
    expect(page.locator(".second-factor h2")).to_contain_text("设置于")
    page.goto("/admin/second-factor/codes/")
    page.fill("#id_password", PASSWORD)
    page.click("input[type=submit]")
    assert len(page.locator(".recovery-codes code").all_inner_texts()) == 10
