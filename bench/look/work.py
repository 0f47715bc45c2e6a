"""What is done before pages are looked at, so that each has something to show; and how a form is filled in badly."""

from playwright.sync_api import Page

from bench.pictures.scenes import EXAMPLES, Clerk, collection_round, import_preview

_FILL_BADLY = """() => {
  const typed = "select, textarea, input:not([type=hidden], [type=submit], [type=radio], [type=checkbox], [type=file])";
  const form = [...document.querySelectorAll("#content form")].find((one) => one.method === "post"
    && one.id !== "changelist-form" && [...one.elements].some((field) => field.checkVisibility()
    && field.matches(typed)));
  if (!form) return false;
  form.noValidate = true;
  for (const field of form.elements) {
    if (!field.checkVisibility() || !field.name || field.readOnly || field.disabled) continue;
    if (field.matches("select")) { if (!field.multiple) field.value = ""; }
    else if (/(_on|_from|_to|date|start|end)$/.test(field.name)) { field.type = "text"; field.value = "2026-13-45"; }
    else if (field.matches(typed)) field.value = "";
  }
  form.querySelector("[type=submit], button:not([type=button])")?.setAttribute("data-look", "");
  return form.querySelector("[data-look]") !== null;
}"""
REFUSED = ".errorlist, .errornote, .messagelist .error, [role=alert]"


def prepare(clerk: Clerk) -> None:
    """Do a day's work: lists brought and half read, one of them imported, a round begun, an account that waits."""
    import_preview(clerk)
    clerk.bring("organizations-with-errors.csv", (EXAMPLES / "organizations-with-errors.csv").read_bytes())
    clerk.bring("organizations.csv", (EXAMPLES / "organizations.csv").read_bytes())
    clerk.press("导入")
    clerk.page.get_by_text("导入完成").wait_for()
    collection_round(clerk)
    stranger = clerk.browser.new_page(base_url=clerk.address, locale="zh-CN")
    for _time in range(2):
        stranger.goto("/admin/login/")
        stranger.locator("#id_username").fill("zhangsan")
        stranger.locator("#id_password").fill("not the password")
        stranger.locator("[type=submit]").click()
    stranger.close()


def refused(page: Page, address: str) -> bool:
    """Send the form of a page without what it needs; return whether the page that comes back complains."""
    page.goto(address)
    if not page.evaluate(_FILL_BADLY):
        return False
    page.locator("[data-look]").first.click()
    page.wait_for_load_state()
    return page.locator(REFUSED).count() > 0
