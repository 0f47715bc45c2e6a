"""The public directory in a browser: readable, by keyboard, nothing beyond the edge, under the content policy."""

from typing import Any

import pytest
from django.core.management import call_command
from playwright.sync_api import Page, expect

from registry.models import Organization
from tests.browser.keyboard import walk

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
KINDS = (
    *("", "list/", "list/?search=机器人", "s/robots/", "t/442000118/", "o/ZSAI-000001/", "o/ZSAI-000001/correct/"),
    *("institutes/", "landscape/", "statistics/", "alliances/zsai/?as_of=2024-12-31"),
    *("alliances/", "alliances/zsai/", "download/", "sitemap/", "privacy/", "list/?sector=x", "nothing/"),
)
"""An address of every kind of page."""
AUDIT = """() => {
  const found = [];
  const luminance = (rgb) => {
    const [r, g, b] = rgb.map((v) => { v /= 255; return v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4; });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const parsed = (text) => (text.match(/[\\d.]+/g) || []).map(Number);
  const ground = (element) => {
    for (let one = element; one; one = one.parentElement) {
      const style = getComputedStyle(one);
      if (style.backgroundImage !== "none") return null;
      const color = parsed(style.backgroundColor);
      if (color.length === 3 || color[3] === 1) return color.slice(0, 3);
    }
    return [255, 255, 255];
  };
  for (const element of document.querySelectorAll("body *")) {
    const own = [...element.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim());
    const box = element.getBoundingClientRect();
    if (!own || box.width < 2 || box.height < 2) continue;
    const behind = ground(element);
    if (!behind) continue;
    const [a, b] = [luminance(parsed(getComputedStyle(element).color)), luminance(behind)].sort((x, y) => y - x);
    if ((a + 0.05) / (b + 0.05) < 4.5) found.push(`contrast: ${element.textContent.trim().slice(0, 30)}`);
  }
  for (const field of document.querySelectorAll("input:not([type=hidden]), select, textarea"))
    if (!field.labels.length) found.push(`no label: ${field.name}`);
  for (const link of document.querySelectorAll("a, button"))
    if (!link.textContent.trim()) found.push(`no text: ${link.outerHTML.slice(0, 60)}`);
  for (const picture of document.querySelectorAll("img:not([alt])")) found.push(`no alt: ${picture.src}`);
  if (document.querySelectorAll("h1").length !== 1) found.push("not one h1");
  const ids = [...document.querySelectorAll("[id]")].map((one) => one.id);
  if (new Set(ids).size !== ids.length) found.push("an id twice");
  let level = 1;
  for (const heading of document.querySelectorAll("h1, h2, h3, h4")) {
    const now = Number(heading.tagName[1]);
    if (now > level + 1) found.push(`skipped a level: ${heading.textContent.trim()}`);
    level = now;
  }
  const root = document.documentElement;
  if (root.scrollWidth > root.clientWidth) found.push("wider than the window");
  if (performance.getEntriesByType("resource").some((one) => !one.name.startsWith(location.origin)))
    found.push("loads from elsewhere");
  return found;
}"""


@pytest.fixture
def demo(reference: None, settings: Any, tmp_path: Any) -> None:
    call_command("load_demo", verbosity=0)
    settings.DIRECTORY_FILES = tmp_path
    call_command("rebuild_directory", verbosity=0)


@pytest.mark.parametrize("width", [1280, 640, 390, 320])  # 640 is 1280 at 200 %
def test_every_kind_of_page_can_be_read(demo: None, page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    wrong = {}
    for lang in ("/", "/en/"):
        for kind in KINDS:
            page.goto(lang + kind)
            if found := page.evaluate(AUDIT):
                wrong[lang + kind] = found
    assert wrong == {}


def test_a_newcomer_finds_the_way_by_keyboard(demo: None, page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 800})
    page.goto("/")
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    page.keyboard.press("Enter")
    # How many are in 机器视觉?
    page.get_by_label("查找单位").focus()
    page.get_by_role("link", name="机器视觉").press("Enter")
    expect(page.locator(".count")).to_contain_text("共 2 家")
    # Is a firm a member?
    page.get_by_label("查找单位").fill("子虚机器人")
    page.get_by_label("查找单位").press("Enter")
    page.get_by_role("link", name="中山市子虚机器人股份有限公司").press("Enter")
    expect(page.locator("aside")).to_contain_text("理事长单位")
    # How is it corrected?
    page.get_by_role("link", name="我要纠错").press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("我要纠错")
    page.locator("#id_field").select_option("website")
    page.locator("#id_new").fill("https://www.zixu-new.example")
    page.get_by_label("公众").check()
    page.wait_for_timeout(3500)
    page.get_by_role("button", name="提交").press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("已收到，谢谢")
    # How to join? The whole list as a file?
    page.get_by_role("link", name="联盟", exact=True).press("Enter")
    page.get_by_role("link", name="如何加入").press("Enter")
    expect(page.locator("#join")).to_contain_text("提交入会申请书")
    with page.expect_download() as form:
        page.locator("#join a.button").first.click()
    assert form.value.suggested_filename.endswith(".xlsx")
    page.get_by_role("link", name="下载", exact=True).press("Enter")
    with page.expect_download() as download:
        page.get_by_role("link", name="XLSX").click()
    assert download.value.suggested_filename == "organizations.xlsx"
    assert Organization.objects.get(registry_no="ZSAI-000001").website == "https://www.zixu.example"


@pytest.mark.parametrize("lang", ["/", "/en/"])
def test_every_stop_of_the_keyboard_is_seen_and_none_is_a_trap(demo: None, page: Page, lang: str) -> None:
    page.set_viewport_size({"width": 390, "height": 800})
    wrong = {}
    for kind in KINDS:
        page.goto(lang + kind)
        if fault := walk(page):
            wrong[lang + kind] = fault
    assert wrong == {}


def test_a_page_on_paper_has_no_menu(demo: None, page: Page) -> None:
    page.goto("/o/ZSAI-000001/")
    page.emulate_media(media="print")
    expect(page.locator(".top nav")).to_be_hidden()
    expect(page.get_by_role("heading", level=1)).to_be_visible()
