"""Applications from the form to the public list, by several accounts in a browser."""

import datetime
import os
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.core.management import call_command
from django.urls import reverse
from playwright.sync_api import Page
from pytest_django.live_server_helper import LiveServer

from alliance.models import Alliance, Application, Decision, Meeting
from registry.models import Attachment, Organization
from tests import factories
from tests.browser.log_in import log_in
from tests.registry.attachments.files import PDF

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
NAME = "中山市虚构星图智能科技有限公司"


@pytest.fixture(autouse=True)
def folder(settings: Any, tmp_path: Path) -> None:
    call_command("load_reference", verbosity=0)
    settings.MEDIA_ROOT = tmp_path / "media"


class Desk:
    """A browser at which one account after the other logs in."""

    def __init__(self, page: Page, server: LiveServer) -> None:
        self.page, self.server = page, server

    def sit(self, account: Any) -> None:
        self.page.context.clear_cookies()
        log_in(self.page.context, self.server, account)

    def show(self, name: str) -> None:
        if folder := os.environ.get("BROWSER_PICTURES"):
            self.page.screenshot(path=f"{folder}/{name}.png", full_page=True)

    def press(self, form: str) -> None:
        self.page.locator(f"#{form} [type=submit]").click()
        self.page.wait_for_load_state("load")


@pytest.fixture
def desk(page: Page, live_server: LiveServer) -> Desk:
    return Desk(page, live_server)


def enter(desk: Desk, of: Alliance, scan: Path) -> Application:
    """Enter a new organization with its application, the scan attached, and submit it."""
    page = desk.page
    page.goto(reverse("admin:alliance_application_changelist"))
    page.get_by_role("link", name="录入申请").first.click()
    page.locator("#id_q").fill(NAME)
    desk.show("application-begin")
    page.locator("#begin_form [type=submit]").click()
    page.get_by_role("link", name="连同申请一并录入").click()
    page.locator("#id_uscc").fill(factories.valid_uscc())
    page.locator("#id_tier").select_option(label="会员单位")
    page.locator("#id_attachments").set_input_files(scan)
    desk.show("application-form")
    desk.press("application_form")
    desk.show("application-draft")
    desk.press("submit_form")
    return Application.objects.get()


def scan_in(folder: Path, name: str = "入会申请书（盖章）.pdf", content: bytes = PDF) -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


def check(desk: Desk, one: Application) -> None:
    desk.page.goto(reverse("admin:alliance_application_changelist") + "?state=submitted")
    desk.show("application-list")
    desk.page.get_by_role("link", name=NAME).click()
    with desk.page.expect_download() as opened:
        desk.page.get_by_role("link", name="入会申请书（盖章）.pdf").click()
    assert opened.value.suggested_filename == "入会申请书（盖章）.pdf"
    assert Path(opened.value.path()).read_bytes() == PDF
    desk.show("application-check")
    desk.press("accept_form")
    one.refresh_from_db()
    assert one.state == "to_decide"


def listed_in_public(page: Page, of: Alliance) -> bool:
    Organization.objects.filter(name_zh=NAME).update(published=True)
    page.context.clear_cookies()
    page.goto(f"/alliances/{of.slug}/")
    return page.get_by_text(NAME).count() > 0


def test_application_checked_and_decided_at_a_meeting_with_quorum(desk: Desk, tmp_path: Path) -> None:
    alliance = factories.alliance(legal_person=True)
    high = factories.tier(alliance, "council", rank=1, in_council=True)
    factories.tier(alliance, "member", rank=2)
    for _number in range(3):
        factories.membership(factories.member(alliance), tier=high)
    meeting: Meeting = factories.meeting(alliance)
    desk.sit(factories.with_role("秘书处", "录入员"))
    one = enter(desk, alliance, scan_in(tmp_path))
    assert one.organization.published is False
    desk.sit(factories.with_role("秘书处"))
    check(desk, one)
    desk.sit(factories.with_role("秘书长"))
    desk.page.goto(reverse("admin:alliance_application_change", args=[one.pk]))
    desk.show("application-to-decide")
    desk.page.get_by_role("link", name="登记决议").click()
    desk.page.locator("#id_votes_for").fill("1")
    desk.show("application-decide")
    desk.press("decide_form")
    assert not Decision.objects.exists()
    assert "到会" in desk.page.locator(".errorlist").first.inner_text()
    for row in meeting.attendance.all()[:2]:
        row.present = True
        row.save()
    desk.page.locator("#id_votes_for").fill("2")
    desk.press("decide_form")
    desk.show("application-passed")
    one.refresh_from_db()
    assert (one.state, one.effective_on) == ("passed", meeting.held_on)
    assert one.decision
    assert one.decision.passed
    assert listed_in_public(desk.page, alliance)


def test_application_of_an_alliance_that_is_not_registered_confirmed_by_a_second_person(
    desk: Desk, tmp_path: Path
) -> None:
    alliance = factories.alliance(legal_person=False)
    factories.tier(alliance, "member")
    first, second = factories.with_role("秘书处", "录入员"), factories.with_role("秘书处")
    desk.sit(first)
    one = enter(desk, alliance, scan_in(tmp_path))
    check(desk, one)
    desk.press("confirm_form")
    assert "第二人" in desk.page.locator(".messagelist").inner_text()
    desk.sit(second)
    desk.page.goto(reverse("admin:alliance_application_change", args=[one.pk]))
    desk.show("application-confirm")
    desk.page.locator("#id_confirm-on").fill("2026-03-01")
    desk.press("confirm_form")
    one.refresh_from_db()
    assert (one.state, one.confirmed_by, one.effective_on) == ("passed", second, datetime.date(2026, 3, 1))
    assert listed_in_public(desk.page, alliance)


@pytest.mark.parametrize(
    ("name", "content", "zh", "en"),
    [
        ("申请书.pdf", b"<script>alert(1)</script>", "不是 PDF", "is no PDF"),
        ("申请书<b>.pdf", PDF, "文件名中含有", "The name of the file"),
        ("很大.pdf", PDF + bytes(21 << 20) + b"%%EOF", "不能超过", "at most"),
        ("更大.pdf", PDF + bytes(51 << 20), "不能超过 50 MB", "may have 50 MB"),
    ],
    ids=["not what it says", "script in the name", "21 MB", "51 MB"],
)
def test_bad_attachments_are_refused_in_both_languages(
    desk: Desk, tmp_path: Path, name: str, content: bytes, zh: str, en: str
) -> None:
    alliance = factories.alliance()
    factories.tier(alliance, "member")
    organization = factories.enterprise()
    desk.sit(factories.with_role("秘书处"))
    for language, said in (("zh-hans", zh), ("en", en)):
        address = reverse("admin:alliance_application_form")
        query = f"?alliance={alliance.slug}&kind=admission&organization={organization.pk}"
        desk.page.context.add_cookies([{"name": "django_language", "value": language, "url": desk.server.url}])
        desk.page.goto(address + query)
        desk.page.locator("#id_tier").select_option(index=1)
        desk.page.locator("#id_attachments").set_input_files(scan_in(tmp_path, name, content))
        desk.press("application_form")
        assert said in desk.page.locator("#content").inner_text()
    assert not Attachment.objects.exists()
    assert not Application.objects.exists()
    assert not [one for one in Path(django_settings.MEDIA_ROOT).rglob("*") if one.is_file()]
