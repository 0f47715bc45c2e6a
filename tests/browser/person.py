"""A person at the keyboard, whose clicks and keys are counted: what a task costs by hand."""

import os
import re
import time
from collections.abc import Callable

from playwright.sync_api import Locator, Page, expect

CLICK, KEY = 1.4, 0.25
"""Seconds of a person for a click and for a key."""


class Person:
    """Clicks and types, and counts the time that a person would need; the pages take their own."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.clicks = self.keys = 0
        self.waited = 0.0

    def click(self, target: str | Locator) -> None:
        self.clicks += 1
        found = self.page.locator(target) if isinstance(target, str) else target
        self._wait(found.click)

    def type(self, selector: str, text: str, keys: int | None = None, then: str = "Enter") -> None:
        """Type into the field that has the focus; `keys` are those of its pinyin, as many as characters without."""
        self._wait(lambda: expect(self.page.locator(selector)).to_be_focused())
        self.keys += len(text) if keys is None else keys
        self.page.keyboard.insert_text(text)
        if then:
            self.press(then)

    def press(self, keys: str) -> None:
        """Press keys at once, such as Control+s, each of which counts."""
        self.keys += keys.count("+") + 1
        self._wait(lambda: self.page.keyboard.press(keys))

    def go_on_to(self, selector: str, key: str = "Enter") -> None:
        """Press the key until the field has the focus."""
        field = self.page.locator(selector)
        for _further in range(12):
            if field.evaluate("field => field === document.activeElement"):
                return
            self.press(key)
        raise AssertionError(f"{selector} is not among the next fields")

    def choose(self, selector: str, label: str) -> None:
        """Open a list of choices and click one of them."""
        self.clicks += 2
        self._wait(lambda: self.page.locator(selector).select_option(label=label))

    def sees(self, target: str | Locator, text: str | re.Pattern[str]) -> None:
        found = self.page.locator(target) if isinstance(target, str) else target
        self._wait(lambda: expect(found).to_contain_text(text))

    def _wait(self, act: Callable[[], object]) -> None:
        start = time.perf_counter()
        act()
        self.page.wait_for_load_state("load")
        self.waited += time.perf_counter() - start

    @property
    def by_hand(self) -> float:
        return self.clicks * CLICK + self.keys * KEY

    @property
    def seconds(self) -> float:
        return self.by_hand + self.waited

    def tell(self, task: str) -> str:
        counted = f"{self.clicks} clicks, {self.keys} keys = {self.by_hand:.1f} s by hand"
        return f"{task}: {counted}, {self.waited:.1f} s of pages: {self.seconds:.1f} s"

    def show(self, name: str) -> None:
        if folder := os.environ.get("BROWSER_PICTURES"):
            self.page.screenshot(path=f"{folder}/{name}.png", full_page=True)
