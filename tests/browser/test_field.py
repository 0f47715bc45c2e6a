"""A clerk in the field with a telephone: finds an organization, reads it, says that all is right, and calls."""

from collections.abc import Iterator

import pytest
from django.utils.timezone import localdate
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect
from pytest_django.live_server_helper import LiveServer

from registry.disclosure.models import Disclosure
from registry.models import Enterprise
from registry.organizations.models.choices import VerifiedFrom
from tests import factories
from tests.browser.log_in import log_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PHONE = "0760-00001234"
WIDTH, HEIGHT = 390, 844
FINGER = 24
"""The least height and width, in pixels, of what is to be hit with a finger."""


def touch(one: Locator) -> None:
    """Tap what can be seen on the screen and hit with a finger."""
    one.scroll_into_view_if_needed()
    box = one.bounding_box()
    assert box
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= WIDTH
    assert min(box["width"], box["height"]) >= FINGER, one.inner_text()
    one.tap()


@pytest.fixture
def context(browser: Browser, live_server: LiveServer) -> Iterator[BrowserContext]:
    """A telephone, in the place of the usual screen."""
    context = browser.new_context(
        base_url=live_server.url,
        locale="zh-CN",
        viewport={"width": WIDTH, "height": HEIGHT},
        has_touch=True,
        is_mobile=True,
    )
    context.set_default_timeout(10_000)
    yield context
    context.close()


def test_an_organization_is_found_read_verified_and_called_on_a_telephone(
    page: Page, context: BrowserContext, live_server: LiveServer, reference: None
) -> None:
    visited = factories.enterprise(name_zh="中山市灵犀视觉科技有限公司", main_products="工业相机")
    factories.tag(visited, is_primary=True)
    factories.contact(visited, name="黄虚构", phone=PHONE)
    factories.enterprise(name_zh="中山市灵霄机器人有限公司")
    log_in(context, live_server, factories.with_role("录入员", "审核员", username="clerk"))

    page.goto("/admin/")
    box = page.get_by_role("combobox", name="查找单位、会员、人员、页面")
    box.tap()
    box.press_sequentially("lxsj")
    touch(page.get_by_role("option", name=visited.name_zh))

    expect(page.get_by_role("heading", level=1)).to_have_text(visited.name_zh)
    head = page.locator("#record-head")
    expect(head).to_be_in_viewport()
    expect(head).to_contain_text(visited.registry_no)
    expect(page.locator("#card-business")).to_contain_text("工业相机")
    expect(page.locator("#card-contacts")).to_contain_text("黄虚构")
    expect(page.locator("#card-contacts")).not_to_contain_text(PHONE)
    assert page.evaluate("document.documentElement.scrollWidth") <= WIDTH

    touch(head.locator(".verify").get_by_role("button", name="现场走访"))
    expect(page.locator(".messagelist")).to_contain_text("核实")
    expect(head).to_contain_text(f"核实 {localdate()} · 现场走访 · clerk")
    saved = Enterprise.objects.get(pk=visited.pk)
    assert (saved.verified_on, saved.verified_from) == (localdate(), VerifiedFrom.VISIT)

    touch(page.locator("#card-contacts .reveal").get_by_role("button", name="核实"))
    call = page.locator("#card-contacts").get_by_role("link", name=PHONE)
    expect(call).to_have_attribute("href", f"tel:{PHONE}")
    expect(call).to_be_in_viewport()
    assert Disclosure.objects.get().reason == "verify"
    assert page.evaluate("document.documentElement.scrollWidth") <= WIDTH
