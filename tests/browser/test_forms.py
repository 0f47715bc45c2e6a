"""Forms in a real browser: Enter saves nothing, and nothing typed is lost."""

import re

import pytest
from django.conf import settings
from django.core.management import call_command
from playwright.sync_api import BrowserContext, Dialog, Page, Route, expect

from registry.models import Enterprise
from tests import factories

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
ADD = "/admin/registry/enterprise/add/"
NAME = "中山市草稿虚构有限公司"


@pytest.fixture
def reference(transactional_db: None) -> None:
    call_command("load_reference", verbosity=0)


def wait_for_draft(page: Page, there: bool = True) -> None:
    """Wait until the draft is written, or gone; a function that is waited for would be against the content policy."""
    for _attempt in range(50):
        if (page.evaluate("Object.keys(sessionStorage).length") > 0) == there:
            return
        page.wait_for_timeout(100)
    raise AssertionError


def log_in(page: Page, username: str) -> None:
    page.locator("#id_username").fill(username)
    page.locator("#id_password").fill("password-of-a-test")
    page.get_by_role("button", name="登录").click()


def account(username: str) -> None:
    user = factories.superuser(username)
    user.set_password("password-of-a-test")
    user.save()


def test_enter_moves_on_and_saves_nothing(staff_page: Page, reference: None) -> None:
    page = staff_page
    page.goto(ADD)
    page.locator("#id_name_zh").fill(NAME)
    page.keyboard.press("Enter")
    expect(page.locator("#id_name_en")).to_be_focused()
    page.locator("#id_category").focus()
    page.keyboard.press("Enter")
    page.locator("#id_another_body").focus()
    page.keyboard.press("Enter")
    page.locator("#card-care summary").click()
    page.locator("#id_remarks").focus()
    page.keyboard.type("一")
    page.keyboard.press("Enter")
    page.keyboard.type("二")
    expect(page.locator("#id_remarks")).to_have_value("一\n二")
    expect(page).to_have_url(re.compile(f"{ADD}$"))
    assert not Enterprise.objects.exists()
    page.get_by_role("button", name="保存", exact=True).focus()
    page.keyboard.press("Enter")
    expect(page.locator(".messagelist")).to_contain_text("已新增企业")


def test_enter_that_ends_a_composition_does_not_move_on(staff_page: Page, reference: None) -> None:
    page = staff_page
    page.goto(ADD)
    page.locator("#id_name_zh").focus()
    session = page.context.new_cdp_session(page)
    session.send("Input.imeSetComposition", {"text": "zhong", "selectionStart": 5, "selectionEnd": 5})
    page.evaluate(
        """() => document.activeElement.dispatchEvent(new KeyboardEvent(
            "keydown", {key: "Enter", isComposing: true, bubbles: true, cancelable: true}))"""
    )
    session.send("Input.insertText", {"text": "中"})
    expect(page.locator("#id_name_zh")).to_be_focused()
    expect(page.locator("#id_name_zh")).to_have_value("中")


def test_control_s_saves(staff_page: Page, reference: None) -> None:
    page = staff_page
    page.goto(ADD)
    page.locator("#id_name_zh").fill(NAME)
    page.keyboard.press("Control+s")
    expect(page.locator(".messagelist")).to_contain_text("已新增企业")
    page.goto(ADD)
    expect(page.locator("#id_name_zh")).to_have_value("")
    expect(page.locator(".draft")).to_have_count(0)


def test_leaving_unsaved_input_is_asked_about_once(staff_page: Page, reference: None) -> None:
    page = staff_page
    asked: list[str] = []

    def stay(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.dismiss()

    page.on("dialog", stay)
    page.goto(ADD)
    page.locator("#id_name_zh").fill(NAME)
    page.locator(".breadcrumbs a").first.click(no_wait_after=True)
    expect(page.locator("#id_name_zh")).to_have_value(NAME)
    assert asked == ["beforeunload"]
    page.get_by_role("button", name="保存", exact=True).click()
    expect(page.locator(".messagelist")).to_contain_text("已新增企业")
    assert asked == ["beforeunload"]


def fill_with_rows(page: Page) -> None:
    page.goto(ADD)
    page.locator("#id_name_zh").fill(NAME)
    page.locator("#id_sector_tags-0-sector").select_option(label="工业机器人")
    page.locator("button[data-adds=contacts]").click()
    page.locator("#id_contacts-1-name").fill("虚构人")
    page.locator("#card-care summary").click()
    page.locator("#id_published").check()


def check_rows(page: Page) -> None:
    expect(page.locator("#id_name_zh")).to_have_value(NAME)
    expect(page.locator("#id_sector_tags-0-sector option:checked")).to_have_text("工业机器人")
    expect(page.locator("#id_contacts-1-name")).to_have_value("虚构人")
    expect(page.locator("#id_published")).to_be_checked()


def test_what_was_typed_survives_the_end_of_the_session(page: Page, context: BrowserContext, reference: None) -> None:
    account("fictional-clerk")
    page.goto(ADD)
    log_in(page, "fictional-clerk")
    fill_with_rows(page)
    context.clear_cookies(name=settings.SESSION_COOKIE_NAME)
    page.get_by_role("button", name="保存", exact=True).click()
    log_in(page, "fictional-clerk")
    expect(page.locator(".draft")).to_contain_text("尚未保存")
    expect(page.locator("#id_name_zh")).to_have_value("")
    page.get_by_role("button", name="恢复未保存的内容").click()
    check_rows(page)
    page.get_by_role("button", name="保存", exact=True).click()
    expect(page.locator(".messagelist")).to_contain_text("已新增企业")
    made = Enterprise.objects.get()
    assert (made.name_zh, made.sector_tags.count(), made.contacts.count()) == (NAME, 1, 1)
    page.goto(ADD)
    expect(page.locator(".draft")).to_have_count(0)


def test_what_was_typed_survives_a_refused_token_and_can_be_discarded(
    staff_page: Page, context: BrowserContext, reference: None
) -> None:
    page = staff_page
    fill_with_rows(page)
    context.clear_cookies(name=settings.CSRF_COOKIE_NAME)
    refused: list[int] = []

    def refuse(route: Route) -> None:
        """Let the server refuse, and show an empty page: what its page looks like is not asked here."""
        refused.append(route.fetch(max_redirects=0).status)
        route.fulfill(status=403, body="")

    page.route(f"**{ADD}", refuse)
    page.get_by_role("button", name="保存", exact=True).click()
    expect(page.locator("form")).to_have_count(0)
    page.unroute(f"**{ADD}")
    assert refused == [403]
    page.goto(ADD)
    page.get_by_role("button", name="恢复未保存的内容").click()
    check_rows(page)
    page.reload()
    page.get_by_role("button", name="放弃").click()
    page.reload()
    expect(page.locator(".draft")).to_have_count(0)


@pytest.mark.parametrize("logs_out", [True, False])
def test_a_draft_is_for_nobody_else(page: Page, context: BrowserContext, reference: None, logs_out: bool) -> None:
    account("fictional-clerk")
    account("fictional-other")
    page.goto(ADD)
    log_in(page, "fictional-clerk")
    fill_with_rows(page)
    wait_for_draft(page)
    if logs_out:
        page.get_by_role("button", name="退出登录").click()
        expect(page.get_by_role("button", name="退出登录")).to_have_count(0)
    else:
        context.clear_cookies(name=settings.SESSION_COOKIE_NAME)
        page.goto("/admin/")
        log_in(page, "fictional-other")
        expect(page.locator("#user-tools")).to_contain_text("fictional-other")
    wait_for_draft(page, there=False)
    page.goto(ADD)
    if logs_out:
        log_in(page, "fictional-other")
    expect(page.locator("#id_name_zh")).to_have_value("")
    expect(page.locator(".draft")).to_have_count(0)


def test_a_password_is_in_no_draft(staff_page: Page, reference: None) -> None:
    page = staff_page
    page.goto("/admin/password_change/")
    for field in ("old_password", "new_password1", "new_password2"):
        page.locator(f"#id_{field}").fill("secret-of-a-test")
    page.locator("#id_new_password2").press("Enter")
    expect(page.locator(".errorlist").first).to_be_visible()  # the form was sent, and what it holds would be stored
    assert "secret" not in page.evaluate("JSON.stringify(sessionStorage)")


def test_a_form_with_errors_keeps_what_was_typed(staff_page: Page, reference: None) -> None:
    page = staff_page
    made = factories.enterprise(name_zh=NAME)
    page.goto(f"/admin/registry/enterprise/{made.pk}/change/")
    page.locator("#id_founded_on").fill("2020-02-30")
    page.locator("#id_remarks").fill("备注")
    page.get_by_role("button", name="保存", exact=True).click()
    expect(page.locator("form .errornote")).to_be_visible()
    page.goto(f"/admin/registry/enterprise/{made.pk}/change/")
    expect(page.locator("#id_remarks")).to_have_value("")
    page.get_by_role("button", name="恢复未保存的内容").click()
    expect(page.locator("#id_remarks")).to_have_value("备注")
    expect(page.locator("#id_name_zh")).to_have_value(NAME)


def test_errors_are_told_above_with_a_way_to_each_field(staff_page: Page, reference: None) -> None:
    page = staff_page
    made = factories.enterprise()
    page.goto(f"/admin/registry/enterprise/{made.pk}/change/")
    page.locator("#id_founded_on").fill("2020-02-30")
    page.locator("#id_industry").fill("X99")
    page.locator("#contacts-group .add-row a").click()
    page.locator("#id_contacts-0-email").fill("no address")
    page.get_by_role("button", name="保存", exact=True).click()
    ways = page.locator(".errornote a")
    expect(ways).to_have_count(3)
    expect(ways.nth(0)).to_contain_text("成立日期：没有“2020-02-30”这一天。")
    expect(page.locator("#id_founded_on")).to_be_focused()
    ways.nth(1).click()
    expect(page.locator("#id_industry")).to_be_focused()
    expect(page.locator(".field-industry .errorlist").first).to_be_visible()
    expect(ways.nth(2)).to_contain_text("联系人 1 · 电子邮箱：")
    ways.nth(2).click()
    expect(page.locator("#id_contacts-0-email")).to_be_focused()


def test_all_townships_are_ticked_at_once_and_nothing_else(staff_page: Page, reference: None) -> None:
    page = staff_page
    page.goto("/admin/registry/collectionround/add/")
    page.get_by_role("button", name="全选").click()  # there is one such button
    expect(page.locator("#id_townships input:not(:checked)")).to_have_count(0)
    expect(page.locator("#id_kinds input:checked")).to_have_count(1)
    page.get_by_role("button", name="清除").click()
    expect(page.locator("#id_townships input:checked")).to_have_count(0)
