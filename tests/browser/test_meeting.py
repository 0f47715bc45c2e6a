"""A meeting from its entry to a decision that fails for want of members and is recorded with a reason."""

import os

import pytest
from django.urls import reverse
from playwright.sync_api import BrowserContext, Page
from pytest_django.live_server_helper import LiveServer

from alliance.models import Decision, Meeting
from tests import factories
from tests.alliance.meetings.test_recording import alliance_of
from tests.browser.log_in import log_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def show(page: Page, name: str) -> None:
    if folder := os.environ.get("BROWSER_PICTURES"):
        for width in (390, 1280):
            page.set_viewport_size({"width": width, "height": 900})
            page.screenshot(path=f"{folder}/{name}-{width}.png", full_page=True)


def test_too_few_are_refused_and_overridden_with_a_reason(
    page: Page, context: BrowserContext, live_server: LiveServer, reference: None
) -> None:
    of = alliance_of(3)
    factories.term(of, begins_on="2019-01-01")
    log_in(context, live_server, factories.with_role("秘书长"))

    page.goto(reverse("admin:alliance_meeting_add"))
    page.select_option("#id_alliance", label=str(of))
    page.fill("#id_held_on", "2025-01-01")
    page.select_option("#id_term", index=1)
    show(page, "meeting-1-enter")
    page.click("input[name=_save]")
    assert "会议日期不在任期内" in page.locator("#content").inner_text()
    page.fill("#id_held_on", "2021-07-01")
    page.click("input[name=_continue]")
    meeting = Meeting.objects.get()
    assert (meeting.number, meeting.called) == (1, 3)
    show(page, "meeting-2-page")

    page.click(f'a[href="{reverse("admin:alliance_meeting_sign_in", args=[meeting.pk])}"]')
    page.locator("input.tick").first.check()
    show(page, "meeting-3-sign-in")
    page.click("#sign_in_form input[type=submit]")
    page.click(f'a[href="{reverse("admin:alliance_meeting_record", args=[meeting.pk])}"]')
    page.fill("#id_subject", "关于吸收新会员的决议")
    page.fill("#id_votes_for", "1")
    page.click("#decision_form input.default")
    assert "应到 3，实到 1，按规则至少应到会 2" in page.locator("#decision_form").inner_text()
    show(page, "meeting-4-refused")
    assert not Decision.objects.exists()

    page.fill("#id_override_reason", "台风，其余理事书面同意")
    page.click("#decision_form input.default")
    assert "已登记：关于吸收新会员的决议，通过" in page.locator(".messagelist").inner_text()
    show(page, "meeting-5-decided")
    decision = Decision.objects.get()
    assert (decision.override_reason, decision.number) == ("台风，其余理事书面同意", 1)
    page.goto(reverse("admin:alliance_alliance_rules", args=[of.pk]))
    show(page, "meeting-6-rules")
    page.goto(reverse("admin:alliance_decision_change", args=[decision.pk]))
    show(page, "meeting-7-decision")
