"""What is wrong with a page that is open, told in sentences: what the eye would find, and what axe-core finds."""

import re
from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

from playwright.sync_api import Page

from config.catalog import ROOT, read

AXE = ROOT / "var" / "look" / "packages" / "axe_playwright_python" / "axe.min.js"
CATALOG = ROOT / "locale" / "zh_Hans" / "LC_MESSAGES" / "django.po"
SERIOUS = ("serious", "critical")
WORDS = {
    "a machine's word": r"^None$|: None$|\bundefined\b|\bNaN\b|\bobject at 0x|%\(\w+\)|\{\{|\{%|\bTrue\b|\bFalse\b",
    "a name of the code": r"^[a-z]+(_[a-z]+)+$",
    "one of many": r"(?<![\d,.:/-])1 (?!is |was |has |access |dues )[a-z]+s\b",
    "a date in another form": r"\b\d{4}/\d\d?/\d\d?\b|\b[A-Z][a-z]+\.? \d{1,2}, \d{4}|\b\d\d? [A-Z][a-z]+ \d{4}",
}
"""What no text of a page is to hold, in either language."""
SIGNS_OF_CHINESE = re.compile(r"^[^\u4e00-\u9fff]*[（）：、；，。][^\u4e00-\u9fff]*$")
"""An English text with the punctuation of Chinese; where there is Chinese beside it, that may be a value."""
IN_CHINESE = re.compile(r"^[A-Za-z][a-z]+(?: [A-Za-z'-]+){2,}")
_AXE = """() => axe.run(document, {resultTypes: ["violations"]}).then(found => found.violations.map(
    one => [one.impact, one.id, one.nodes.length, one.nodes[0].target.join(" ")]))"""
_TEXTS = """() => {
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT), found = [];
  while (walk.nextNode()) {
    const at = walk.currentNode.parentElement;
    const text = walk.currentNode.data.replace(/\\s+/g, " ").trim();
    if (text && at.checkVisibility() && !at.closest("script, style, pre, code, textarea, svg"))
      found.push([text, at.closest("td, dd, option, h1, .breadcrumbs, .select2, [lang]") !== null]);
  }
  return found;
}"""
_SHAPES = """() => {
  const told = [], seen = (one) => one.checkVisibility({visibilityProperty: true});
  const named = (one) => (one.id ? "#" + one.id : one.className ? "." + String(one.className).split(" ")[0] : "")
    + " “" + (one.innerText || one.value || "").trim().slice(0, 30).replace(/\\s+/g, " ") + "”";
  const lines = (one) => {
    const range = document.createRange();
    range.selectNodeContents(one);
    return new Set([...range.getClientRects()].filter(box => box.width > 2).map(box => Math.round(box.top / 6))).size;
  };
  for (const one of document.querySelectorAll("a.button, button, .object-tools a"))
    if (seen(one) && one.innerText && !one.querySelector("*") && lines(one) > 1)
      told.push("a button in two lines: " + named(one));
  for (const one of document.querySelectorAll("td, th, dt, dd"))
    if (seen(one) && one.clientWidth < 58 && one.innerText.trim().length > 5 && !one.querySelector("input, select")
        && lines(one) > 3) told.push("a squeezed column: " + named(one));
  for (const one of document.querySelectorAll("#content *, #header *")) {
    const style = getComputedStyle(one);
    if (seen(one) && one.clientWidth > 4 && one.scrollWidth > one.clientWidth + 1 && !one.closest("svg")
        && style.overflowX === "hidden" && style.textOverflow !== "ellipsis" && one.textContent.trim()
        && !one.matches("select, .visually-hidden, [type=file]"))
      told.push("cut off: " + one.tagName.toLowerCase() + named(one));
  }
  for (const one of document.querySelectorAll("#content *")) {
    const box = one.getBoundingClientRect();
    if (seen(one) && !one.children.length && box.right > innerWidth + 1 && one.innerText) {
      let at = one.parentElement;
      while (at && !["auto", "scroll", "hidden"].includes(getComputedStyle(at).overflowX)) at = at.parentElement;
      if (!at || at === document.documentElement || at === document.body) told.push("beside the screen: " + named(one));
    }
  }
  const brush = document.createElement("canvas").getContext("2d");
  for (const one of document.querySelectorAll("#content select:not([multiple], .select2-hidden-accessible)")) {
    const text = one.selectedOptions[0]?.innerText;
    const style = getComputedStyle(one);
    if (!text || !seen(one) || style.textOverflow === "ellipsis") continue;
    brush.font = style.font;
    if (brush.measureText(text).width > one.clientWidth - 8) told.push("cut off: " + named(one) + " “" + text + "”");
  }
  return [...new Set(told)];
}"""


class Messages(NamedTuple):
    english: frozenset[str]
    chinese: frozenset[str]


@cache
def messages() -> Messages:
    """Return the strings of the catalog that differ in the two languages, without those that are in both of them."""
    pairs = [(one.msgid, one.strings[0]) for one in read(CATALOG) if one.msgid and len(one.msgid) > 2]
    english, chinese = {msgid for msgid, _text in pairs}, {text for _msgid, text in pairs}
    return Messages(frozenset(english - chinese), frozenset(chinese - english))


@cache
def axe() -> str:
    """Return the script of axe-core, or nothing where it was not fetched."""
    return AXE.read_text(encoding="utf-8") if AXE.exists() else ""


def signs(page: Page, language: str) -> Iterator[str]:
    """Yield what is wrong with how a page looks and with what it says."""
    page.evaluate("document.fonts.ready")
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    if wide > 0:
        yield f"{wide} px wider than the screen"
    yield from page.evaluate(_SHAPES)
    for text, is_value in page.evaluate(_TEXTS):
        yield from _words(text, language, is_value=is_value)


def _words(text: str, language: str, *, is_value: bool) -> Iterator[str]:
    for what, pattern in WORDS.items():
        if re.search(pattern, text):
            yield f"{what}: “{text[:80]}”"
    if language == "en" and SIGNS_OF_CHINESE.search(text):
        yield f"punctuation of Chinese: “{text[:80]}”"
    if is_value:  # names in the other language are values, too
        return
    if language == "zh-hans" and (text in messages().english or IN_CHINESE.search(text)):
        yield f"English: “{text[:80]}”"
    if language == "en" and text in messages().chinese:
        yield f"Chinese: “{text[:80]}”"


def barriers(page: Page) -> Iterator[str]:
    """Yield what axe-core calls serious or critical."""
    if axe():
        page.evaluate(axe())
        for impact, rule, number, where in page.evaluate(_AXE):
            if impact in SERIOUS:
                yield f"{impact}: {rule} ({number}) {where}"
