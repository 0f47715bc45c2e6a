"""The page of an organization in a real browser: cards in place, without a script, by keyboard, and how quick it is."""

import re

import pytest
from django.core.management import call_command
from playwright.sync_api import Browser, Page, expect

from registry.models import Contact, Organization
from tests import factories

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PHONE = "0760-00001234"


@pytest.fixture
def organization(transactional_db: None) -> Organization:
    call_command("load_reference", verbosity=0)
    made = factories.enterprise(name_zh="中山市灵犀虚构视觉科技有限公司", short_name="灵犀", main_products="旧产品")
    factories.tag(made, is_primary=True)
    factories.contact(made, phone=PHONE)
    factories.figures(made, 2023)
    factories.due(factories.membership(factories.member(who=made)).member)
    return made


def at(of: Organization) -> str:
    return f"/admin/registry/enterprise/{of.pk}/"


def test_a_card_is_edited_in_place_and_saved_alone(staff_page: Page, organization: Organization) -> None:
    page = staff_page
    page.goto(at(organization))
    page.locator("#card-contacts a.edit").click()
    page.locator("#id_contacts-0-title").fill("尚未保存")
    page.locator("#card-business a.edit").click()
    expect(page.locator("#id_registered_capital")).to_be_focused()
    page.locator("#id_main_products").fill("新产品")
    page.keyboard.press("Control+s")
    expect(page.locator("#card-business .facts")).to_contain_text("新产品")
    expect(page.locator(".messagelist")).to_contain_text("已保存：业务情况")
    expect(page.locator("#record-history")).to_contain_text("新产品")
    expect(page.locator("#card-business a.edit")).to_be_focused()
    expect(page.locator("#id_contacts-0-title")).to_have_value("尚未保存")
    page.locator("#card-contacts [data-close]").click()
    expect(page.locator("#card-contacts form")).to_have_count(0)
    assert Contact.objects.get().title == ""
    assert page.url.endswith(at(organization))


def test_a_refused_card_focuses_the_faulty_field(staff_page: Page, organization: Organization) -> None:
    page = staff_page
    page.goto(at(organization))
    page.locator("#card-registration a.edit").click()
    page.locator("#id_founded_on").fill("2020-02-30")
    page.locator("#card-registration [type=submit]").click()
    expect(page.locator("#card-registration .errorlist").first).to_contain_text("2020-02-30")
    expect(page.locator("#id_founded_on")).to_be_focused()
    expect(page.locator("#id_founded_on")).to_have_value("2020-02-30")


def test_a_value_is_opened_by_a_click_and_saved_by_enter(staff_page: Page, organization: Organization) -> None:
    page = staff_page
    page.goto(at(organization))
    page.locator("[data-field=short_name]").click()
    expect(page.locator("#id_short_name")).to_be_focused()
    expect(page.locator("#card-names .field-short_name")).to_contain_text("按 Enter 保存")
    page.keyboard.press("Escape")
    expect(page.locator("#card-names form")).to_have_count(0)
    page.locator("[data-field=short_name]").click()
    expect(page.locator("#id_short_name")).to_be_focused()
    page.keyboard.type("灵犀视觉")
    page.keyboard.press("Escape")
    expect(page.locator("#id_short_name")).to_have_value("灵犀视觉")
    page.keyboard.press("Enter")
    expect(page.locator("#card-names .facts")).to_contain_text("灵犀视觉")


def test_text_that_is_marked_is_copied_and_opens_nothing(staff_page: Page, organization: Organization) -> None:
    page = staff_page
    page.goto(at(organization))
    text = page.locator("[data-field=short_name]")
    text.scroll_into_view_if_needed()
    box = text.evaluate("""(of) => {
        const range = document.createRange();
        range.selectNodeContents(of);
        return range.getBoundingClientRect().toJSON();
    }""")
    height = box["y"] + box["height"] / 2
    page.mouse.move(box["left"] + 1, height)
    page.mouse.down()
    page.mouse.move(box["right"] - 1, height, steps=5)
    page.mouse.up()
    assert page.evaluate("getSelection().toString()").strip() == "灵犀"
    page.wait_for_timeout(300)
    expect(page.locator("#card-names form")).to_have_count(0)


def test_enter_saves_a_value_that_was_refused_once_more(staff_page: Page, organization: Organization) -> None:
    page = staff_page
    Organization.objects.filter(pk=organization.pk).update(founded_on="2019-01-01")
    page.goto(at(organization))
    page.locator("[data-field=founded_on]").click()
    expect(page.locator("#id_founded_on")).to_be_focused()
    page.keyboard.type("2020-02-30")
    page.keyboard.press("Enter")
    expect(page.locator("#card-registration .errorlist").first).to_contain_text("2020-02-30")
    page.keyboard.press("Control+a")
    page.keyboard.type("2020-02-28")
    page.keyboard.press("Enter")
    expect(page.locator("#card-registration .facts")).to_contain_text("2020-02-28")


def test_numbers_are_shown_by_one_click_and_logged(staff_page: Page, organization: Organization) -> None:
    page = staff_page
    page.goto(at(organization))
    expect(page.locator("#card-contacts")).not_to_contain_text(PHONE)
    page.locator(".reveal").get_by_role("button", name="核实").click()
    expect(page.locator("#card-contacts")).to_contain_text(PHONE)
    page.reload()
    expect(page.locator("#card-contacts")).not_to_contain_text(PHONE)


def test_a_value_is_reverted_in_place(staff_page: Page, organization: Organization) -> None:
    Organization.objects.filter(pk=organization.pk).update(short_name="改错")
    page = staff_page
    page.goto(at(organization))
    page.locator("#record-history .revert").click()
    expect(page.locator("#id_short_name")).to_have_value("灵犀")
    expect(page.locator(".reverting")).to_contain_text("还原")
    page.keyboard.press("Control+s")
    expect(page.locator("#card-names .facts")).to_contain_text("灵犀")


def test_everything_works_by_keyboard(staff_page: Page, organization: Organization) -> None:
    page = staff_page
    page.goto(at(organization))
    page.locator("#card-business a.edit").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#id_registered_capital")).to_be_focused()
    page.keyboard.type("12")
    page.keyboard.press("Control+s")
    expect(page.locator("#card-business .facts")).to_contain_text("12 万元")


def test_without_javascript_a_card_is_a_page(
    staff_page: Page, browser: Browser, live_server: object, organization: Organization
) -> None:
    context = browser.new_context(
        base_url=str(live_server), java_script_enabled=False, storage_state=staff_page.context.storage_state()
    )
    page = context.new_page()
    page.set_extra_http_headers({"Accept-Language": "zh-CN"})
    page.goto(at(organization))
    page.locator("#card-names a.edit").click()
    expect(page).to_have_url(re.compile("/names/edit/$"))
    page.locator("#id_short_name").fill("无脚本")
    page.locator("#card-names [type=submit]").click()
    expect(page.locator("#card-names .facts")).to_contain_text("无脚本")
    context.close()


def test_the_page_is_light_and_fits_a_telephone(staff_page: Page, organization: Organization) -> None:
    page = staff_page
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.set_viewport_size({"width": 390, "height": 844})
    answer = page.goto(at(organization))
    page.wait_for_load_state("networkidle")
    assert answer is not None
    assert len(answer.body()) <= 30_000
    assert page.evaluate("document.querySelectorAll('*').length") <= 900
    assert page.evaluate("document.documentElement.scrollHeight") <= 3_000
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert len([url for url in asked if not url.endswith("icon.svg")]) <= 8, asked
