"""Opens every kind of page of the staff's site as people would, in both languages, on a wide and on a narrow screen.

python -m bench.look [FOLDER [PART]...]     `make look` fetches axe-core first

With FOLDER each page is kept as a picture; with PARTs only addresses that contain one of them are opened. It complains
of a status that is no success, of what stands in the console (there the content policy reports, too), of pages that
scroll sideways, of what is cut off, squeezed or not translated, and of what axe-core calls serious or critical. After
that every form is sent with its fields empty, and the page that refuses it is looked at in the same way.
"""

import re
import secrets
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, Page

from bench.look.addresses import MISSING, found_by_links, not_found
from bench.look.signs import axe, barriers, signs
from bench.look.work import prepare, refused
from bench.pictures.__main__ import CHROMIUM, chromium, registry
from bench.pictures.scenes import Clerk

SCREENS = ((1280, 900), (390, 844))
LANGUAGES = ("zh-hans", "en")


class Viewer:
    """Opens pages in one language and tells what is wrong with them."""

    def __init__(self, context: BrowserContext, language: str, folder: Path | None) -> None:
        self.context, self.language, self.folder = context, language, folder
        self.complaints, self.views = 0, 0

    def look(self, address: str) -> None:
        page, noted = self._page()
        answer = page.goto(address)
        if answer is None or answer.status != (404 if address == MISSING else 200):
            noted.append(f"status {answer and answer.status}")
        self._on_all_screens(page, address, noted)

    def look_refused(self, address: str) -> None:
        page, noted = self._page()
        if refused(page, address):
            self._on_all_screens(page, f"{address} refused", noted)
        else:
            page.close()

    def _page(self) -> tuple[Page, list[str]]:
        page, noted = self.context.new_page(), list[str]()
        page.on("console", lambda message: noted.append(message.text) if message.type in ("error", "warning") else None)
        page.on("pageerror", lambda error: noted.append(str(error)))
        return page, noted

    def _on_all_screens(self, page: Page, name: str, noted: list[str]) -> None:
        told = [one for one in noted if "Failed to load resource" not in one]
        for width, height in SCREENS:
            self.views += 1
            page.set_viewport_size({"width": width, "height": height})
            for text in (*told, *signs(page, self.language), *self._kept(page, name, width), *barriers(page)):
                self.complaints += 1
                print(f"{self.language} {width} {name}: {text}", flush=True)
            told = []  # axe-core itself does what the content policy forbids
        page.close()

    def _kept(self, page: Page, name: str, width: int) -> Iterator[str]:
        """Keep the page as a picture, before axe-core has run in it."""
        if self.folder:
            file = re.sub(r"\W+", "-", name).strip("-")[:120]
            page.screenshot(path=self.folder / f"{file}.{self.language}.{width}.png", full_page=True)
        yield from ()


def look(browser: Browser, clerk: Clerk, folder: Path | None, parts: list[str]) -> int:
    """Look at all pages; return the number of complaints."""
    addresses = list(found_by_links(clerk.page.context.request))
    print("Not looked at:", *not_found(addresses), sep="\n  ", flush=True)
    addresses = [one for one in addresses if not parts or any(part in one for part in parts)]
    print(f"{len(addresses)} pages{'' if axe() else '; without axe-core, which `make look` fetches'}", flush=True)
    cookies, viewers = clerk.page.context.cookies(), list[Viewer]()
    for language in LANGUAGES:
        context = browser.new_context(base_url=clerk.address, timezone_id="Asia/Shanghai", reduced_motion="reduce")
        context.add_cookies([{"name": one["name"], "value": one["value"], "url": clerk.address} for one in cookies])
        context.add_cookies([{"name": "django_language", "value": language, "url": clerk.address}])
        viewers.append(Viewer(context, language, folder))
    for viewer in viewers:
        for address in addresses:
            viewer.look(address)
    for viewer in viewers:
        for address in addresses:
            viewer.look_refused(address)
    print(f"{sum(viewer.views for viewer in viewers)} views")
    return sum(viewer.complaints for viewer in viewers)


def main(arguments: list[str]) -> int:
    if CHROMIUM is None:
        print("Chromium is needed: apt-get install chromium", file=sys.stderr)
        return 2
    folder = Path(arguments[0]) if arguments else None
    if folder:
        folder.mkdir(parents=True, exist_ok=True)
    password = secrets.token_urlsafe(12)
    with (
        tempfile.TemporaryDirectory() as place,
        registry(Path(place), password, may_all=True) as base,
        chromium(place) as browser,
    ):
        clerk = Clerk(browser, base, "yanshi", password)
        prepare(clerk)
        number = look(browser, clerk, folder, arguments[1:])
    print(f"{number} complaints")
    return 1 if number else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
