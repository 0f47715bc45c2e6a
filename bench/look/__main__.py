"""Opens every kind of page of the staff's site as people would, in both languages, on a wide and on a narrow screen.

python -m bench.look [FOLDER]     `make look` fetches axe-core first; with FOLDER each page is kept as a picture

It complains of a status that is no success, of what stands in the console (there the content policy reports, too), of
pages that scroll sideways, and of what axe-core calls serious or critical. A run needs some minutes.
"""

import re
import secrets
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import Browser, Page

from bench.pictures.__main__ import CHROMIUM, chromium, registry
from bench.pictures.scenes import Clerk

AXE = Path(__file__).resolve().parents[2] / "var" / "look" / "packages" / "axe_playwright_python" / "axe.min.js"
SCREENS = ((1280, 900), (390, 844))
LANGUAGES = ("zh-hans", "en")
SERIOUS = ("serious", "critical")
MOST_PAGES = 150
ALSO = (
    "/admin/find/?q=机器人",
    "/admin/preview/public/list/",
    "/admin/preview/public/alliances/zsai/",
    "/admin/preview/viewer/admin/registry/organization/",
    "/admin/preview/columns/organizations/",
)
"""Pages to which links lead by way of others."""
_LINKS = """() => [...document.querySelectorAll("a[href]")].map(
    link => new URL(link.getAttribute("href"), location).href)"""
_FOUND = """() => axe.run(document, {resultTypes: ["violations"]}).then(found => found.violations.map(
    one => [one.impact, one.id, one.nodes.length, one.nodes[0].target.join(" ")]))"""
_NOT_PAGES = ("/static/", "/admin/logout/", "/admin/jsi18n/")


def kind_of(url: str) -> str:
    """Return what pages of one kind have in common: the path without numbers."""
    return re.sub(r"ZSAI-\d+|\d+", "#", urlsplit(url).path)


def found_by_links(page: Page, base: str) -> Iterator[str]:
    """Yield an address of every kind of page of the staff, the nearest to the start page first."""
    waiting, known = [f"{base}/admin/", *(base + path for path in ALSO)], set[str]()
    while waiting and len(known) < MOST_PAGES:
        url = waiting.pop(0)
        if kind_of(url) in known or not url.startswith(f"{base}/admin/") or _is_none(url):
            continue
        known.add(kind_of(url))
        answer = page.goto(url)
        if answer is None or "text/html" not in answer.headers.get("content-type", ""):
            continue
        yield url.removeprefix(base)
        if "/preview/" not in url:  # which leads to all pages once more
            waiting += [link.partition("#")[0] for link in page.evaluate(_LINKS)]


def _is_none(url: str) -> bool:
    path = urlsplit(url).path
    return path.startswith(_NOT_PAGES) or path.endswith((".xlsx", ".pdf", ".csv"))


def complaints(page: Page, path: str, axe: str) -> list[str]:
    """Open a page; return what is wrong with it."""
    noted: list[str] = []
    page.on("console", lambda message: noted.append(message.text) if message.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: noted.append(str(error)))
    answer = page.goto(path)
    page.evaluate("document.fonts.ready")
    told = [*noted]  # axe-core itself does what the content policy forbids
    if answer is None or answer.status != 200:
        told.append(f"status {answer and answer.status}")
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    if wide > 0:
        told.append(f"{wide} px wider than the screen")
    if axe:
        page.evaluate(axe)
        told += [
            f"{impact}: {rule} ({number}) {where}"
            for impact, rule, number, where in page.evaluate(_FOUND)
            if impact in SERIOUS
        ]
    return told


def look(browser: Browser, base: str, clerk: Clerk, folder: Path | None) -> int:
    """Look at all pages; return the number of complaints."""
    axe = AXE.read_text(encoding="utf-8") if AXE.exists() else ""
    paths = list(found_by_links(clerk.page, base))
    print(f"{len(paths)} pages{'' if axe else '; without axe-core, which `make look` fetches'}", flush=True)
    cookies, number = clerk.page.context.cookies(), 0
    for language in LANGUAGES:
        for width, height in SCREENS:
            context = browser.new_context(base_url=base, viewport={"width": width, "height": height})
            context.add_cookies([{"name": one["name"], "value": one["value"], "url": base} for one in cookies])
            context.add_cookies([{"name": "django_language", "value": language, "url": base}])
            for path in paths:
                page = context.new_page()
                for text in complaints(page, path, axe):
                    number += 1
                    print(f"{language} {width} {path}: {text}", flush=True)
                if folder:
                    name = re.sub(r"\W+", "-", path).strip("-")
                    page.screenshot(path=folder / f"{name}-{language}-{width}.png", full_page=True)
                page.close()
            context.close()
    return number


def main(arguments: list[str]) -> int:
    if CHROMIUM is None:
        print("Chromium is needed: apt-get install chromium", file=sys.stderr)
        return 2
    folder = Path(arguments[0]) if arguments else None
    if folder:
        folder.mkdir(parents=True, exist_ok=True)
    password = secrets.token_urlsafe(12)
    with tempfile.TemporaryDirectory() as place, registry(Path(place), password) as base, chromium(place) as browser:
        number = look(browser, base, Clerk(browser, base, "yanshi", password), folder)
    print(f"{number} complaints")
    return 1 if number else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
