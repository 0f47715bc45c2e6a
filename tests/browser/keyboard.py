"""A walk through a page by the Tab key: what is passed must be seen, and nothing may be left out or hold the walk."""

from playwright.sync_api import Page

STOPS = """() => {
  const links = "a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex='0']";
  window.waiting = new Set([...document.querySelectorAll(links)].filter(
    (one) => one.tabIndex >= 0 && one.type !== "radio" && one.checkVisibility({contentVisibilityAuto: true})
  ));
  return window.waiting.size + 5;
}"""
STOP = """() => {
  const one = document.activeElement;
  if (one === document.body || !one.matches(":focus-visible")) return "";
  window.waiting.delete(one);
  const style = getComputedStyle(one), box = one.getBoundingClientRect();
  const name = one.textContent.trim().slice(0, 30) || one.name;
  if (style.outlineStyle === "none" || parseFloat(style.outlineWidth) < 2) return `no ring: ${name}`;
  if (box.bottom <= 0 || box.top >= innerHeight || box.width < 2) return `out of sight: ${name}`;
  return "";
}"""
LEFT = """() => [...window.waiting].map((one) => one.textContent.trim().slice(0, 30) || one.name).join()"""


def walk(page: Page) -> str:
    """Press Tab until the page is left; return what is wrong, if anything."""
    page.evaluate("document.activeElement?.blur()")
    wanted = page.evaluate(STOPS)
    for _number in range(wanted * 2):  # a date has stops of its own
        page.keyboard.press("Tab")
        if fault := page.evaluate(STOP):
            return str(fault)
        if page.evaluate("document.activeElement === document.body"):
            break
    return str(page.evaluate(LEFT))
