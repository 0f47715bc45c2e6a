"""The description of the API is read and tried in the browser, from the project's own files."""

import pytest
from playwright.sync_api import Page, expect

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_docs_show_the_operations_within_the_content_policy(staff_page: Page) -> None:
    """The fixture fails where the console complains."""
    staff_page.goto("/api/v1/docs/")
    expect(staff_page.locator(".swagger-ui .opblock-summary-path").first).to_be_visible(timeout=30_000)
    seen: set[str] = set()
    for _step in range(60):  # of a long description only what is on the screen is drawn
        seen |= {*staff_page.locator(".opblock-summary-path").all_inner_texts()}
        staff_page.mouse.wheel(0, 700)
        staff_page.wait_for_timeout(100)
    assert len(seen) > 40


def test_docs_are_not_for_strangers(page: Page) -> None:
    answer = page.goto("/api/v1/docs/")
    assert answer is not None
    assert answer.status == 401
